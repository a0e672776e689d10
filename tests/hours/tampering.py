"""What somebody could do to the ledger who has the database itself in hand: past triggers, keys and the product."""

from typing import Any

from sqlalchemy import delete, insert, select, text, update

from mobilizer.extensions import db, table_of
from mobilizer.model import LedgerHead, ServiceRecord
from mobilizer.model.sealing import sealed

RECORD, HEAD = table_of(ServiceRecord), table_of(LedgerHead)
ASIDE = 10**6


def unguarded() -> None:
    """Within the transaction that is open, the database refuses nothing that it would refuse."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for table in ("service_record", "ledger_head"):
        names = db.session.scalars(
            text(f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'")
        ).all()
        for name in names:
            db.session.execute(text(f"DROP TRIGGER {name}"))
    db.session.execute(text("PRAGMA defer_foreign_keys = ON"))


def row(district: str, position: int) -> dict[str, Any]:
    found = db.session.execute(
        select(RECORD).where(RECORD.c.district_code == district, RECORD.c.position == position)
    ).one()
    return dict(found._mapping)


def change(district: str, position: int, /, **values: Any) -> None:
    of = (RECORD.c.district_code == district) & (RECORD.c.position == position)
    db.session.execute(update(RECORD).where(of).values(values))


def change_and_seal_anew(district: str, position: int, /, **values: Any) -> None:
    """As somebody would who knows how entries are sealed; what follows is left as it is."""
    before = row(district, position - 1)["hash"] if position > 1 else "0" * 64
    new = row(district, position) | values
    change(district, position, **values, hash=sealed(before, new))


def remove(district: str, position: int) -> None:
    of = (RECORD.c.district_code == district) & (RECORD.c.position == position)
    db.session.execute(delete(RECORD).where(of))


def set_head(district: str, **values: Any) -> None:
    db.session.execute(update(HEAD).where(HEAD.c.district_code == district).values(values))


def swap_places(district: str, one: int, other: int) -> None:
    """Each at the other's position."""
    change(district, one, position=ASIDE)
    change(district, other, position=one)
    change(district, ASIDE, position=other)


def swap_contents(district: str, one: int, other: int) -> None:
    """Each saying what the other said, hash and all, under its own id and position."""
    first, second = row(district, one), row(district, other)
    db.session.execute(delete(RECORD).where(RECORD.c.id.in_([first["id"], second["id"]])))
    places = [{name: each[name] for name in ("id", "position")} for each in (first, second)]
    db.session.execute(insert(RECORD), [second | places[0], first | places[1]])
