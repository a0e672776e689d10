"""A member checks in by what they have before them, and checks out.

What is shown has to be of this shift and of this time: a poster counts for whoever is signed up there, within the
shift's window, and, where the branch asks for it, near the checkpoint; a changing code for a minute either way.
"""

from datetime import datetime

from mobilizer.attendance import (
    actions,
    clocks,
    codes,
    mine_queries,
    relief,
    relief_queries,
    rules,
    way_rules,
)
from mobilizer.attendance.clocks import Reading, When
from mobilizer.attendance.mine_queries import Mine
from mobilizer.attendance.way_rules import POSTER, SCREEN_CODE, Nearness, Place
from mobilizer.attendance.words import turn_of
from mobilizer.errors import N_, Refused
from mobilizer.filters import clock_time
from mobilizer.policy import Actor
from mobilizer.signups.rules import theirs_to_change

GUESSED = {"code-wrong", "code-changed", "code-of-another-shift", "poster-unknown", "poster-elsewhere"}
"""Refusals after which a guess is counted."""

SELF = "self"


def check_in(
    shift_id: int,
    member_id: int,
    code: str,
    *,
    place: Place | None,
    reading: Reading | None,
    key: str,
    by: Actor,
    now: datetime,
) -> None:
    """Here, by the code of the poster or of the leader's screen. Here already: nothing changes.

    `key` is the secret that codes are made from. Refuses who does not hold the shift, a time outside its window, a
    code that is not of this place or this time, a phone's time from before they signed up, a way that the branch does not take, who is too far, whoever a leader
    has marked absent and who shows no more than a poster, and what actions.check_in refuses.
    """
    turn_of(shift_id)
    mine = _mine(shift_id, member_id)
    when = clocks.when(now, reading=reading)
    if mine.checked_in_at is None:
        _in_window(mine, when.judged_at)
        if when.clock == clocks.DEVICE and when.at < mine.signed_up_at:
            raise Refused(
                "before-sign-up",
                N_("You were not signed up for this shift at that time. The leader can enter when you came."),
            )
        way, nearness = _shown(mine, way_rules.plain_code(code), place, when, key)
        if mine.absent and way == POSTER:
            raise Refused(
                "absent-already",
                N_("The leader has marked you absent. If you are there now, the leader can check you in."),
            )
    else:
        way, nearness = POSTER, None
    actions.check_in(mine.sign_up_id, reading=reading, way=way, nearness=nearness, by=by, now=now)


def check_out(
    shift_id: int,
    member_id: int,
    *,
    leave_anyway: bool = False,
    reading: Reading | None,
    by: Actor,
    now: datetime,
) -> None:
    """Leaving, by their own word. Gone already: nothing changes.

    Refuses who does not hold the shift or is not checked in, a shift that is closed or cancelled, and more than four
    hours after its end; and, unless they `leave_anyway` or have left already by their phone's clock, whoever would leave
    when their time is over and nobody has come to relieve them. If then nobody is left, the leaders are told. With an
    unverified pass only what was taken with one can be left, as leaving asks for no code.
    """
    turn_of(shift_id)
    mine = _mine(shift_id, member_id)
    at = clocks.when(now, reading=reading).judged_at
    _stands(mine)
    if mine.checked_out_at is None:
        theirs_to_change(mine.unverified, by.unverified)
    if mine.checked_in_at is None:
        raise Refused("not-here-yourself", N_("You are not checked in for this shift."))
    if mine.checked_out_at is None and at > mine.ends_at + rules.MARGIN:
        raise Refused(
            "leaving-too-late",
            N_("The shift ended more than %(hours)s hours ago. The leader can still enter when you left."),
            hours=rules.MARGIN.seconds // 3600,
        )
    following = relief_queries.relief_of(shift_id) if mine.checked_out_at is None else None
    unrelieved = following is not None and not following.here and at >= mine.ends_at
    if unrelieved and not leave_anyway and reading is None:
        raise Refused(
            "not-relieved",
            N_(
                "Nobody has relieved you yet. Please tell the leader, or leave anyway: "
                "the leader is told that the post stands empty."
            ),
        )
    actions.check_out(mine.sign_up_id, reading=reading, way=SELF, by=by, now=now)
    if unrelieved and following and not relief_queries.anybody_here(shift_id):
        relief.raise_hand(following.shift_id, now)


