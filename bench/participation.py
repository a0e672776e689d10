"""The participation page at 13,000, 130,000 and 1,300,000 entries of the ledger, as ratios of time to the first.

A day has the same service however long it has been going on: 143 villages take turns, their 26,000 members serve at home, ten of
a village in each campaign; a campaign lasts 28 days and stands up branches of its own. So the ledger grows in days, up to
eight years. Entries go in by the thousand past
the ledger's own door, and are counted by what the migration counts with. Each page is asked for within the application,
without a server, as a coordinator of the district, and the time is the processor's (SQLite's is in it); every round asks for all of
them on all three.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert

from mobilizer import clock, create_app
from mobilizer.accounts import actions as accounts
from mobilizer.extensions import begin_write, db, table_of
from mobilizer.model import Branch, Call, Checkpoint, Member, Operation, ServiceRecord, Shift, SignUp, Unit
from mobilizer.model.tally_filling import fill
from mobilizer.policy import COMMAND_LINE
from mobilizer.terms import Role

SIZES = [int(each) for each in os.environ.get("BENCH_LEDGERS", "13000,130000,1300000").split(",")]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
ZONE = ZoneInfo("Asia/Shanghai")
MEMBERS, VILLAGES, A_DAY, CAMPAIGN = 26_000, 143, 464, 28
EACH_SHIFT, OF_A_VILLAGE = 4, MEMBERS // VILLAGES
CATEGORIES = ("checkpoint-duty", "screening", "care", "delivery")


@dataclass
class Ledger:
    """A database with so many entries, and a coordinator's browser on it."""

    size: int
    client: FlaskClient
    pages: dict[str, str]


@contextmanager
def ledger(size: int) -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"MOBILIZER_INSTANCE_PATH": folder, "MOBILIZER_SQLITE_SYNCHRONOUS": "NORMAL"})
        with app.app_context():
            upgrade()
            begin_write()
            last = _fill(size)
            fill(db.session.connection())
            db.session.commit()
            client = _coordinator(app)
        yield Ledger(size, client, pages(last))
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        for leftover in Path(folder).glob("*.sqlite*"):
            leftover.unlink()


def pages(last: "Last") -> dict[str, str]:
    week, month = (last.day - timedelta(days=days - 1) for days in (7, 28))
    period = f"from={last.day}&to={last.day}"
    return {
        "all days, by unit": "",
        "all days, by day": "by=day",
        "all days, by branch": "by=branch",
        "all days, by category": "by=category",
        "all days, by person": "by=member",
        "one town, by unit": "unit=320507002",
        "one branch, by day": f"branch={last.branch_id}&by=day",
        "one operation, by unit": f"operation={last.operation_id}",
        "yesterday, by unit": period,
        "the last 7 days, by day": f"from={week}&to={last.day}&by=day",
        "the last 28 days, by unit": f"from={month}&to={last.day}",
    }


@dataclass
class Last:
    day: date
    branch_id: int
    operation_id: int


def _fill(size: int) -> Last:
    """Service at villages in turn, `A_DAY` entries a day until there are `size`; a week of shifts is still to come."""
    villages = _villages()
    home = _branch("standing", "第一党支部", villages[0], None)
    _members(home)
    first, days = date(2018, 1, 1), size // A_DAY
    last = first + timedelta(days=days - 1)
    gates = {
        code: db.session.execute(
            insert(table_of(Checkpoint)).values(unit_code=code, name="东门", address="", contact="")
        ).inserted_primary_key[0]
        for code in villages
    }
    branches: dict[str, int] = {}
    calls: dict[str, int] = {}
    operation = numbers = 0
    for at in range(days + 7):
        if at % CAMPAIGN == 0 and at < days:
            operation = _operation(f"行动{at // CAMPAIGN}", first + timedelta(days=at))
            for code in villages:
                branches[code] = _branch("action", f"行动支部{at}", code, operation)
                calls[code] = _call(branches[code], code)
        numbers = _day(
            first + timedelta(days=at), at, villages, gates, branches, calls, operation, numbers, at < days
        )
    return Last(last, branches[villages[0]], operation)


def _villages() -> list[str]:
    add, units = insert(table_of(Unit)), [("320507", "district", None)]
    for n in range(VILLAGES):
        town = f"3205070{n // 11 + 2:02}"
        if n % 11 == 0:
            units.append((town, "town", "320507"))
        units.append((f"{town}{n % 11 + 1:03}", "village", town))
    db.session.execute(
        add,
        [
            {"code": code, "name": f"单位{code}", "level": level, "parent_code": above}
            for code, level, above in units
        ],
    )
    return [code for code, level, _above in units if level == "village"]


def _members(home: int) -> None:
    rows = [
        {
            "id": n, "name": f"党员{n}", "sort_name": f"dangyuan{n:05d}", "search": "", "phone": f"+86198{n:08d}",
            "home_branch_id": home, "standing": "full", "added_at": clock.now(),
        }
        for n in range(1, MEMBERS + 1)
    ]  # fmt: skip
    db.session.execute(insert(Member), rows)


def _operation(name: str, day: date) -> int:
    values = {"name": name, "kind": "epidemic", "unit_code": "320507", "started_at": at(day, 0)}
    return int(db.session.execute(insert(table_of(Operation)).values(values)).inserted_primary_key[0])


