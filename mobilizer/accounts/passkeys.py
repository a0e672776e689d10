"""Passkeys (WebAuthn): added, shown, taken off. The signature is checked by the webauthn package, the rest is kept here.

The person is verified by the device itself each time (its lock, a finger, a face), so one passkey is two factors.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import webauthn
from sqlalchemy import delete, func, insert, select, update
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mobilizer import journal
from mobilizer.accounts import challenges, passkey_queries
from mobilizer.accounts.strength_rules import Terms, may_change_passkeys
from mobilizer.errors import N_, Refused
from mobilizer.extensions import db
from mobilizer.model import LogIn, Member, Passkey
from mobilizer.policy import Actor

ADD, CONFIRM, LOG_IN = "passkey-add", "passkey-confirm", "passkey-log-in"
MOST = 10
LONGEST_ID = 1400
TIMEOUT_MS = int(challenges.LASTS.total_seconds() * 1000)
_DAMAGED = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What the parsing of a credential may end in when somebody has made it up."""


@dataclass(frozen=True, slots=True)
class Site:
    """Who asks the authenticator (the relying party): the host's name, the address as the browser has it, the name that
    people read. `secret` makes each member's number at the authenticator, which tells nothing of them."""

    host: str
    origin: str
    name: str
    secret: str

    def number_of(self, member_id: int) -> bytes:
        return hmac.new(self.secret.encode(), f"passkeys of {member_id}".encode(), "sha256").digest()


# --- questions ----------------------------------------------------------------------------------------


def ask_for_new(member_id: int, site: Site, log_in_id: int | None, *, terms: Terms, now: datetime) -> str:
    """What the browser is to hand to the authenticator, as JSON, for a passkey of one's own."""
    _check_may_change(member_id, log_in_id, terms, now)
    name = db.session.scalar(select(Member.name).where(Member.id == member_id)) or ""
    held = db.session.scalars(select(Passkey.credential_id).where(Passkey.member_id == member_id)).all()
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=site.number_of(member_id),
        user_name=name,
        challenge=base64url_to_bytes(challenges.ask(ADD, member_id=member_id, now=now)),
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_described(each) for each in held],
    )
    return options_to_json(options)


def ask_for_known(purpose: str, site: Site, *, now: datetime, member_id: int | None = None) -> str:
    """The same for a passkey that is there: one of this member's, or whoever's the device has (to log in)."""
    held = db.session.scalars(select(Passkey.credential_id).where(Passkey.member_id == member_id)).all()
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenges.ask(purpose, member_id=member_id, now=now)),
        timeout=TIMEOUT_MS,
        allow_credentials=[_described(each) for each in held] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def _described(credential_id: str) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential_id))


def challenge_in(options: str) -> str:
    """The question in what was handed out: this browser keeps it, and no other browser can answer it."""
    return str(json.loads(options)["challenge"])


# --- answers ------------------------------------------------------------------------------------------


def add(
    member_id: int,
    name: str,
    answer: str,
    site: Site,
    *,
    asked: str,
    log_in_id: int | None,
    terms: Terms,
    by: Actor,
    now: datetime,
) -> str:
    """Keep the passkey that the authenticator has made; this device has shown it thereby. `asked` is the question that
    was put to this very browser. Answers the name."""
    _check_may_change(member_id, log_in_id, terms, now)
    challenges.answered(asked, ADD, member_id=member_id, now=now)
    try:
        made = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(asked),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _DAMAGED:
        raise _not_good() from None
    credential_id = bytes_to_base64url(made.credential_id)
    if len(credential_id) > LONGEST_ID:
        raise _not_good()
    db.session.execute(select(Member.id).where(Member.id == member_id).with_for_update(key_share=True))
    if db.session.scalar(select(func.count()).where(Passkey.credential_id == credential_id)):
        raise Refused("passkey-known", N_("This passkey is in use already."))
    if (db.session.scalar(select(func.count()).where(Passkey.member_id == member_id)) or 0) >= MOST:
        raise Refused(
            "passkeys-enough", N_("More than %(n)s passkeys are too many. Remove one first."), n=MOST
        )
    passkey_id = db.session.execute(
        insert(Passkey)
        .values(
            member_id=member_id,
            credential_id=credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
            added_at=now,
        )
        .returning(Passkey.id)
    ).scalar_one()
    strengthen(log_in_id, now=now)
    journal.write("member.passkey-added", member_id, by=by, now=now, passkey=passkey_id)
    return name


def confirm(
    member_id: int, answer: str, site: Site, *, asked: str, log_in_id: int | None, now: datetime
) -> None:
    """One of the member's passkeys was shown on this device."""
    challenges.answered(asked, CONFIRM, member_id=member_id, now=now)
    if _shown(answer, site, asked, now) != member_id:
        raise _not_good()
    strengthen(log_in_id, now=now)


