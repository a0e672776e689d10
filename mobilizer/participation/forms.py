"""The question, as it is chosen on the page and written in an address."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectChoice, SelectField
from wtforms.validators import AnyOf, ValidationError

from mobilizer.inputs import DayField
from mobilizer.participation.period_rules import BESIDE_LABELS, Beside
from mobilizer.participation.pivot_rules import MEASURE_LABELS, Measure
from mobilizer.participation.rules import BY_LABELS, PART_LABELS, By, Slice
from mobilizer.terms import LABELS, BranchKind, RecordSource, ServiceCategory, Standing

NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
NUMBERS = ("branch", "operation", "call", "checkpoint", "member", "skill")
FIRST = ("from", "to", "unit", "by", "across", "category")
MORE = (
    "figure",
    "cells",
    "operation",
    "kind",
    "standing",
    "part",
    "skill",
    "source",
    "vs",
    "vs-from",
    "vs-to",
)
HIDDEN = ("branch", "call", "checkpoint", "member", "alone")
PARTS = (*FIRST, *MORE, *HIDDEN)
"""The parts of an address that make a question."""


def _one_of(
    label: Any, labels: Mapping[Any, str], *, none: Any = None, default: str = "", name: str | None = None
) -> SelectField:
    """A choice of a closed list; `none` says what no choice means, if there may be none."""
    choices = [SelectChoice("", none)] if none is not None else []
    allowed = [*map(str, labels), *([""] if none is not None else [])]
    return SelectField(
        label,
        [AnyOf(allowed, _l("Please choose one of the list."))],
        choices=[*choices, *(SelectChoice(str(each), _l(text)) for each, text in labels.items())],
        default=default,
        validate_choice=False,
        name=name,
    )


def _of(kinds: type[StrEnum]) -> dict[StrEnum, str]:
    return {each: LABELS[each] for each in kinds}


class SliceForm(FlaskForm):
    class Meta:
        csrf = False  # it only reads

    from_day = DayField(_l("From"), name="from")
    to_day = DayField(_l("To"), name="to")
    unit = SelectField(_l("Unit, with all below it"), validate_choice=False)
    by = _one_of(_l("Grouped by"), BY_LABELS, default=str(By.UNIT))
    across = _one_of(_l("And across by"), BY_LABELS, none=_l("nothing else"))
    category = _one_of(_l("Service category"), _of(ServiceCategory), none=_l("all"))

    figure = _one_of(_l("Figure in the cells"), MEASURE_LABELS, default=str(Measure.PERSON_TIMES))
    cells = _one_of(
        _l("Cells show"),
        {"share": _l("percent of the total"), "list": _l("one below the other")},
        none=_l("the figure"),
    )
    operation = SelectField(_l("Operation"), default="", validate_choice=False)
    kind = _one_of(_l("Kind of branch"), _of(BranchKind), none=_l("all"))
    standing = _one_of(_l("Standing of the member"), _of(Standing), none=_l("all"))
    part = _one_of(_l("Part of the day"), PART_LABELS, none=_l("all"))
    skill = SelectField(_l("Skill that the shift asked for"), default="", validate_choice=False)
    source = _one_of(_l("What the record rests on"), _of(RecordSource), none=_l("all"))
    beside = _one_of(_l("Compared with"), BESIDE_LABELS, none=_l("nothing"), name="vs")
    beside_from = DayField(_l("Compared from"), name="vs-from")
    beside_to = DayField(_l("Compared to"), name="vs-to")

    branch = HiddenField(_l("Branch"))
    call = HiddenField(_l("Call"))
    checkpoint = HiddenField(_l("Checkpoint"))
    member = HiddenField(_l("Member"))
    alone = HiddenField(_l("Only the unit itself"))

    def validate_across(self, field: Any) -> None:
        if field.data and field.data == self.by.data:
            raise ValidationError(_("This is what the rows are already. Please choose another."))

    def validate(self, extra_validators: Any = None) -> bool:
        right = bool(super().validate(extra_validators))
        for name in NUMBERS:
            field = self[name]
            if field.data and not NUMBER.fullmatch(field.data):
                field.errors = [_("Please choose one of the list.")]
                right = False
        return right

    @property
    def asks_for_more(self) -> bool:
        """Whether anything is said, or wrong, among the less used fields."""
        further: tuple[Any, ...] = (
            self.figure,
            self.cells,
            self.operation,
            self.kind,
            self.standing,
            self.part,
            self.skill,
        )
        further += (self.source, self.beside, self.beside_from, self.beside_to)
        return any(each.errors or each.data not in (None, "", each.default) for each in further)

    @property
    def measure(self) -> Measure:
        return Measure(self.figure.data)

    @property
    def other(self) -> Beside | None:
        return Beside(self.beside.data) if self.beside.data else None

    def cut(self, unit_code: str) -> Slice:
        """The slice that a valid form asks for."""
        return Slice(
            unit_code=unit_code,
            unit_alone=bool(self.alone.data),
            from_day=self.from_day.data,
            to_day=self.to_day.data,
            by=By(self.by.data),
            across=By(self.across.data) if self.across.data else None,
            category=self.category.data or None,
            branch_kind=self.kind.data or None,
            standing=self.standing.data or None,
            part=self.part.data or None,
            source=self.source.data or None,
            branch_id=_number(self.branch),
            operation_id=_number(self.operation),
            call_id=_number(self.call),
            checkpoint_id=_number(self.checkpoint),
            member_id=_number(self.member),
            skill_id=_number(self.skill),
        )


def _number(field: Any) -> int | None:
    return int(field.data) if field.data else None
