"""When a branch may stand, and what is said of one that could be better led. No SQL, no clock.

Temporary branches: Regulations on the Work of Branches (trial, 2018): set up for a temporary body or task, approved
by the organisation above, which names secretary, deputy and committee (no election). A branch needs at least 3 full
members; from 7 it has a committee of 3 to 5, at most 7; about 50 members is the usual ceiling. An action branch is
a local form and needs no approval.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mobilizer.errors import N_, Refused
from mobilizer.terms import BranchKind, BranchStatus, Standing

LEAST_FULL_MEMBERS = 3
COMMITTEE_FROM = 7
USUAL_COMMITTEE = (3, 5)
LARGEST_COMMITTEE = 7
USUAL_CEILING = 50
MOST_AT_ONCE = 2000
"""How many members are attached in one step."""


@dataclass(frozen=True, slots=True)
class NewCheckpoint:
    """A place to be. Latitude and longitude are WGS 84 degrees, both or neither."""

    name: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    contact: str = ""


class Place(NamedTuple):
    """Where a checkpoint is, in WGS 84 degrees, both or neither, and whom to ask for there."""

    address: str
    latitude: float | None
    longitude: float | None
    contact: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning: a msgid and its values. It stops nothing."""

    message: str
    values: dict[str, object]


def may_approve(*, from_above: bool, own_proposal: bool) -> None:
    """Refuses whoever is not the secretary of an organisation above, and whoever made the proposal.

    Regulations on the Work of Branches (trial, 2018): a temporary branch is approved by the party organisation above.
    """
    if not from_above:
        raise Refused(
            "approver-not-above",
            N_(
                "A temporary branch is approved by the secretary of the organisation above its unit. Please ask there."
            ),
            status=403,
        )
    if own_proposal:
        raise Refused(
            "own-proposal",
            N_("You proposed this branch yourself. Another secretary above its unit has to approve it."),
            status=403,
        )


def may_activate(*, full_members: int, secretary_standing: str) -> None:
    """Refuses a temporary branch of fewer than 3 full members, and a secretary who is not a full member.

    Regulations on the Work of Branches (trial, 2018).
    """
    if full_members < LEAST_FULL_MEMBERS:
        raise Refused(
            "too-few-full-members",
            N_(
                "A branch needs at least %(least)s full members; proposed so far: %(count)s. "
                "Attach more first, or let an action branch do the work."
            ),
            status=422,
            least=LEAST_FULL_MEMBERS,
            count=full_members,
        )
    if secretary_standing != Standing.FULL:
        raise Refused(
            "secretary-not-full",
            N_("The secretary of a temporary branch is a full member. Please name one of the full members."),
            status=422,
            field="secretary_id",
        )


def remarks(*, full_members: int, people: int, committee: int) -> list[Remark]:
    """What the approver and the branch are told and may decide otherwise.

    `committee` counts its secretary and deputy too. Regulations on the Work of Branches (trial, 2018).
    """
    found = []
    low, high = USUAL_COMMITTEE
    if full_members < LEAST_FULL_MEMBERS:
        found.append(
            Remark(
                N_("Full members: %(count)s. At least %(least)s are needed before it can be approved."),
                {"count": full_members, "least": LEAST_FULL_MEMBERS},
            )
        )
    if full_members >= COMMITTEE_FROM and committee < low:
        found.append(
            Remark(
                N_("From %(from)s full members a branch has a committee of %(low)s to %(high)s."),
                {"from": COMMITTEE_FROM, "low": low, "high": high},
            )
        )
    if committee > LARGEST_COMMITTEE:
        found.append(
            Remark(
                N_("A committee has at most %(most)s people; named: %(count)s."),
                {"most": LARGEST_COMMITTEE, "count": committee},
            )
        )
    elif committee > high:
        found.append(
            Remark(N_("A committee usually has %(low)s to %(high)s people."), {"low": low, "high": high})
        )
    if people > USUAL_CEILING:
        found.append(
            Remark(
                N_(
                    "%(count)s people are attached; about %(ceiling)s is usual. Two branches may be easier to lead."
                ),
                {"count": people, "ceiling": USUAL_CEILING},
            )
        )
    return found


def check_checkpoints(checkpoints: Sequence[NewCheckpoint]) -> None:
    """Refuses a name that is missing or stands twice, and a position that is none."""
    for name, times in Counter(each.name for each in checkpoints).items():
        if not name:
            raise Refused(
                "checkpoint-nameless", N_("A checkpoint needs a name."), status=422, field="checkpoints"
            )
        if times > 1:
            raise Refused(
                "checkpoint-twice",
                N_("“%(name)s” stands here twice. Each checkpoint needs a name of its own."),
                status=422,
                field="checkpoints",
                name=name,
            )
    for each in checkpoints:
        check_position(each.latitude, each.longitude)


def check_position(latitude: float | None, longitude: float | None) -> None:
    if (latitude is None) != (longitude is None) or not (
        -90 <= (latitude or 0) <= 90 and -180 <= (longitude or 0) <= 180
    ):
        raise Refused(
            "checkpoint-position",
            N_("A position has a latitude from -90 to 90 and a longitude from -180 to 180, or neither."),
            status=422,
            field="place",
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a branch needs to stand. `state` is done, next (the first that is missing) or open."""

    key: str
    state: str


def steps(*, kind: str, status: str, led: bool, people: int, checkpoints: int) -> list[Step]:
    """Does it stand: approved, led, staffed, with places to be? In the order in which they are done.

    `people` are those who count: in a temporary branch the full members, at least 3 of them before its approval,
    with which its secretary comes.
    """
    approved = status == BranchStatus.ACTIVE
    staffed = people >= (LEAST_FULL_MEMBERS if kind == BranchKind.TEMPORARY else 1)
    done = {"staffed": staffed, "approved": approved, "led": led, "checkpoints": checkpoints > 0}
    if kind == BranchKind.ACTION:
        done = {name: done[name] for name in ("approved", "led", "checkpoints", "staffed")}
    missing = next((name for name, is_done in done.items() if not is_done), None)
    return [
        Step(name, "done" if is_done else "next" if name == missing else "open")
        for name, is_done in done.items()
    ]