def _mine(shift_id: int, member_id: int) -> Mine:
    mine = mine_queries.mine(shift_id, member_id)
    if mine is None:
        raise Refused("not-on-shift", N_("You are not signed up for this shift."), status=404)
    return mine


def _stands(mine: Mine) -> None:
    standing = mine.standing(mine.starts_at)
    if standing == "closed":
        raise Refused(
            "closed-already",
            N_("The shift is closed. If something is wrong with your hours, please speak with the branch."),
        )
    if standing == "cancelled":
        raise Refused("cancelled-already", N_("The shift is cancelled. Nobody needs to come."))


def _in_window(mine: Mine, at: datetime) -> None:
    _stands(mine)
    if at < mine.opens_at:
        raise Refused("too-early", N_("Check-in opens at %(time)s."), time=clock_time(mine.opens_at))
    if at >= mine.ends_at:
        raise Refused(
            "too-late", N_("The shift is over. If you were there, the leader can still enter your times.")
        )


def _shown(mine: Mine, code: str, place: Place | None, when: When, key: str) -> tuple[str, Nearness | None]:
    """What the code proves: the way, and how near. Refused where it proves nothing."""
    if not code:
        raise Refused(
            "code-missing",
            N_("Please give the code of the poster or of the leader’s screen."),
            status=422,
            field="code",
        )
    if len(code) == codes.DIGITS and code.isascii() and code.isdigit():
        way_rules.enough(SCREEN_CODE, mine.screen_code_enough)
        _on_screen(mine, code, when.judged_at, key)
        return SCREEN_CODE, None
    way_rules.enough(POSTER, mine.poster_enough)
    _on_poster(mine, code)
    nearness = None
    if mine.radius_m is not None and mine.latitude is not None and mine.longitude is not None and place:
        nearness = way_rules.nearness(mine.latitude, mine.longitude, place, mine.radius_m)
    way_rules.within_radius(nearness, mine.radius_m, has_coordinates=mine.latitude is not None)
    return POSTER, nearness


def _on_screen(mine: Mine, code: str, at: datetime, key: str) -> None:
    if codes.is_screen_code(key, mine.shift_id, code, at):
        return
    if codes.was_screen_code(key, mine.shift_id, code, at):
        raise Refused(
            "code-changed",
            N_("This code has changed already. Please take the one that is on the leader’s screen now."),
            status=422,
            field="code",
        )
    others = mine_queries.beside(mine.shift_id, mine.checkpoint_id, at)
    if any(codes.is_screen_code(key, other, code, at) for other in others):
        raise Refused(
            "code-of-another-shift",
            N_("This code is of another shift here. Please take the one of your own shift’s leader."),
            status=422,
            field="code",
        )
    raise Refused(
        "code-wrong",
        N_("This is not the code that is on the leader’s screen. Please look again."),
        status=422,
        field="code",
    )


def _on_poster(mine: Mine, code: str) -> None:
    if way_rules.is_poster_code(code) and mine.poster_code == code:
        return
    found = mine_queries.by_poster(code) if way_rules.is_poster_code(code) else None
    if found:
        raise Refused(
            "poster-elsewhere",
            N_("This poster is of %(place)s. Your shift is at %(here)s."),
            status=422,
            field="code",
            place=found.name,
            here=mine.checkpoint,
        )
    raise Refused(
        "poster-unknown",
        N_("No poster has this code now. If an old poster hangs there, the leader can check you in."),
        status=422,
        field="code",
    )
