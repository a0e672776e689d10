"""How long a service took and what it was, as it stands in the cells of a sheet. Nothing is taken for the likeliest."""

import datetime as dt
import re
import unicodedata

from mobilizer.intake import Cell, text
from mobilizer.terms import LABELS, ServiceCategory

LONGEST = 24 * 60
_HOURS_AND_MINUTES = re.compile(
    r"(?:(\d{1,4}(?:\.\d+)?)(?:个?小时|时|h|hrs?|hours?)(半)?)?(?:(\d{1,4})(?:分钟?|m|mins?|minutes?))?"
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_BARE = re.compile(r"\d{1,4}(?:\.\d+)?")
_IN_MINUTES = re.compile(r"分钟|\bminutes?\b|\bmin\b", re.IGNORECASE)

WORDS: dict[ServiceCategory, str] = {
    ServiceCategory.CHECKPOINT_DUTY: "卡口值守 卡口执勤 卡口 值守 值班 站岗 执勤 守卡 checkpoint",
    ServiceCategory.SCREENING: "筛查采样 核酸检测 核酸采样 核酸 采样 排查 筛查 screening sampling",
    ServiceCategory.REGISTRATION: "信息登记 扫码登记 测温登记 登记 录入",
    ServiceCategory.CARE: "关爱服务 居民服务 关爱 帮扶 走访 慰问 照料 care",
    ServiceCategory.DELIVERY: "物资保供配送 物资 配送 保供 搬运 送货 送菜 代购 delivery supplies",
    ServiceCategory.DISINFECTION: "环境消杀 消杀 消毒 disinfecting",
    ServiceCategory.PATROL: "巡逻巡查 巡逻 巡查 夜巡 巡防",
    ServiceCategory.PUBLICITY: "宣传引导 宣传 宣讲 劝导",
    ServiceCategory.RESCUE: "救援转移 抢险救援 救援 抢险 转移安置 evacuation",
    ServiceCategory.CLEARING: "清扫清障 清扫 清障 清理 扫雪 除雪 保洁 环境整治 cleaning clearing",
    ServiceCategory.OTHER: "其他服务 其他 其它 志愿服务",
}
"""What people write for each category, beside its own value and its label."""

_KNOWN = {
    "".join(word.lower().split()): category
    for category, words in WORDS.items()
    for word in (*words.split(), str(category), LABELS[category])
}


def duration(cell: Cell, heading: str) -> int | None:
    """Whole minutes, None if the cell is blank: 8, 7.5, "8小时", "1小时30分", "90分钟", "1:30", Excel's own 8:00. A bare
    number is of hours, unless the heading says minutes. ValueError for what is none, for 0 and for over 24 hours."""
    minutes = _minutes(cell, in_minutes=bool(_IN_MINUTES.search(heading)))
    if minutes is not None and not 0 < minutes <= LONGEST:
        raise ValueError(f"no duration: {minutes} minutes")
    return minutes


def _minutes(cell: Cell, *, in_minutes: bool) -> int | None:
    if isinstance(cell, bool):
        raise ValueError(f"no duration: {cell}")
    if isinstance(cell, dt.timedelta):
        return round(cell.total_seconds() / 60)
    if isinstance(cell, dt.time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, int | float):
        return _of_number(float(cell), in_minutes)
    if isinstance(cell, dt.date):
        raise ValueError(f"no duration: {cell}")
    plain = "".join(unicodedata.normalize("NFKC", text(cell)).lower().split())
    if not plain:
        return None
    if _BARE.fullmatch(plain):
        return _of_number(float(plain), in_minutes)
    if found := _CLOCK.fullmatch(plain):
        return int(found[1]) * 60 + int(found[2])
    found = _HOURS_AND_MINUTES.fullmatch(plain)
    if not found:
        raise ValueError(f"no duration: {plain[:40]}")
    hours = float(found[1] or 0) + (0.5 if found[2] else 0)
    return round(hours * 60) + int(found[3] or 0)


def _of_number(value: float, in_minutes: bool) -> int:
    """Minutes and hours are not told apart by their size: 30 hours are refused, not taken for 30 minutes."""
    return round(value if in_minutes else value * 60)


def category(cell: Cell) -> ServiceCategory | None:
    """The category that the words mean: they are one of WORDS, or contain those of one category alone. None for words that
    are not known or mean several. Blank: other."""
    plain = "".join(unicodedata.normalize("NFKC", text(cell)).lower().split()).replace("_", "-")
    if not plain:
        return ServiceCategory.OTHER
    if found := _KNOWN.get(plain):
        return found
    within = {category for word, category in _KNOWN.items() if word in plain} - {ServiceCategory.OTHER}
    return within.pop() if len(within) == 1 else None
