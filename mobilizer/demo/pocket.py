"""The pocket demo: one town of the campaign, with shifts past, running and to come around the present hour."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from random import Random

from sqlalchemy import select

from mobilizer import secret
from mobilizer.attendance import actions as attendance
from mobilizer.branches import actions as branches
from mobilizer.branches import queries as branch_queries
from mobilizer.certificates import actions as certificates
from mobilizer.certificates import ledger_queries as certified_ledger
from mobilizer.certificates import queries as certified
from mobilizer.certificates.rules import Order
from mobilizer.demo import cast, files, service
from mobilizer.demo.people import people
from mobilizer.demo.stage import Stage, bring_in
from mobilizer.extensions import db
from mobilizer.hours import actions as hours
from mobilizer.model import Attendance, ServiceRecord, SignUp
from mobilizer.policy import Actor, covers
from mobilizer.signups import feedback_actions as feedback
from mobilizer.terms import OperationKind, Role

TOWN = "320507001"
GRIDS_IN_TOWN = 111
STANDING_BRANCHES = 54
MEMBERS = 702
ACTION_BRANCHES = 5
PEOPLE, NEIGHBOURS = 12, 6
"""Six on at a time, for eight hours once a day: what the limits of a branch allow takes eighteen."""
DAYS_BACK, DAYS_AHEAD = 3, 4
WENT = (
    (3, ""),
    (3, "交接清楚，配合很好"),
    (2, "夜里风大，希望备些热水"),
    (3, ""),
    (1, "人手不够，中间没能轮换吃饭"),
)


@dataclass
class Town:
    """What the stages hand to each other."""

    now: datetime
    tz: tzinfo
    password_hash: str
    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311
    units: list[files.DemoUnit] = field(default_factory=list)
    pool: cast.Pool | None = None
    operation_id: int = 0
    secretaries: dict[str, Actor] = field(default_factory=dict)
    parts: list[tuple[Actor, str]] = field(default_factory=list)

    @property
    def eve(self) -> datetime:
        """When it all began: an hour before the first day's first shift."""
        return self.first_midnight - timedelta(hours=1)

    @property
    def first_midnight(self) -> datetime:
        local = self.now.astimezone(self.tz)
        return local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS_BACK)

    def villages(self) -> list[files.DemoUnit]:
        return [unit for unit in self.units if unit.level == "village"]

    def take(self, unit_code: str, count: int) -> list[int]:
        if self.pool is None:
            raise RuntimeError("no roster yet")
        return self.pool.take(unit_code, count)


def stages(now: datetime, tz: tzinfo, password_hash: str) -> tuple[Town, list[Stage]]:
    """The pocket demo as stages, each one transaction."""
    town = Town(now, tz, password_hash)
    steps = [Stage(2, lambda: _bring_in(town)), Stage(1, lambda: _appoint(town))]
    steps += [Stage(2, lambda n=n: _action_branch(town, n)) for n in range(ACTION_BRANCHES)]  # type: ignore[misc]
    return town, [*steps, Stage(1, lambda: _temporary_branches(town))]


def _bring_in(town: Town) -> None:
    real = [unit for unit in files.real_units() if unit.code == TOWN[:6] or covers(TOWN, unit.code)]
    town.units = files.with_grids(real, GRIDS_IN_TOWN)
    bring_in("units", files.units_file(town.units), town.eve, town.tz)
    roster = files.roster_file(town.villages(), STANDING_BRANCHES, MEMBERS, people(seed=1))
    bring_in("roster", roster, town.eve, town.tz)
    cast.give_passwords(town.password_hash)