def log_in(answer: str, site: Site, *, asked: str, now: datetime) -> int:
    """Whose passkey was shown."""
    challenges.answered(asked, LOG_IN, now=now)
    return _shown(answer, site, asked, now)


def strengthen(log_in_id: int | None, *, now: datetime) -> None:
    """A passkey was shown on the device of this log-in."""
    db.session.execute(
        update(LogIn)
        .where(LogIn.id == log_in_id)
        .values(strong_at=now)
        .execution_options(synchronize_session=False)
    )


def _read(answer: str) -> dict[str, Any]:
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError("a credential is an object")
    return read


def _shown(answer: str, site: Site, asked: str, now: datetime) -> int:
    """The member whose passkey has signed the question. Its count must have grown, where it counts at all: a copy of a
    passkey that has fallen behind is told apart thereby. The row is locked, so that one count serves one answer."""
    try:
        credential = _read(answer)
        raw = base64url_to_bytes(str(credential["rawId"]))
        handle = credential.get("response", {}).get("userHandle")
        kept = db.session.execute(
            select(Passkey.id, Passkey.member_id, Passkey.public_key, Passkey.sign_count)
            .where(Passkey.credential_id == bytes_to_base64url(raw))
            .with_for_update()
        ).first()
        if kept is None:
            raise Refused(
                "passkey-unknown",
                N_("This passkey is not known here; it may have been removed. Log in with your password."),
                status=422,
            )
        if handle is not None and base64url_to_bytes(str(handle)) != site.number_of(kept.member_id):
            raise _not_good()
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(asked),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=kept.public_key,
            credential_current_sign_count=0,  # compared below, to say which it was
            require_user_verification=True,
        )
    except _DAMAGED:
        raise _not_good() from None
    counted = verified.new_sign_count
    if (counted or kept.sign_count) and counted <= kept.sign_count:
        raise Refused(
            "passkey-count",
            N_("This passkey may have been copied: its count has not grown. Remove it and add a new one."),
            status=422,
        )
    db.session.execute(
        update(Passkey)
        .where(Passkey.id == kept.id)
        .values(sign_count=counted, used_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(kept.member_id)


def _not_good() -> Refused:
    return Refused(
        "passkey-not-good",
        N_("This passkey could not be confirmed. Nothing was changed; please try once more."),
        status=422,
    )


# --- taking off ---------------------------------------------------------------------------------------


def remove(
    member_id: int, passkey_id: int, *, log_in_id: int | None, terms: Terms, by: Actor, now: datetime
) -> str:
    """One's own passkey; answers its name. The member's other devices have to show one anew."""
    _check_may_change(member_id, log_in_id, terms, now)
    gone = db.session.execute(
        delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.member_id == member_id)
        .returning(Passkey.id, Passkey.name)
        .execution_options(synchronize_session=False)
    ).first()
    if gone is None:
        raise Refused("passkey-gone", N_("This passkey is removed already."), status=404)
    _weaken(member_id, but=log_in_id)
    journal.write("member.passkey-removed", member_id, by=by, now=now, passkeys=[gone.id])
    return str(gone.name)


def remove_lost(member_id: int, passkey_id: int | None, *, by: Actor, now: datetime) -> int:
    """By an administrator: one passkey of a member, or all of them. Refused when there is none. Answers how many."""
    which = Passkey.member_id == member_id
    if passkey_id is not None:
        which &= Passkey.id == passkey_id
    gone = db.session.scalars(
        delete(Passkey).where(which).returning(Passkey.id).execution_options(synchronize_session=False)
    ).all()
    if not gone:
        raise Refused("passkey-gone", N_("There is no such passkey any more."), status=404)
    _weaken(member_id)
    journal.write("member.passkey-removed", member_id, by=by, now=now, passkeys=sorted(gone))
    return len(gone)


def _weaken(member_id: int, *, but: int | None = None) -> None:
    """What was shown with a passkey that is gone counts no longer, on any device but this one."""
    which = LogIn.member_id == member_id
    if but is not None:
        which &= LogIn.id != but
    db.session.execute(
        update(LogIn).where(which).values(strong_at=None).execution_options(synchronize_session=False)
    )


def _check_may_change(member_id: int, log_in_id: int | None, terms: Terms, now: datetime) -> None:
    on_device = passkey_queries.shown(log_in_id)
    some = db.session.scalar(select(Passkey.id).where(Passkey.member_id == member_id).limit(1)) is not None
    if on_device is None or not may_change_passkeys(on_device, terms, now, has_some=some):
        raise Refused(
            "passkey-first",
            N_("To change your passkeys, first show one that you have, or log in again."),
            status=403,
        )
