"""Playbooks: a whole stand-up kept under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class Playbook(Base):
    """Kept by a unit for itself and all below it. `body` is what mobilizer.playbooks.rules reads and writes."""

    __tablename__ = "playbook"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    added_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("retired_at IS NULL OR retired_at >= added_at", name="order"),
        Index(
            "uq_playbook_current_name",
            "unit_code",
            "name",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )
