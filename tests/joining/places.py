"""What tests of the shared link have in common: a call that lets people in, one who is on its roster, and the way in."""

from dataclasses import dataclass
from typing import Any

from mobilizer.extensions import begin_write, db
from mobilizer.model import Branch, Call, Member, Shift
from tests import factories
from tests.visitor import Visitor

PHONE = "19800000001"


@dataclass(frozen=True)
class Place:
    home: Branch
    branch: Branch
    call: Call
    shift: Shift
    member: Member


def made() -> Place:
    """A call of an action branch to its village, a shift tomorrow at 08:00, and a member of the village."""
    home = factories.branch()
    branch = factories.branch(kind="action")
    call = factories.call(branch, quick_join=True)
    shift = factories.shift(call, factories.checkpoint(branch, "East Gate"))
    return Place(home, branch, call, shift, factories.member(home, "王小明", phone="+86" + PHONE))


def enter(
    visitor: Visitor, place: Place, *, shift: Shift | None = None, name: str = "", phone: str = PHONE
) -> Visitor:
    """From the link to the answer, as a phone does it."""
    where = f"/c/{place.call.code}/join"
    visitor.open(f"{where}?shift={(shift or place.shift).id}")
    return visitor.submit(where, name=name or place.member.name, phone=phone)


def call_to(call: Call, **values: Any) -> None:
    """The call is as these say from now on."""
    db.session.rollback()
    begin_write()
    found = db.session.get_one(Call, call.id)
    for name, value in values.items():
        setattr(found, name, value)
    db.session.commit()
