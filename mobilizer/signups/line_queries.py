"""A shift as it stands before one member: what they can take, what they hold, and why not. One renderer draws it,
signups/_rows.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, and_, bindparam, case, false, func, or_, select
from sqlalchemy.orm import aliased

from mobilizer.errors import Refused
from mobilizer.extensions import run
from mobilizer.inputs import local_zone
from mobilizer.model import (
    Attendance,
    Branch,
    Call,
    Checkpoint,
    Member,
    MemberSkill,
    Shift,
    SignUp,
    Skill,
    Unit,
    with_all_above,
)
from mobilizer.model.types import Instant
from mobilizer.policy import Reader
from mobilizer.signups.facts import ACTIVE, REACH
from mobilizer.signups.limit_rules import Span, broken, of_branch
from mobilizer.signups.part_rules import spans
from mobilizer.signups.rules import MARGIN, OPENS, UNDO, overlaps
from mobilizer.terms import BranchStatus, CallStatus, ShiftStatus, SignUpStatus

PAGE = 105
"""A week of five checkpoints with three shifts a day."""

PART_DAYS = 32
"""So far ahead shifts of a part of the day are looked for."""


class ShiftLine(NamedTuple):
    """A shift as it stands before one member.

    `kept`: seats that offers hold or that open later, at `more_at`. `open`: sign-up is possible by call and shift.
    `state` and what follows: of their own active sign-up; `place`: theirs in the waiting list; `asked_by`: who asks
    them; `came_at` and `left_at`: their check-in and check-out. `standing`: what it comes to, one of take, undo, yours (may be given back), bound (past the cut-off), asked, lapsed, waiting, later, full, closed,
    skill-missing, shifts-overlap, not-with-this-pass, or the code of a limit of the branch, which `limit` says in words.
    """

    id: int
    checkpoint: str
    checkpoint_id: int
    address: str
    unit_name: str
    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    call_id: int
    title: str
    skill: str | None
    post: str
    kept: int
    more_at: datetime | None
    waiting: int
    open: bool
    state: str | None
    sign_up_id: int | None
    signed_up_at: datetime | None
    answer_by: datetime | None
    in_place: bool
    place: int | None
    asked_by: str | None
    unverified: bool
    came_at: datetime | None
    left_at: datetime | None
    standing: str
    limit: Refused | None

    @property
    def mine(self) -> bool:
        return self.state == SignUpStatus.CONFIRMED

    @property
    def free(self) -> int:
        """Seats that a new comer could take: none while somebody waits."""
        return 0 if self.waiting else self.capacity - self.taken - self.kept

    def checks_in(self, now: datetime) -> bool:
        """Whether its check-in, or after it or after its end its check-out, is open to this member at that moment."""
        return self.mine and self.starts_at - OPENS <= now <= self.ends_at + MARGIN

    @property
    def takeable(self) -> bool:
        """Whether this member would not be refused it at this moment."""
        return self.standing == "take"


_MEMBER: BindParameter[int] = bindparam("member_id")
_NOW: BindParameter[datetime] = bindparam("now", type_=Instant)
_line = aliased(SignUp)

_MINE = and_(SignUp.shift_id == Shift.id, SignUp.member_id == _MEMBER, SignUp.status.in_(ACTIVE))
_OPEN_NOW = and_(
    Call.status == CallStatus.PUBLISHED,
    Call.opens_at <= _NOW,
    Call.closes_at > _NOW,
    Branch.status == BranchStatus.ACTIVE,
    Shift.status == ShiftStatus.OPEN,
    Shift.ends_at > _NOW,
)
_KEPT = Shift.held + case((Shift.held_back_until > _NOW, Shift.held_back), else_=0)
_CAPABLE = or_(
    Shift.skill_id.is_(None),
    Shift.skill_id.in_(
        select(MemberSkill.skill_id).where(
            MemberSkill.member_id == _MEMBER, MemberSkill.confirmed_at.is_not(None)
        )
    ),
)
_PLACE = (
    select(func.count())
    .select_from(_line)
    .where(_line.shift_id == Shift.id, _line.status == SignUpStatus.WAITLISTED, _line.id <= SignUp.id)
    .correlate(Shift, SignUp)
    .scalar_subquery()
)
_ASKED_BY = select(Member.name).where(Member.id == SignUp.asked_by_id).correlate(SignUp).scalar_subquery()
_LINES: Select[*tuple[Any, ...]] = (
    select(
        Shift.id,
        Checkpoint.name,
        Checkpoint.id,
        Checkpoint.address,
        Unit.name,
        Shift.day,
        Shift.starts_at,
        Shift.ends_at,
        Shift.capacity,
        Shift.taken,
        Call.id,
        Call.title,
        Skill.name,
        Shift.post,
        _KEPT,
        case((Shift.held_back_until > _NOW, Shift.held_back_until)),
        Shift.waiting,
        _OPEN_NOW,
        SignUp.status,
        SignUp.id,
        SignUp.signed_up_at,
        SignUp.answer_by,
        SignUp.in_place_of_id.is_not(None),
        case((SignUp.status == SignUpStatus.WAITLISTED, _PLACE)),
        case((SignUp.status == SignUpStatus.OFFERED, _ASKED_BY)),
        func.coalesce(SignUp.unverified, false()),
        Attendance.checked_in_at,
        Attendance.checked_out_at,
        _CAPABLE,
        Branch.rest_hours,
        Branch.day_hours,
        Branch.week_hours,
        Branch.nights_in_row,
        Branch.cut_off_minutes,
    )
    .select_from(Shift)
    .join(Call, Call.id == Shift.call_id)
    .join(Branch, Branch.id == Call.branch_id)
    .outerjoin(SignUp, _MINE)
    .outerjoin(Attendance, Attendance.sign_up_id == SignUp.id)
    .join(Checkpoint, Checkpoint.id == Shift.checkpoint_id)
    .join(Unit, Unit.code == Shift.unit_code)
    .outerjoin(Skill, Skill.id == Shift.skill_id)
)
_SHOWN = len(ShiftLine._fields) - 2
"""So many columns of a row are shown; the rest is what `standing` is made of."""

_LINE = _LINES.where(Shift.id == bindparam("shift_id"))
_THESE = _LINES.where(Shift.id.in_(bindparam("shift_ids", expanding=True))).order_by(
    Shift.starts_at, Shift.id
)
_OF_CALL = _LINES.where(
    Shift.call_id == bindparam("call_id"), Shift.status == ShiftStatus.OPEN, Shift.ends_at > _NOW
).order_by(Shift.starts_at, Checkpoint.name, Shift.post, Shift.id)
_COMING = _LINES.where(SignUp.id.is_not(None), Shift.ends_at > _NOW).order_by(Shift.starts_at, Shift.id)
_OWN = (
    select(SignUp.shift_id, SignUp.starts_at, SignUp.ends_at, Shift.day, SignUp.status)
    .join(Shift, Shift.id == SignUp.shift_id)
    .where(
        SignUp.member_id == _MEMBER,
        SignUp.status.in_(ACTIVE),
        SignUp.starts_at > bindparam("since", type_=Instant),
    )
)


# --- what is open ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the open shifts is looked at; None: all. `part` is one of part_rules.PARTS."""

    day: date | None = None
    part: str | None = None
    checkpoint: int | None = None
    post: str | None = None

    def given(self) -> dict[str, Any]:
        """Those that are set, by name."""
        return {
            name: value
            for name in ("day", "part", "checkpoint", "post")
            if (value := getattr(self, name)) is not None
        }