def _appoint(town: Town) -> None:
    town.pool = cast.Pool()
    district, own_town = town.units[0], town.units[1]
    administrator, coordinator, secretary, other, town_coordinator = town.take(town.villages()[-1].code, 5)
    town.parts = [
        (cast.appoint(administrator, Role.ADMINISTRATOR, town.eve), ""),
        (cast.appoint(coordinator, Role.COORDINATOR, town.eve, district.code), district.name),
        (cast.appoint(secretary, Role.SECRETARY, town.eve, district.code), district.name),
        (cast.appoint(other, Role.SECRETARY, town.eve, own_town.code), own_town.name),
        (cast.appoint(town_coordinator, Role.COORDINATOR, town.eve, own_town.code), own_town.name),
    ]
    town.secretaries = {district.code: town.parts[2][0], own_town.code: town.parts[3][0]}
    for village in town.villages():
        who = town.take(village.code, 1)[0]
        town.secretaries[village.code] = cast.appoint(who, Role.SECRETARY, town.eve, village.code)
    first = town.villages()[0]
    town.parts += [
        (town.secretaries[first.code], first.name),
        (Actor(town.take(first.code, 1)[0]), first.name),
    ]
    town.operation_id = branches.start_operation(
        "新冠肺炎疫情防控",
        OperationKind.EPIDEMIC,
        district.code,
        by=town.secretaries[district.code],
        now=town.eve,
    )


def _action_branch(town: Town, n: int) -> None:
    village = town.villages()[n]
    by = town.secretaries[village.code]
    neighbour = town.villages()[n + ACTION_BRANCHES]
    members = town.take(village.code, PEOPLE) + town.take(neighbour.code, NEIGHBOURS)
    branch_id = branches.stand_up(
        name=f"{village.short_name}行动支部",
        unit_code=village.code,
        operation_id=town.operation_id,
        mission="卡口值守、筛查采样、物资配送和居民关爱，昼夜不断岗。",
        secretary_id=members[0],
        checkpoints=[
            branches.NewCheckpoint(
                f"{village.short_name}{gate}卡口", f"{village.short_name}{gate}", *_where(n, south)
            )
            for south, gate in enumerate(("东门", "南门"))
        ],
        by=by,
        now=town.eve,
    )
    branches.attach(branch_id, members, by=town.secretaries[TOWN], now=town.eve)
    if n == 0:
        town.parts.append((Actor(members[0]), f"{village.short_name}行动支部"))
    midnight = town.first_midnight.date()
    days = [midnight + timedelta(days=d) for d in range(DAYS_BACK + DAYS_AHEAD + 1)]
    words = service.CALLS[n % len(service.CALLS)]
    call_id = service.publish(branch_id, village.code, words, days, 3, tz=town.tz, by=by, now=town.eve)
    _live(town, call_id, members, by)
    if n == 0:
        for member_id in members[1:3]:
            _certify(town, branch_id, member_id, by)


def _certify(town: Town, branch_id: int, member_id: int, by: Actor) -> None:
    """What they have served so far, so that there is something to print and to verify."""
    subject = certified.subject(branch_id, member_id)
    today = town.now.astimezone(town.tz).date()
    _ends, counted = certified_ledger.of_subjects([subject] if subject else [], None, today)
    secretary = next(iter(branch_queries.leaders(branch_id)), None)
    if subject is None or secretary is None or member_id not in counted:
        return
    certificates.issue(
        branch_id,
        member_id,
        Order(None, today, "zh_CN", secretary.name, secretary.name, "0512 0000 0000"),
        volunteer_number="",
        seen=counted[member_id].checksum,
        nonce=lambda: secrets.token_urlsafe(24),
        secret_key=secret.key(),
        by=by,
        now=town.now,
    )


def _where(n: int, south: int) -> tuple[float, float]:
    """Latitude and longitude somewhere in the town: where the map is to draw a gate, not where the village really is."""
    return 31.402 - 0.006 * (n * 3 % 5) - 0.002 * south, 120.612 + 0.011 * n - 0.003 * south


def _live(town: Town, call_id: int, members: list[int], by: Actor) -> None:
    """What is past was served, what runs has begun, what is to come fills up the less the farther off it is."""
    turn = 0
    for slot in service.by_slot(service.laid_out(call_id)):
        ahead = max(0.0, (slot[0].starts_at - town.now) / timedelta(days=1))
        for shift in slot:
            seats = (
                shift.capacity
                if ahead == 0
                else sum(town.random.random() > ahead / 3 for _ in range(shift.capacity))
            )
            standing = [members[(turn + n) % len(members)] for n in range(seats)]
            turn += seats
            service.sign_up(shift, standing, min(town.eve + timedelta(minutes=5), town.now))
            if shift.ends_at <= town.now:
                _past(town, shift, standing, by)
            elif shift.starts_at <= town.now:
                _running(town, shift, by)


