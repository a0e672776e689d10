"""One seat, two people one after the other: who took over from whom inside a shift.

Both sign-ups are confirmed, and the second is `in_place_of` the first; the seat is counted once, as the first one's. (A
shift that was handed over before it began has only one of them confirmed.)
"""

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from mobilizer.extensions import db
from mobilizer.model import Member, SignUp
from mobilizer.terms import SignUpStatus


def shares(sign_up_id: int) -> bool:
    """Whether it took over, inside the shift, from somebody who is still on the roster: it has no seat of its own."""
    first = aliased(SignUp)
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    SignUp.id == sign_up_id,
                    SignUp.in_place_of_id == first.id,
                    SignUp.status == SignUpStatus.CONFIRMED,
                    first.status == SignUpStatus.CONFIRMED,
                )
            )
        )
    )


def taken_over_by(sign_up_id: int) -> str | None:
    """The name of whoever took over from it inside the shift."""
    return db.session.scalar(
        select(Member.name)
        .join(SignUp, SignUp.member_id == Member.id)
        .where(SignUp.in_place_of_id == sign_up_id, SignUp.status == SignUpStatus.CONFIRMED)
    )
