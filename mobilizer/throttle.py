"""How often something secret may be guessed wrong: by account, by address and by device, kept in the database for all
processes. Only failures count."""

import hmac
from datetime import datetime

from flask import current_app, request
from sqlalchemy import delete, func, insert, select

from mobilizer import known_device
from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import FailedAttempt
from mobilizer.periods import GUESSED

PASSWORD = "password"  # noqa: S105
CHECK_IN, CHECK_IN_AT = "check-in", "check-in-at"
FAILURES = 10
"""At one account from one place: from one address, or from a browser that has logged in to the account before."""
WINDOW = GUESSED
ACCOUNT_FAILURES = 100
"""At one account's password from wherever it was never logged in to: many addresses guess no faster than this."""
ADDRESS_FAILURES = 300
"""A whole village may stand behind one address, so an address alone is stopped late; what ends well is forgotten."""


def check(purpose: str, account: str, now: datetime, *, most: int = FAILURES, anywhere: bool = False) -> None:
    """Refuses (429) whoever has guessed wrong too often within WINDOW. Reads only, and leaves no transaction open, so
    that a hash can be computed next. `account` is whatever is guessed at: a phone number, a call, a person.

    Nobody locks out another: a browser that has logged in to the account before has an allowance of its own, whatever
    others do from elsewhere. The answer is the same whether or not there is such an account. `anywhere` counts the
    account's from every address, for an account that only its own person can use: who is logged in.
    """
    known = known_device.of(account) is not None
    here, at_account, at_address = _failures(purpose, account, now)
    if (at_account if anywhere else here) >= most or (not known and at_address >= ADDRESS_FAILURES):
        raise Refused(
            "throttled",
            N_("Too many attempts. Please wait a quarter of an hour, then try again."),
            status=429,
        )
    if purpose == PASSWORD and not known and at_account >= ACCOUNT_FAILURES:
        raise Refused(
            "throttled",
            N_(
                "Too many attempts from many places. A device that was logged in here before still can; on this one "
                "please wait a quarter of an hour, or ask your secretary for a one-time link."
            ),
            status=429,
        )


def note(purpose: str, account: str, now: datetime) -> None:
    """Remember a wrong guess, in a transaction of its own."""
    begin_write()
    db.session.execute(
        insert(FailedAttempt).values(
            purpose=purpose, account=_account(purpose, account), address=_place(purpose, account), at=now
        )
    )
    db.session.commit()


def forgive(purpose: str, account: str) -> None:
    """It came right in the end: what went wrong here at this account counts no longer, so that a village's slips of the
    finger do not add up. Within the caller's transaction."""
    db.session.execute(
        delete(FailedAttempt).where(
            FailedAttempt.account == _account(purpose, account),
            FailedAttempt.address == _place(purpose, account),
            FailedAttempt.purpose == purpose,
        )
    )


def _failures(purpose: str, account: str, now: datetime) -> tuple[int, int, int]:
    """Within the window: at this account from this place, at this account, and from this place."""
    at_account = FailedAttempt.account == _account(purpose, account)
    at_place = FailedAttempt.address == _place(purpose, account)
    row = db.session.execute(
        select(
            func.count().filter(at_account, at_place),
            func.count().filter(at_account),
            func.count().filter(at_place),
        )
        .select_from(FailedAttempt)
        .where(
            FailedAttempt.purpose == purpose,
            FailedAttempt.at > now - WINDOW,
            at_account | at_place,
        )
    ).one()
    db.session.rollback()
    return row[0], row[1], row[2]


def _account(purpose: str, account: str) -> str:
    return _keyed(f"{purpose} at {account}")


def _place(purpose: str, account: str) -> str:
    """Where the guess comes from: a browser known to the account, or else an address."""
    if device := known_device.of(account):
        return _keyed(f"{purpose} from the device {device}")
    return _keyed(f"{purpose} from {request.remote_addr or ''}")


def _keyed(text: str) -> str:
    return hmac.new(
        current_app.config["SECRET_KEY"].encode(), f"throttle {text}".encode(), "sha256"
    ).hexdigest()