def _sign_ups(shift: service.Laid) -> list[int]:
    return list(db.session.scalars(select(SignUp.id).where(SignUp.shift_id == shift.id).order_by(SignUp.id)))


def _past(town: Town, shift: service.Laid, standing: list[int], by: Actor) -> None:
    """Now and then somebody stays away or comes late."""
    if len(standing) > 1 and town.random.random() < 0.15:
        first, *_others = _sign_ups(shift)
        after = shift.starts_at + timedelta(minutes=30)
        if town.random.random() < 0.5:
            attendance.mark_absent(first, by=by, now=after)
        else:
            attendance.check_in(first, at=shift.starts_at + timedelta(minutes=25), by=by, now=after)
    left = {each: shift.ends_at + timedelta(minutes=2) for each in _sign_ups(shift)}
    service.serve(
        shift,
        by,
        noted=shift.ends_at + timedelta(minutes=3) if shift.id % 11 == 4 else None,
        left=None if shift.id % 5 == 0 else left,
    )
    if shift.id % 7 == 1:
        _correct(shift, by)
    if town.now - shift.ends_at > timedelta(hours=20):
        _look_back(shift)


def _correct(shift: service.Laid, by: Actor) -> None:
    """Somebody had come later than was noted: a coordinator has something to look at."""
    entry = db.session.execute(
        select(ServiceRecord.id, ServiceRecord.sign_up_id).where(ServiceRecord.shift_id == shift.id).limit(1)
    ).first()
    if entry is not None:
        hours.correct(
            entry.sign_up_id,
            instead_of=entry.id,
            arrived=shift.starts_at + timedelta(hours=1),
            left=shift.ends_at,
            reason="核对后发现晚到一小时",
            by=by,
            now=shift.ends_at + timedelta(minutes=10),
        )


def _look_back(shift: service.Laid) -> None:
    """How it went for those who were there, as far as they say so."""
    there = select(SignUp.member_id).join(Attendance).where(SignUp.shift_id == shift.id, ~Attendance.absent)
    for place, member_id in enumerate(db.session.scalars(there.order_by(SignUp.id)).all()):
        score, note = WENT[(shift.id + place) % len(WENT)]
        said_at = shift.ends_at + timedelta(minutes=30)
        feedback.say(shift.id, member_id, score, note, by=Actor(member_id), now=said_at)


def _running(town: Town, shift: service.Laid, by: Actor) -> None:
    """Two are here, one of them a little late; of the third nothing is known yet."""
    minutes_in = int((town.now - shift.starts_at) / timedelta(minutes=1))
    for late, sign_up_id in zip((0, 12), _sign_ups(shift), strict=False):
        at = shift.starts_at + timedelta(minutes=min(late, minutes_in))
        attendance.check_in(sign_up_id, at=at, by=by, now=town.now)


def _temporary_branches(town: Town) -> None:
    """One that was approved by the district, and one that waits for the town's yes."""
    by, above = town.secretaries[TOWN], town.secretaries[TOWN[:6]]
    own_town, village = town.units[1], town.villages()[-3]
    members = town.take(TOWN, 9)
    branch_id = branches.propose(
        name=f"{own_town.name}集中采样点临时党支部",
        unit_code=TOWN,
        operation_id=town.operation_id,
        mission="集中采样点的值守和保障。",
        joint=False,
        checkpoints=[branches.NewCheckpoint(f"{own_town.name}集中采样点", "活力岛体育公园")],
        member_ids=members,
        by=by,
        now=town.eve,
    )
    branches.approve(
        branch_id,
        secretary_id=members[0],
        deputy_id=members[1],
        committee_ids=members[2:3],
        by=above,
        now=town.eve,
    )
    waiting = town.take(village.code, 4)
    branches.propose(
        name=f"{village.short_name}物资转运站临时党支部",
        unit_code=village.code,
        operation_id=town.operation_id,
        mission="物资转运站的值守和保障。",
        joint=False,
        checkpoints=[branches.NewCheckpoint(f"{village.short_name}物资转运站")],
        member_ids=waiting,
        by=town.secretaries[village.code],
        now=town.now,
    )
