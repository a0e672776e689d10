"""A sealed ledger with its sources, what is said beside it; certificates, saved reports, jobs

Revision ID: 0004
Revises: 0003
"""

from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from flask import current_app

from mobilizer.migrations.changing import changed, guard_ledger, guard_ledger_heads, unguard_ledger
from mobilizer.model.sealing import SEALED, START, district_of, sealed
from mobilizer.model.tally_filling import fill
from mobilizer.model.types import Instant, unit_code_type

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 1000


def number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def zero(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def words(name: str, length: int, filled: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default=filled)


def moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant(), nullable=nullable)


def unit_code(name: str) -> sa.Column[Any]:
    return sa.Column(name, unit_code_type(), nullable=False)


def refers(table: str, column: str, to: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}"))


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def add_ledger_heads_and_claims() -> None:
    op.create_table(
        "ledger_head",
        words("district_code", 6),
        number("position"),
        words("hash", 64),
        check("ledger_head", "position", "position >= 0"),
        sa.PrimaryKeyConstraint("district_code", name=op.f("pk_ledger_head")),
    )
    table = "service_claim"
    op.create_table(
        table,
        number("id"),
        words("source", 10),
        number("member_id"),
        number("branch_id"),
        number("checkpoint_id", nullable=True),
        unit_code("unit_code"),
        words("category", 20),
        moment("starts_at"),
        moment("ends_at"),
        number("break_minutes"),
        words("why", 500),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        words("status", 10),
        number("made_by_id", nullable=True),
        number("made_appointment_id", nullable=True),
        moment("made_at"),
        number("decided_by_id", nullable=True),
        number("decided_appointment_id", nullable=True),
        moment("decided_at", nullable=True),
        words("decision", 500),
        check(table, "source", "source IN ('by-hand', 'claim')"),
        check(table, "status", "status IN ('waiting', 'accepted', 'declined', 'withdrawn')"),
        check(table, "decided", "(status = 'waiting') = (decided_at IS NULL)"),
        check(table, "order", "starts_at < ends_at"),
        check(table, "break_minutes", "break_minutes >= 0"),
        check(
            table,
            "second",
            "status <> 'accepted' OR NOT needs_second OR "
            "(decided_by_id IS NOT NULL AND decided_by_id <> made_by_id AND decided_by_id <> member_id)",
        ),
        refers(table, "member_id", "member"),
        refers(table, "branch_id", "branch"),
        refers(table, "checkpoint_id", "checkpoint"),
        refers(table, "unit_code", "unit", "code"),
        refers(table, "made_by_id", "member"),
        refers(table, "made_appointment_id", "appointment"),
        refers(table, "decided_by_id", "member"),
        refers(table, "decided_appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    index(table, "branch_id", "status")
    index(table, "member_id", "made_at")


def add_words_beside_the_ledger() -> None:
    table = "verification"
    op.create_table(
        table,
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        words("verdict", 10),
        words("note", 500),
        moment("verified_at"),
        number("verified_by_id", nullable=True),
        number("appointment_id", nullable=True),
        check(table, "verdict", "verdict IN ('verified', 'questioned')"),
        check(table, "note", "verdict <> 'questioned' OR note <> ''"),
        refers(table, "record_id", "service_record"),
        refers(table, "verified_by_id", "member"),
        refers(table, "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("record_id", name=op.f(f"pk_{table}")),
    )
    table = "feedback"
    op.create_table(
        table,
        sa.Column("sign_up_id", sa.Integer(), autoincrement=False, nullable=False),
        number("score"),
        words("note", 300),
        moment("said_at"),
        check(table, "score", "score BETWEEN 1 AND 3"),
        refers(table, "sign_up_id", "sign_up"),
        sa.PrimaryKeyConstraint("sign_up_id", name=op.f(f"pk_{table}")),
    )
    add_certificates()
    table = "correction_request"
    op.create_table(
        table,
        number("id"),
        number("member_id"),
        number("branch_id", nullable=True),
        number("record_id", nullable=True),
        number("certificate_id", nullable=True),
        words("words", 1000),
        moment("asked_at"),
        moment("answered_at", nullable=True),
        number("answered_by_id", nullable=True),
        number("appointment_id", nullable=True),
        words("answer", 500),
        check(table, "answered", "(answered_at IS NULL) = (answer = '')"),
        check(table, "about", "record_id IS NULL OR certificate_id IS NULL"),
        refers(table, "member_id", "member"),
        refers(table, "branch_id", "branch"),
        refers(table, "record_id", "service_record"),
        refers(table, "certificate_id", "certificate"),
        refers(table, "answered_by_id", "member"),
        refers(table, "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    index(table, "member_id")
    index(table, "branch_id")


def add_certificates() -> None:
    table = "certificate"
    op.create_table(
        table,
        number("id"),
        number("branch_id"),
        number("year"),
        number("serial"),
        words("number", 40),
        words("nonce", 43),
        words("token_hash", 64),
        number("member_id"),
        words("name", 50),
        words("volunteer_number", 40),
        words("scope", 10),
        words("language", 10),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("to_day", sa.Date(), nullable=False),
        number("person_times"),
        number("minutes"),
        number("through_record_id"),
        words("checksum", 64),
        words("person_in_charge", 50),
        words("handler", 50),
        words("contact", 80),
        moment("issued_at"),
        number("issued_by_id", nullable=True),
        number("appointment_id", nullable=True),
        moment("revoked_at", nullable=True),
        number("revoked_by_id", nullable=True),
        words("revoked_because", 500),
        check(table, "scope", "scope IN ('all', 'branch')"),
        check(table, "figures", "person_times >= 0 AND minutes >= 0"),
        check(table, "revoked", "(revoked_at IS NULL) = (revoked_because = '')"),
        check(table, "period", "from_day IS NULL OR from_day <= to_day"),
        refers(table, "branch_id", "branch"),
        refers(table, "member_id", "member"),
        refers(table, "through_record_id", "service_record"),
        refers(table, "issued_by_id", "member"),
        refers(table, "appointment_id", "appointment"),
        refers(table, "revoked_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        unique(table, "number"),
        unique(table, "token_hash"),
        unique(table, "branch_id", "year", "serial"),
    )
    index(table, "member_id")
    index(table, "branch_id", "issued_at")


def add_jobs_and_reports() -> None:
    table = "job"
    op.create_table(
        table,
        number("id"),
        words("kind", 40),
        sa.Column("arguments", sa.JSON(), nullable=False),
        number("member_id"),
        number("appointment_id", nullable=True),
        words("language", 10),
        words("status", 10),
        number("done"),
        number("total"),
        number("attempts"),
        moment("asked_at"),
        moment("claimed_at", nullable=True),
        moment("seen_at", nullable=True),
        moment("finished_at", nullable=True),
        moment("forgotten_at", nullable=True),
        words("file_name", 200),
        words("media_type", 100),
        words("stored_as", 64),
        sa.Column("size", sa.BigInteger(), nullable=False),
        words("words", 500),
        check(table, "status", "status IN ('waiting', 'running', 'done', 'failed', 'cancelled')"),
        check(table, "finished", "(status IN ('waiting', 'running')) = (finished_at IS NULL)"),
        check(table, "progress", "done >= 0 AND total >= 0"),
        refers(table, "member_id", "member"),
        refers(table, "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    index(table, "status", "id")
    index(table, "member_id", "id")
    table = "saved_report"
    op.create_table(
        table,
        number("id"),
        words("name", 80),
        words("question", 2000),
        unit_code("unit_code"),
        number("member_id"),
        moment("saved_at"),
        refers(table, "unit_code", "unit", "code"),
        refers(table, "member_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        unique(table, "member_id", "name"),
    )
    index(table, "unit_code")
    index(table, "member_id")


def change_shifts_and_attendance() -> None:
    with changed("shift", [number("people_served", nullable=True)]) as batch_op:
        batch_op.create_check_constraint(op.f("ck_shift_people_served"), "people_served BETWEEN 0 AND 100000")
    index("shift", "day", "unit_code")
    open_ones = sa.text("status = 'open'")
    op.create_index(
        op.f("ix_shift_open"),
        "shift",
        ["unit_code", "day"],
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
    out_clock = "ck_attendance_out_clock"
    with changed("attendance", [zero("break_minutes")], without=(out_clock,)) as batch_op:
        batch_op.create_check_constraint(op.f("ck_attendance_break_minutes"), "break_minutes >= 0")
        batch_op.create_check_constraint(
            op.f(out_clock), "out_clock IN ('server', 'device', 'typed', 'proposed')"
        )
    with changed("import_file", [], without=("ck_import_file_noun",)) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_import_file_noun"), "noun IN ('units', 'roster', 'shifts', 'records')"
        )


def change_ledger() -> None:
    """The entries so far all rest on closed shifts; each is sealed where it stands, in the order of its id."""
    unguard_ledger()
    table = "service_record"
    new = [
        words("source", 10, "shift"),
        number("claim_id", nullable=True),
        sa.Column("reference", sa.String(length=120), nullable=True),
        words("standing", 20, ""),
        zero("hour"),
        zero("break_minutes"),
        words("district_code", 6, ""),
        zero("position"),
        words("hash", 64, ""),
    ]
    for column in new:
        op.add_column(table, column)
    seal()
    with changed(table, [], filled=new) as batch_op:
        batch_op.create_foreign_key(
            op.f("fk_service_record_claim_id_service_claim"), "service_claim", ["claim_id"], ["id"]
        )
        batch_op.create_unique_constraint(
            op.f("uq_service_record_claim_id_kind_turn"), ["claim_id", "kind", "turn"]
        )
        batch_op.create_unique_constraint(
            op.f("uq_service_record_reference_kind_turn"), ["reference", "kind", "turn"]
        )
        batch_op.create_unique_constraint(
            op.f("uq_service_record_district_code_position"), ["district_code", "position"]
        )
        for name, condition in (
            (
                "source",
                (
                    "CASE source WHEN 'shift' THEN sign_up_id IS NOT NULL WHEN 'sheet' THEN reference IS NOT NULL "
                    "WHEN 'by-hand' THEN claim_id IS NOT NULL WHEN 'claim' THEN claim_id IS NOT NULL ELSE FALSE END"
                ),
            ),
            ("hour", "hour BETWEEN 0 AND 23"),
            ("break_minutes", "break_minutes >= 0"),
            ("position", "position >= 1"),
        ):
            batch_op.create_check_constraint(op.f(f"ck_service_record_{name}"), condition)
    op.drop_index(op.f("ix_service_record_day"), table)
    index(table, "day", "unit_code")
    guard_ledger()
    guard_ledger_heads()


def seal() -> None:
    """Standing, local hour, place in the chain and hash of what was there before."""
    bind = op.get_bind()
    types: dict[str, Any] = {
        "starts_at": Instant(),
        "ends_at": Instant(),
        "recorded_at": Instant(),
        "day": sa.Date(),
    }
    record = sa.table(
        "service_record", sa.column("id"), *(sa.column(n, types.get(n)) for n in SEALED), sa.column("hash")
    )
    member = sa.table("member", sa.column("id"), sa.column("standing"))
    head = sa.table("ledger_head", sa.column("district_code"), sa.column("position"), sa.column("hash"))
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    standings = {row.id: row.standing for row in bind.execute(sa.select(member))}
    heads: dict[str, tuple[int, str]] = {}
    last = 0
    while rows := bind.execute(
        sa.select(record).where(record.c.id > last).order_by(record.c.id).limit(BATCH)
    ).fetchall():
        for row in rows:
            district = district_of(row.unit_code)
            position, previous = heads.get(district, (0, START))
            values = row._asdict() | {
                "standing": standings[row.member_id],
                "hour": row.starts_at.astimezone(zone).hour,
                "district_code": district,
                "position": position + 1,
            }
            values["hash"] = sealed(previous, values)
            heads[district] = (position + 1, values["hash"])
            named = ("standing", "hour", "district_code", "position", "hash")
            bind.execute(
                sa.update(record).where(record.c.id == row.id).values({name: values[name] for name in named})
            )
        last = rows[-1].id
    if heads:
        bind.execute(
            sa.insert(head),
            [{"district_code": code, "position": at, "hash": said} for code, (at, said) in heads.items()],
        )


def add_tallies() -> None:
    """What stands in the ledger already is counted into them."""
    people, sums = ("signed_up", "on_post"), ("person_times", "minutes")
    table = "tally"
    op.create_table(
        table,
        number("id"),
        unit_code("unit_code"),
        sa.Column("whole", sa.Boolean(), nullable=False),
        unit_code("listed_under"),
        number("operation_id"),
        words("category", 20),
        number("checkpoint_id"),
        number("branch_id"),
        *map(number, (*people, *sums)),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "unit_code",
            "whole",
            "operation_id",
            "category",
            "checkpoint_id",
            "branch_id",
            name=op.f("uq_tally_part"),
        ),
    )
    op.create_index(
        op.f("ix_tally_listed"),
        table,
        ["listed_under", "operation_id", "category", "checkpoint_id", "branch_id"],
    )
    table = "tally_day"
    op.create_table(
        table,
        number("tally_id"),
        sa.Column("day", sa.Date(), nullable=False),
        *map(number, (*people, *sums)),
        refers(table, "tally_id", "tally"),
        sa.PrimaryKeyConstraint("tally_id", "day", name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    table = "tally_person"
    op.create_table(
        table,
        number("tally_id"),
        number("member_id"),
        *map(number, ("sign_ups", *sums)),
        refers(table, "tally_id", "tally"),
        refers(table, "member_id", "member"),
        sa.PrimaryKeyConstraint("tally_id", "member_id", name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    fill(op.get_bind())


def upgrade() -> None:
    add_ledger_heads_and_claims()
    change_shifts_and_attendance()
    change_ledger()
    add_words_beside_the_ledger()
    add_jobs_and_reports()
    add_tallies()


def downgrade() -> None:
    raise RuntimeError("what this version added would be lost; restore a backup instead")
