"""The one way into the ledger: each entry is sealed onto the one before it in its district."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mobilizer.extensions import db, run, table_of
from mobilizer.hours import tallies
from mobilizer.hours.tallies import Served
from mobilizer.model import LedgerHead, ServiceRecord
from mobilizer.model.sealing import START, district_of, sealed

Entry = dict[str, Any]
"""Every column of service_record but id, district_code, position and hash."""

_RECORD, _HEAD = table_of(ServiceRecord), table_of(LedgerHead)
_INSERT = insert(_RECORD).returning(_RECORD.c.district_code, _RECORD.c.position, _RECORD.c.id)


def enter(entries: list[Entry], sign_ups: Iterable[Served] = ()) -> list[int]:
    """Write entries in this order; answers their ids. The heads of their districts stay locked until commit, so that whoever
    writes next continues from here. Many at once go in by batches: what is answered is put in order by their positions.

    They are added to the tallies, and with them the `sign_ups` of a shift that has just been closed.
    """
    ids = _write(entries) if entries else []
    tallies.add([*map(_served, entries), *sign_ups])
    return ids


def _served(entry: Entry) -> Served:
    return Served._make(entry.get(name, 0) for name in Served._fields)


def _write(entries: list[Entry]) -> list[int]:
    heads = {code: _locked(code) for code in sorted({district_of(each["unit_code"]) for each in entries})}
    rows = []
    for entry in entries:
        district = district_of(entry["unit_code"])
        position, previous = heads[district]
        row = entry | {"district_code": district, "position": position + 1}
        row["hash"] = sealed(previous, row)
        heads[district] = (position + 1, row["hash"])
        rows.append(row)
    made = {(district, position): record_id for district, position, record_id in run(_INSERT, rows)}
    ids = [made[row["district_code"], row["position"]] for row in rows]
    for code, (position, said) in heads.items():
        run(update(_HEAD).where(_HEAD.c.district_code == code).values(position=position, hash=said))
    return ids


def _locked(district_code: str) -> tuple[int, str]:
    """The district's last position and hash, its row locked; made with the first entry."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name]
    first = dialect.insert(_HEAD).values(district_code=district_code, position=0, hash=START)
    run(first.on_conflict_do_nothing())
    position, said = run(
        select(_HEAD.c.position, _HEAD.c.hash).where(_HEAD.c.district_code == district_code).with_for_update()
    ).one()
    return position, said
