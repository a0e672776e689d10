"""The data that the programs here run on: one branch, one call, its shifts, and members with a log-in each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import psycopg
from driving import request
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_migrate import upgrade
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert

from mobilizer import clock, create_app
from mobilizer.accounts import actions as accounts
from mobilizer.extensions import begin_write, db
from mobilizer.model import Branch, Call, Checkpoint, Member, Operation, Shift, Unit

VILLAGE = "320507001002"
CSRF = "0" * 40


@dataclass
class Site:
    """`cookies` are the members', by position; a form's token is the same for all of them."""

    app: Flask
    environ: dict[str, str]
    shift_ids: list[int]
    member_ids: list[int]
    cookies: list[str]
    token: str

    def sign_up(self, member: int, shift: int) -> bytes:
        """The request by which this member takes this shift, by position."""
        body = f"csrf_token={self.token}&operation_key=k{member}x{shift}"
        return request("POST", f"/shifts/{self.shift_ids[shift]}/sign-up", self.cookies[member], body)


@contextmanager
def camp(members: int, shifts: int, *, hours: int = 1, server: str = "") -> Iterator[Site]:
    """A new database (SQLite, or on the PostgreSQL server given) with so many members and shifts, one after the other."""
    with TemporaryDirectory() as folder:
        environ = {"MOBILIZER_INSTANCE_PATH": folder, "MOBILIZER_HTMX": "local"}
        if server:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute("DROP DATABASE IF EXISTS mobilizer_bench WITH (FORCE)")
                connection.execute("CREATE DATABASE mobilizer_bench")
            environ["MOBILIZER_DATABASE_URL"] = server.rsplit("/", 1)[0] + "/mobilizer_bench"
        app = create_app(environ)
        with app.app_context():
            upgrade()
            yield _filled(app, environ, members, shifts, hours)
            db.session.remove()
            db.engine.dispose()
        for leftover in Path(folder).glob("*.sqlite*"):
            leftover.unlink()


def _filled(app: Flask, environ: dict[str, str], members: int, shifts: int, hours: int) -> Site:
    now = clock.now()
    begin_write()
    execute = db.session.execute
    for code, level, parent in (
        ("320507", "district", None),
        ("320507001", "town", "320507"),
        (VILLAGE, "village", "320507001"),
    ):
        execute(insert(Unit).values(code=code, name=f"单位{code}", level=level, parent_code=parent))
    operation = execute(
        insert(Operation)
        .values(name="防汛", kind="flood", unit_code="320507", started_at=now)
        .returning(Operation.id)
    ).scalar_one()
    # Shifts of an hour, one after the other, are taken by whoever comes: no rest is asked for, and any number of hours.
    standing = {
        "unit_code": VILLAGE, "joint": False, "mission": "", "decision_note": "", "status": "active",
        "rest_hours": 0, "day_hours": 24,
    }  # fmt: skip
    home, action = (
        execute(
            insert(Branch)
            .values(kind=kind, name=name, operation_id=which, added_at=now, activated_at=now, **standing)
            .returning(Branch.id)
        ).scalar_one()
        for kind, name, which in (("standing", "第一党支部", None), ("action", "行动支部", operation))
    )
    people = [
        {
            "name": f"党员{n}", "sort_name": f"dangyuan{n:05d}", "search": f"党员{n}", "phone": f"+86198{n:08d}",
            "home_branch_id": home, "standing": "full", "added_at": now,
        }
        for n in range(members)
    ]  # fmt: skip
    member_ids = list(
        db.session.scalars(insert(Member).returning(Member.id, sort_by_parameter_order=True), people)
    )
    call = execute(
        insert(Call)
        .values(
            code="bench", branch_id=action, unit_code=VILLAGE, title="卡口值守志愿者招募", content="值守", risks="夜间气温低",
            category="checkpoint-duty", dangerous=False, insured=False, audience_unit_code=VILLAGE,
            opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=900), status="published", added_at=now,
            published_at=now,
        )
        .returning(Call.id)
    ).scalar_one()  # fmt: skip
    gates = [
        execute(insert(Checkpoint).values(unit_code=VILLAGE, name=f"{gate}门卡口", address="", contact="").returning(Checkpoint.id)).scalar_one()
        for gate in "东南西北中"
    ]  # fmt: skip
    first = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    zone = ZoneInfo(app.config["TIMEZONE"])
    rows = []
    for n in range(shifts):
        start = first + timedelta(hours=hours * (n // len(gates) if hours > 1 else n))
        rows.append(
            {
                "call_id": call, "checkpoint_id": gates[n % len(gates)], "unit_code": VILLAGE,
                "day": start.astimezone(zone).date(), "starts_at": start, "ends_at": start + timedelta(hours=hours),
                "capacity": 500, "taken": 0, "status": "open",
            }
        )  # fmt: skip
    shift_ids = list(
        db.session.scalars(insert(Shift).returning(Shift.id, sort_by_parameter_order=True), rows)
    )
    tokens = [accounts.start_log_in(member_id, lasts=timedelta(days=30), now=now) for member_id in member_ids]
    db.session.commit()
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    if serializer is None:
        raise RuntimeError("no secret key")
    cookies = [
        f"mobilizer={serializer.dumps({'_user_id': token, '_fresh': True, 'csrf_token': CSRF})}"
        for token in tokens
    ]
    form_token = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(CSRF)
    return Site(app, environ, shift_ids, member_ids, cookies, str(form_token))
