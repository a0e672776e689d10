"""How Flask-Login finds who is logged in: the cookie holds a token, the database says whose it is."""

from dataclasses import dataclass

from flask_login import UserMixin

from mobilizer import clock
from mobilizer.accounts import queries
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
    found = queries.reader_of_token(token, clock.now())
    return CurrentMember(found, token) if found else None
