"""How often something secret may be guessed wrong: by account and by address, kept in the database for all processes."""

import hmac
from datetime import datetime, timedelta

from flask import current_app, request
from sqlalchemy import and_, delete, func, insert, or_, select

from mobilizer.errors import N_, Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import FailedAttempt

PASSWORD = "password"  # noqa: S105
CHECK_IN, CHECK_IN_AT = "check-in", "check-in-at"
FAILURES = 10
WINDOW = timedelta(minutes=15)
ADDRESS_FAILURES = 300
"""A whole village may stand behind one address, so an address alone is stopped late."""


def check(purpose: str, account: str, now: datetime, *, most: int = FAILURES, anywhere: bool = False) -> None:
    """Refuses (429) whoever has guessed wrong too often within WINDOW. Reads only, and leaves no transaction open, so
    that a hash can be computed next. `account` is whatever is guessed at: a phone number, a call, a person.

    An account is never stopped by what others do from elsewhere: nobody locks out another. `anywhere` counts the
    account's from every address, for an account that only its own person can use: who is logged in.
    """
    of_account, of_address = _failures(purpose, account, now, anywhere=anywhere)
    if of_account >= most or of_address >= ADDRESS_FAILURES:
        raise Refused(
            "throttled",
            N_("Too many attempts. Please wait a quarter of an hour, then try again."),
            status=429,
        )


def note(purpose: str, account: str, now: datetime) -> None:
    """Remember a wrong guess, in a transaction of its own, and forget those that no longer count."""
    begin_write()
    db.session.execute(delete(FailedAttempt).where(FailedAttempt.at <= now - WINDOW))
    db.session.execute(
        insert(FailedAttempt).values(
            purpose=purpose, account=_account(purpose, account), address=_address(purpose), at=now
        )
    )
    db.session.commit()


def _failures(purpose: str, account: str, now: datetime, *, anywhere: bool) -> tuple[int, int]:
    """Within the window: at this account from this address (or from anywhere), and from this address."""
    here, this = (
        FailedAttempt.address == _address(purpose),
        FailedAttempt.account == _account(purpose, account),
    )
    row = db.session.execute(
        select(func.count().filter(this if anywhere else and_(this, here)), func.count().filter(here))
        .select_from(FailedAttempt)
        .where(
            FailedAttempt.purpose == purpose,
            or_(here, this) if anywhere else here,
            FailedAttempt.at > now - WINDOW,
        )
    ).one()
    db.session.rollback()
    return row[0], row[1]


def _account(purpose: str, account: str) -> str:
    return _keyed(f"{purpose} at {account}")


def _address(purpose: str) -> str:
    return _keyed(f"{purpose} from {request.remote_addr or ''}")


def _keyed(text: str) -> str:
    return hmac.new(
        current_app.config["SECRET_KEY"].encode(), f"throttle {text}".encode(), "sha256"
    ).hexdigest()
