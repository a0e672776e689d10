"""The journal: every change of importance says who did it, when, and from which appointment."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class JournalEntry(Base):
    """`kind` is the verb on the noun ("call.published"); `subject` the thing's own number or code, as text.

    No actor means the command line of the machine itself.
    """

    __tablename__ = "journal_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    unit_code: Mapped[str | None] = mapped_column(unit_code_type())
    branch_id: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (Index(None, "branch_id", "id"), Index(None, "kind", "subject"))
