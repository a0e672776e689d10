"""Small makers of real rows, each committed at once. Every name can be given; what is not given is made up."""

import secrets
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Executable, select

from mobilizer import clock
from mobilizer.accounts import actions as accounts
from mobilizer.accounts.passwords import hashed
from mobilizer.activations import actions as activations
from mobilizer.activations.rules import token_of as activation_token_of
from mobilizer.calendars import actions as calendars
from mobilizer.calendars.rules import token_of
from mobilizer.certificates import actions as certificates
from mobilizer.certificates import ledger_queries as ledger_behind
from mobilizer.certificates import queries as certificates_there
from mobilizer.certificates.rules import Order
from mobilizer.certificates.rules import token_of as certificate_token_of
from mobilizer.extensions import Base, begin_write, db
from mobilizer.model import (
    Appointment,
    Attachment,
    Branch,
    BranchCheckpoint,
    Call,
    Certificate,
    Chain,
    Checkpoint,
    CorrectionRequest,
    Job,
    LayOut,
    Member,
    Newcomer,
    Operation,
    Passkey,
    SavedReport,
    ServiceClaim,
    Shift,
    SignUp,
    Skill,
    Unit,
)
from mobilizer.policy import COMMAND_LINE, Actor
from mobilizer.terms import Role
from tests.visitor import PASSWORD

SAMPLES = Path(__file__).resolve().parent / "data" / "jielong"
LOCAL = ZoneInfo("Asia/Shanghai")
PASSWORD_HASH = hashed(PASSWORD)
_numbers = count(1)


def kept(thing: Any) -> Any:
    """Add the row, commit, and hand it back with its id."""
    db.session.rollback()
    begin_write()
    db.session.add(thing)
    db.session.commit()
    return thing


def rows(statement: Executable) -> list[Any]:
    """What the database holds now, whatever this session has read before."""
    db.session.rollback()
    found = db.session.execute(statement).all()
    db.session.rollback()
    return list(found)


def scalar(statement: Executable) -> Any:
    found = rows(statement)
    return found[0][0] if found else None


def count_of(table: type[Base]) -> int:
    return len(rows(select(table)))


def unit(code: str = "320507001002", name: str | None = None) -> Unit:
    """The unit, made with all above it where that is missing. Levels by the length of the code."""
    db.session.rollback()
    if found := db.session.get(Unit, code):
        return found
    if "-" in code:
        level, parent = "grid", code.split("-", maxsplit=1)[0]
    else:
        level, parent = {6: ("district", None), 9: ("town", code[:6]), 12: ("village", code[:9])}[len(code)]
    if parent is not None:
        unit(parent)
    return kept(Unit(code=code, name=name or f"{level} {code}", level=level, parent_code=parent))


def branch(unit_code: str = "320507001002", name: str | None = None, **values: Any) -> Branch:
    """A standing branch unless `kind` says otherwise; an action branch gets an operation."""
    unit(unit_code)
    now = clock.now()
    kind = values.pop("kind", "standing")
    if kind != "standing" and "operation_id" not in values:
        values["operation_id"] = operation(unit_code).id
    given = {
        "status": "active",
        "activated_at": now,
        "added_at": now,
        "mission": "",
        "decision_note": "",
        "joint": False,
    }
    return kept(
        Branch(kind=kind, unit_code=unit_code, name=name or f"Branch {next(_numbers)}", **(given | values))
    )


def operation(unit_code: str = "320507001002", name: str | None = None, **values: Any) -> Operation:
    unit(unit_code)
    given = {"kind": "epidemic", "started_at": clock.now() - timedelta(days=1)}
    return kept(
        Operation(unit_code=unit_code, name=name or f"Operation {next(_numbers)}", **(given | values))
    )


def member(home: Branch | None = None, name: str | None = None, **values: Any) -> Member:
    """A full member who can log in with visitor.PASSWORD."""
    number = next(_numbers)
    home = home or branch()
    name = name or f"Member {number}"
    phone = values.pop("phone", f"+86197{number:08d}")
    given = {
        "standing": "full",
        "password_hash": PASSWORD_HASH,
        "added_at": clock.now(),
        "sort_name": name.lower(),
        "search": f"{name.lower()} {phone}",
    }
    return kept(Member(name=name, phone=phone, home_branch_id=home.id, **(given | values)))


def appointment(
    who: Member, role: Role = Role.SECRETARY, *, unit_code: str | None = None, branch: Branch | None = None
) -> Appointment:
    if unit_code:
        unit(unit_code)
    db.session.rollback()
    begin_write()
    made = accounts.appoint(
        who.id,
        role,
        unit_code=unit_code,
        branch_id=branch.id if branch else None,
        by=COMMAND_LINE,
        now=clock.now(),
    )
    db.session.commit()
    return db.session.get_one(Appointment, made)


