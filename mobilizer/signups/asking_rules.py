"""What stands against somebody's taking a shift, said to whoever asks them. Pure."""

from mobilizer.errors import N_, Refused

WAIVABLE = frozenset({"rest-short", "day-hours", "week-hours", "nights-in-row"})
"""A branch's limits: a person's judgement, which a leader may set aside with a reason. Nothing else is."""

OF_ANOTHER = {
    "skill-missing": N_("%(name)s has no confirmed skill “%(skill)s”, which this shift needs."),
    "shifts-overlap": N_("%(name)s holds another shift at that time."),
    "rest-short": N_("%(name)s would have less than %(hours)s hours of rest between two shifts."),
    "day-hours": N_("%(name)s would serve more than %(hours)s hours on one day."),
    "week-hours": N_("%(name)s would serve more than %(hours)s hours in one week."),
    "nights-in-row": N_("%(name)s would serve more than %(nights)s nights in a row."),
    "shift-full": N_("Every seat is taken, held for somebody who is asked, or opens later."),
    "not-released": N_("Every seat is taken, held for somebody who is asked, or opens later."),
    "others-wait": N_(
        "Others wait for this shift: the next free seat is theirs, in the order in which they came."
    ),
}


def of_another(refusal: Refused, name: str) -> Refused:
    """The refusal as it is said of `name` to somebody else; what is said of the shift alone stays as it is."""
    message = OF_ANOTHER.get(refusal.code)
    if message is None:
        return refusal
    return Refused(
        refusal.code,
        message,
        status=refusal.status,
        field="waive" if refusal.code in WAIVABLE else None,
        **{**refusal.values, "name": name},
    )
