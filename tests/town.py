"""A town with something on every page: the pocket demo, with a chain, an offer, a waiting list, a kept playbook, a sheet
and a roster half imported. Beside it tests.world's one of each, of which most pages say that there is nothing yet."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.demo import pocket
from mobilizer.extensions import begin_write, db
from mobilizer.model import Appointment, Branch, Call, Checkpoint, LayOut, Member, Playbook, Shift, SignUp
from mobilizer.policy import Actor
from mobilizer.signups import offers, waiting
from tests import factories, world
from tests.visitor import Visitor

CHAIN = (
    "#接龙\n明天值守报名\n1. {name} 8:00-16:00\n2. 王小明 东门 8点到16点\n3. 路人甲 都可以\n4. {name} 取消"
)
ROSTER = "姓名,所在村(社区),所在党支部,联系电话\n王芳,香城花园社区居委会,香城花园社区第一党支部,19900000001\n,,,1\n"
SHIFTS = "日期,开始,结束,点位,人数\n{day},08:00,16:00,{place},2\n{day},25:00,16:00,没有的点位,x\n"
ALSO = {
    "/coverage": ("?days=7", "?by=checkpoint", "?still=1"),
    "/members": ("?q=王", "?q=nobody-of-this-name"),
    "/participation": ("?by=checkpoint", "?by=day", "?from=2001-01-01&to=2001-01-02", "?from=x"),
    "/import": ("?noun=units",),
}
"""What a page shows only when it is asked."""

_ELEMENT = re.compile(r"<([a-z]\w*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_VALUE = re.compile(r"(?<! class)=\"[^\"]*\"")
"""What an element is made of: its name, the names of its attributes, its classes."""


@dataclass(frozen=True)
class Town:
    """`people`: who by the kind of reader that they are; nobody is a stranger. `parts`: with what addresses are filled,
    the fuller first."""

    people: dict[str, Member | None]
    parts: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Seen:
    """A page that somebody may see."""

    who: str
    url: str


def made(app: Flask) -> Town:
    """Loads the demo, adds what it lacks."""
    now = clock.now()
    played, stages = pocket.stages(now, ZoneInfo(app.config["TIMEZONE"]), factories.PASSWORD_HASH)
    for stage in stages:
        begin_write()
        stage.act()
        db.session.commit()
    _administrator, coordinator, secretary = (played.parts[n][0] for n in (0, 1, 5))
    branch = factories.rows(
        select(Branch.id, Branch.unit_code, Branch.operation_id)
        .where(Branch.kind == "action")
        .order_by(Branch.id)
    )[0]
    call = factories.rows(select(Call.id, Call.code).where(Call.branch_id == branch.id))[0]
    running, ended = (
        factories.rows(select(Shift.id, Shift.checkpoint_id).where(Shift.call_id == call.id, *which))[0]
        for which in (
            (Shift.starts_at <= now, Shift.ends_at > now),
            (Shift.status == "closed", Shift.taken > 1),
        )
    )
    coming_id, member_id = _held_by_a_member(call.id)
    _ask_and_wait(call.id, running.checkpoint_id, member_id, secretary)
    common = {
        "branch_id": branch.id,
        "call_id": call.id,
        "operation_id": branch.operation_id,
        "unit_code": branch.unit_code,
        "member_id": member_id,
        "checkpoint_id": running.checkpoint_id,
        "lay_out_id": factories.scalar(select(LayOut.id).where(LayOut.call_id == call.id)),
        "/c/": call.code,
    }
    people: dict[str, Member | None] = {
        "a stranger": None,
        "a member": _member(member_id),
        "a secretary": _member(secretary.member_id),
        "a coordinator": _member(coordinator.member_id),
        "an administrator": _member(played.parts[0][0].member_id),
    }
    common |= _half_done(app, people, call.id, running.checkpoint_id)
    shifts = [
        {
            "shift_id": shift_id,
            "sign_up_id": factories.scalar(select(SignUp.id).where(SignUp.shift_id == shift_id)),
        }
        for shift_id in (running.id, ended.id, coming_id)
    ]
    bare = world.made()
    parts = [bare.parts | {name: str(value) for name, value in (common | each).items()} for each in shifts]
    newcomers = {f"{who} with nothing yet": _of(phone) for who, phone in bare.phones.items()}
    return Town(people | newcomers, (*parts, bare.parts))


def _half_done(
    app: Flask, people: dict[str, Member | None], call_id: int, checkpoint_id: int
) -> dict[str, object]:
    """A chain pasted, a playbook kept, a sheet of shifts and a roster looked at and not yet entered."""
    secretary, administrator, member = (
        people[who] for who in ("a secretary", "an administrator", "a member")
    )
    assert secretary is not None
    assert administrator is not None
    assert member is not None
    chain = factories.chain(db.session.get_one(Call, call_id), secretary, CHAIN.format(name=member.name))
    leading = Visitor(app.test_client(), language="zh_CN").log_in(secretary.phone)
    keep, sheet = f"/calls/{call_id}/keep-as-playbook", f"/calls/{call_id}/shifts/sheet"
    leading.open(keep).submit(keep, name="卡口值守")
    place = factories.scalar(select(Checkpoint.name).where(Checkpoint.id == checkpoint_id))
    shifts = SHIFTS.format(day=f"{factories.tomorrow(8).astimezone(factories.LOCAL):%Y-%m-%d}", place=place)
    leading.open(sheet).submit(sheet, file=(BytesIO(shifts.encode()), "班次.csv"))
    importing = Visitor(app.test_client(), language="zh_CN").log_in(administrator.phone)
    importing.open("/import").submit("/import", file=(BytesIO(ROSTER.encode()), "名册.csv"))
    return {
        "chain_id": chain.id,
        "playbook_id": factories.scalar(select(Playbook.id)),
        "/calls/": _token(leading, sheet),
        "/import/": _token(importing, "/import"),
    }


def _token(visitor: Visitor, below: str) -> str:
    """The part after `below` in the addresses that the page's forms are sent to."""
    found = re.search(rf'action="{re.escape(below)}/([^/"]+)/', str(visitor.page))
    assert found, visitor.text
    return found[1]


