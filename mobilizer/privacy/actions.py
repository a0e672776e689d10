"""Clearing away what is over, some rows at a time."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from mobilizer import journal
from mobilizer.extensions import run, table_of
from mobilizer.model import InstallationFact
from mobilizer.policy import COMMAND_LINE
from mobilizer.privacy import queries
from mobilizer.privacy.rules import A_MONTH, Kept, Then, going

MOST = 1000
"""Rows that go in one transaction: whoever signs up meanwhile waits for no more than these."""

_FACT = table_of(InstallationFact)


def clear_some(kept: Kept, now: datetime) -> int:
    """Delete or empty up to MOST rows of the line that are over; answers how many."""
    table, key = queries.table_kept(kept), queries.key_of(kept)
    these = key.in_(select(key).where(queries.over(kept, now)).limit(MOST))
    if kept.then is Then.DELETED:
        return run(delete(table).where(these)).rowcount
    empty = {name: None if table.c[name].nullable else "" for name in kept.columns}
    return run(update(table).where(these).values(empty)).rowcount


def note_cleared(counts: Mapping[str, int], now: datetime) -> None:
    """That all was cleared away at this moment. Journalled is what is kept for a month or longer: the rest goes by the
    minute, as log-ins end."""
    changed = run(
        update(_FACT).where(_FACT.c.name == queries.CLEARED_AT).values(value=now.isoformat())
    ).rowcount
    if not changed:
        run(insert(_FACT).values(name=queries.CLEARED_AT, value=now.isoformat()))
    lasting = {kept.name for kept in going() if kept.period is not None and kept.period >= A_MONTH}
    told = {name: count for name, count in counts.items() if count and name in lasting}
    if told:
        journal.write("privacy.cleared", "retention", by=COMMAND_LINE, now=now, gone=told)
