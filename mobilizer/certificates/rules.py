"""What a certificate counts and carries, how it is numbered, and what its verification says. Pure functions of values.

Measures for Volunteer Service Records and Certificates (trial, in force since February 2021): who records, certifies; the
certificate is free, carries name, identity document, volunteer number, hours and content, issuer, person in charge, handler,
contact, number, date and seal, and is made known inside the unit for at least 7 days.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from mobilizer.activations.rules import spelled
from mobilizer.errors import N_, Refused

MADE_KNOWN = timedelta(days=7)
"""How long the members of the branch see that it was issued."""
GUESS = "certificate"
"""What the throttle calls a verification link that is not there."""
LISTED = 10
"""So many services are named one by one; of more, the categories say it."""
MOST = 1000
"""People of one branch whose certificates are issued at once."""


class Scope(StrEnum):
    """What of a member's service it is about: all of it, or what was served in the issuing branch's calls."""

    ALL = "all"
    BRANCH = "branch"


def scope_of(branch_id: int, home_branch_id: int | None) -> Scope:
    """The home branch keeps its members' record and certifies all of it; another branch what it recorded itself."""
    return Scope.ALL if branch_id == home_branch_id else Scope.BRANCH


class Entry(NamedTuple):
    """An entry of the ledger that stands."""

    id: int
    hash: str
    category: str
    minutes: int


class Part(NamedTuple):
    """The sums of one category."""

    category: str
    person_times: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted: the sums, by category the longest first, and the checksum of the entries behind them."""

    person_times: int
    minutes: int
    parts: tuple[Part, ...]
    checksum: str


def figures(entries: Iterable[Entry]) -> Figures:
    """Of entries that stand, in any order."""
    in_order = sorted(entries)
    sums: dict[str, list[int]] = {}
    for entry in in_order:
        of_category = sums.setdefault(entry.category, [0, 0])
        of_category[0] += 1
        of_category[1] += entry.minutes
    parts = [Part(category, *of_category) for category, of_category in sums.items()]
    parts.sort(key=lambda part: (-part.minutes, part.category))
    return Figures(
        len(in_order),
        sum(entry.minutes for entry in in_order),
        tuple(parts),
        checksum(e.hash for e in in_order),
    )


def checksum(hashes: Iterable[str]) -> str:
    """SHA-256 over the hashes of the entries counted, one a line, in the order of the ledger."""
    return sha256("\n".join(hashes).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the period (`from_day` None: from the first service on), "zh_CN" or "en", and who stands behind it."""

    from_day: date | None
    to_day: date
    language: str
    person_in_charge: str
    handler: str
    contact: str


def check_period(from_day: date | None, to_day: date, today: date) -> None:
    """Raises Refused for a period that ends before it begins, or after today: nobody certifies what is to come."""
    if from_day is not None and from_day > to_day:
        raise Refused("period-turned", N_("The period ends before it begins."), status=422, field="to_day")
    if to_day > today:
        raise Refused(
            "period-to-come", N_("Please let the period end today or before."), status=422, field="to_day"
        )


def number_of(district_code: str, branch_id: int, year: int, serial: int) -> str:
    """320507-15-2026-0003: the district, the branch's number here, the year, and counted in it."""
    return f"{district_code}-{branch_id}-{year}-{serial:04}"


def token_of(secret_key: str, nonce: str) -> str:
    """The secret part of the verification link: neither the table nor a certificate's number leads to it."""
    return spelled(secret_key, f"certificate {nonce}")


def masked(name: str) -> str:
    """张**: enough to compare with a name one holds in the hand, whatever its length."""
    return f"{name[:1]}**"


class State(StrEnum):
    GENUINE = "genuine"
    REVOKED = "revoked"


def state(revoked_at: datetime | None) -> State:
    return State.REVOKED if revoked_at else State.GENUINE


# --- the identity document, which is printed and never kept ---------------------------------------------


class Document(StrEnum):
    IDENTITY_CARD = "identity-card"
    PASSPORT = "passport"
    HONG_KONG_MACAO = "hong-kong-macao-permit"
    TAIWAN = "taiwan-permit"
    RESIDENCE = "residence-card"
    OFFICER = "officer-card"
    OTHER = "other"


DOCUMENTS: dict[Document, str] = {
    Document.IDENTITY_CARD: N_("Resident identity card"),
    Document.PASSPORT: N_("Passport"),
    Document.HONG_KONG_MACAO: N_("Mainland travel permit (Hong Kong, Macao)"),
    Document.TAIWAN: N_("Mainland travel permit (Taiwan)"),
    Document.RESIDENCE: N_("Permanent residence card"),
    Document.OFFICER: N_("Officer's card"),
    Document.OTHER: N_("Other document"),
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKED = "10X98765432"
_CARD = re.compile(r"[0-9]{17}[0-9X]")
_NUMBER = re.compile(r"[0-9A-Z()（）字第号\u4e00-\u9fff-]{4,30}")


def document_number(kind: str, typed: str) -> str:
    """The number as it is printed: without spaces, plain digits, capitals; "" stays empty, to be written by hand.

    Raises Refused where it can be none: of an identity card (GB 11643) the check digit tells a slip of the finger.
    """
    number = "".join(unicodedata.normalize("NFKC", typed).upper().split())
    if not number:
        return ""
    if kind == Document.IDENTITY_CARD:
        right = bool(_CARD.fullmatch(number)) and _check_sign(number) == number[-1]
    else:
        right = bool(_NUMBER.fullmatch(number))
    if not right:
        raise Refused(
            "document-number",
            N_("This cannot be such a document's number. Please compare it sign by sign."),
            status=422,
            field="document_number",
        )
    return number


def is_identity_number(typed: str) -> bool:
    """Whether it is a resident's number (GB 11643): with a day of birth, and the check digit right."""
    number = "".join(unicodedata.normalize("NFKC", typed).upper().split())
    if not _CARD.fullmatch(number) or _check_sign(number) != number[-1]:
        return False
    try:
        return date.fromisoformat(number[6:14]).year >= 1900
    except ValueError:
        return False


def _check_sign(number: str) -> str:
    weighed = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECKED[weighed % 11]
