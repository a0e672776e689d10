"""What is counted of the ledger and of closed shifts, kept beside them in the same transaction, so that a page over years
costs what a page over days does.

Nothing here is a source: each row can be counted again (mobilizer.model.tallying), and `mobilizer check participation`
does so.
"""

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mobilizer.extensions import Base
from mobilizer.model.types import unit_code_type


class Tally(Base):
    """One part of all that was served, over all days: a unit (`whole`: with all below it, otherwise what lies on the unit
    itself), and there either everything or one operation, category, checkpoint or branch (0 and '': any;
    -1: what has none).

    `listed_under`: the unit in whose table this part is a row: the unit directly above, or the unit itself if not `whole`.
    `on_post`: people with an entry that stands; `signed_up`: people with a confirmed sign-up on a closed shift (those on
    shifts that are not closed can still change, and are counted where they are). Parts at which nothing stands any more
    stay, with zeros.
    """

    __tablename__ = "tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(unit_code_type())
    whole: Mapped[bool]
    listed_under: Mapped[str] = mapped_column(unit_code_type())
    operation_id: Mapped[int] = mapped_column(default=0)
    category: Mapped[str] = mapped_column(String(20), default="")
    checkpoint_id: Mapped[int] = mapped_column(default=0)
    branch_id: Mapped[int] = mapped_column(default=0)
    signed_up: Mapped[int] = mapped_column(default=0)
    on_post: Mapped[int] = mapped_column(default=0)
    person_times: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint(
            "unit_code",
            "whole",
            "operation_id",
            "category",
            "checkpoint_id",
            "branch_id",
            name="uq_tally_part",
        ),
        Index("ix_tally_listed", "listed_under", "operation_id", "category", "checkpoint_id", "branch_id"),
    )


class TallyDay(Base):
    """The same of one local day (that on which the shifts began)."""

    __tablename__ = "tally_day"

    tally_id: Mapped[int] = mapped_column(ForeignKey("tally.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    signed_up: Mapped[int] = mapped_column(default=0)
    on_post: Mapped[int] = mapped_column(default=0)
    person_times: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int] = mapped_column(default=0)

    __table_args__ = ({"sqlite_with_rowid": False},)


class TallyPerson(Base):
    """What one person did in the part, over all days; `sign_ups`: confirmed ones on closed shifts."""

    __tablename__ = "tally_person"

    tally_id: Mapped[int] = mapped_column(ForeignKey("tally.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    sign_ups: Mapped[int] = mapped_column(default=0)
    person_times: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int] = mapped_column(default=0)

    __table_args__ = ({"sqlite_with_rowid": False},)
