"""Using a playbook, keeping one, renaming and retiring it."""

from datetime import datetime, tzinfo

from sqlalchemy import insert, select, update

from mobilizer import journal
from mobilizer.branches import actions as branches
from mobilizer.branches.rules import NewCheckpoint
from mobilizer.calls import actions as calls
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.model import Playbook as Kept
from mobilizer.model import Unit
from mobilizer.playbooks import body_rules, queries, rules
from mobilizer.playbooks.rules import Playbook
from mobilizer.policy import Actor
from mobilizer.shifts import actions as shifts
from mobilizer.shifts import queries as shift_queries
from mobilizer.shifts.rules import Spot

LONGEST_NAME = rules.LONGEST_NAME
_FIELDS = {
    "checkpoint_ids": "checkpoints",
    "closes_at": "first",
    "skill": "posts",
    "operation_kind": "operation",
}
"""Where the screen of a playbook has what other actions refuse."""


def stand_up(
    playbook: Playbook,
    *,
    key: str,
    unit_code: str,
    operation_id: int | None,
    insured: bool,
    quick_join: bool = False,
    first: datetime,
    rest_at: datetime | None,
    secretary_id: int,
    tz: tzinfo,
    by: Actor,
    now: datetime,
) -> int:
    """From nothing to open recruiting: operation (None: a new one), action branch, checkpoints, call, shifts,
    published; answers the call's id. All of it or nothing.

    `playbook` is already said of this unit. Checkpoints are made where the unit and those below it have none of
    that name. The call is for everyone in the unit and open until the last shift ends. Refuses what the steps
    refuse, a refusal naming the field of the screen, and a skill that no roster has.
    """
    try:
        return _stand_up(
            playbook,
            key,
            unit_code,
            operation_id,
            insured,
            quick_join,
            first,
            rest_at,
            secretary_id,
            tz,
            by,
            now,
        )
    except Refused as refusal:
        refusal.field = _FIELDS.get(refusal.field or "", refusal.field)
        raise


def _stand_up(
    playbook: Playbook,
    key: str,
    unit_code: str,
    operation_id: int | None,
    insured: bool,
    quick_join: bool,
    first: datetime,
    rest_at: datetime | None,
    secretary_id: int,
    tz: tzinfo,
    by: Actor,
    now: datetime,
) -> int:
    body_rules.check(playbook)
    skills = {name: number for number, name in shift_queries.skills()}
    for post in playbook.posts:
        if post.skill and post.skill not in skills:
            raise Refused(
                "skill-not-held",
                N_("No roster has the skill “%(skill)s”. Leave it out, or write it as the rosters do."),
                status=422,
                field="posts",
                skill=post.skill,
            )
    if operation_id is None:
        operation_id = branches.start_operation(playbook.operation, playbook.kind, unit_code, by=by, now=now)
    known = queries.checkpoint_ids(unit_code, [each.name for each in playbook.checkpoints])
    branch_id = branches.stand_up(
        name=playbook.branch,
        unit_code=unit_code,
        operation_id=operation_id,
        mission=playbook.mission,
        secretary_id=secretary_id,
        checkpoints=[
            NewCheckpoint(each.name, each.address) for each in playbook.checkpoints if each.name not in known
        ],
        checkpoint_ids=sorted(known.values()),
        by=by,
        now=now,
    )
    spots = [Spot(each.id, each.unit_code) for each in shift_queries.checkpoints(branch_id)]
    planned = rules.plan(playbook, spots, first=first, rest_at=rest_at, skills=skills, tz=tz, now=now)
    sum_of = rules.total(planned)
    call_id = calls.draft(
        branch_id,
        title=playbook.title,
        content=playbook.content,
        risks=playbook.risks,
        kit=playbook.kit,
        category=playbook.category,
        dangerous=playbook.dangerous,
        insured=insured,
        quick_join=quick_join,
        audience_unit_code=unit_code,
        opens_at=now,
        closes_at=sum_of.ends_at,
        by=by,
        now=now,
    )
    shifts.lay_out(call_id, planned, by=by, now=now)
    calls.publish(call_id, by=by, now=now)
    journal.write(
        "playbook.used",
        key,
        by=by,
        now=now,
        unit_code=unit_code,
        branch_id=branch_id,
        call=call_id,
        shifts=sum_of.shifts,
        seats=sum_of.seats,
    )
    return call_id


def keep(
    playbook: Playbook, *, unit_code: str, name: str, replace: bool = False, by: Actor, now: datetime
) -> int:
    """Keep it under this name for the unit and all below; answers its id.

    With `replace` the unit's playbook of that name is retired for it; without, that name is refused. Refuses also
    what body_rules.read refuses: nothing is kept that could not be used again.
    """
    body = body_rules.body_of(playbook)
    body_rules.read(body)
    _check_name(name)
    db.session.scalar(select(Unit.code).where(Unit.code == unit_code).with_for_update())
    before = _current(unit_code, name)
    if before is not None and not replace:
        raise _name_taken(name)
    if before is not None:
        _retire(before, now)
    made = db.session.scalars(
        insert(table_of(Kept))
        .values(unit_code=unit_code, name=name, body=body, added_at=now)
        .returning(Kept.id)
    ).one()
    journal.write("playbook.kept", made, by=by, now=now, unit_code=unit_code, name=name, replaces=before)
    return made


def rename(playbook_id: int, name: str, *, by: Actor, now: datetime) -> None:
    """Give it another name. The same again changes nothing. Refuses a name that another one of the unit has."""
    _check_name(name)
    row = _the_kept(playbook_id)
    if row.name == name:
        return
    if _current(row.unit_code, name) is not None:
        raise _name_taken(name)
    db.session.execute(
        update(table_of(Kept)).where(Kept.id == playbook_id, Kept.retired_at.is_(None)).values(name=name)
    )
    journal.write(
        "playbook.renamed",
        playbook_id,
        by=by,
        now=now,
        unit_code=row.unit_code,
        before=row.name,
        name=name,
    )


def retire(playbook_id: int, *, by: Actor, now: datetime) -> None:
    """Nobody is offered it any more; what was stood up from it stays. Retiring again changes nothing."""
    row = db.session.execute(
        select(Kept.unit_code, Kept.name).where(Kept.id == playbook_id, Kept.retired_at.is_(None))
    ).first()
    if row is not None and _retire(playbook_id, now):
        journal.write("playbook.retired", playbook_id, by=by, now=now, unit_code=row.unit_code, name=row.name)


def _retire(playbook_id: int, now: datetime) -> bool:
    return (
        db.session.execute(
            update(table_of(Kept))
            .where(Kept.id == playbook_id, Kept.retired_at.is_(None))
            .values(retired_at=now)
            .returning(Kept.id)
        ).first()
        is not None
    )


def _current(unit_code: str, name: str) -> int | None:
    return db.session.scalar(
        select(Kept.id).where(Kept.unit_code == unit_code, Kept.name == name, Kept.retired_at.is_(None))
    )


def _the_kept(playbook_id: int) -> queries.KeptRow:
    row = queries.kept(playbook_id)
    if row is None:
        raise Refused("playbook-unknown", N_("There is no such playbook any more."), status=404)
    return row


def _check_name(name: str) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused(
            "playbook-name",
            N_("A playbook is named in 1 to %(n)s characters."),
            status=422,
            field="name",
            n=LONGEST_NAME,
        )


def _name_taken(name: str) -> Refused:
    return Refused(
        "playbook-name-taken",
        N_("This unit has a playbook “%(name)s” already. Choose another name, or tick that it is replaced."),
        field="name",
        name=name,
    )
