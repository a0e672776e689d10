"""The demo's input, as files that go in by the same import as anybody's: units with their grids, and rosters."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mobilizer.demo.campaign import shared_out
from mobilizer.demo.people import Person

UNITS = Path(__file__).parent / "data" / "xiangcheng_units.csv"
ORDINALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class DemoUnit:
    code: str
    name: str
    level: str
    parent_code: str

    @property
    def short_name(self) -> str:
        """古巷社区 for 古巷社区居委会, 鹤泾村 for 鹤泾村委会."""
        return self.name.replace("社区居委会", "社区").replace("村委会", "村")


def real_units() -> list[DemoUnit]:
    """The district, its 13 towns and 143 villages and communities (provenance: data/README.md)."""
    with UNITS.open(encoding="utf-8-sig", newline="") as file:
        return [DemoUnit(**row) for row in csv.DictReader(file)]


def with_grids(units: list[DemoUnit], grids: int) -> list[DemoUnit]:
    """The units and so many made-up grids, shared out evenly among the villages."""
    villages = [unit for unit in units if unit.level == "village"]
    made = [
        DemoUnit(
            f"{village.code}-{n + 1:02d}", f"{village.short_name}第{ORDINALS[n]}网格", "grid", village.code
        )
        for village, count in zip(villages, shared_out(grids, len(villages)), strict=True)
        for n in range(count)
    ]
    return units + made


def units_file(units: Iterable[DemoUnit]) -> bytes:
    return _csv(
        ("代码", "名称", "级别", "上级代码"), ((u.code, u.name, u.level, u.parent_code) for u in units)
    )


def roster_file(villages: list[DemoUnit], branches: int, members: int, people: Iterator[Person]) -> bytes:
    """So many members in so many standing branches, shared out evenly among the villages."""
    return _csv(
        ("姓名", "手机号码", "单位代码", "所在党支部", "人员类别", "入党日期", "特长"),
        _roster_rows(villages, branches, members, people),
    )


def _roster_rows(
    villages: list[DemoUnit], branches: int, members: int, people: Iterator[Person]
) -> Iterator[tuple[str, ...]]:
    sizes = iter(shared_out(members, branches))
    for village, count in zip(villages, shared_out(branches, len(villages)), strict=True):
        for n in range(count):
            name = f"{village.short_name}第{_ordinal(n + 1)}党支部"
            for _ in range(next(sizes)):
                who = next(people)
                yield who.name, who.phone, village.code, name, who.standing, who.joined_on, who.skills


def _ordinal(number: int) -> str:
    """1 to 19 in Chinese."""
    tens, ones = divmod(number, 10)
    return ("十" if tens else "") + (ORDINALS[ones - 1] if ones else "")


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode("utf-8-sig")
