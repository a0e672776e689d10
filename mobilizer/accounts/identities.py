"""Whom an identity provider means: a member found by what it said before, or by a phone number that it has verified."""

from datetime import datetime

from sqlalchemy import insert, select

from mobilizer import journal, phones
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import Identity, Member
from mobilizer.policy import Actor


def member_of(
    issuer: str, subject: str, phone: str | None, *, unverified: bool, name: str, now: datetime
) -> int:
    """The member. One who comes the first time is linked; nobody gets an account thereby. `phone` is one that the provider
    (`name`) has verified; `unverified`: it gave one that it has not."""
    linked = db.session.scalar(
        select(Identity.member_id).where(Identity.issuer == issuer, Identity.subject == subject)
    )
    if linked is not None:
        return linked
    if phone is None:
        words = (
            N_("%(name)s has not verified your phone number, so it cannot be said who you are on the roster.")
            if unverified
            else N_(
                "%(name)s gives no phone number of yours, so it cannot be said who you are on the roster."
            )
        )
        raise Refused("identity-unknown", words, status=403, name=name)
    try:
        number = phones.read(phone)
    except ValueError:
        number = ""
    member_id = db.session.scalar(select(Member.id).where(Member.phone == number)) if number else None
    if member_id is None:
        raise Refused(
            "identity-unknown",
            N_("Nobody on the roster has the phone number that %(name)s gives. Ask your branch’s secretary."),
            status=403,
            name=name,
        )
    db.session.execute(
        insert(Identity).values(member_id=member_id, issuer=issuer, subject=subject, added_at=now)
    )
    journal.write("member.identity-linked", member_id, by=Actor(member_id), now=now)
    return member_id
