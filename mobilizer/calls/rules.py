"""What a call must state before it is published. Pure decisions on values."""

from dataclasses import dataclass
from datetime import datetime

from mobilizer.errors import N_, Refused

LONGEST_TITLE = 100
LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Facts:
    """A call as it would be published, and whether it has shifts."""

    content: str
    risks: str
    dangerous: bool
    insured: bool
    opens_at: datetime
    closes_at: datetime
    has_shifts: bool


def check_order(opens_at: datetime, closes_at: datetime) -> None:
    """Sign-up closes after it opens: true of drafts, too."""
    if closes_at <= opens_at:
        raise Refused("call-order", N_("Sign-up closes after it opens."), status=422, field="closes_at")


def may_publish(facts: Facts, now: datetime) -> None:
    """Raises Refused with the first condition of publishing that is not met.

    Content and risks are stated (Regulations on Volunteer Service, 2017, Art. 12); dangerous work has its
    insurance taken out and marked (Art. 17); sign-up closes in the future; there is a shift to take.
    """
    if not facts.content:
        raise _missing(
            "call-content", N_("State what there is to do before publishing (Art. 12)."), "content"
        )
    if not facts.risks:
        raise _missing(
            "call-risks", N_("State the risks before publishing, or that there are none (Art. 12)."), "risks"
        )
    if facts.dangerous and not facts.insured:
        raise _missing(
            "call-uninsured",
            N_("Dangerous work needs the insurance taken out and marked before publishing (Art. 17)."),
            "insured",
        )
    check_order(facts.opens_at, facts.closes_at)
    if facts.closes_at <= now:
        raise _missing(
            "call-over", N_("Sign-up would have closed already: choose a later time."), "closes_at"
        )
    if not facts.has_shifts:
        raise _missing("call-without-shifts", N_("Lay out at least one shift before publishing."), None)


def _missing(code: str, message: str, field: str | None) -> Refused:
    return Refused(code, message, status=422, field=field)
