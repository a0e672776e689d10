"""What a notice says, in the reader's language."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from mobilizer.filters import day, moment, time_range
from mobilizer.notices.kinds import KINDS


def said(kind: str, details: Mapping[str, Any], now: datetime) -> str:
    """The text of a notice as it was written, `details` and all; a kind that is not known any more says nothing."""
    values = defaultdict(str, details)
    values["when"] = _span(details, "starts_at", "ends_at", now)
    values["old_when"] = _span(details, "was_from", "was_to", now)
    values["where"] = " · ".join(filter(None, (details.get("checkpoint"), details.get("post"))))
    if until := details.get("answer_by") or details.get("kept_until"):
        values["until"] = moment(datetime.fromisoformat(until), now)
    values["why"] = _why(details.get("why", ""))
    text = str(_(KINDS[kind])) if kind in KINDS else ""
    return text % values if text else ""


def _span(details: Mapping[str, Any], first: str, last: str, now: datetime) -> str:
    if not details.get(first) or not details.get(last):
        return ""
    starts_at, ends_at = datetime.fromisoformat(details[first]), datetime.fromisoformat(details[last])
    return f"{day(starts_at, now)} {time_range(starts_at, ends_at)}"


def _why(why: Any) -> str:
    """A reason that somebody wrote, or a refusal's message and values."""
    if not isinstance(why, Mapping):
        return str(why)
    between = str(_(", "))
    values = {
        name: between.join(str(_(str(each))) for each in value if each) if isinstance(value, list) else value
        for name, value in why.get("values", {}).items()
    }
    message = str(why["message"])
    return str(_(message)) % values
