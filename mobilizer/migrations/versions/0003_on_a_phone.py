"""Activation, devices, passes, passkeys; ways of checking in; quick join; private calendars

Revision ID: 0003
Revises: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from mobilizer.migrations.changing import changed, guard_overlaps
from mobilizer.model.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAYS = "('roster', 'poster', 'screen-code', 'own-code', 'self')"
CLOCKS = "('server', 'device', 'typed')"


def number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def words(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant(), nullable=nullable)


def yes_or_no(name: str, filled: bool) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true() if filled else sa.false())


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def add_tables() -> None:
    op.drop_table("log_in_failure")
    op.create_table(
        "failed_attempt",
        number("id"),
        words("purpose", 20),
        words("account", 64),
        words("address", 64),
        moment("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_attempt")),
    )
    for columns in (["at"], ["purpose", "account", "at"], ["purpose", "address", "at"]):
        op.create_index(op.f(f"ix_failed_attempt_{'_'.join(columns)}"), "failed_attempt", columns)
    open_one = sa.text("used_at IS NULL AND revoked_at IS NULL")
    op.create_table(
        "activation",
        number("id"),
        number("member_id"),
        words("nonce", 43),
        words("token_hash", 64),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        moment("made_at"),
        moment("expires_at"),
        moment("used_at", nullable=True),
        moment("revoked_at", nullable=True),
        sa.CheckConstraint("made_at < expires_at", name=op.f("ck_activation_order")),
        sa.CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name=op.f("ck_activation_ended_once")),
        refers("activation", "member_id", "member"),
        refers("activation", "made_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_activation_token_hash")),
    )
    op.create_index(op.f("ix_activation_member_id"), "activation", ["member_id"])
    op.create_index(
        "uq_activation_open",
        "activation",
        ["member_id"],
        unique=True,
        sqlite_where=open_one,
        postgresql_where=open_one,
    )
    op.create_table(
        "passkey",
        number("id"),
        number("member_id"),
        words("credential_id", 1400),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        number("sign_count"),
        words("name", 80),
        moment("added_at"),
        moment("used_at", nullable=True),
        refers("passkey", "member_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_member_id"), "passkey", ["member_id"])
    op.create_table(
        "challenge",
        words("token_hash", 64),
        words("purpose", 20),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        moment("expires_at"),
        refers("challenge", "member_id", "member"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_challenge")),
    )
    op.create_index(op.f("ix_challenge_expires_at"), "challenge", ["expires_at"])
    op.create_table(
        "identity",
        number("id"),
        number("member_id"),
        words("issuer", 200),
        words("subject", 255),
        moment("added_at"),
        refers("identity", "member_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_identity_member_id"), "identity", ["member_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        words("nonce", 43),
        words("token_hash", 64),
        moment("made_at"),
        refers("calendar_feed", "member_id", "member"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    add_newcomers()


def add_newcomers() -> None:
    pending = sa.text("status = 'pending'")
    op.create_table(
        "newcomer",
        number("id"),
        number("call_id"),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        words("name", 50),
        words("phone", 20),
        words("status", 10),
        moment("asked_at"),
        moment("decided_at", nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('pending', 'accepted', 'declined')", name=op.f("ck_newcomer_status")),
        sa.CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_newcomer_decided")),
        sa.CheckConstraint(
            "status <> 'accepted' OR member_id IS NOT NULL", name=op.f("ck_newcomer_accepted")
        ),
        refers("newcomer", "call_id", "call"),
        refers("newcomer", "shift_id", "shift"),
        refers("newcomer", "member_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newcomer")),
    )
    op.create_index(op.f("ix_newcomer_call_id"), "newcomer", ["call_id"])
    op.create_index(
        "uq_newcomer_pending",
        "newcomer",
        ["call_id", "phone", "name"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )


def change_log_ins() -> None:
    op.add_column("log_in", moment("seen_at", nullable=True))
    op.execute("UPDATE log_in SET seen_at = started_at")
    new = [
        sa.Column("device", sa.String(length=80), nullable=False, server_default=""),
        yes_or_no("kept", True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        moment("verified_at", nullable=True),
        moment("strong_at", nullable=True),
    ]
    with changed("log_in", new) as batch_op:
        batch_op.alter_column("seen_at", existing_type=Instant(), nullable=False)
        batch_op.create_foreign_key(op.f("fk_log_in_call_id_call"), "call", ["call_id"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_log_in_verified"), "call_id IS NOT NULL OR verified_at IS NULL"
        )
    op.create_index(op.f("ix_log_in_call_id"), "log_in", ["call_id"])


def change_branches_and_calls() -> None:
    ways = [yes_or_no(name, True) for name in ("poster_enough", "screen_code_enough", "own_code_enough")]
    with changed("branch", [*ways, sa.Column("poster_radius_m", sa.Integer(), nullable=True)]) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_branch_poster_radius_m"), "poster_radius_m BETWEEN 50 AND 50000"
        )
    with changed("checkpoint", [sa.Column("poster_code", sa.String(length=12), nullable=True)]) as batch_op:
        batch_op.create_unique_constraint(op.f("uq_checkpoint_poster_code"), ["poster_code"])
    with changed("call", [yes_or_no("quick_join", False)]):
        pass


def change_sign_ups() -> None:
    with changed("sign_up", [yes_or_no("unverified", False)]):
        pass
    if op.get_bind().dialect.name == "sqlite":
        guard_overlaps()


def change_attendance() -> None:
    new: list[sa.Column[Any]] = []
    for side in ("in", "out"):
        new += [
            sa.Column(f"{side}_way", sa.String(length=12), nullable=True),
            sa.Column(f"{side}_clock", sa.String(length=8), nullable=True),
            moment(f"{side}_device_at", nullable=True),
            moment(f"{side}_received_at", nullable=True),
        ]
    new += [
        sa.Column("near", sa.Boolean(), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=True),
    ]
    with changed("attendance", new) as batch_op:
        for side in ("in", "out"):
            batch_op.create_check_constraint(op.f(f"ck_attendance_{side}_way"), f"{side}_way IN {WAYS}")
            batch_op.create_check_constraint(op.f(f"ck_attendance_{side}_clock"), f"{side}_clock IN {CLOCKS}")
        batch_op.create_check_constraint(op.f("ck_attendance_distance_m"), "distance_m >= 0")
        batch_op.create_check_constraint(op.f("ck_attendance_near"), "(near IS NULL) = (distance_m IS NULL)")
    # Until now there was the roster alone.
    op.execute("UPDATE attendance SET in_way = 'roster' WHERE checked_in_at IS NOT NULL")
    op.execute("UPDATE attendance SET out_way = 'roster' WHERE checked_out_at IS NOT NULL")


def upgrade() -> None:
    add_tables()
    change_log_ins()
    change_branches_and_calls()
    change_sign_ups()
    change_attendance()


def downgrade() -> None:
    raise RuntimeError("what this version added would be lost; restore a backup instead")
