"""Taking a copy of everything about oneself."""

from datetime import datetime

from mobilizer import journal
from mobilizer.policy import Actor


def note_copy(form: str, *, by: Actor, now: datetime) -> None:
    """That the member took a copy, as `form` ("json" or "xlsx")."""
    journal.write("privacy.copied", by.member_id, by=by, now=now, member=by.member_id, form=form)
