"""How a migration changes a table that has rows, on SQLite and PostgreSQL alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

OVERLAP = """
    SELECT RAISE(ABORT, 'sign_up: two confirmed sign-ups of one member overlap') WHERE EXISTS (
        SELECT 1 FROM sign_up WHERE member_id = NEW.member_id AND status = 'confirmed' AND id IS NOT NEW.id
        AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at)
"""


@contextmanager
def changed(
    table: str,
    new: list[sa.Column[Any]],
    without: tuple[str, ...] = (),
    filled: list[sa.Column[Any]] | None = None,
) -> Iterator[BatchOperations]:
    """The table with its new columns, to put constraints on. Existing rows are filled by the columns' server defaults,
    which go again: whoever adds a row says what is in it. `filled`: columns that were added before, and filled by hand.

    On SQLite the table is made anew at the end of the block, with all its checks but those of `without`.
    """
    for column in new:
        op.add_column(table, column)
    checks = [
        sa.CheckConstraint(sa.text(check["sqltext"]), name=op.f(str(check["name"])))
        for check in sa.inspect(op.get_bind()).get_check_constraints(table)
        if check["name"] not in without
    ]
    with op.batch_alter_table(table, table_args=tuple(checks)) as batch_op:
        if op.get_bind().dialect.name != "sqlite":
            for name in without:
                batch_op.drop_constraint(op.f(name), type_="check")
        for column in (*new, *(filled or ())):
            if column.server_default is not None:
                batch_op.alter_column(column.name, existing_type=column.type, server_default=None)
        yield batch_op


def guard_overlaps() -> None:
    """On SQLite: the triggers of 0001 on sign_up, which go whenever that table is made anew."""
    for verb in ("INSERT", "UPDATE OF status, member_id, starts_at, ends_at"):
        op.execute(
            f"CREATE TRIGGER sign_up_overlap_{verb.split()[0].lower()} BEFORE {verb} ON sign_up "
            f"WHEN NEW.status = 'confirmed' BEGIN {OVERLAP}; END"
        )


def unguard_ledger() -> None:
    """Take away the triggers of 0001 on service_record, for a migration that fills new columns of it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER service_record_no_update")
        op.execute("DROP TRIGGER service_record_no_delete")
    else:
        op.execute("DROP TRIGGER service_record_append_only ON service_record")


def guard_ledger() -> None:
    """Put them back."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER service_record_no_{verb.lower()} BEFORE {verb} ON service_record "
                "BEGIN SELECT RAISE(ABORT, 'service_record is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER service_record_append_only BEFORE UPDATE OR DELETE ON service_record "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def guard_ledger_heads() -> None:
    """A district's head is never removed, and only moves on."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'ledger_head is append-only'); END"
        op.execute(f"CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head {refuse}")
        op.execute(
            "CREATE TRIGGER ledger_head_no_return BEFORE UPDATE ON ledger_head "
            f"WHEN NEW.position <= OLD.position OR NEW.district_code <> OLD.district_code {refuse}"
        )
    else:
        refuse = "EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head FOR EACH ROW {refuse}")
        op.execute(
            "CREATE TRIGGER ledger_head_no_return BEFORE UPDATE ON ledger_head FOR EACH ROW "
            f"WHEN (NEW.position <= OLD.position OR NEW.district_code <> OLD.district_code) {refuse}"
        )
