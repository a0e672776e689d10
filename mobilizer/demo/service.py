"""One branch's service through the same actions as the screens: call, shifts, sign-ups, roster, ledger."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby

from sqlalchemy import select

from mobilizer.attendance import actions as attendance
from mobilizer.calls import actions as calls
from mobilizer.extensions import db
from mobilizer.hours import actions as hours
from mobilizer.model import Shift
from mobilizer.policy import Actor
from mobilizer.shifts import actions as shifts
from mobilizer.shifts import queries as shift_queries
from mobilizer.shifts import rules
from mobilizer.signups import actions as signups
from mobilizer.terms import ServiceCategory

THREE_BY_EIGHT = rules.PATTERNS["3x8"]


@dataclass(frozen=True, slots=True)
class Words:
    """What a call says."""

    title: str
    content: str
    risks: str
    category: ServiceCategory


CALLS = (
    Words(
        "卡口值守志愿者招募",
        "在小区出入口协助测温、登记、引导居民有序通行。请自备水杯，现场提供口罩和手套。",
        "户外值守，夜间气温低，请注意保暖；与人接触请全程佩戴口罩。",
        ServiceCategory.CHECKPOINT_DUTY,
    ),
    Words(
        "核酸采样点秩序维护",
        "维持排队秩序，协助老人和孩子，帮助扫码登记。",
        "久站；与人接触请全程佩戴口罩和手套。",
        ServiceCategory.SCREENING,
    ),
    Words(
        "居家人员生活物资配送",
        "为居家观察和行动不便的居民送菜、送药、带走垃圾。",
        "上下楼搬运，量力而行；物品放在门口，不直接接触。",
        ServiceCategory.DELIVERY,
    ),
    Words(
        "入户走访与独居老人关爱",
        "电话和上门了解独居老人、孕妇等的需要，及时报告。",
        "进出楼道注意台阶；尊重居民意愿，不入户停留。",
        ServiceCategory.CARE,
    ),
)


def publish(
    branch_id: int,
    unit_code: str,
    words: Words,
    days: list[date],
    capacity: int,
    *,
    tz: tzinfo,
    by: Actor,
    now: datetime,
) -> int:
    """A published call to the whole unit, with three shifts of eight hours a day at each of the branch's checkpoints."""
    call_id = calls.draft(
        branch_id,
        title=words.title,
        content=words.content,
        risks=words.risks,
        category=words.category,
        dangerous=False,
        insured=False,
        quick_join=True,
        audience_unit_code=unit_code,
        opens_at=now,
        closes_at=now + timedelta(days=len(days) + 10),
        by=by,
        now=now,
    )
    spots = [rules.Spot(place.id, place.unit_code) for place in shift_queries.checkpoints(branch_id)]
    planned = rules.lay_out(spots, days, THREE_BY_EIGHT, tz, [rules.Post(capacity=capacity)])
    shifts.lay_out(call_id, [each for each in planned if each.ends_at > now], by=by, now=now)
    calls.publish(call_id, by=by, now=now)
    return call_id


@dataclass(frozen=True, slots=True)
class Laid:
    """A shift as it was laid out."""

    id: int
    starts_at: datetime
    ends_at: datetime
    capacity: int


def laid_out(call_id: int) -> list[Laid]:
    """The call's shifts in the order of time."""
    rows = db.session.execute(
        select(Shift.id, Shift.starts_at, Shift.ends_at, Shift.capacity)
        .where(Shift.call_id == call_id)
        .order_by(Shift.starts_at, Shift.id)
    )
    return [Laid(*row) for row in rows]


def by_slot(laid: list[Laid]) -> list[list[Laid]]:
    """Those that begin together, together."""
    return [list(group) for _start, group in groupby(laid, key=lambda shift: shift.starts_at)]


def sign_up(shift: Laid, members: list[int], now: datetime) -> None:
    """Each of the members takes a seat, for themselves."""
    for member_id in members:
        signups.sign_up(shift.id, member_id, by=Actor(member_id), now=now)


def serve(
    shift: Laid, by: Actor, *, noted: datetime | None = None, left: dict[int, datetime] | None = None
) -> None:
    """Everybody is there from the start, as is noted then (or at `noted`); the roster is closed at the end, and whoever was
    there has left then, or as `left` says of each."""
    called = noted or shift.starts_at + timedelta(minutes=5)
    attendance.all_present(shift.id, at=shift.starts_at, by=by, now=called)
    hours.close_shift(shift.id, left=left, by=by, now=shift.ends_at + timedelta(minutes=5))
