"""Which rows of the ledger a figure was made from: so that two people with two numbers can find out why."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, and_, func, or_

from mobilizer.extensions import run
from mobilizer.model import ServiceRecord
from mobilizer.participation.record_queries import as_kept, in_order
from mobilizer.participation.rules import Slice

BATCH = 10_000
_ORDER = (ServiceRecord.district_code, ServiceRecord.position)


@dataclass(frozen=True, slots=True)
class Behind:
    """`checksum`: SHA-256 over the hashes of the rows, one after the other, in the order of district and position, 64 hex digits.
    `districts`: (code, how many rows, the last one's position) of each."""

    checksum: str
    districts: tuple[tuple[str, int, int], ...]

    @property
    def count(self) -> int:
        return sum(count for _code, count, _last in self.districts)

    @property
    def heads(self) -> dict[str, int]:
        """The last position of each district."""
        return {code: last for code, _count, last in self.districts}


def behind(cut: Slice, *, until: Mapping[str, int] | None = None) -> Behind:
    """Two statements. `until`: only the rows up to these positions, as they were when a file was made; of a district that is not
    named, none. Sign-ups are not in the ledger, and so not in it."""
    found = _until(in_order(cut), until)
    digest = sha256()
    hashes = found.add_columns(ServiceRecord.hash).order_by(*_ORDER)
    for batch in as_kept(hashes, BATCH):
        digest.update("".join([said for (said,) in batch]).encode())
    counts = found.add_columns(ServiceRecord.district_code, func.count(), func.max(ServiceRecord.position))
    districts = run(counts.group_by(ServiceRecord.district_code).order_by(ServiceRecord.district_code))
    return Behind(digest.hexdigest(), tuple((code, count, last) for code, count, last in districts))


def _until(found: Select[Any], until: Mapping[str, int] | None) -> Select[Any]:
    if until is None:
        return found
    earlier = (
        and_(ServiceRecord.district_code == code, ServiceRecord.position <= last)
        for code, last in until.items()
    )
    return found.where(or_(False, *earlier))
