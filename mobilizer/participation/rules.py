"""What is counted, over which slice, and what each figure means. Exact throughout: rounding is for whoever shows it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from mobilizer.errors import N_, Refused

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


class By(StrEnum):
    UNIT = "unit"
    BRANCH = "branch"
    CHECKPOINT = "checkpoint"
    CATEGORY = "category"
    MEMBER = "member"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    PART = "part-of-day"
    BRANCH_KIND = "branch-kind"
    OPERATION = "operation"
    CALL = "call"
    STANDING = "standing"
    SKILL = "skill"
    SOURCE = "source"


BY_LABELS: dict[By, str] = {
    By.UNIT: N_("Unit"),
    By.BRANCH: N_("Branch"),
    By.CHECKPOINT: N_("Checkpoint"),
    By.CATEGORY: N_("Service category"),
    By.MEMBER: N_("Member"),
    By.DAY: N_("Day"),
    By.WEEK: N_("Week"),
    By.MONTH: N_("Month"),
    By.PART: N_("Part of the day"),
    By.BRANCH_KIND: N_("Kind of branch"),
    By.OPERATION: N_("Operation"),
    By.CALL: N_("Call"),
    By.STANDING: N_("Standing of the member"),
    By.SKILL: N_("Skill"),
    By.SOURCE: N_("What the record rests on"),
}

ROWS_MEAN: dict[By, str] = {
    By.UNIT: N_(
        "One row for each unit directly below the chosen one, with all below it; what lies on the chosen unit itself "
        "has a row of its own. The unit is that of the checkpoint."
    ),
    By.BRANCH: N_(
        "One row for each branch whose calls were served. Action and temporary branches of the unit that stood in the "
        "period are listed also without service."
    ),
    By.CHECKPOINT: N_("One row for each checkpoint that was served at."),
    By.CATEGORY: N_("One row for each service category of the calls."),
    By.MEMBER: N_("One row for each person, with the home branch of today."),
    By.DAY: N_("One row for each day; a service belongs to the local day on which its shift began."),
    By.WEEK: N_("One row for each week from Monday to Sunday, named by its Monday."),
    By.MONTH: N_("One row for each calendar month."),
    By.PART: N_(
        "One row for each part of the day in which services began, by local time: morning from 06:00, afternoon from "
        "12:00, evening from 18:00, night from 22:00 to 06:00. A service counts whole where it began. Sign-ups count "
        "where their shift begins."
    ),
    By.BRANCH_KIND: N_("One row for each kind of branch: that of the branch whose call was served."),
    By.OPERATION: N_(
        "One row for each operation: that of the branch when the service was recorded. Sign-ups count with the "
        "operation that the call's branch has today."
    ),
    By.CALL: N_("One row for each call. Services that rest on no shift have no call."),
    By.STANDING: N_(
        "One row for each standing of a member: of records the one at that time, of sign-ups the one of today."
    ),
    By.SKILL: N_(
        "One row for each skill that a shift asked for. What its people can do besides is not counted here."
    ),
    By.SOURCE: N_("One row for what the records rest on. Sign-ups are always to shifts, and count there."),
}
"""What a row is, and where signed-up people are sorted in otherwise than records."""


class Part(StrEnum):
    """Of the day, by the local hour in which the service began."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


PART_LABELS: dict[Part, str] = {
    Part.MORNING: N_("Morning, 06:00–12:00"),
    Part.AFTERNOON: N_("Afternoon, 12:00–18:00"),
    Part.EVENING: N_("Evening, 18:00–22:00"),
    Part.NIGHT: N_("Night, 22:00–06:00"),
}
PART_BEGINS: dict[int, Part] = {6: Part.MORNING, 12: Part.AFTERNOON, 18: Part.EVENING, 22: Part.NIGHT}
"""Local hour -> the part that begins with it; before the first it is still night."""

