"""What participation writes: that somebody took a copy."""

from datetime import datetime

from mobilizer import journal
from mobilizer.participation.rules import Slice
from mobilizer.policy import Actor


def note_export(cut: Slice, form: str, *, personal: bool = False, by: Actor, now: datetime) -> None:
    """Journal that this slice is about to leave the house as `form` (csv, xlsx, json, records.csv, hours-file, dataset), and
    whether with what is personal."""
    named = {"personal": True} if personal else {}
    journal.write(
        "participation.exported",
        cut.unit_code or "all",
        by=by,
        now=now,
        unit_code=cut.unit_code,
        form=form,
        grouped_by=str(cut.by),
        from_day=cut.from_day and cut.from_day.isoformat(),
        to_day=cut.to_day and cut.to_day.isoformat(),
        **named,
    )
