"""What is typed to start an operation, to stand up or propose a branch, to approve it, to add a checkpoint."""

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import Optional

from mobilizer import maps
from mobilizer.branches.rules import NewCheckpoint
from mobilizer.inputs import LineField, LongTextField, TickField, needed, optional
from mobilizer.terms import LABELS, OperationKind

NEW = "new"
MOST_CHECKPOINTS = 50
LARGEST_ID = 2**31 - 1
_AFTER_NAME = re.compile(r"\s*[,，;；\t]\s*")


def read_id(written: Any) -> int:
    """A row's number as a form sends it. Raises ValueError for what can be none."""
    number = int(written)
    if not 0 < number <= LARGEST_ID:
        raise ValueError("no row's number")
    return number


def read_checkpoints(written: str) -> list[NewCheckpoint]:
    """One a line: "name" or "name, address". Raises ValueError with the words for the person."""
    found = []
    for line in written.splitlines():
        if not line.strip():
            continue
        name, address = [*_AFTER_NAME.split(line.strip(), maxsplit=1), ""][:2]
        if not name:
            raise ValueError(_("Each line begins with the checkpoint's name."))
        if len(name) > 100 or len(address) > 200:
            raise ValueError(
                _("A name has at most 100 characters and an address 200: “%(start)s…”", start=name[:20])
            )
        found.append(NewCheckpoint(name, address))
    if len(found) > MOST_CHECKPOINTS:
        raise ValueError(
            _("At most %(most)s checkpoints at once; more can be added later.", most=MOST_CHECKPOINTS)
        )
    return found


class ChoiceOfRows(TickField):
    """Rows to tick by their numbers. What may be chosen is the action's to say."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, coerce=read_id, validate_choice=False, choices=[], **kwargs)


def kinds() -> list[tuple[str, str]]:
    return [(str(kind), _(LABELS[kind])) for kind in OperationKind]


class OperationForm(FlaskForm):
    unit = SelectField(_l("Unit"))
    operation_name = LineField(_l("Name of the operation"), needed(100))
    operation_kind = SelectField(_l("Kind"))

    def offer(self, units: Iterable[tuple[str, str]]) -> None:
        self.unit.choices = list(units)
        self.operation_kind.choices = kinds()


class _NewBranchForm(FlaskForm):
    """What an action branch and a temporary branch have in common."""

    name = LineField(_l("Name of the branch"), needed(100))
    operation = SelectField(_l("Operation"))
    operation_name = LineField(_l("Name of the new operation"), optional(100))
    operation_kind = SelectField(_l("Its kind"))
    mission = LongTextField(_l("Mission"), [*optional(2000), Optional()])
    checkpoint_ids = ChoiceOfRows(_l("Checkpoints that are there already"))
    checkpoints = LongTextField(_l("New checkpoints"), [*optional(10_000), Optional()])

    def offer(self, operations: Iterable[tuple[int, str]], checkpoints: Iterable[tuple[int, str]]) -> None:
        known = [(str(number), name) for number, name in operations]
        self.operation.choices = [*known, (NEW, _("A new operation"))]
        self.operation_kind.choices = kinds()
        self.checkpoint_ids.choices = list(checkpoints)

    def validate_operation_name(self, field: Any) -> None:
        if self.operation.data == NEW and not field.data:
            raise ValidationError(_("Please name the new operation."))

    def validate_checkpoints(self, field: Any) -> None:
        try:
            read_checkpoints(field.data)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    @property
    def new_checkpoints(self) -> list[NewCheckpoint]:
        return read_checkpoints(self.checkpoints.data or "")

    @property
    def operation_id(self) -> int | None:
        """The operation chosen, or None for the new one."""
        return None if self.operation.data == NEW else int(self.operation.data)


class StandUpForm(_NewBranchForm):
    secretary_id = RadioField(_l("Secretary"), coerce=read_id, validate_choice=False, choices=[])
    find = LineField(_l("Somebody else"), optional(100))


class ProposalForm(_NewBranchForm):
    joint = BooleanField(_l("A joint branch of several units"))
    member_ids = ChoiceOfRows(_l("Members proposed"))
    find = LineField(_l("Find more members"), optional(100))


class ApprovalForm(FlaskForm):
    secretary_id = RadioField(_l("Secretary"), coerce=read_id, validate_choice=False, choices=[])
    deputy_id = SelectField(_l("Deputy secretary"), coerce=lambda it: read_id(it) if it else None, choices=[])
    committee_ids = ChoiceOfRows(_l("Further members of the committee"))

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        listed = list(people)
        self.secretary_id.choices = self.committee_ids.choices = listed
        self.deputy_id.choices = [("", _("none")), *listed]

    def validate_secretary_id(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Please name the secretary."))


class DeclineForm(FlaskForm):
    reason = LongTextField(_l("Why it is not approved"), needed(500))


class PositionField(StringField):
    """A position as people copy it: "31.37, 120.63" or "120.63,31.37". In China and its neighbours no latitude is as large
    as a longitude, so that either order is read; elsewhere the latitude comes first."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        if not typed:
            return
        numbers = re.fullmatch(
            r"(-?\d{1,3}(?:\.\d{1,15})?)°?\s*[,;、\s]\s*(-?\d{1,3}(?:\.\d{1,15})?)°?", typed
        )
        first, second = (float(numbers[1]), float(numbers[2])) if numbers else (math.inf, math.inf)
        if first > 60 >= second > 0:
            first, second = second, first
        if not (-90 <= first <= 90 and -180 <= second <= 180):
            raise ValueError(_("Write latitude and longitude with a comma, such as 31.37, 120.63."))
        self.data = (first, second)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else written_position(self.data)


def written_position(position: tuple[float, float] | None) -> str:
    """ "31.37, 120.63": to six decimals, a tenth of a metre. Nothing for none."""
    return ", ".join(f"{each:.6f}".rstrip("0").rstrip(".") for each in position) if position else ""


class PlaceForm(FlaskForm):
    """Where a checkpoint is, and whom to ask for there."""

    address = LineField(_l("Address"), [*optional(200), Optional()])
    contact = LineField(_l("Contact on site"), [*optional(100), Optional()])
    place = PositionField(_l("Position"), [Optional()])
    from_map = BooleanField(_l("Copied from Amap or Tencent Maps"))

    @property
    def position(self) -> tuple[float | None, float | None]:
        """(latitude, longitude) in WGS 84, or neither."""
        if self.place.data is None:
            return None, None
        found: tuple[float, float] = self.place.data
        return maps.wgs84(*found) if self.from_map.data else found

    def position_instead_of(
        self, latitude: float | None, longitude: float | None
    ) -> tuple[float | None, float | None]:
        """As `position`; the one that is there stays to its last digit, and unshifted, where what was shown comes back."""
        if self.place.data is None or latitude is None or longitude is None:
            return self.position
        shown = written_position((latitude, longitude))
        return (latitude, longitude) if written_position(self.place.data) == shown else self.position


class CheckpointForm(PlaceForm):
    checkpoints = LineField(_l("Name"), needed(100))


class ServeForm(FlaskForm):
    checkpoint_ids = ChoiceOfRows(_l("Checkpoints that are there already"))

    def validate_checkpoint_ids(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Please tick at least one checkpoint."))


class AttachForm(FlaskForm):
    member_ids = ChoiceOfRows(_l("Members"))

    def validate_member_ids(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Please tick at least one person."))
