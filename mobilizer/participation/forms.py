"""The slice, as it is chosen on the page and written in an address."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectChoice, SelectField
from wtforms.validators import AnyOf, ValidationError

from mobilizer.inputs import DayField
from mobilizer.participation.rules import BY_LABELS, By, Slice
from mobilizer.terms import LABELS, ServiceCategory

NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


class SliceForm(FlaskForm):
    class Meta:
        csrf = False  # it only reads

    from_day = DayField(_l("From"), name="from")
    to_day = DayField(_l("To"), name="to")
    unit = SelectField(_l("Unit, with all below it"), validate_choice=False)
    by = SelectField(
        _l("Grouped by"),
        [AnyOf(list(By), _l("Please choose one of the list."))],
        choices=[SelectChoice(str(by), _l(label)) for by, label in BY_LABELS.items()],
        default=str(By.UNIT),
        validate_choice=False,
    )
    category = SelectField(
        _l("Service category"),
        [AnyOf(["", *ServiceCategory], _l("Please choose one of the list."))],
        choices=[
            SelectChoice("", _l("all")),
            *(SelectChoice(str(each), _l(LABELS[each])) for each in ServiceCategory),
        ],
        default="",
        validate_choice=False,
    )
    operation = SelectField(_l("Operation"), default="", validate_choice=False)
    branch = HiddenField(_l("Branch"))

    def validate_operation(self, field: Any) -> None:
        _check_number(field)

    def validate_branch(self, field: Any) -> None:
        _check_number(field)

    def cut(self, unit_code: str) -> Slice:
        """The slice that a valid form asks for."""
        return Slice(
            unit_code=unit_code,
            from_day=self.from_day.data,
            to_day=self.to_day.data,
            by=By(self.by.data),
            branch_id=int(self.branch.data) if self.branch.data else None,
            category=self.category.data or None,
            operation_id=int(self.operation.data) if self.operation.data else None,
        )


def _check_number(field: Any) -> None:
    if field.data and not NUMBER.fullmatch(field.data):
        raise ValidationError(_("Please choose one of the list."))