def _branch(kind: str, name: str, code: str, operation: int | None) -> int:
    values = {
        "kind": kind, "name": name, "unit_code": code, "operation_id": operation, "status": "active", "joint": False,
        "mission": "", "decision_note": "", "added_at": clock.now(), "activated_at": clock.now(),
    }  # fmt: skip
    return int(db.session.execute(insert(table_of(Branch)).values(values)).inserted_primary_key[0])


def _call(branch: int, code: str) -> int:
    values = {
        "code": f"bench{branch}", "branch_id": branch, "unit_code": code, "title": "招募", "content": "值守", "risks": "冷",
        "category": CATEGORIES[branch % len(CATEGORIES)], "dangerous": False, "insured": False,
        "audience_unit_code": code, "opens_at": clock.now(), "closes_at": clock.now() + timedelta(days=1),
        "status": "published", "added_at": clock.now(), "published_at": clock.now(),
    }  # fmt: skip
    return int(db.session.execute(insert(table_of(Call)).values(values)).inserted_primary_key[0])


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def _day(
    day: date,
    number: int,
    villages: list[str],
    gates: dict[str, int],
    branches: dict[str, int],
    calls: dict[str, int],
    operation: int,
    before: int,
    over: bool,
) -> int:
    """The shifts of a day with their sign-ups, and the entries of those that are over; answers how many entries there are."""
    shifts, sign_ups, entries = [], [], []
    base = number * (A_DAY // EACH_SHIFT)
    for n in range(A_DAY // EACH_SHIFT):
        village, hour = (number * 7 + n) % VILLAGES, 8 + n % 2 * 6
        code = villages[village]
        begins, ends = at(day, hour), at(day, hour + 6)
        shift = base + n + 1
        times = {"starts_at": begins, "ends_at": ends}
        shifts.append(
            {
                "id": shift, "call_id": calls[code], "checkpoint_id": gates[code], "unit_code": code, "day": day,
                "capacity": 9, "taken": EACH_SHIFT, "status": "closed" if over else "open",
                "closed_at": ends if over else None, **times,
            }
        )  # fmt: skip
        for k in range(EACH_SHIFT):
            who = (
                village * OF_A_VILLAGE
                + (number // CAMPAIGN * 10 + (number * EACH_SHIFT + k) % 10) % OF_A_VILLAGE
                + 1
            )
            sign_up = (base + n) * EACH_SHIFT + k + 1
            sign_ups.append(
                {
                    "id": sign_up, "shift_id": shift, "member_id": who, "status": "confirmed", "source": "self",
                    "signed_up_at": begins, **times,
                }
            )  # fmt: skip
            if over:
                entries.append(
                    {
                        "kind": "entry", "source": "shift", "sign_up_id": sign_up, "turn": 0, "shift_id": shift,
                        "member_id": who, "standing": "full", "home_branch_id": 1, "branch_id": branches[code],
                        "operation_id": operation, "checkpoint_id": gates[code], "unit_code": code,
                        "category": CATEGORIES[branches[code] % len(CATEGORIES)], "day": day, "hour": hour,
                        "break_minutes": 0, "minutes": 360, "person_times": 1, "reason": "", "recorded_at": ends,
                        "district_code": "320507", "position": before + len(entries) + 1, "hash": "0" * 64, **times,
                    }
                )  # fmt: skip
    db.session.execute(insert(table_of(Shift)), shifts)
    db.session.execute(insert(table_of(SignUp)), sign_ups)
    if entries:
        db.session.execute(insert(table_of(ServiceRecord)), entries)
    return before + len(entries)


def _coordinator(app: Flask) -> FlaskClient:
    begin_write()
    now = clock.now()
    accounts.appoint(1, Role.COORDINATOR, unit_code="320507", branch_id=None, by=COMMAND_LINE, now=now)
    token = accounts.start_log_in(1, lasts=timedelta(days=1), now=now)
    db.session.commit()
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    if serializer is None:
        raise RuntimeError("no secret key")
    client = app.test_client()
    client.set_cookie("mobilizer", str(serializer.dumps({"_user_id": token, "_fresh": True})))
    return client


def seconds(of: Ledger, page: str) -> float:
    begun = time.process_time()
    answer = of.client.get(f"/participation?{page}")
    taken = time.process_time() - begun
    if answer.status_code != 200:
        raise RuntimeError(f"{page}: {answer.status}")
    return taken


def rounds(ledgers: list[Ledger]) -> Iterator[dict[tuple[str, int], float]]:
    for _ in range(ROUNDS):
        yield {
            (name, each.size): seconds(each, page) for each in ledgers for name, page in each.pages.items()
        }


def spread(values: list[float], form: str = "{:.2f}") -> str:
    return f"{form} ({form} to {form})".format(statistics.median(values), min(values), max(values))


def main() -> None:
    with ExitStack() as stack:
        ledgers = []
        for size in SIZES:
            begun = time.perf_counter()
            ledgers.append(stack.enter_context(ledger(size)))
            print(f"{size} entries made in {time.perf_counter() - begun:.0f} s", flush=True)
        next(rounds(ledgers))  # what is made once is made
        measured = list(rounds(ledgers))
    print(f"{len(measured)} rounds; median (least to most); the time to that at {SIZES[0]} entries")
    for name in ledgers[0].pages:
        first = [1000 * each[name, SIZES[0]] for each in measured]
        print(f"{name:26} {spread(first, '{:.0f}')} ms", end="")
        for size in SIZES[1:]:
            print(
                f"   {size}: {spread([each[name, size] / each[name, SIZES[0]] for each in measured])}", end=""
            )
        print(flush=True)


if __name__ == "__main__":
    main()