def secretary(unit_code: str = "320507001002", **values: Any) -> Member:
    """A member who is secretary over the unit."""
    who = member(branch(unit_code), **values)
    appointment(who, Role.SECRETARY, unit_code=unit_code)
    return who


def passkey(of: Member, name: str = "my phone", **values: Any) -> Passkey:
    """One that no authenticator has: it is there, and nothing can be signed with it."""
    given = {"credential_id": f"made-up-{next(_numbers)}", "public_key": b"", "sign_count": 0}
    return kept(Passkey(member_id=of.id, name=name, added_at=clock.now(), **(given | values)))


def attachment(to: Branch, who: Member) -> Attachment:
    return kept(Attachment(branch_id=to.id, member_id=who.id, starts_at=clock.now()))


def checkpoint(of: Branch | None = None, name: str | None = None, **values: Any) -> Checkpoint:
    unit_code = of.unit_code if of else values.pop("unit_code", "320507001002")
    unit(unit_code)
    given = {"address": "", "contact": ""}
    made = kept(Checkpoint(unit_code=unit_code, name=name or f"Gate {next(_numbers)}", **(given | values)))
    if of:
        kept(BranchCheckpoint(branch_id=of.id, checkpoint_id=made.id))
    return made


def call(of: Branch | None = None, **values: Any) -> Call:
    """A published call, open now, for everyone in the branch's unit."""
    of = of or branch(kind="action")
    now = clock.now()
    number = next(_numbers)
    given = {
        "code": f"c{number}",
        "unit_code": of.unit_code,
        "title": f"Call {number}",
        "content": "Stand at the gate.",
        "risks": "Cold nights.",
        "category": "checkpoint-duty",
        "dangerous": False,
        "insured": False,
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(days=30),
        "status": "published",
        "added_at": now,
        "published_at": now,
    }
    if "audience_branch_id" not in values:
        given["audience_unit_code"] = of.unit_code
    return kept(Call(branch_id=of.id, **(given | values)))


def shift(of: Call | None = None, at: Checkpoint | None = None, **values: Any) -> Shift:
    """A shift of 8 hours, 5 seats, that begins tomorrow at 08:00 local time unless said otherwise."""
    of = of or call()
    at = at or checkpoint(unit_code=of.unit_code)
    starts_at = values.pop("starts_at", None) or tomorrow(8)
    ends_at = values.pop("ends_at", None) or starts_at + timedelta(hours=values.pop("hours", 8))
    given = {"capacity": 5, "taken": 0, "status": "open"}
    return kept(
        Shift(
            call_id=of.id,
            checkpoint_id=at.id,
            unit_code=at.unit_code,
            day=starts_at.astimezone(LOCAL).date(),
            starts_at=starts_at,
            ends_at=ends_at,
            **(given | values),
        )
    )


def lay_out(of: Shift) -> LayOut:
    """The lay-out that this one shift came of."""
    made = kept(LayOut(call_id=of.call_id, shifts=1, laid_out_at=clock.now()))
    db.session.rollback()
    begin_write()
    db.session.get_one(Shift, of.id).lay_out_id = made.id
    db.session.commit()
    return made


def calendar_token(who: Member) -> str:
    """The secret part of this member's calendar address, which is made anew."""
    nonce, key = secrets.token_urlsafe(32), current_app.config["SECRET_KEY"]
    db.session.rollback()
    begin_write()
    calendars.renew(who.id, nonce=nonce, secret_key=key, by=COMMAND_LINE, now=clock.now())
    db.session.commit()
    return token_of(key, nonce)


def activation_token(who: Member, maker: Member | None = None, **made: datetime) -> str:
    """The secret part of a one-time link for this member, made by `maker` or on the command line; `now`: when."""
    nonce, key = secrets.token_urlsafe(24), current_app.config["SECRET_KEY"]
    by = Actor(maker.id) if maker else COMMAND_LINE
    db.session.rollback()
    begin_write()
    activations.make([who.id], nonce=lambda: nonce, secret_key=key, by=by, now=made.get("now", clock.now()))
    db.session.commit()
    return activation_token_of(key, nonce)


