"""How rows and columns are called: the cells before the figures, in the reader's language (Flask-Babel)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from mobilizer.participation.rules import BY_LABELS, PART_LABELS, WITHOUT, By, Slice
from mobilizer.sheets import Column, Value
from mobilizer.terms import LABELS


def key_columns(by: By) -> tuple[Column, ...]:
    """The columns before the figures."""
    unit = Column("unit", _("Unit"))
    further = {
        By.UNIT: (Column("code", _("Unit code")), unit, Column("level", _("Level"))),
        By.BRANCH: (Column("branch", _("Branch")), Column("kind", _("Kind")), unit),
        By.CHECKPOINT: (Column("checkpoint", _("Checkpoint")), unit),
        By.MEMBER: (Column("member", _("Member")), Column("home_branch", _("Home branch"))),
        By.CALL: (Column("call", _("Call")), Column("branch", _("Branch"))),
        By.DAY: (Column("day", _("Day"), "date"),),
        By.WEEK: (Column("week", _("Week from"), "date"),),
    }
    return further.get(by) or (Column(by.replace("-", "_"), _(BY_LABELS[by])),)


def key_cells(by: By, key: Any, about: tuple[Any, ...]) -> tuple[Value, ...]:
    """What stands in them, in words."""
    special: dict[By, Callable[[Any, tuple[Any, ...]], tuple[Value, ...]]] = {
        By.UNIT: _unit,
        By.BRANCH: _branch,
        By.CHECKPOINT: _checkpoint,
        By.CALL: _call,
    }
    if by in special:
        return special[by](key, about)
    if by == By.MEMBER:
        return about
    if by in (By.DAY, By.WEEK):
        return (key,)
    return (_one_word(by, key, about),)


def _unit(code: str, about: tuple[Any, ...]) -> tuple[Value, ...]:
    name, level = about
    return code, name or code, _(LABELS[level]) if level else None


def _branch(_key: int, about: tuple[Any, ...]) -> tuple[Value, ...]:
    name, kind, _code, unit = about
    return name, _(LABELS[kind]), unit


def _checkpoint(key: int | None, about: tuple[Any, ...]) -> tuple[Value, ...]:
    name, _code, unit = about
    return (name, unit) if key is not None else (_("without a checkpoint"), None)


def _call(key: int | None, about: tuple[Any, ...]) -> tuple[Value, ...]:
    return about if key is not None else (_("without a call"), None)


def _one_word(by: By, key: Any, about: tuple[Any, ...]) -> str:
    if by == By.OPERATION:
        return str(about[0]) if key is not None else _("without an operation")
    if by == By.SKILL:
        return str(about[0]) if key is not None else _("no skill asked for")
    if by == By.MONTH:
        return month(key)
    labels: Mapping[Any, str] = PART_LABELS if by == By.PART else LABELS
    return str(_(labels.get(key, key)))


def month(first: date) -> str:
    """Nov 2026, 2026年11月."""
    return str(format_skeleton("yMMM", first, locale=get_locale()))


def row_label(cut: Slice, by: By, key: Any, about: tuple[Any, ...]) -> str:
    """How a row (or column) is called on the page, in one cell."""
    if by == By.UNIT:
        name = about[0] or key
        return _("%(unit)s itself", unit=name) if key == cut.unit_code else str(name)
    return str(key_cells(by, key, about)[0])


def filters_said(cut: Slice, names: Mapping[By, str]) -> list[tuple[str, str]]:
    """(what, which) of everything that the slice is narrowed to besides unit and days. `names` are those of the things
    that have one: branches, calls and so on."""
    found = [(_(BY_LABELS[by]), names.get(by) or _value_said(by, value)) for by, value in cut.filters.items()]
    return [*found, *([(_("Unit"), _("without what lies below it"))] if cut.unit_alone else [])]


def _value_said(by: By, value: Any) -> str:
    if by == By.SKILL and value == WITHOUT:
        return _one_word(by, None, ())
    labels: Mapping[Any, str] = PART_LABELS if by == By.PART else LABELS
    return str(_(labels[value])) if value in labels else str(value)
