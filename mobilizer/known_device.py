"""A browser that has logged in to an account before. A cookie says so to the throttle, and to nobody anything else: it
holds a random name and, for each account, a keyed hash of both. It opens nothing, and outlasts the log-in."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta

from flask import Response, current_app, request

COOKIE = "mobilizer_device"
LASTS = timedelta(days=400)
MOST = 12
"""Accounts that one browser is remembered for, the last ones: a PC in a village's office has several people."""


def of(account: str) -> str | None:
    """The random name of the asking browser, if it has logged in to this account (a phone number) before."""
    name, marks = _read()
    mark = _mark(name, account)
    return name if any(hmac.compare_digest(mark, each) for each in marks) else None


def remember(response: Response, account: str) -> None:
    """Let this browser be known for the account from now on."""
    name, marks = _read()
    name = name or secrets.token_urlsafe(12)
    mark = _mark(name, account)
    marks = [mark, *(each for each in marks if each != mark)][:MOST]
    response.set_cookie(
        COOKIE,
        ".".join([name, *marks]),
        max_age=LASTS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _read() -> tuple[str, list[str]]:
    name, *marks = request.cookies.get(COOKIE, "")[:1000].encode("ascii", "ignore").decode().split(".")
    return (name, marks) if len(name) == 16 else ("", [])


def _mark(name: str, account: str) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(key, f"known device {name} of {account}".encode(), "sha256").digest()
    return urlsafe_b64encode(digest[:15]).decode()
