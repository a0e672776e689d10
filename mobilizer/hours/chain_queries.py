"""The chains of the ledger, read as they stand: entry by entry, in memory that does not grow with them."""

from collections.abc import Iterator

from sqlalchemy import select, union

from mobilizer.extensions import db, run, table_of
from mobilizer.hours.chain_rules import Fault, Head, Link, faults
from mobilizer.model import LedgerHead, ServiceRecord
from mobilizer.model.sealing import SEALED, START, sealed

AT_ONCE = 1000
_RECORD, _HEAD = table_of(ServiceRecord), table_of(LedgerHead)
_REVERSED = ("kind", "member_id", "district_code", "position", "minutes", "person_times")


def districts() -> list[str]:
    """Every district that has entries, or a head that knows of some."""
    return list(
        run(
            union(select(_RECORD.c.district_code), select(_HEAD.c.district_code)).order_by("district_code")
        ).scalars()
    )


class Chain:
    """The chain of one district, to be gone through once within one snapshot, as a head is younger than its entries.
    `read` counts the entries on the way."""

    def __init__(self, district_code: str) -> None:
        self.district_code = district_code
        self.head = _head(district_code)
        self.read = 0

    def faults(self) -> Iterator[Fault]:
        """What is not as it was written."""
        return faults(self._links(), self.head, seal=sealed, start=START)

    def _links(self) -> Iterator[Link]:
        back = _RECORD.alias("back")
        said = [_RECORD.c[name] for name in SEALED]
        statement = (
            select(
                _RECORD.c.id,
                _RECORD.c.hash,
                *said,
                back.c.id.label("back_id"),
                *(back.c[name].label(f"back_{name}") for name in _REVERSED),
            )
            .outerjoin(back, back.c.id == _RECORD.c.reverses_id)
            .where(_RECORD.c.district_code == self.district_code)
            .order_by(_RECORD.c.position, _RECORD.c.id)
            .execution_options(yield_per=AT_ONCE)
        )
        first = 2 + len(said)
        for row in db.session.connection().execute(statement):
            self.read += 1
            values = dict(zip(SEALED, row[2:first], strict=True))
            reverses = dict(zip(_REVERSED, row[first + 1 :], strict=True)) if row[first] is not None else None
            yield Link(row[0], values["position"], row[1], values, reverses)


def _head(district_code: str) -> Head | None:
    row = run(select(_HEAD.c.position, _HEAD.c.hash).where(_HEAD.c.district_code == district_code)).first()
    return Head(*row) if row else None
