"""Making and ending the private address of a member's calendar."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from mobilizer import journal
from mobilizer.accounts.queries import token_hash
from mobilizer.calendars.rules import token_of
from mobilizer.extensions import db, table_of
from mobilizer.model import CalendarFeed
from mobilizer.policy import Actor

_TABLE = table_of(CalendarFeed)


def make(member_id: int, *, nonce: str, secret_key: str, by: Actor, now: datetime) -> None:
    """Give the member an address, if they have none. Two at once: the database keeps one, and the other finds it."""
    if db.session.scalar(select(CalendarFeed.member_id).where(CalendarFeed.member_id == member_id)) is None:
        db.session.execute(insert(_TABLE).values(member_id=member_id, **_kept(nonce, secret_key, now)))
        journal.write("member.calendar-made", member_id, by=by, now=now)


def renew(member_id: int, *, nonce: str, secret_key: str, by: Actor, now: datetime) -> None:
    """Give the member a new address; the old one ends with it."""
    changed = db.session.scalar(
        update(_TABLE)
        .where(_TABLE.c.member_id == member_id)
        .values(**_kept(nonce, secret_key, now))
        .returning(_TABLE.c.member_id)
    )
    if changed is None:
        make(member_id, nonce=nonce, secret_key=secret_key, by=by, now=now)
    else:
        journal.write("member.calendar-made", member_id, by=by, now=now)


def remove(member_id: int, *, by: Actor, now: datetime) -> None:
    """End the member's address; nothing if there is none."""
    ended = db.session.scalar(
        delete(_TABLE).where(_TABLE.c.member_id == member_id).returning(_TABLE.c.member_id)
    )
    if ended is not None:
        journal.write("member.calendar-removed", member_id, by=by, now=now)


def _kept(nonce: str, secret_key: str, now: datetime) -> dict[str, object]:
    return {"nonce": nonce, "token_hash": token_hash(token_of(secret_key, nonce)), "made_at": now}
