"""The member's own code in the leader's hands: what it says, and whether it is good now."""

from datetime import datetime

from mobilizer.attendance import codes, mine_queries, way_rules
from mobilizer.attendance.mine_queries import Mine
from mobilizer.errors import N_, Refused


def read(token: str, key: str) -> Mine | None:
    """Whose code it is, if its seal is good; a shift that was moved makes a new one."""
    sign_up_id = codes.sign_up_of(token)
    mine = mine_queries.of_sign_up(sign_up_id) if sign_up_id else None
    return mine if mine and codes.is_own_token(key, token, mine.sign_up_id, mine.ends_at) else None


def by_digits(shift_id: int, typed: str, key: str) -> int | None:
    """The sign-up on this shift whose own code has these digits."""
    digits = way_rules.plain_code(typed)
    if len(digits) != codes.DIGITS:
        return None
    return next(
        (
            sign_up_id
            for sign_up_id, ends_at in mine_queries.sign_ups(shift_id)
            if codes.own_digits(key, sign_up_id, ends_at) == digits
        ),
        None,
    )


def accept(sign_up_id: int, token: str, key: str, now: datetime) -> None:
    """Raises Refused unless the code is this person's, the branch takes own codes, and it is time."""
    mine = read(token, key)
    if mine is None or mine.sign_up_id != sign_up_id:
        raise Refused(
            "own-code-wrong", N_("This code is not good any more. Please tick them on the roster instead.")
        )
    way_rules.enough(way_rules.OWN_CODE, mine.own_code_enough)
    if mine.standing(now) in ("over", "gone"):
        raise Refused(
            "own-code-late", N_("The shift is over. Please enter on the roster when they were there.")
        )
