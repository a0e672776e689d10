"""What a reader may choose from on these pages: units, people, checkpoints, operations, as (value, words)."""

import re
from collections.abc import Iterable
from itertools import chain

from flask_babel import gettext as _

from mobilizer.branches import queries
from mobilizer.members import queries as members
from mobilizer.members.rules import covering
from mobilizer.policy import Grant, Permission, Reader, allows, covers
from mobilizer.terms import Level
from mobilizer.units import queries as units

FOUND = 30
"""How many found people are offered at once."""

_CODE = re.compile(r"[0-9]{6,12}(-[0-9]{1,7})?")

_INDENT = {
    Level.DISTRICT: "",
    Level.TOWN: "\u3000",
    Level.VILLAGE: "\u3000\u3000",
    Level.GRID: "\u3000\u3000\u3000",
}


def unit_code_in(written: str | None) -> str | None:
    """A unit's code as an address or a form sends it; None for what can be none."""
    return written if written and _CODE.fullmatch(written) else None


def roots(reader: Reader, permission: Permission) -> list[str]:
    """The topmost units in which the reader may, by the codes of their appointments."""
    codes = sorted({g.unit_code for g in reader.grants if g.unit_code and _permits(reader, g, permission)})
    return [code for code in codes if not any(code != top and covers(top, code) for top in codes)]


def _permits(reader: Reader, grant: Grant, permission: Permission) -> bool:
    return bool(allows(reader, permission, grant))


def unit_choices(reader: Reader, permission: Permission, within: str = "") -> list[tuple[str, str]]:
    """The units in which the reader may, with all below, as a tree; the grids of a district only where asked for."""
    tops = roots(reader, permission)
    lines = list(chain.from_iterable(units.choices(top, grids=len(top) > 6) for top in tops))
    if within and any(within.startswith(top) and len(top) <= 6 for top in tops):
        lines += [each for each in units.choices(within[:12], grids=True) if each.level == Level.GRID]
        lines.sort(key=lambda each: each.code)
    return [(each.code, _INDENT[Level(each.level)] + each.name) for each in lines]


def operation_choices(unit_code: str) -> list[tuple[int, str]]:
    """The current operations of the unit and of those above it."""
    return [
        (each.id, _("%(name)s (%(unit)s)", name=each.name, unit=each.unit_name))
        for each in queries.operations_for(unit_code)
    ]


def checkpoint_choices(unit_code: str, *, not_of: int | None = None) -> list[tuple[int, str]]:
    """Those of the unit and of all below it, with their address or unit."""
    return [
        (each.id, _said(each.name, each.address or each.unit_name))
        for each in queries.checkpoints_to_choose(unit_code, not_of=not_of)
    ]


def person_choices(
    reader: Reader, chosen: Iterable[int], find: str, *, first_self: bool = False
) -> list[tuple[int, str]]:
    """Those chosen already, then those whom the search finds within the reader's appointments."""
    scope, own = covering(reader), reader.member_id
    wanted = [*chosen, *([own] if first_self else [])]
    named = queries.choosable(wanted, scope, or_self=own)
    named.sort(key=lambda each: each[0] != own)
    if find:
        known = {member_id for member_id, _name, _home in named}
        found = members.search(scope, text=find, without=known, limit=FOUND)
        named += [(line.id, line.name, line.branch_name) for line in found.lines]
    return [(member_id, _said(name, home)) for member_id, name, home in named]


def leader_choices(branch_id: int) -> list[tuple[int, str]]:
    """The full members attached to the branch."""
    return [(member_id, _said(name, home)) for member_id, name, home in queries.full_members(branch_id)]


def _said(name: str, more: str | None) -> str:
    return _("%(name)s · %(more)s", name=name, more=more) if more else name
