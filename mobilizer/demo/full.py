"""The full campaign, replayed in time: so that an export gives exactly its figures, however it is sliced."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mobilizer.branches import actions as branches
from mobilizer.branches import limits
from mobilizer.demo import campaign, cast, files, service
from mobilizer.demo.campaign import Duty
from mobilizer.demo.people import people
from mobilizer.demo.stage import Stage, bring_in
from mobilizer.policy import Actor, covers
from mobilizer.terms import OperationKind, Role


@dataclass
class Campaign:
    """What the steps hand to each other. `eve` is 22:42 local time on the evening before the first shift."""

    now: datetime
    tz: tzinfo
    password_hash: str
    units: list[files.DemoUnit] = field(default_factory=list)
    operation_id: int = 0
    pool: cast.Pool | None = None
    secretaries: dict[str, Actor] = field(default_factory=dict)
    branch_ids: list[tuple[int, str]] = field(default_factory=list)
    parts: list[tuple[Actor, str]] = field(default_factory=list)

    @property
    def days(self) -> list[date]:
        """The ten days of the campaign; the last is the day before yesterday, so that all of it is past."""
        last = self.now.astimezone(self.tz).date() - timedelta(days=2)
        return [last - timedelta(days=n) for n in reversed(range(campaign.DAYS))]

    @property
    def eve(self) -> datetime:
        return datetime.combine(self.days[0] - timedelta(days=1), time(22, 42), self.tz).astimezone(UTC)

    def of_level(self, level: str) -> list[files.DemoUnit]:
        return [unit for unit in self.units if unit.level == level]

    def take(self, unit_code: str, count: int) -> list[int]:
        if self.pool is None:
            raise RuntimeError("no roster yet")
        return self.pool.take(unit_code, count)


def stages(now: datetime, tz: tzinfo, password_hash: str) -> tuple[Campaign, list[Stage]]:
    """The whole replay as stages, each one transaction and so many steps of the progress bar."""
    replay = Campaign(now, tz, password_hash)
    duties = campaign.duties(
        campaign.ACTION_BRANCHES + campaign.TEMPORARY_BRANCHES, campaign.ON_POST, campaign.PERSON_TIMES
    )
    steps = [
        Stage(4, lambda: _bring_in(replay)),
        Stage(12, lambda: _roster(replay)),
        Stage(1, lambda: _appoint(replay)),
    ]
    steps += [Stage(1, act) for act in _branches(replay, duties)]
    return replay, [*steps, Stage(1, lambda: _call_again(replay))]


def _bring_in(replay: Campaign) -> None:
    replay.units = files.with_grids(files.real_units(), campaign.GRIDS)
    bring_in("units", files.units_file(replay.units), replay.eve, replay.tz)


def _roster(replay: Campaign) -> None:
    roster = files.roster_file(
        replay.of_level("village"), campaign.STANDING_BRANCHES, campaign.MEMBERS, people(seed=2020)
    )
    bring_in("roster", roster, replay.eve, replay.tz)
    cast.give_passwords(replay.password_hash)


def _appoint(replay: Campaign) -> None:
    replay.pool, now = cast.Pool(), replay.eve
    district = replay.of_level("district")[0]
    everybody = replay.take(district.code, 3)
    replay.parts = [
        (cast.appoint(everybody[0], Role.ADMINISTRATOR, now), ""),
        (cast.appoint(everybody[1], Role.COORDINATOR, now, district.code), district.name),
    ]
    for unit in (district, *replay.of_level("town"), *replay.of_level("village")):
        who = everybody[2] if unit is district else replay.take(unit.code, 1)[0]
        replay.secretaries[unit.code] = cast.appoint(who, Role.SECRETARY, now, unit.code)
    for town in replay.of_level("town"):
        cast.appoint(replay.take(town.code, 1)[0], Role.COORDINATOR, now, town.code)
    first_town, first_village = replay.of_level("town")[0], replay.of_level("village")[0]
    replay.parts += [
        (replay.secretaries[unit.code], unit.name) for unit in (district, first_town, first_village)
    ]
    replay.operation_id = branches.start_operation(
        "新冠肺炎疫情防控",
        OperationKind.EPIDEMIC,
        district.code,
        by=replay.secretaries[district.code],
        now=now,
    )


def _branches(replay: Campaign, duties: list[Duty]) -> Iterator[Callable[[], None]]:
    action, temporary = duties[: campaign.ACTION_BRANCHES], duties[campaign.ACTION_BRANCHES :]
    for n, duty in enumerate(action):
        yield lambda n=n, duty=duty: _action_branch(replay, n, duty)  # type: ignore[misc]
    for n, duty in enumerate(temporary):
        yield lambda n=n, duty=duty: _temporary_branch(replay, n, duty)  # type: ignore[misc]


def _action_branch(replay: Campaign, n: int, duty: Duty) -> None:
    """The n-th, in the n-th village; after the last village the first ones get their second."""
    villages = replay.of_level("village")
    village = villages[n % len(villages)]
    by = replay.secretaries[village.code]
    members = replay.take(village.code, duty.people)
    which = "" if n < len(villages) else "第二"
    branch_id = branches.stand_up(
        name=f"{village.short_name}{which}行动支部",
        unit_code=village.code,
        operation_id=replay.operation_id,
        mission="卡口值守、筛查采样、物资配送和居民关爱，昼夜不断岗。",
        secretary_id=members[0],
        checkpoints=[branches.NewCheckpoint(f"{village.short_name}{'南门' if which else '东门'}卡口")],
        by=by,
        now=replay.eve,
    )
    branches.attach(branch_id, members, by=by, now=replay.eve)
    _serve(replay, branch_id, village.code, duty, members, by, n)


def _temporary_branch(replay: Campaign, n: int, duty: Duty) -> None:
    """Two in each town: proposed by the town's secretary, approved by the district's."""
    towns = replay.of_level("town")
    town = towns[n % len(towns)]
    by, above = replay.secretaries[town.code], replay.secretaries[town.code[:6]]
    members = replay.take(town.code, duty.people)
    place = "集中采样点" if n < len(towns) else "物资转运站"
    branch_id = branches.propose(
        name=f"{town.name}{place}临时党支部",
        unit_code=town.code,
        operation_id=replay.operation_id,
        mission=f"{place}的值守和保障。",
        joint=False,
        checkpoints=[branches.NewCheckpoint(f"{town.name}{place}")],
        member_ids=members,
        by=by,
        now=replay.eve,
    )
    branches.approve(
        branch_id,
        secretary_id=members[0],
        deputy_id=members[1],
        committee_ids=members[2:3],
        by=above,
        now=replay.eve,
    )
    _serve(replay, branch_id, town.code, duty, members, by, n)


def _serve(
    replay: Campaign, branch_id: int, unit_code: str, duty: Duty, members: list[int], by: Actor, n: int
) -> None:
    words = service.CALLS[n % len(service.CALLS)]
    replay.branch_ids.append((branch_id, unit_code))
    usual = limits.limits_of(branch_id)
    if usual is None:
        raise RuntimeError("a branch that was just stood up is not there")
    # In 2020 people stood as they were needed; the figures that were published are theirs.
    limits.set_limits(branch_id, usual._replace(rest_hours=0, day_hours=24), by=by, now=replay.eve)
    call_id = service.publish(
        branch_id, unit_code, words, replay.days, duty.seats, tz=replay.tz, by=by, now=replay.eve
    )
    for shift, standing in zip(service.laid_out(call_id), duty.shifts, strict=True):
        service.sign_up(shift, [members[person] for person in standing], replay.eve + timedelta(minutes=10))
        service.serve(shift, by)
    limits.set_limits(branch_id, usual, by=by, now=replay.now)


def _call_again(replay: Campaign) -> None:
    """Something to take on the screens of today: the first town's branches need people for the next three days.
    Nobody has signed up yet, so the figures of the campaign stay what they are."""
    first_town = replay.of_level("town")[0].code
    today = replay.now.astimezone(replay.tz).date()
    for branch_id, unit_code in replay.branch_ids:
        if covers(first_town, unit_code):
            by = replay.secretaries[unit_code]
            days = [today + timedelta(days=n) for n in range(3)]
            service.publish(
                branch_id, unit_code, service.CALLS[0], days, 3, tz=replay.tz, by=by, now=replay.now
            )
