"""Posts, offers, the waiting list, limits, notices

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from mobilizer.migrations.changing import changed, guard_overlaps
from mobilizer.model.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BRANCH_NUMBERS = {
    "rest_hours": ("8", "BETWEEN 0 AND 48"),
    "day_hours": ("12", "BETWEEN 1 AND 24"),
    "week_hours": (None, "BETWEEN 1 AND 168"),
    "nights_in_row": (None, "BETWEEN 1 AND 31"),
    "answer_minutes": ("30", "BETWEEN 1 AND 1440"),
    "late_answer_minutes": ("10", "BETWEEN 1 AND 1440"),
    "offer_minutes": ("120", "BETWEEN 1 AND 10080"),
    "cut_off_minutes": ("120", "BETWEEN 0 AND 10080"),
}
"""Column: what existing rows get (None: nothing), and between what it lies."""


def unit_code(name: str) -> sa.Column[Any]:
    kind = sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)


def add_tables() -> None:
    op.create_table(
        "lay_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("shifts", sa.Integer(), nullable=False),
        sa.Column("laid_out_at", Instant(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.CheckConstraint("undone_at IS NULL OR undone_at >= laid_out_at", name=op.f("ck_lay_out_order")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_lay_out_call_id_call")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_lay_out_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lay_out")),
    )
    op.create_index(op.f("ix_lay_out_call_id"), "lay_out", ["call_id"])
    op.create_table(
        "playbook",
        sa.Column("id", sa.Integer(), nullable=False),
        unit_code("unit_code"),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.CheckConstraint("retired_at IS NULL OR retired_at >= added_at", name=op.f("ck_playbook_order")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_playbook_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook")),
    )
    op.create_index(op.f("ix_playbook_unit_code"), "playbook", ["unit_code"])
    op.create_index(
        "uq_playbook_current_name",
        "playbook",
        ["unit_code", "name"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_notice_member_id_member")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_notice_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_of", "notice", ["member_id", "seen_at", "id"])
    op.create_index(op.f("ix_notice_shift_id"), "notice", ["shift_id"])
    op.create_table(
        "chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pasted_by_id", sa.Integer(), nullable=False),
        sa.Column("pasted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_chain_call_id_call")),
        sa.ForeignKeyConstraint(["pasted_by_id"], ["member.id"], name=op.f("fk_chain_pasted_by_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain")),
    )
    op.create_index(op.f("ix_chain_call_id"), "chain", ["call_id"])
    op.create_index(op.f("ix_chain_pasted_at"), "chain", ["pasted_at"])
    op.create_table(
        "chain_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('signed-up', 'waiting', 'given-back', 'refused')", name=op.f("ck_chain_line_outcome")
        ),
        sa.CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name=op.f("ck_chain_line_reason")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_chain_line_call_id_call")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_chain_line_member_id_member")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_chain_line_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_line")),
        sa.UniqueConstraint(
            "call_id", "day", "fingerprint", "part", name=op.f("uq_chain_line_call_id_day_fingerprint_part")
        ),
    )


def change_branches_calls_and_skills() -> None:
    numbers = [
        sa.Column(name, sa.Integer(), nullable=fill is None, server_default=fill)
        for name, (fill, _) in BRANCH_NUMBERS.items()
    ]
    with changed("branch", numbers) as batch_op:
        for name, (_, bounds) in BRANCH_NUMBERS.items():
            batch_op.create_check_constraint(op.f(f"ck_branch_{name}"), f"{name} {bounds}")
    with changed("call", [sa.Column("kit", sa.Text(), nullable=False, server_default="")]):
        pass
    op.add_column("member_skill", sa.Column("confirmed_at", Instant(), nullable=True))
    # Until now every skill came from a roster that somebody answers for.
    op.execute(
        "UPDATE member_skill SET confirmed_at = (SELECT added_at FROM member WHERE member.id = member_skill.member_id)"
    )


def change_shifts() -> None:
    def number(name: str, fill: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Integer(), nullable=False, server_default=fill)

    new = [
        number("held", "0"),
        number("waiting", "0"),
        number("least", "1"),
        number("held_back", "0"),
        sa.Column("held_back_until", Instant(), nullable=True),
        sa.Column("shrink_to", sa.Integer(), nullable=True),
        sa.Column("post", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("lay_out_id", sa.Integer(), nullable=True),
    ]
    checks = {
        "taken": "taken >= 0 AND held >= 0 AND taken + held <= capacity",
        "waiting": "waiting >= 0",
        "least": "least BETWEEN 0 AND capacity",
        "held_back": "held_back BETWEEN 0 AND capacity",
        "held_back_until": "(held_back = 0) = (held_back_until IS NULL)",
        "shrink_to": "shrink_to >= 1 AND shrink_to < capacity",
    }
    with changed("shift", new, without=("ck_shift_taken",)) as batch_op:
        batch_op.drop_constraint(op.f("uq_shift_call_id_checkpoint_id_starts_at_ends_at"), type_="unique")
        for name, holds in checks.items():
            batch_op.create_check_constraint(op.f(f"ck_shift_{name}"), holds)
        batch_op.create_foreign_key(op.f("fk_shift_lay_out_id_lay_out"), "lay_out", ["lay_out_id"], ["id"])
    op.create_index(op.f("ix_shift_lay_out_id"), "shift", ["lay_out_id"])
    op.create_index(
        "uq_shift_current",
        "shift",
        ["call_id", "checkpoint_id", "starts_at", "ends_at", "post"],
        unique=True,
        sqlite_where=sa.text("status <> 'cancelled'"),
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    waiting = sa.text("waiting > 0")
    op.create_index("ix_shift_waiting", "shift", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.execute(
        "UPDATE shift SET waiting = "
        "(SELECT count(*) FROM sign_up WHERE sign_up.shift_id = shift.id AND status = 'waitlisted')"
    )


def change_sign_ups() -> None:
    # No seat was held for an offer of before, and it had no time to be answered by.
    op.execute("UPDATE sign_up SET status = 'expired', given_up_at = signed_up_at WHERE status = 'offered'")
    new: list[sa.Column[Any]] = [
        sa.Column("answer_by", Instant(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("in_place_of_id", sa.Integer(), nullable=True),
        sa.Column("waived", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("cannot_come_at", Instant(), nullable=True),
        sa.Column("cannot_come_why", sa.String(length=200), nullable=False, server_default=""),
    ]
    with changed("sign_up", new, without=("ck_sign_up_source",)) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_sign_up_source"),
            "source IN ('self', 'walk-in', 'offer', 'group', 'hand-over', 'chain')",
        )
        batch_op.create_check_constraint(
            op.f("ck_sign_up_answer_by"), "(status = 'offered') = (answer_by IS NOT NULL)"
        )
        batch_op.create_foreign_key(op.f("fk_sign_up_asked_by_id_member"), "member", ["asked_by_id"], ["id"])
        batch_op.create_foreign_key(
            op.f("fk_sign_up_in_place_of_id_sign_up"), "sign_up", ["in_place_of_id"], ["id"]
        )
    offered = sa.text("status = 'offered'")
    op.create_index(
        "uq_sign_up_handed_over",
        "sign_up",
        ["in_place_of_id"],
        unique=True,
        sqlite_where=offered,
        postgresql_where=offered,
    )
    op.create_index(
        "ix_sign_up_answer_by", "sign_up", ["answer_by"], sqlite_where=offered, postgresql_where=offered
    )
    if op.get_bind().dialect.name == "sqlite":
        guard_overlaps()


def change_imports() -> None:
    with changed("import_file", [], without=("ck_import_file_noun",)) as batch_op:
        batch_op.create_check_constraint(op.f("ck_import_file_noun"), "noun IN ('units', 'roster', 'shifts')")


def upgrade() -> None:
    add_tables()
    change_branches_calls_and_skills()
    change_shifts()
    change_sign_ups()
    change_imports()


def downgrade() -> None:
    raise RuntimeError("what this version added would be lost; restore a backup instead")
