"""The figures over all days from the tallies, which cost the same however long the ledger is.

What was served, and who was signed up for closed shifts, is counted there (mobilizer.model.tallies). Sign-ups on shifts that
are not closed can still change: they are read where they are, and whoever is counted already is not counted again.
"""

from dataclasses import fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    literal_column,
    not_,
    select,
)
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.model import Branch, Call, Shift, SignUp, Tally, TallyDay, TallyPerson, within
from mobilizer.model.tallying import NONE
from mobilizer.participation.rules import FILTERS, By, Figures, Slice, code_length_below, days_of
from mobilizer.terms import SignUpStatus

_ZERO: ColumnElement[int] = literal_column("0", Integer)
_OPEN: ColumnElement[bool] = Shift.status == literal_column("'open'")
"""Spelled out, as SQLite takes the index of open shifts for this text alone."""
_NARROWING = ("operation_id", "category", "checkpoint_id", "branch_id")
_LISTED = {by: name for by, name in FILTERS.items() if name in _NARROWING}
"""The groupings whose rows are tallies of the same unit, with the column that tells them apart."""
_SIGN_UP: dict[str, Any] = {
    "operation_id": func.coalesce(Branch.operation_id, NONE),
    "category": Call.category,
    "checkpoint_id": Shift.checkpoint_id,
    "branch_id": Call.branch_id,
}
_FIGURES = (Tally.signed_up, Tally.on_post, Tally.person_times, Tally.minutes)


def answers_total(cut: Slice) -> bool:
    """Whether the total of this slice is kept: all days of a unit, narrowed to one thing at most."""
    known = {"unit_code", "by", "across", *_NARROWING}
    plain = all(getattr(cut, each.name) == each.default for each in fields(cut) if each.name not in known)
    return plain and cut.unit_code is not None and len(_narrowed(cut)) <= 1


def answers(cut: Slice, code_length: int) -> bool:
    """Whether its rows are kept too."""
    if not answers_total(cut):
        return False
    if cut.by in _LISTED:
        return _narrowed(cut).keys() <= {_LISTED[cut.by]}
    return cut.by in (By.DAY, By.MEMBER) or (
        cut.by == By.UNIT and code_length == code_length_below(cut.unit_code)
    )


def total(cut: Slice) -> Figures:
    """As `queries.total`."""
    served = (
        select(TallyDay.day)
        .join(Tally, Tally.id == TallyDay.tally_id)
        .where(_of(cut), TallyDay.person_times > 0)
        .limit(1)
    )
    row: Any = db.session.execute(
        select(
            *(func.coalesce(func.sum(each), 0) for each in _FIGURES),
            _not_closed(cut, _whole(cut)).add_columns(_people()).scalar_subquery(),
            served.order_by(TallyDay.day).scalar_subquery(),
            served.order_by(TallyDay.day.desc()).scalar_subquery(),
        ).where(_of(cut))
    ).one()
    signed_up, on_post, person_times, minutes, not_closed, first, last = row
    return Figures(
        int(signed_up) + not_closed, int(on_post), int(person_times), int(minutes), days_of(cut, first, last)
    )


def parts(cut: Slice) -> list[Select[Any]]:
    """The rows (key, signed up, on post, person-times, minutes), twice: from the tallies, and who comes to them from shifts
    that are not closed."""
    key, counted = _not_closed_key(cut)
    coming = _not_closed(cut, counted).add_columns(key, _people(), _ZERO, _ZERO, _ZERO).group_by(key)
    return [_kept(cut), coming]


def _kept(cut: Slice) -> Select[Any]:
    if cut.by == By.DAY:
        counted = (TallyDay.signed_up, TallyDay.on_post, TallyDay.person_times, TallyDay.minutes)
        return _rows(TallyDay.day, *counted).join(Tally, Tally.id == TallyDay.tally_id).where(_of(cut))
    if cut.by == By.MEMBER:
        was = (case((column > 0, 1), else_=0) for column in (TallyPerson.sign_ups, TallyPerson.person_times))
        person = _rows(TallyPerson.member_id, *was, TallyPerson.person_times, TallyPerson.minutes)
        return person.join(Tally, Tally.id == TallyPerson.tally_id).where(_of(cut))
    if cut.by == By.UNIT:
        return _rows(Tally.unit_code, *_FIGURES).where(_listed(cut), *_narrowed_to(_narrowed(cut)))
    name = _LISTED[cut.by]
    column = getattr(Tally, name)
    listed = column == _narrowed(cut)[name] if name in _narrowed(cut) else column != _any(name)
    return _rows(_plain(column, name), *_FIGURES).where(_here(cut), listed, *_narrowed_to({name: column}))


def _rows(key: Any, *figures: Any) -> Select[Any]:
    return select(key.label("key_0"), *(each.label(f"count_{at}") for at, each in enumerate(figures)))


# --- which tallies -------------------------------------------------------------------------------------


