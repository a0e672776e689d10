"""What is kept of participation beside the ledger: the questions that somebody wants to ask again."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class SavedReport(Base):
    """A slice with a name. `question` is the page's query string; the figures are counted anew whenever it is opened."""

    __tablename__ = "saved_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(2000))
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    saved_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("member_id", "name"),)
