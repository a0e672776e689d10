"""Operations, branches of the three kinds, attachments to them, and the checkpoints they serve."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import Instant, unit_code_type


class Operation(Base):
    """The emergency or campaign that action and temporary branches serve. It ends for all of them at once."""

    __tablename__ = "operation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="order"),
        Index(
            "uq_operation_current_name",
            "unit_code",
            "name",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Branch(Base):
    """A standing branch (home of members), an action branch or a temporary branch.

    A temporary branch is proposed, and active only with the appointment that approved it
    (Regulations on the Work of Branches, trial, 2018); an action branch is active at once.

    Its limits hold on the shifts of its calls: rest between two shifts, hours a day and a week (None: any number),
    nights in a row. Its times: how long an asked-up member has to answer (and how long in the last two hours before
    the shift), how long an offer is held, until how long before its start a shift may be given back.

    Its ways of checking in beside the leader's tick: the checkpoint's poster, the code that changes on the leader's
    screen, the member's own code. `poster_radius_m`: how near one has to be for the poster to be enough (None: anywhere).
    """

    __tablename__ = "branch"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    joint: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(100))
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operation.id"), index=True)
    mission: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime] = mapped_column(Instant)
    activated_at: Mapped[datetime | None] = mapped_column(Instant)
    approving_appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id", use_alter=True, name="fk_branch_approving_appointment_id_appointment")
    )
    decision_note: Mapped[str] = mapped_column(String(500), default="")
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    rest_hours: Mapped[int] = mapped_column(default=8)
    day_hours: Mapped[int] = mapped_column(default=12)
    week_hours: Mapped[int | None]
    nights_in_row: Mapped[int | None]
    answer_minutes: Mapped[int] = mapped_column(default=30)
    late_answer_minutes: Mapped[int] = mapped_column(default=10)
    offer_minutes: Mapped[int] = mapped_column(default=120)
    cut_off_minutes: Mapped[int] = mapped_column(default=120)
    poster_enough: Mapped[bool] = mapped_column(default=True)
    screen_code_enough: Mapped[bool] = mapped_column(default=True)
    own_code_enough: Mapped[bool] = mapped_column(default=True)
    poster_radius_m: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("rest_hours BETWEEN 0 AND 48", name="rest_hours"),
        CheckConstraint("day_hours BETWEEN 1 AND 24", name="day_hours"),
        CheckConstraint("week_hours BETWEEN 1 AND 168", name="week_hours"),
        CheckConstraint("nights_in_row BETWEEN 1 AND 31", name="nights_in_row"),
        CheckConstraint("answer_minutes BETWEEN 1 AND 1440", name="answer_minutes"),
        CheckConstraint("late_answer_minutes BETWEEN 1 AND 1440", name="late_answer_minutes"),
        CheckConstraint("offer_minutes BETWEEN 1 AND 10080", name="offer_minutes"),
        CheckConstraint("cut_off_minutes BETWEEN 0 AND 10080", name="cut_off_minutes"),
        CheckConstraint("poster_radius_m BETWEEN 50 AND 50000", name="poster_radius_m"),
        CheckConstraint("kind IN ('standing', 'action', 'temporary')", name="kind"),
        CheckConstraint("status IN ('proposed', 'active', 'declined', 'ended')", name="status"),
        CheckConstraint("(kind = 'standing') = (operation_id IS NULL)", name="operation"),
        CheckConstraint("status <> 'active' OR activated_at IS NOT NULL", name="activated"),
        CheckConstraint(
            "kind <> 'temporary' OR activated_at IS NULL OR approving_appointment_id IS NOT NULL",
            name="approved",
        ),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        Index(
            "uq_branch_current_name",
            "unit_code",
            "name",
            unique=True,
            sqlite_where=text("status IN ('proposed', 'active')"),
            postgresql_where=text("status IN ('proposed', 'active')"),
        ),
    )


class Attachment(Base):
    """A member's time in an action or temporary branch. The home branch never changes by it."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="order"),
        Index(
            "uq_attachment_current",
            "branch_id",
            "member_id",
            unique=True,
            sqlite_where=text("ends_at IS NULL"),
            postgresql_where=text("ends_at IS NULL"),
        ),
    )


class Checkpoint(Base):
    """The place a shift is served at. Latitude and longitude are WGS 84 degrees. `poster_code` is on the poster that
    hangs there: what one scans or types to check in; a new one ends the old poster."""

    __tablename__ = "checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(unit_code_type(), ForeignKey("unit.code"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(200), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    contact: Mapped[str] = mapped_column(String(100), default="")
    poster_code: Mapped[str | None] = mapped_column(String(12), unique=True)

    __table_args__ = (
        UniqueConstraint("unit_code", "name"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="both"),
    )


class BranchCheckpoint(Base):
    """Which checkpoints a branch serves; several branches may serve one."""

    __tablename__ = "branch_checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"), index=True)

    __table_args__ = (UniqueConstraint("branch_id", "checkpoint_id"),)
