"""The tables of the spine

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from mobilizer.model.types import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("service_record", "journal_entry")
OVERLAP = """
    SELECT RAISE(ABORT, 'sign_up: two confirmed sign-ups of one member overlap') WHERE EXISTS (
        SELECT 1 FROM sign_up WHERE member_id = NEW.member_id AND status = 'confirmed' AND id IS NOT NEW.id
        AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at)
"""


def guard_sqlite() -> None:
    """Two triggers for the overlap, two for each append-only table. RAISE(ABORT) is an IntegrityError."""
    op.execute(
        f"CREATE TRIGGER sign_up_overlap_insert BEFORE INSERT ON sign_up WHEN NEW.status = 'confirmed' BEGIN {OVERLAP}; END"
    )
    op.execute(
        "CREATE TRIGGER sign_up_overlap_update BEFORE UPDATE OF status, member_id, starts_at, ends_at ON sign_up "
        f"WHEN NEW.status = 'confirmed' BEGIN {OVERLAP}; END"
    )
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def guard_postgresql() -> None:
    """An exclusion constraint for the overlap (btree_gist is a trusted extension), a trigger for each ledger."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(
        "ALTER TABLE sign_up ADD CONSTRAINT ex_sign_up_overlap EXCLUDE USING gist "
        "(member_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status = 'confirmed')"
    )
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "answered_request",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answered_request")),
    )
    with op.batch_alter_table("answered_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answered_request_answered_at"), ["answered_at"], unique=False)

    op.create_table(
        "installation_fact",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation_fact")),
    )
    op.create_table(
        "log_in_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in_failure")),
    )
    with op.batch_alter_table("log_in_failure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_log_in_failure_account_address_at"), ["account", "address", "at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_log_in_failure_at"), ["at"], unique=False)

    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("name", name=op.f("uq_skill_name")),
    )
    op.create_table(
        "unit",
        sa.Column(
            "code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column(
            "parent_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.CheckConstraint("level IN ('district', 'town', 'village', 'grid')", name=op.f("ck_unit_level")),
        sa.CheckConstraint(
            "parent_code IS NULL OR parent_code < code", name=op.f("ck_unit_parent_before_child")
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["unit.code"], name=op.f("fk_unit_parent_code_unit")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_checkpoint_both")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_checkpoint_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_checkpoint_longitude")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_checkpoint_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("unit_code", "name", name=op.f("uq_checkpoint_unit_code_name")),
    )
    with op.batch_alter_table("checkpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checkpoint_unit_code"), ["unit_code"], unique=False)

    op.create_table(
        "operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_operation_order")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_operation_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operation_unit_code"), ["unit_code"], unique=False)
        batch_op.create_index(
            "uq_operation_current_name",
            ["unit_code", "name"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("operation_id", sa.Integer(), nullable=True),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.Column("approving_appointment_id", sa.Integer(), nullable=True),
        sa.Column("decision_note", sa.String(length=500), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("(kind = 'standing') = (operation_id IS NULL)", name=op.f("ck_branch_operation")),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_branch_ended")),
        sa.CheckConstraint(
            "kind <> 'temporary' OR activated_at IS NULL OR approving_appointment_id IS NOT NULL",
            name=op.f("ck_branch_approved"),
        ),
        sa.CheckConstraint("kind IN ('standing', 'action', 'temporary')", name=op.f("ck_branch_kind")),
        sa.CheckConstraint(
            "status <> 'active' OR activated_at IS NOT NULL", name=op.f("ck_branch_activated")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'active', 'declined', 'ended')", name=op.f("ck_branch_status")
        ),
        *(
            [
                sa.ForeignKeyConstraint(
                    ["approving_appointment_id"],
                    ["appointment.id"],
                    name="fk_branch_approving_appointment_id_appointment",
                )
            ]
            if sqlite
            else []
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_branch_operation_id_operation")
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_branch_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
    )
    with op.batch_alter_table("branch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_branch_operation_id"), ["operation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_branch_unit_code"), ["unit_code"], unique=False)
        batch_op.create_index(
            "uq_branch_current_name",
            ["unit_code", "name"],
            unique=True,
            sqlite_where=sa.text("status IN ('proposed', 'active')"),
            postgresql_where=sa.text("status IN ('proposed', 'active')"),
        )

    op.create_table(
        "branch_checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_branch_checkpoint_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_branch_checkpoint_checkpoint_id_checkpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_checkpoint")),
        sa.UniqueConstraint(
            "branch_id", "checkpoint_id", name=op.f("uq_branch_checkpoint_branch_id_checkpoint_id")
        ),
    )
    with op.batch_alter_table("branch_checkpoint", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_branch_checkpoint_checkpoint_id"), ["checkpoint_id"], unique=False
        )

    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("dangerous", sa.Boolean(), nullable=False),
        sa.Column("insured", sa.Boolean(), nullable=False),
        sa.Column(
            "audience_unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("audience_branch_id", sa.Integer(), nullable=True),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.CheckConstraint("status <> 'published' OR insured OR NOT dangerous", name=op.f("ck_call_insured")),
        sa.CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL", name=op.f("ck_call_published")
        ),
        sa.CheckConstraint("status IN ('draft', 'published', 'closed')", name=op.f("ck_call_status")),
        sa.CheckConstraint(
            "(audience_unit_code IS NULL) <> (audience_branch_id IS NULL)", name=op.f("ck_call_audience")
        ),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_call_order")),
        sa.ForeignKeyConstraint(
            ["audience_branch_id"], ["branch.id"], name=op.f("fk_call_audience_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["audience_unit_code"], ["unit.code"], name=op.f("fk_call_audience_unit_code_unit")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_call_branch_id_branch")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_call_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("code", name=op.f("uq_call_code")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_audience_branch_id"), ["audience_branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_audience_unit_code"), ["audience_unit_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_unit_code"), ["unit_code"], unique=False)

    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("sort_name", sa.String(length=200), nullable=False),
        sa.Column("search", sa.String(length=400), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("home_branch_id", sa.Integer(), nullable=True),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "standing IN ('full', 'probationary', 'applicant', 'volunteer')", name=op.f("ck_member_standing")
        ),
        sa.ForeignKeyConstraint(
            ["home_branch_id"], ["branch.id"], name=op.f("fk_member_home_branch_id_branch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("phone", name=op.f("uq_member_phone")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_home_branch_id"), ["home_branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_sort_name"), ["sort_name"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN role = 'administrator' THEN unit_code IS NULL AND branch_id IS NULL ELSE (unit_code IS NULL) <> (branch_id IS NULL) END",
            name=op.f("ck_appointment_place"),
        ),
        sa.CheckConstraint(
            "role IN ('secretary', 'deputy-secretary', 'committee-member', 'coordinator', 'administrator')",
            name=op.f("ck_appointment_role"),
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_appointment_branch_id_branch")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_appointment_member_id_member")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_appointment_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_unit_code"), ["unit_code"], unique=False)
        batch_op.create_index(
            "uq_appointment_current_administrator",
            ["member_id"],
            unique=True,
            sqlite_where=sa.text("role = 'administrator' AND ends_at IS NULL"),
            postgresql_where=sa.text("role = 'administrator' AND ends_at IS NULL"),
        )
        batch_op.create_index(
            "uq_appointment_current_branch",
            ["member_id", "role", "branch_id"],
            unique=True,
            sqlite_where=sa.text("ends_at IS NULL AND branch_id IS NOT NULL"),
            postgresql_where=sa.text("ends_at IS NULL AND branch_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_appointment_current_unit",
            ["member_id", "role", "unit_code"],
            unique=True,
            sqlite_where=sa.text("ends_at IS NULL AND unit_code IS NOT NULL"),
            postgresql_where=sa.text("ends_at IS NULL AND unit_code IS NOT NULL"),
        )

    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_attachment_order")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_attachment_branch_id_branch")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_attachment_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            "uq_attachment_current",
            ["branch_id", "member_id"],
            unique=True,
            sqlite_where=sa.text("ends_at IS NULL"),
            postgresql_where=sa.text("ends_at IS NULL"),
        )

    op.create_table(
        "import_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("noun", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.CheckConstraint("noun IN ('units', 'roster')", name=op.f("ck_import_file_noun")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["member.id"], name=op.f("fk_import_file_uploaded_by_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.UniqueConstraint("token", name=op.f("uq_import_file_token")),
    )
    with op.batch_alter_table("import_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_file_uploaded_at"), ["uploaded_at"], unique=False)

    op.create_table(
        "log_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_log_in_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_log_in_token_hash")),
    )
    with op.batch_alter_table("log_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_in_member_id"), ["member_id"], unique=False)

    op.create_table(
        "member_skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_skill_member_id_member")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_member_skill_skill_id_skill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_skill")),
        sa.UniqueConstraint("member_id", "skill_id", name=op.f("uq_member_skill_member_id_skill_id")),
    )
    with op.batch_alter_table("member_skill", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_skill_skill_id"), ["skill_id"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("checkpoint_id", sa.Integer(), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_shift_closed")),
        sa.CheckConstraint("status IN ('open', 'cancelled', 'closed')", name=op.f("ck_shift_status")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 500", name=op.f("ck_shift_capacity")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_shift_order")),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_shift_taken")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_shift_call_id_call")),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_shift_checkpoint_id_checkpoint")
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_shift_skill_id_skill")),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_shift_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint(
            "call_id",
            "checkpoint_id",
            "starts_at",
            "ends_at",
            name=op.f("uq_shift_call_id_checkpoint_id_starts_at_ends_at"),
        ),
        sa.UniqueConstraint("id", "starts_at", "ends_at", name=op.f("uq_shift_id_starts_at_ends_at")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_checkpoint_id"), ["checkpoint_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_unit_code_day"), ["unit_code", "day"], unique=False)

    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_journal_entry_actor_id_member")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_journal_entry_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    with op.batch_alter_table("journal_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_entry_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_entry_branch_id_id"), ["branch_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_entry_kind_subject"), ["kind", "subject"], unique=False)

    op.create_table(
        "sign_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("signed_up_at", Instant(), nullable=False),
        sa.Column("given_up_at", Instant(), nullable=True),
        sa.CheckConstraint("source IN ('self', 'walk-in')", name=op.f("ck_sign_up_source")),
        sa.CheckConstraint(
            "status IN ('offered', 'confirmed', 'waitlisted', 'cancelled', 'withdrawn', 'expired')",
            name=op.f("ck_sign_up_status"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_sign_up_member_id_member")),
        sa.ForeignKeyConstraint(
            ["shift_id", "starts_at", "ends_at"],
            ["shift.id", "shift.starts_at", "shift.ends_at"],
            name="fk_sign_up_shift_times",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_sign_up_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up")),
    )
    with op.batch_alter_table("sign_up", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sign_up_held",
            ["member_id", "starts_at"],
            unique=False,
            sqlite_where=sa.text("status = 'confirmed'"),
            postgresql_where=sa.text("status = 'confirmed'"),
        )
        batch_op.create_index("ix_sign_up_shift", ["shift_id", "status"], unique=False)
        batch_op.create_index(
            "uq_sign_up_active",
            ["member_id", "shift_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('offered', 'confirmed', 'waitlisted')"),
            postgresql_where=sa.text("status IN ('offered', 'confirmed', 'waitlisted')"),
        )

    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sign_up_id", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Boolean(), nullable=False),
        sa.Column("checked_in_at", Instant(), nullable=True),
        sa.Column("checked_out_at", Instant(), nullable=True),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.CheckConstraint("absent = (checked_in_at IS NULL)", name=op.f("ck_attendance_absent_or_here")),
        sa.CheckConstraint(
            "checked_out_at IS NULL OR checked_in_at IS NOT NULL", name=op.f("ck_attendance_in_before_out")
        ),
        sa.CheckConstraint(
            "checked_out_at IS NULL OR checked_out_at >= checked_in_at", name=op.f("ck_attendance_order")
        ),
        sa.ForeignKeyConstraint(
            ["sign_up_id"], ["sign_up.id"], name=op.f("fk_attendance_sign_up_id_sign_up")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("sign_up_id", name=op.f("uq_attendance_sign_up_id")),
    )
    op.create_table(
        "service_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("sign_up_id", sa.Integer(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("home_branch_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=True),
        sa.Column("checkpoint_id", sa.Integer(), nullable=True),
        sa.Column(
            "unit_code",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("person_times", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_service_record_reverses")
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'entry' THEN person_times = 1 AND minutes >= 0 ELSE person_times = -1 AND minutes <= 0 END",
            name=op.f("ck_service_record_sign"),
        ),
        sa.CheckConstraint("kind IN ('entry', 'reversal')", name=op.f("ck_service_record_kind")),
        sa.CheckConstraint("starts_at <= ends_at", name=op.f("ck_service_record_order")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_service_record_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branch.id"], name=op.f("fk_service_record_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["checkpoint.id"], name=op.f("fk_service_record_checkpoint_id_checkpoint")
        ),
        sa.ForeignKeyConstraint(
            ["home_branch_id"], ["branch.id"], name=op.f("fk_service_record_home_branch_id_branch")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_service_record_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_service_record_operation_id_operation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["member.id"], name=op.f("fk_service_record_recorded_by_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["service_record.id"], name=op.f("fk_service_record_reverses_id_service_record")
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_service_record_shift_id_shift")),
        sa.ForeignKeyConstraint(
            ["sign_up_id"], ["sign_up.id"], name=op.f("fk_service_record_sign_up_id_sign_up")
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_service_record_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_service_record_reverses_id")),
        sa.UniqueConstraint(
            "sign_up_id", "kind", "turn", name=op.f("uq_service_record_sign_up_id_kind_turn")
        ),
    )
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_record_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_day"), ["day"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_service_record_member_id_day"), ["member_id", "day"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_service_record_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_service_record_unit_code_day"), ["unit_code", "day"], unique=False
        )
    if sqlite:
        guard_sqlite()
        return
    op.create_foreign_key(
        "fk_branch_approving_appointment_id_appointment",
        "branch",
        "appointment",
        ["approving_appointment_id"],
        ["id"],
    )
    guard_postgresql()


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first version; restore a backup instead")