ADDS_UP = N_(
    "Person-times, minutes and hours of the rows add up to the total. People do not: whoever served in two rows is "
    "counted in both, and once in the total."
)
ROUNDED = N_(
    "Rounded half up to one decimal only where shown; totals are made from minutes, never from rounded figures."
)


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` is for programs. `unit` stands in the head of the table; `kind` is a column's kind in sheets."""

    name: str
    label: str
    unit: str
    kind: Literal["integer", "hours"]
    definition: str


FIGURES = (
    Figure(
        "signed_up",
        N_("Signed up"),
        N_("people"),
        "integer",
        N_(
            "People, each counted once, with a confirmed sign-up on a shift of these days that was not cancelled."
        ),
    ),
    Figure(
        "on_post",
        N_("On post"),
        N_("people"),
        "integer",
        N_(
            "People, each counted once, with a service record that is not reversed. Also those whom nobody had signed "
            "up before."
        ),
    ),
    Figure(
        "person_times",
        N_("Person-times"),
        N_("times"),
        "integer",
        N_(
            "One person at one attended shift is one; a hand-over inside a shift is one each. Absences count nothing."
        ),
    ),
    Figure(
        "minutes",
        N_("Minutes"),
        N_("minutes"),
        "integer",
        N_("Time actually served as the ledger keeps it, without the way there and back."),
    ),
    Figure("hours", N_("Hours"), N_("hours"), "hours", N_("The minutes divided by 60.")),
    Figure(
        "hours_per_head",
        N_("Hours a head"),
        N_("hours"),
        "hours",
        N_("The hours divided by the people on post."),
    ),
    Figure(
        "person_times_per_day",
        N_("Person-times a day"),
        N_("times"),
        "hours",
        N_(
            "The person-times divided by the days of the period, the same for every row. A side of the period that is "
            "open ends with the first or last day of service."
        ),
    ),
)
"""The six figures of a publication, and the minutes that they are made from."""


WITHOUT = 0
"""As the number of a thing in a slice: the rows that have none, such as services at no checkpoint."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the ledger: inclusive local days (None: open), a unit with all below it (None: everything; with
    `unit_alone` without what lies below), and further filters (None: all, WITHOUT: those that have none); grouped by `by`,
    and within each row by `across`."""

    unit_code: str | None = None
    from_day: date | None = None
    to_day: date | None = None
    by: By = By.UNIT
    branch_id: int | None = None
    category: str | None = None
    operation_id: int | None = None
    across: By | None = None
    unit_alone: bool = False
    branch_kind: str | None = None
    call_id: int | None = None
    checkpoint_id: int | None = None
    member_id: int | None = None
    standing: str | None = None
    skill_id: int | None = None
    part: str | None = None
    source: str | None = None

    @property
    def filters(self) -> dict[By, str | int]:
        """What is filtered besides unit and period, by what it is a value of."""
        return {by: value for by, name in FILTERS.items() if (value := getattr(self, name)) is not None}

    @property
    def tells_of_people(self) -> bool:
        """Whether its figures are those of people one by one."""
        return By.MEMBER in (self.by, self.across, *self.filters)


FILTERS: dict[By, str] = {
    By.BRANCH_KIND: "branch_kind",
    By.BRANCH: "branch_id",
    By.OPERATION: "operation_id",
    By.CALL: "call_id",
    By.CHECKPOINT: "checkpoint_id",
    By.CATEGORY: "category",
    By.STANDING: "standing",
    By.SKILL: "skill_id",
    By.PART: "part",
    By.SOURCE: "source",
    By.MEMBER: "member_id",
}
"""The field of a slice that filters by it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a total or a row over `days` days; the quotients are exact, and 0 where nothing divides."""

    signed_up: int = 0
    on_post: int = 0
    person_times: int = 0
    minutes: int = 0
    days: int = 0

    @property
    def hours(self) -> Fraction:
        return Fraction(self.minutes, 60)

    @property
    def hours_per_head(self) -> Fraction:
        return Fraction(self.minutes, 60 * self.on_post) if self.on_post else Fraction(0)

    @property
    def person_times_per_day(self) -> Fraction:
        return Fraction(self.person_times, self.days) if self.days else Fraction(0)

    def values(self) -> tuple[int | Fraction, ...]:
        """In the order of FIGURES."""
        return (
            self.signed_up,
            self.on_post,
            self.person_times,
            self.minutes,
            self.hours,
            self.hours_per_head,
            self.person_times_per_day,
        )

    def __bool__(self) -> bool:
        return bool(self.signed_up or self.on_post or self.person_times or self.minutes)


@dataclass(frozen=True, slots=True)
class BranchesStood:
    """How many branches of the unit stood at any time of the period, by kind."""

    action: int = 0
    temporary: int = 0


def check_period(from_day: date | None, to_day: date | None) -> None:
    """Refuses a period that ends before it begins, and days outside 2000 to 2199."""
    for field, day in (("from", from_day), ("to", to_day)):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise Refused(
                "day-out-of-range",
                N_("Please give a day between %(first)s and %(last)s."),
                status=422,
                field=field,
                first=EARLIEST.isoformat(),
                last=LATEST.isoformat(),
            )
    if from_day is not None and to_day is not None and from_day > to_day:
        raise Refused(
            "period-backwards",
            N_("The last day lies before the first. Please swap them."),
            status=422,
            field="to",
        )


def days_of(cut: Slice, first: date | None, last: date | None) -> int:
    """The days of the period, its open sides taken from the first and last day of service; 0 without either."""
    begins, ends = cut.from_day or first, cut.to_day or last
    return max((ends - begins).days + 1, 0) if begins and ends else 0


def code_length_below(unit_code: str | None) -> int:
    """How many signs of a unit's code tell apart the units directly below this one (6 district, 9 town, 12 village,
    more grid). The code of what lies on the unit itself is shorter, and stays as it is."""
    return {None: 6, 6: 9, 9: 12}.get(None if unit_code is None else len(unit_code), 20)
