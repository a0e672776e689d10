"""`mobilizer check ...`: whether what must always be true still is."""

from itertools import islice

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext

from mobilizer.commands.transaction import in_words
from mobilizer.hours import chain_queries
from mobilizer.participation import tally_queries
from mobilizer.participation.queries import begin_snapshot
from mobilizer.participation.tally_queries import Difference

MOST_SHOWN = 50
"""Of what is wrong in one district; the rest is only said to be there."""


@click.group("check", help="Prove what must always be true of the database, or say where it is not.")
def check() -> None: ...


@check.command("ledger")
@click.option("--district", "district_code", help="Code of one district; else every district's chain.")
@with_appcontext
def check_ledger(district_code: str | None) -> None:
    """Prove that no entry of the ledger was changed, removed or moved, or say which. Changes nothing."""
    with in_words():
        begin_snapshot()
        codes = chain_queries.districts()
        if district_code is not None:
            if district_code not in codes:
                raise click.ClickException(
                    _("There are no entries of the district %(code)s.", code=district_code)
                )
            codes = [district_code]
        read, wrong = 0, 0
        for code in codes:
            chain = chain_queries.Chain(code)
            wrong += _tell(chain)
            read += chain.read
            click.echo(f"{code} {chain.read} {chain.head.hash if chain.head else '-'}")
    entries = ngettext("%(num)s entry", "%(num)s entries", read)
    chains = ngettext("%(num)s district", "%(num)s districts", len(codes))
    if wrong:
        raise click.ClickException(
            _(
                "%(entries)s of %(districts)s read: not all are as they were written.",
                entries=entries,
                districts=chains,
            )
        )
    click.echo(
        _("%(entries)s of %(districts)s: all are as they were written.", entries=entries, districts=chains)
    )


def _tell(chain: chain_queries.Chain) -> int:
    """Say what is wrong with one chain, on standard error; answers how much it is."""
    found = chain.faults()
    count = 0
    for fault in islice(found, MOST_SHOWN):
        count += 1
        words = _(fault.message, **fault.values)
        click.echo(_("District %(code)s: %(what)s.", code=chain.district_code, what=words), err=True)
    more = sum(1 for _fault in found)
    if more:
        click.echo(_("District %(code)s: %(count)s more.", code=chain.district_code, count=more), err=True)
    return count + more


@check.command("participation")
@with_appcontext
def check_participation() -> None:
    """Count the ledger anew and compare it with what is kept for the participation page. Changes nothing."""
    with in_words():
        begin_snapshot()
        found = tally_queries.differences()
        first = list(islice(found, MOST_SHOWN))
        count = len(first) + sum(1 for _difference in found)
    for each in first:
        click.echo(_in_words(each), err=True)
    if count:
        raise click.ClickException(_("%(count)s of the kept sums are not those of the ledger.", count=count))
    click.echo(_("All kept sums are those of the ledger."))


def _in_words(difference: Difference) -> str:
    unknown = _("nothing")
    words: str = _(
        "%(table)s %(key)s: kept are %(kept)s, counted %(counted)s.",
        table=difference.of,
        key=", ".join(map(str, difference.key)),
        kept=unknown if difference.kept is None else ", ".join(map(str, difference.kept)),
        counted=unknown if difference.counted is None else ", ".join(map(str, difference.counted)),
    )
    return words