def certificate(of: Member, by: Branch, **given: Any) -> int:
    """A certificate of all that the ledger has of this member with the branch (there must be something); answers its id."""
    today = clock.now().astimezone(LOCAL).date()
    order = {"from_day": None, "to_day": today, "language": "en", "person_in_charge": "Wang Fang"}
    order = Order(**(order | {"handler": "Li Na", "contact": "0512 6575 1234"} | given))
    db.session.rollback()
    begin_write()
    subject = certificates_there.subject(by.id, of.id)
    assert subject is not None
    _ends, counted = ledger_behind.of_subjects([subject], order.from_day, order.to_day)
    made = certificates.issue(
        by.id,
        of.id,
        order,
        volunteer_number="",
        seen=counted[of.id].checksum,
        nonce=lambda: secrets.token_urlsafe(24),
        secret_key=current_app.config["SECRET_KEY"],
        by=COMMAND_LINE,
        now=clock.now(),
    )
    db.session.commit()
    return made


def certificate_token(certificate_id: int) -> str:
    """The secret part of its verification link."""
    nonce = scalar(select(Certificate.nonce).where(Certificate.id == certificate_id))
    return certificate_token_of(current_app.config["SECRET_KEY"], nonce)


def saved_report(of: Member, unit_code: str = "320507001002", **values: Any) -> SavedReport:
    """A question of the unit, under a name; `question` is a query string."""
    unit(unit_code)
    given = {
        "name": f"Report {next(_numbers)}",
        "question": f"unit={unit_code}&by=category",
        "saved_at": clock.now(),
    }
    return kept(SavedReport(member_id=of.id, unit_code=unit_code, **(given | values)))


def skill(name: str) -> Skill:
    return kept(Skill(name=name))


def sign_up(to: Shift, who: Member, **values: Any) -> SignUp:
    """A sign-up of an hour ago, confirmed unless `status` says otherwise; its seat or its waiting is counted."""
    now = clock.now()
    given = {"status": "confirmed", "source": "self", "signed_up_at": now - timedelta(hours=1)}
    if values.get("status") == "offered":
        given["answer_by"] = now + timedelta(minutes=30)
    db.session.rollback()
    begin_write()
    seat = db.session.get_one(Shift, to.id)
    made = SignUp(
        shift_id=to.id, member_id=who.id, starts_at=to.starts_at, ends_at=to.ends_at, **(given | values)
    )
    seat.taken += made.status == "confirmed"
    seat.held += made.status == "offered" and made.in_place_of_id is None
    seat.waiting += made.status == "waitlisted"
    db.session.add(made)
    db.session.commit()
    return made


def claim(of: Branch, who: Member, **values: Any) -> ServiceClaim:
    """A member's word that they served for two hours three days ago from 08:00, which waits for the branch."""
    begun = tomorrow(8) - timedelta(days=4)
    given = {
        "source": "claim",
        "unit_code": of.unit_code,
        "category": "patrol",
        "starts_at": begun,
        "ends_at": begun + timedelta(hours=2),
        "break_minutes": 0,
        "why": "Was asked on the spot",
        "needs_second": True,
        "status": "waiting",
        "made_by_id": who.id,
        "made_at": clock.now(),
        "decision": "",
    }
    return kept(ServiceClaim(member_id=who.id, branch_id=of.id, **(given | values)))


def newcomer(call: Call, to: Shift | None = None, name: str = "Newcomer", **values: Any) -> Newcomer:
    """Somebody on no roster who waits for the branch's yes."""
    given = {"phone": f"+86198{next(_numbers):08d}", "status": "pending", "asked_at": clock.now()}
    return kept(Newcomer(call_id=call.id, shift_id=to.id if to else None, name=name, **(given | values)))


def correction_request(who: Member, **values: Any) -> CorrectionRequest:
    """Their word that something is wrong, for their home branch to answer."""
    given = {"words": "That is not right.", "asked_at": clock.now(), "branch_id": who.home_branch_id}
    return kept(CorrectionRequest(member_id=who.id, **(given | values)))


def job(of: Member, **values: Any) -> Job:
    """A file that waits to be made unless `status` says otherwise."""
    given = {
        "kind": "made-up",
        "arguments": {},
        "file_name": "file.csv",
        "media_type": "text/csv",
        "language": "en",
    }
    return kept(Job(member_id=of.id, **({"status": "waiting", "asked_at": clock.now()} | given | values)))


def chain(call: Call, who: Member, text: str, day: date | None = None) -> Chain:
    """A pasted chain; lines without a day mean tomorrow unless `day` says otherwise."""
    now = clock.now()
    day = day or now.astimezone(LOCAL).date() + timedelta(days=1)
    return kept(Chain(call_id=call.id, text=text, day=day, pasted_by_id=who.id, pasted_at=now))


def tomorrow(hour: int, minute: int = 0) -> datetime:
    """Tomorrow at this local time, in UTC."""
    day = clock.now().astimezone(LOCAL).date() + timedelta(days=1)
    return moment(day, hour, minute)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL).astimezone(UTC)
