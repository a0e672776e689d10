"""The least Flask endpoint that does one sign-up's transaction in raw SQL: what bench/sign_up.py is measured against.

It knows nobody and checks nothing that the database does not: it looks for an answer under the request's key,
counts the seat by the guarded update, inserts the sign-up, the journal entry and the answer, and commits. On the
same tables with the same constraints and triggers.
"""

import json
import os
import sqlite3
import threading
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask, redirect, request

URL = os.environ.get("MOBILIZER_DATABASE_URL", "")
SEEN = "SELECT answer FROM answered_request WHERE key = ?"
SEAT = "UPDATE shift SET taken = taken + 1 WHERE id = ? AND status = 'open' AND taken < capacity RETURNING starts_at, ends_at"
SIGN_UP = (
    "INSERT INTO sign_up (shift_id, member_id, starts_at, ends_at, status, source, signed_up_at, waived, unverified, cannot_come_why) "
    "VALUES (?, ?, ?, ?, 'confirmed', 'self', ?, false, false, '')"
)
JOURNAL = (
    "INSERT INTO journal_entry (at, kind, subject, actor_id, unit_code, details) "
    "VALUES (?, 'sign-up.confirmed', ?, ?, '320507001002', ?)"
)
ANSWER = "INSERT INTO answered_request (key, answer, answered_at) VALUES (?, ?, ?)"

own = threading.local()


def connection() -> Any:
    """This thread's connection, set up as the application's are."""
    if not hasattr(own, "connection"):
        if URL:
            own.connection = psycopg.connect(URL, autocommit=True)
        else:
            path = os.environ["MOBILIZER_INSTANCE_PATH"] + "/mobilizer.sqlite"
            own.connection = sqlite3.connect(path, isolation_level=None, timeout=5)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                own.connection.execute(f"PRAGMA {pragma}")
    return own.connection


def create() -> Flask:
    app = Flask(__name__)

    @app.post("/shifts/<int:shift_id>/sign-up/<int:member_id>")
    def sign_up(shift_id: int, member_id: int) -> Any:
        now = datetime.now(UTC) if URL else datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        execute = connection().execute
        to = (lambda sql: sql.replace("?", "%s")) if URL else (lambda sql: sql)
        key = request.form["operation_key"]
        execute("BEGIN" if URL else "BEGIN IMMEDIATE")
        try:
            if execute(to(SEEN), (key,)).fetchone() is None:
                seat = execute(to(SEAT), (shift_id,)).fetchone()
                if seat is None:
                    execute("ROLLBACK")
                    return "full", 409
                execute(to(SIGN_UP), (shift_id, member_id, seat[0], seat[1], now))
                execute(to(JOURNAL), (now, str(shift_id), member_id, json.dumps({"member": member_id})))
                execute(to(ANSWER), (key, json.dumps({"location": f"/shifts/{shift_id}"}), now))
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise
        return redirect(f"/shifts/{shift_id}", 303)

    return app
