"""Making, ending and using one-time links."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import insert, select, update

from mobilizer import journal
from mobilizer.accounts import actions as accounts
from mobilizer.accounts.queries import reader_of_member, token_hash
from mobilizer.activations import queries
from mobilizer.activations.rules import LASTS, MOST, may_open, token_of
from mobilizer.branches.queries import BranchRow
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db, table_of
from mobilizer.members.queries import batches
from mobilizer.model import Activation, Member
from mobilizer.policy import COMMAND_LINE, Actor, Permission, Reader, allows

_TABLE = table_of(Activation)
_OPEN = _TABLE.c.used_at.is_(None) & _TABLE.c.revoked_at.is_(None)
ENDED = (
    "activation-ended",
    N_("This link is no longer good. Ask the secretary of your branch for a new one."),
)


def make(
    member_ids: Collection[int],
    *,
    nonce: Callable[[], str],
    secret_key: str,
    by: Actor,
    now: datetime,
    of_branch: BranchRow | None = None,
) -> int:
    """A link for each of them, good for 72 hours; an open one that they have ends. Answers how many.

    Refuses more than MOST, none, whoever is not of the branch (`of_branch`), and whoever has an appointment that does
    not lie below the actor's. Two at once: the database keeps one open link for each member.
    """
    wanted = set(member_ids)
    if not wanted or len(wanted) > MOST:
        raise Refused(
            "activation-whom",
            N_("Tick who needs a link, at most %(most)s people."),
            status=422,
            most=MOST,
        )
    _check_reach(wanted, of_branch, by, now)
    _end(wanted, now)
    made = [
        {
            "member_id": member_id,
            "nonce": (fresh := nonce()),
            "token_hash": token_hash(token_of(secret_key, fresh)),
            "made_by_id": by.member_id,
            "made_at": now,
            "expires_at": now + LASTS,
        }
        for member_id in sorted(wanted)
    ]
    db.session.execute(insert(_TABLE), made)
    _journal("member.links-made", wanted, of_branch, by, now)
    return len(made)


def revoke(
    member_ids: Collection[int], *, by: Actor, now: datetime, of_branch: BranchRow | None = None
) -> int:
    """End the open links of these people; answers how many there were. The same people are in reach as for `make`."""
    wanted = set(member_ids)
    _check_reach(wanted, of_branch, by, now)
    ended = _end(wanted, now)
    if ended:
        _journal("member.links-revoked", ended, of_branch, by, now)
    return len(ended)


def use(token: str, password_hash: str, *, now: datetime) -> int:
    """Set the password (hashed before the transaction) with a link, once; every log-in of the member ends. Answers
    whose it is. Refuses a link that is used, revoked, expired or unknown, and one whose maker may no longer make it."""
    used = db.session.execute(
        update(_TABLE)
        .where(_TABLE.c.token_hash == token_hash(token), _OPEN, _TABLE.c.expires_at > now)
        .values(used_at=now)
        .returning(_TABLE.c.member_id, _TABLE.c.made_by_id)
    ).first()
    if used is None:
        raise Refused(*ENDED, status=410)
    accounts.set_password(used.member_id, password_hash, by=Actor(used.member_id), now=now)
    # Asked now that the member's row is held: whoever is being appointed waits, or has been.
    if not queries.still_good(used.made_by_id, used.member_id, now):
        raise Refused(*ENDED, status=410)
    journal.write("member.activated", used.member_id, by=Actor(used.member_id), now=now)
    return int(used.member_id)


def _check_reach(wanted: set[int], of_branch: BranchRow | None, by: Actor, now: datetime) -> None:
    if of_branch is not None:
        found: set[int] = set()
        for some in batches(wanted):
            found |= set(
                db.session.scalars(select(Member.id).where(Member.id.in_(some), queries.in_branch(of_branch)))
            )
        if found != wanted:
            raise Refused(
                "member-unknown",
                N_("Somebody among these is not of this branch. Nothing was changed."),
                status=404,
            )
    if by == COMMAND_LINE:
        return
    reader = reader_of_member(by.member_id or 0, now)
    held = queries.held(wanted, now)
    if (
        reader is None
        or not all(may_open(reader, each, held.get(each, ())) for each in wanted)
        or not _leads(reader, wanted, of_branch)
    ):
        raise Refused(
            "activation-beyond",
            N_(
                "Somebody among these has an appointment that does not lie below yours. "
                "Their link is made by the secretary above, or by the administrator."
            ),
            status=403,
        )


def _leads(reader: Reader, wanted: set[int], of_branch: BranchRow | None) -> bool:
    if of_branch is not None:
        return bool(allows(reader, Permission.MEMBER_ACTIVATE, of_branch))
    return all(queries.reaches(reader, each) for each in wanted)


def _end(member_ids: Collection[int], now: datetime) -> list[int]:
    """End their open links, expired ones as well; answers whose they were."""
    ended: list[int] = []
    for some in batches(sorted(member_ids)):
        ended += db.session.scalars(
            update(_TABLE)
            .where(_TABLE.c.member_id.in_(some), _OPEN)
            .values(revoked_at=now)
            .returning(_TABLE.c.member_id)
        ).all()
    return ended


def _journal(
    kind: str, member_ids: Collection[int], of_branch: BranchRow | None, by: Actor, now: datetime
) -> None:
    subject = str(of_branch.id) if of_branch else ",".join(map(str, sorted(member_ids)))
    journal.write(
        kind,
        subject,
        by=by,
        now=now,
        unit_code=of_branch.unit_code if of_branch else None,
        branch_id=of_branch.id if of_branch else None,
        members=sorted(member_ids),
    )
