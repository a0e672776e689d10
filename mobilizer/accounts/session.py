"""How Flask-Login finds who is logged in: the cookie holds a token, the database says whose it is."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from flask_login import UserMixin

from mobilizer import clock
from mobilizer.accounts import queries
from mobilizer.accounts.strength_rules import Terms
from mobilizer.policy import Reader


@dataclass(frozen=True)
class CurrentMember(UserMixin):
    """Flask-Login's user: a reader and the token of this log-in."""

    reader: Reader
    token: str

    @property
    def name(self) -> str:
        return self.reader.name

    def get_id(self) -> str:
        return self.token


def load(token: str) -> CurrentMember | None:
    """Flask-Login's user loader: None when the log-in has ended."""
    found = queries.reader_of_token(token, clock.now(), terms())
    return CurrentMember(found, token) if found else None


def terms() -> Terms:
    """How long appointments count after a log-in, and whether a passkey has to be shown: as the settings have it."""
    settings = current_app.config
    return Terms(
        lasts=timedelta(hours=settings["LEADER_LOG_IN_HOURS"]),
        lasts_kept=timedelta(days=settings["LEADER_LOG_IN_DAYS"]),
        second_factor=settings["SECOND_FACTOR"] == "appointed",
    )
