"""`mobilizer retention`: what of people is kept no longer goes. `settle` and `serve` do it by themselves."""

from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.privacy import actions, queries
from mobilizer.privacy.rules import THEN, going

EVERY = timedelta(hours=1)
"""How often `settle` and `serve` look: what is kept for a day is gone soon after."""


def clear_due(now: datetime) -> dict[str, int]:
    """All that is over, a bounded number of rows in each transaction; answers how many of each line."""
    counts = {}
    for kept in going():
        counts[kept.name], gone = 0, actions.MOST
        while gone >= actions.MOST:
            begin_write()
            gone = actions.clear_some(kept, now)
            db.session.commit()
            counts[kept.name] += gone
    begin_write()
    actions.note_cleared(counts, now)
    db.session.commit()
    return counts


def clear_if_due(now: datetime) -> None:
    """The same once an hour, whoever asks how often."""
    last = queries.cleared_at()
    db.session.rollback()
    if last is None or now - last >= EVERY:
        clear_due(now)


@click.command()
@click.option("--dry-run", is_flag=True, help="Say how much is over, line by line, and change nothing.")
@with_appcontext
def retention(dry_run: bool) -> None:
    """Delete or empty what is kept of people no longer: docs/privacy.md has the periods. The ledger and the journal stay."""
    now = clock.now()
    if dry_run:
        counts = {kept.name: count for kept, count in queries.due(now)}
        db.session.rollback()
    else:
        counts = clear_due(now)
    for kept in going():
        click.echo(f"{kept.name}\t{counts[kept.name]}\t{_(THEN[kept.then])}")