_RANK = case(
    (Shift.id.in_(bindparam("mine", expanding=True)), 1),
    (and_(Shift.capacity - Shift.taken - _KEPT > 0, Shift.waiting == 0, _CAPABLE), 0),
    else_=2,
)
_NEAR = case(
    (Shift.unit_code.in_(bindparam("own", expanding=True)), 0),
    (func.substr(Shift.unit_code, 1, 12).in_(bindparam("villages", expanding=True)), 1),
    (func.substr(Shift.unit_code, 1, 9).in_(bindparam("towns", expanding=True)), 2),
    else_=3,
)


_CALLS = (
    select(Call.id)
    .join(Branch, Branch.id == Call.branch_id)
    .where(
        Call.status == CallStatus.PUBLISHED,
        Call.opens_at <= _NOW,
        Call.closes_at > _NOW,
        Branch.status == BranchStatus.ACTIVE,
        or_(
            Call.audience_branch_id.in_(bindparam("branch_ids", expanding=True)),
            Call.audience_unit_code.in_(bindparam("unit_codes", expanding=True)),
        ),
    )
)


@lru_cache(maxsize=32)
def _open(filters: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """The page's shifts are chosen by narrow rows first, and only those are joined with what is shown of them: of ten
    thousand shifts a page costs little more than of a hundred."""
    chosen = (
        select(Shift.id, _RANK.label("rank"), _NEAR.label("near"))
        .where(
            Shift.call_id.in_(_CALLS),
            Shift.status == ShiftStatus.OPEN,
            Shift.ends_at > _NOW,
        )
        .order_by(_RANK, Shift.starts_at, _NEAR, Shift.checkpoint_id, Shift.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
    if "day" in filters:
        chosen = chosen.where(Shift.day == bindparam("day"))
    if "checkpoint" in filters:
        chosen = chosen.where(Shift.checkpoint_id == bindparam("checkpoint"))
    if "post" in filters:
        chosen = chosen.where(Shift.post == bindparam("post"))
    if "part" in filters:
        chosen = chosen.where(
            or_(
                *(
                    and_(
                        Shift.starts_at >= bindparam(f"from_{n}", type_=Instant),
                        Shift.starts_at < bindparam(f"until_{n}", type_=Instant),
                    )
                    for n in range(2 if "day" in filters else PART_DAYS)
                )
            )
        )
    page = chosen.subquery("chosen")
    return _LINES.join(page, page.c.id == Shift.id).order_by(
        page.c.rank, Shift.starts_at, page.c.near, Shift.checkpoint_id, Shift.id
    )


def open_shifts(
    reader: Reader, now: datetime, filters: Filters = Filters(), *, page: int = 1, limit: int = PAGE
) -> list[ShiftLine]:
    """What is open to the reader now and not over: first what they can take, then what they hold or wait for, then
    what they cannot take, each soonest and nearest first. One row more than `limit` says that there is a next page.

    What a limit of the branch forbids is known only once the rows are read: it comes last on its page.
    """
    own = _own(reader.member_id, now)
    given = filters.given()
    asked = {
        "member_id": reader.member_id,
        "now": now,
        "branch_ids": list(reader.branch_ids),
        "unit_codes": list(with_all_above(reader.unit_codes)),
        "mine": [each.shift_id for each in own],
        "own": list(reader.unit_codes),
        "villages": [code[:12] for code in reader.unit_codes if len(code) >= 12],
        "towns": [code[:9] for code in reader.unit_codes if len(code) >= 9],
        "limit": limit + 1,
        "offset": (page - 1) * limit,
    }
    asked |= {name: value for name, value in given.items() if name != "part"}
    if filters.part:
        asked |= _windows(filters.part, filters.day, now)
    held = [(each.shift_id, each.span) for each in own if each.held]
    lines = [_as_line(row, held, now) for row in run(_open(frozenset(given)), asked)]
    return sorted(lines[:limit], key=_section) + lines[limit:]


def _section(line: ShiftLine) -> tuple[int, datetime]:
    return 0 if line.standing == "take" else 1 if line.state else 2, line.starts_at


def _windows(part: str, day: date | None, now: datetime) -> dict[str, datetime]:
    """The night before belongs to a day as well: some of its shifts begin after midnight."""
    zone = local_zone()
    first = (day or now.astimezone(zone).date()) - timedelta(days=1)
    found: dict[str, datetime] = {}
    for n, (opens, closes) in enumerate(spans(part, first, 2 if day else PART_DAYS, zone)):
        found |= {f"from_{n}": opens, f"until_{n}": closes}
    return found


# --- one shift, several, those of a call, mine ------------------------------------------------------------


def line(shift_id: int, member_id: int, now: datetime) -> ShiftLine | None:
    """One shift as it stands before the member, whether or not it is still open."""
    found = _before(member_id, now, _LINE, shift_id=shift_id)
    return found[0] if found else None


def these(shift_ids: Sequence[int], member_id: int, now: datetime) -> list[ShiftLine]:
    """Several shifts as they stand before the member, soonest first, open or not."""
    return _before(member_id, now, _THESE, shift_ids=list(shift_ids))


def of_call(call_id: int, member_id: int, now: datetime) -> list[ShiftLine]:
    """The call's shifts that are not over as they stand before the member, soonest first."""
    return _before(member_id, now, _OF_CALL, call_id=call_id)


def coming(member_id: int, now: datetime) -> list[ShiftLine]:
    """The shifts of the member that are not over, soonest first: held, waited for, or asked to take."""
    rows = run(_COMING, {"member_id": member_id, "now": now})
    return [_as_line(row, (), now) for row in rows]


def with_pass(lines: Sequence[ShiftLine], reader: Reader) -> list[ShiftLine]:
    """The same before a reader who has only a pass: nobody else's name, and what was not taken with an unverified pass
    is shown but not theirs to change."""
    if reader.pass_call_id is None:
        return list(lines)
    return [_with_pass(each, reader) for each in lines]


def _with_pass(line: ShiftLine, reader: Reader) -> ShiftLine:
    locked = line.state is not None and not reader.verified and (line.in_place or not line.unverified)
    return line._replace(asked_by=None, standing="not-with-this-pass" if locked else line.standing)


class Own(NamedTuple):
    """A shift that the member is signed up for, asked to take, or waits for."""

    shift_id: int
    span: Span
    held: bool


def _own(member_id: int, now: datetime) -> list[Own]:
    """All that bear on what else the member can take."""
    rows = run(_OWN, {"member_id": member_id, "since": now - REACH})
    return [
        Own(shift_id, Span(starts_at, ends_at, day), status == SignUpStatus.CONFIRMED)
        for shift_id, starts_at, ends_at, day, status in rows
    ]


def _before(
    member_id: int, now: datetime, statement: Select[*tuple[Any, ...]], **asked: Any
) -> list[ShiftLine]:
    held = [(own.shift_id, own.span) for own in _own(member_id, now) if own.held]
    rows = run(statement, asked | {"member_id": member_id, "now": now})
    return [_as_line(row, held, now) for row in rows]


def _as_line(row: Any, held: Sequence[tuple[int, Span]], now: datetime) -> ShiftLine:
    shown = row[:_SHOWN]
    if row[18] is not None:
        return ShiftLine._make((*shown, _of_mine(row, now), None))
    limit = None
    if not row[17]:
        standing = "closed"
    elif not row[28]:
        standing = "skill-missing"
    elif held and (reason := _hindrance(row, [span for shift_id, span in held if shift_id != row[0]])):
        standing, limit = reason
    elif row[8] - row[9] - row[14] > 0 and not row[16]:
        standing = "take"
    else:
        standing = "later" if row[15] is not None and not row[16] else "full"
    return ShiftLine._make((*shown, standing, limit))


def _of_mine(row: Any, now: datetime) -> str:
    state, since, answer_by = row[18], row[20], row[21]
    if state == SignUpStatus.CONFIRMED:
        bound = now >= row[6] - timedelta(minutes=row[33])
        return "undo" if now - since < UNDO else "bound" if bound else "yours"
    if state == SignUpStatus.WAITLISTED:
        return "waiting"
    return "asked" if answer_by is not None and answer_by > now else "lapsed"


def _hindrance(row: Any, others: Sequence[Span]) -> tuple[str, Refused | None] | None:
    """The first reason, beside the skill, why the member could not serve this shift too."""
    span = Span(row[6], row[7], row[5])
    if overlaps(span, others):
        return "shifts-overlap", None
    reason = broken(of_branch(*row[29:33]), span, others, local_zone())
    return (reason.code, reason) if reason else None
