"""Rows below the data that are none: totals, signatures, notes on how to fill in the form."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mobilizer.intake.cells import Cell, digits

# A total stands alone, or with its figure: 合计, 总计：1206人, Total 1206.
_TOTAL = re.compile(
    r"(?:合计|总计|小计|共计|总数|总人数|合计人数|本页合计|(?:grand|sub)?total)(?:人数)?[:为]?(.*)",
    re.IGNORECASE,
)
# These need a colon, or nothing behind them: 备注：... is a note, 备注社区 a name.
_SIGNED = re.compile(
    r"(?:制表人?|填表人?|填报人|经办人|审核人?|审批人|复核人?|负责人|联系人|单位负责人|主管|填报单位|填报日期|填表日期"
    r"|制表日期|制表时间|填报时间|填表说明|填报说明|说明|备注|注|注意|注意事项|附注|盖章|签字|签章|单位\(?(?:盖章|公章)\)?"
    r"|notes?|remarks?|preparedby|checkedby)(?:\(.*?\))?(?:[:].*)?",
    re.IGNORECASE,
)
_COUNT = re.compile(r"[共约计]?\d{0,7}(?:\.\d+)?(?:人次?|名|个|条|户|次|小时|元|%)?")
_LABELLED = re.compile(r"[^\d:]{2,12}:.*")


def is_footer(first: str, cells: Sequence[Cell], needed: Sequence[int]) -> bool:
    """Whether a row that begins with `first` is a footer: it says so, and holds no required value.

    Both must be true. A row with an ordinal and no name is data, and so is one whose name is 合计
    with a phone beside it.
    """
    start = _squeezed(first)
    total = _TOTAL.fullmatch(start)
    if total and not _COUNT.fullmatch(total[1]) and not _LABELLED.fullmatch(start):
        total = None
    if not total and not _SIGNED.fullmatch(start):
        return False
    values = [_squeezed(digits(cells[at])) for at in needed if at < len(cells)]
    return all(
        value == start or _COUNT.fullmatch(value) or _LABELLED.fullmatch(value) for value in values if value
    )


def _squeezed(value: str) -> str:
    return "".join(digits(value).split())