def _of(phone: str) -> Member:
    db.session.rollback()
    return db.session.scalars(select(Member).where(Member.phone == phone)).one()


def _member(member_id: int) -> Member:
    return db.session.get_one(Member, member_id)


def _held_by_a_member(call_id: int) -> tuple[int, int]:
    """A shift to come with seats left, and somebody on it who leads nothing."""
    leads = select(Appointment.member_id)
    row = factories.rows(
        select(SignUp.shift_id, SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(Shift.call_id == call_id, Shift.starts_at > clock.now(), SignUp.member_id.not_in(leads))
        .order_by(Shift.taken < Shift.capacity, Shift.starts_at.desc(), SignUp.id)
    )[-1]
    return row.shift_id, row.member_id


def _ask_and_wait(call_id: int, checkpoint_id: int, member_id: int, by: Actor) -> None:
    """The member is asked for one shift of next week and waits for another."""
    now, week = clock.now(), timedelta(days=7)
    call, place = db.session.get_one(Call, call_id), db.session.get_one(Checkpoint, checkpoint_id)
    free = factories.shift(call, place, starts_at=factories.tomorrow(8) + week)
    full = factories.shift(
        call, place, starts_at=factories.tomorrow(8) + week + timedelta(days=1), capacity=1
    )
    factories.sign_up(full, _member(by.member_id))
    begin_write()
    offers.offer(free.id, member_id, by=by, now=now)
    waiting.join(full.id, member_id, by=Actor(member_id), now=now)
    db.session.commit()


def seen(app: Flask, town: Town) -> Iterator[Seen]:
    """Every page there is, from the application's own addresses, filled in and bare, for each reader who is shown something
    there that nobody before was shown: what is made of the same elements comes once."""
    met: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for who, member in town.people.items():
        visitor = Visitor(app.test_client(), language="zh_CN")
        if member is not None:
            visitor.log_in(member.phone)
        for rule in world.rules(app, "GET"):
            urls = dict.fromkeys(world.address(rule, parts) for parts in town.parts)
            for url in [*urls, *(rule.rule + query for query in ALSO.get(rule.rule, ()))]:
                answer = world.ask(visitor, "GET", url)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    shapes = set(_ELEMENT.findall(answer.get_data(as_text=True)))
                    shapes = {(tag, _VALUE.sub("", attributes)) for tag, attributes in shapes}
                    if not shapes <= met[rule.endpoint]:
                        met[rule.endpoint] |= shapes
                        yield Seen(who, url)
