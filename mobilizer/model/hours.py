"""The hours ledger, and what is said beside it. The ledger's rows are written once; the migrations hold by triggers that
none is changed or deleted."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class ServiceRecord(Base):
    """One entry: who, where, which category, [starts_at, ends_at), minutes; or the reversal of one.

    An entry carries `person_times` 1 and its minutes; its reversal -1 and the same minutes negative, so that
    every total is a plain sum. `day` is the local day on which the shift began: who comes after midnight belongs
    to the same night. `unit_code` is the checkpoint's, `branch_id` the branch whose call it was, `home_branch_id`
    the member's at that time, and so is `standing`; `hour` is the local hour (0 to 23) in which the service began.
    `minutes` are those from start to end without the `break_minutes`.

    `source` says what it rests on: a closed `shift` (its `sign_up_id`), a service entered `by-hand` or a member's own
    `claim` (`claim_id`), or an earlier record from a `sheet` (`reference`: which file and row). `turn` numbers the
    writings of one sign-up, claim or row: 0 first, 1 after a reversal, and so on.

    `position` counts the entries of a district from 1, without a gap; `hash` seals each onto the one before
    (mobilizer.model.sealing).
    """

    __tablename__ = "service_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"), unique=True)
    source: Mapped[str] = mapped_column(String(10))
    sign_up_id: Mapped[int | None] = mapped_column(ForeignKey("sign_up.id"))
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("service_claim.id"))
    reference: Mapped[str | None] = mapped_column(String(120))
    turn: Mapped[int] = mapped_column(default=0)
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    standing: Mapped[str] = mapped_column(String(20))
    home_branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operation.id"))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"))
    category: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date)
    hour: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    break_minutes: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int]
    person_times: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500), default="")
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    district_code: Mapped[str] = mapped_column(String(6))
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("sign_up_id", "kind", "turn"),
        UniqueConstraint("claim_id", "kind", "turn"),
        UniqueConstraint("reference", "kind", "turn"),
        UniqueConstraint("district_code", "position"),
        CheckConstraint("kind IN ('entry', 'reversal')", name="kind"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reverses"),
        CheckConstraint(
            "CASE kind WHEN 'entry' THEN person_times = 1 AND minutes >= 0 "
            "ELSE person_times = -1 AND minutes <= 0 END",
            name="sign",
        ),
        CheckConstraint("starts_at <= ends_at", name="order"),
        CheckConstraint(
            "CASE source WHEN 'shift' THEN sign_up_id IS NOT NULL WHEN 'sheet' THEN reference IS NOT NULL "
            "WHEN 'by-hand' THEN claim_id IS NOT NULL WHEN 'claim' THEN claim_id IS NOT NULL ELSE FALSE END",
            name="source",
        ),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        CheckConstraint("break_minutes >= 0", name="break_minutes"),
        CheckConstraint("position >= 1", name="position"),
        Index(None, "unit_code", "day"),
        Index(None, "day", "unit_code"),
        Index(None, "member_id", "day"),
    )


class LedgerHead(Base):
    """A district's last entry: how many there are, and its hash. Whoever writes an entry locks this row first. Triggers hold
    that it is never removed and only moves on."""

    __tablename__ = "ledger_head"

    district_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (CheckConstraint("position >= 0", name="position"),)


class ServiceClaim(Base):
    """A service that no closed shift tells of: entered `by-hand` by a leader, or a member's own `claim`.

    [starts_at, ends_at) without the breaks; `unit_code` is the checkpoint's, or the branch's where there is none. It
    counts once it is accepted and its entry stands in the ledger; with `needs_second` (every member's claim, a leader's own
    service, and what lies above the limit for one person's word) neither whoever made it nor whoever served accepts it.
    """

    __tablename__ = "service_claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(10))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"))
    category: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    break_minutes: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(String(500))
    needs_second: Mapped[bool]
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    made_appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    decided_appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (
        CheckConstraint("source IN ('by-hand', 'claim')", name="source"),
        CheckConstraint("status IN ('waiting', 'accepted', 'declined', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("break_minutes >= 0", name="break_minutes"),
        CheckConstraint(
            "status <> 'accepted' OR NOT needs_second OR "
            "(decided_by_id IS NOT NULL AND decided_by_id <> made_by_id AND decided_by_id <> member_id)",
            name="second",
        ),
        Index(None, "branch_id", "status"),
        Index(None, "member_id", "made_at"),
    )


class Verification(Base):
    """A coordinator's word on an entry: looked at and right, or questioned (and why). The ledger itself stays as it is."""

    __tablename__ = "verification"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("service_record.id"), primary_key=True, autoincrement=False
    )
    verdict: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(500), default="")
    verified_at: Mapped[datetime] = mapped_column(Instant)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))

    __table_args__ = (
        CheckConstraint("verdict IN ('verified', 'questioned')", name="verdict"),
        CheckConstraint("verdict <> 'questioned' OR note <> ''", name="note"),
    )


class Feedback(Base):
    """One tap after a shift: how it went for the person who served. 3 well, 2 so-so, 1 badly."""

    __tablename__ = "feedback"

    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_up.id"), primary_key=True, autoincrement=False)
    score: Mapped[int]
    note: Mapped[str] = mapped_column(String(300), default="")
    said_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 3", name="score"),)


class CorrectionRequest(Base):
    """A member says that something kept about them is wrong: an entry of the ledger, a certificate, or what the roster says."""

    __tablename__ = "correction_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    record_id: Mapped[int | None] = mapped_column(ForeignKey("service_record.id"))
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    words: Mapped[str] = mapped_column(String(1000))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    answer: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered"),
        CheckConstraint("record_id IS NULL OR certificate_id IS NULL", name="about"),
    )
