"""What is filled in to use a playbook, to keep one, to rename it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectChoice, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from mobilizer.errors import Refused
from mobilizer.inputs import LineField, LongTextField, MomentField, needed, optional
from mobilizer.playbooks import written_rules
from mobilizer.playbooks.body_rules import LONGEST
from mobilizer.playbooks.rules import LONGEST_NAME, Playbook
from mobilizer.shifts.rules import MOST_DAYS, MOST_OVERLAP
from mobilizer.terms import LABELS, ServiceCategory

NEW = "new"
_FILL_IN = _l("Please fill this in.")


def hour_words() -> dict[str, str]:
    """How "day" and "night" are written in the lines of the posts."""
    return {"day": _("day"), "night": _("night")}


def _number_between(least: int, most: int) -> list[Any]:
    return [
        InputRequired(_FILL_IN),
        NumberRange(least, most, message=_l("Between %(min)s and %(max)s.")),
    ]


class UseForm(FlaskForm):
    """First what has to be looked at, five inputs at most with the unit; then what is right as the playbook has it.

    Its names are those that refusals give to their fields; `name` is the branch's.
    """

    operation = SelectField(_l("Operation"))
    checkpoints = LongTextField(_l("Checkpoints"), [InputRequired(_FILL_IN), *optional(10_000)])
    first = MomentField(_l("First shift begins"), [InputRequired(_FILL_IN)])
    insured = BooleanField(_l("Insurance is taken out for everyone who comes"))

    operation_name = LineField(_l("Name of the new operation"), optional(100))
    name = LineField(_l("Name of the branch"), needed(100))
    mission = LongTextField(_l("Mission"), optional(LONGEST["mission"]))
    title = LineField(_l("Title"), needed(LONGEST["title"]))
    content = LongTextField(_l("What there is to do"), needed(LONGEST["content"]))
    risks = LongTextField(_l("Risks"), needed(LONGEST["risks"]))
    kit = LongTextField(_l("What to bring, what is handed out"), optional(LONGEST["kit"]))
    category = SelectField(
        _l("Service"), choices=[SelectChoice(each.value, _l(LABELS[each])) for each in ServiceCategory]
    )
    posts = LongTextField(_l("Posts and people a shift"), [InputRequired(_FILL_IN), *optional(2000)])
    pattern = LineField(_l("Shifts a day"), needed(LONGEST["pattern"]))
    overlap = IntegerField(_l("Hand-over"), _number_between(0, MOST_OVERLAP))
    days = IntegerField(_l("For how long"), _number_between(1, MOST_DAYS))
    quick_join = BooleanField(_l("Whoever has the link may join with name and phone number"))
    rest_at = MomentField(_l("The other half of the seats opens"))

    ASKED = ("operation", "checkpoints", "first", "insured")

    def offer(self, operations: Iterable[tuple[str, str]]) -> None:
        self.operation.choices = [*operations, (NEW, _("A new operation"))]

    def validate_operation_name(self, field: Any) -> None:
        if self.operation.data == NEW and not field.data:
            raise ValidationError(_("Please name the new operation."))

    def validate_checkpoints(self, field: Any) -> None:
        _in_words(lambda: written_rules.read_places(field.data))

    def validate_posts(self, field: Any) -> None:
        _in_words(lambda: written_rules.read_posts(field.data))

    @property
    def operation_id(self) -> int | None:
        """The operation chosen, or None for the new one."""
        return None if self.operation.data == NEW else int(self.operation.data)

    @property
    def folded_errors(self) -> bool:
        """Whether something is wrong that lies in the fold."""
        return any(name and name not in self.ASKED for name in self.errors)

    def filled(self, playbook: Playbook) -> Playbook:
        """The playbook as the form now has it, after it was validated."""
        same: dict[str, Any] = {
            name: self[name].data or ""
            for name in ("mission", "title", "content", "risks", "kit", "category")
        }
        return replace(
            playbook,
            operation=self.operation_name.data or "",
            branch=self.name.data,
            checkpoints=written_rules.read_places(self.checkpoints.data),
            posts=written_rules.read_posts(self.posts.data),
            pattern=written_rules.read_pattern(self.pattern.data),
            overlap=self.overlap.data,
            days=self.days.data,
            **same,
        )


def _in_words(read: Callable[[], object]) -> None:
    try:
        read()
    except Refused as refusal:
        raise ValidationError(_(refusal.message, **refusal.values)) from None


class KeepForm(FlaskForm):
    name = LineField(_l("Name of the playbook"), needed(LONGEST_NAME))
    replace = BooleanField(_l("Replace the playbook of this name, if there is one"))


class RenameForm(FlaskForm):
    name = LineField(_l("Name of the playbook"), needed(LONGEST_NAME))