def _narrowed(cut: Slice) -> dict[str, Any]:
    """What the slice is narrowed to, as the tallies have it; 0 in a slice means: none."""
    asked = {name: getattr(cut, name, None) for name in _NARROWING}
    return {name: NONE if value == 0 else value for name, value in asked.items() if value is not None}


def _any(name: str) -> Any:
    return "" if name == "category" else 0


def _plain(column: Any, name: str) -> ColumnElement[Any]:
    return column if name == "category" else func.nullif(column, NONE)


def _narrowed_to(given: dict[str, Any]) -> list[ColumnElement[bool]]:
    return [getattr(Tally, name) == given.get(name, _any(name)) for name in _NARROWING]


def _here(cut: Slice) -> ColumnElement[bool]:
    return and_(Tally.unit_code == cut.unit_code, Tally.whole)


def _of(cut: Slice) -> ColumnElement[bool]:
    """The one tally of the whole slice."""
    return and_(_here(cut), *_narrowed_to(_narrowed(cut)))


def _listed(cut: Slice) -> ColumnElement[bool]:
    """Those of the units below and of what lies on the unit itself. A grid is its own only row."""
    return _here(cut) if "-" in (cut.unit_code or "") else Tally.listed_under == cut.unit_code


# --- shifts that are not closed ------------------------------------------------------------------------


def _people() -> ColumnElement[int]:
    return func.count(distinct(SignUp.member_id))


def _not_closed(cut: Slice, counted: ColumnElement[bool]) -> Select[Any]:
    """The confirmed sign-ups on the slice's open shifts whose people are not `counted` already.

    Shifts that nobody is on stay, with nobody: joined in this way, SQLite begins with the open shifts, which are few.
    """
    narrowed = (_SIGN_UP[name] == value for name, value in _narrowed(cut).items())
    return (
        select()
        .select_from(Shift)
        .outerjoin(SignUp, and_(SignUp.shift_id == Shift.id, SignUp.status == SignUpStatus.CONFIRMED))
        .join(Call, Call.id == Shift.call_id)
        .join(Branch, Branch.id == Call.branch_id)
        .where(
            _OPEN,
            within(Shift.unit_code, cut.unit_code or ""),
            *narrowed,
            not_(counted),
        )
    )


def _whole(cut: Slice) -> ColumnElement[bool]:
    return _counted_in(_of(cut))


def _counted_in(tally: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(1)
        .select_from(TallyPerson)
        .join(Tally, Tally.id == TallyPerson.tally_id)
        .where(tally, TallyPerson.member_id == SignUp.member_id, TallyPerson.sign_ups > 0)
        .correlate(SignUp, Shift, Call, Branch)
    )


def _not_closed_key(cut: Slice) -> tuple[Any, ColumnElement[bool]]:
    """The key of the sign-up's row, and whether its person is counted there."""
    if cut.by == By.DAY:
        return Shift.day, _counted_that_day(cut)
    if cut.by == By.MEMBER:
        return SignUp.member_id, _whole(cut)
    if cut.by == By.UNIT:
        length: ColumnElement[Any] = literal_column(str(code_length_below(cut.unit_code)))
        key = func.substr(Shift.unit_code, 1, length)
        tally = and_(_listed(cut), Tally.unit_code == key, *_narrowed_to(_narrowed(cut)))
        return key, _counted_in(tally)
    name = _LISTED[cut.by]
    key = _SIGN_UP[name]
    return _plain(key, name), _counted_in(and_(_here(cut), *_narrowed_to({name: key})))


def _counted_that_day(cut: Slice) -> ColumnElement[bool]:
    """Whether they were signed up for a closed shift of the slice on that day. Most days with open shifts have none."""
    any_closed = exists(
        select(1)
        .select_from(TallyDay)
        .join(Tally, Tally.id == TallyDay.tally_id)
        .where(_of(cut), TallyDay.day == Shift.day, TallyDay.signed_up > 0)
        .correlate(Shift)
    )
    sign_up, shift, call, branch = aliased(SignUp), aliased(Shift), aliased(Call), aliased(Branch)
    other = {
        "operation_id": func.coalesce(branch.operation_id, NONE),
        "category": call.category,
        "checkpoint_id": shift.checkpoint_id,
        "branch_id": call.branch_id,
    }
    theirs = exists(
        select(1)
        .select_from(sign_up)
        .join(shift, shift.id == sign_up.shift_id)
        .join(call, call.id == shift.call_id)
        .join(branch, branch.id == call.branch_id)
        .where(
            sign_up.member_id == SignUp.member_id,
            sign_up.status == literal_column(f"'{SignUpStatus.CONFIRMED}'"),
            shift.status == "closed",
            shift.day == Shift.day,
            within(shift.unit_code, cut.unit_code or ""),
            *(other[name] == value for name, value in _narrowed(cut).items()),
        )
        .correlate(SignUp, Shift)
    )
    return and_(any_closed, theirs)
