"""Certificates of service: what was issued, to whom, and whether it still holds. The hours are the ledger's."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant


class Certificate(Base):
    """A member's service from `from_day` (None: the first) to `to_day`, as the ledger had it up to the entry
    `through_record_id`: `person_times`, `minutes`, and `checksum` over the hashes of the entries counted. `scope`: the home
    branch certifies `all` of it, another branch what was served with it (`branch`).

    The identity document's number is printed and not kept. `number` is printed too: the issuing branch's, counted in
    each year. The public page is found by a token that is derived from `nonce` with the secret key, and looked up by
    `token_hash`.
    """

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    nonce: Mapped[str] = mapped_column(String(43))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    volunteer_number: Mapped[str] = mapped_column(String(40), default="")
    scope: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(10))
    from_day: Mapped[date | None] = mapped_column(Date)
    to_day: Mapped[date] = mapped_column(Date)
    person_times: Mapped[int]
    minutes: Mapped[int]
    through_record_id: Mapped[int] = mapped_column(ForeignKey("service_record.id"))
    checksum: Mapped[str] = mapped_column(String(64))
    person_in_charge: Mapped[str] = mapped_column(String(50))
    handler: Mapped[str] = mapped_column(String(50))
    contact: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    revoked_because: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (
        UniqueConstraint("branch_id", "year", "serial"),
        CheckConstraint("scope IN ('all', 'branch')", name="scope"),
        CheckConstraint("person_times >= 0 AND minutes >= 0", name="figures"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_because = '')", name="revoked"),
        CheckConstraint("from_day IS NULL OR from_day <= to_day", name="period"),
        Index(None, "branch_id", "issued_at"),
    )
