"""Shifts and sign-ups as somebody would keep them on paper: one list in the order in which people came, nothing counted
that can be looked up, and nothing of Mobilizer's own code. What the actions are held against by test_machine.

Moments are seconds after a Monday's midnight, local time. A wish that is not granted raises No, and whoever keeps the
paper goes back to the sheet of before.
"""

from dataclasses import dataclass, field

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
ANSWER, LATE_ANSWER, OFFER, CUT_OFF, UNDO = 30 * MINUTE, 10 * MINUTE, 120 * MINUTE, 120 * MINUTE, 15
"""A branch's usual times; ten seconds to undo a tap, and five for the way."""

ACTIVE = ("confirmed", "offered", "waitlisted")


class No(Exception):
    """The wish is not granted, by this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Shift:
    begins: int
    ends: int
    capacity: int
    least: int = 1
    held_back: int = 0
    held_back_until: int | None = None
    shrink_to: int | None = None
    status: str = "open"

    @property
    def nights(self) -> set[int]:
        """The nights, 22:00 to 6:00, of which it takes three hours."""
        return {
            day
            for day in range(-1, 10)
            if min(self.ends, day * DAY + 30 * HOUR) - max(self.begins, day * DAY + 22 * HOUR) >= 3 * HOUR
        }


@dataclass
class Line:
    """One line of the list. `giver`: the number of the line whose seat it would take over; `waited`: it waited for a seat
    when it was asked to."""

    shift: int
    member: int
    status: str
    until: int | None = None
    giver: int | None = None
    waited: bool = False
    waived: bool = False
    since: int = 0


@dataclass
class Paper:
    shifts: list[Shift]
    closes: int
    rest: int = 8 * HOUR
    day: int = 12 * HOUR
    week: int | None = None
    nights: int | None = None
    now: int = 0
    lines: list[Line] = field(default_factory=list)
    said_yes: set[tuple[int, int]] = field(default_factory=set)
    happened: set[str] = field(default_factory=set)

    # --- what can be looked up ----------------------------------------------------------------------

    def on(self, shift: int, status: str) -> list[int]:
        return [n for n, line in enumerate(self.lines) if line.shift == shift and line.status == status]

    def held(self, shift: int) -> int:
        return sum(self.lines[n].giver is None for n in self.on(shift, "offered"))

    def free(self, shift: int) -> int:
        seats = self.shifts[shift]
        closed = (
            seats.held_back if seats.held_back_until is not None and self.now < seats.held_back_until else 0
        )
        return seats.capacity - len(self.on(shift, "confirmed")) - self.held(shift) - closed

    def mine(self, shift: int, member: int) -> int | None:
        """The line of the member's active sign-up."""
        found = [
            n
            for n, line in enumerate(self.lines)
            if (line.shift, line.member) == (shift, member) and line.status in ACTIVE
        ]
        return found[0] if found else None

    def status(self, shift: int, member: int) -> str | None:
        n = self.mine(shift, member)
        return None if n is None else self.lines[n].status

    def hindrance(self, shift: int, member: int, *, waived: bool = False, kept: bool = False) -> str | None:
        """Why the member could not serve here even if there were a seat; `kept`: there is one, kept for them."""
        here = self.shifts[shift]
        if here.status != "open":
            return "shift-not-open"
        if not kept and self.now >= self.closes:
            return "call-closed"
        if self.now >= here.ends:
            return "shift-over"
        others = [
            self.shifts[line.shift]
            for line in self.lines
            if line.member == member and line.status == "confirmed" and line.shift != shift
        ]
        if any(other.begins < here.ends and other.ends > here.begins for other in others):
            return "shifts-overlap"
        return None if waived or not others else self.limit(here, others)

    def limit(self, here: Shift, others: list[Shift]) -> str | None:
        """The limit that the shift would break beside the others."""
        if any(max(other.begins - here.ends, here.begins - other.ends) < self.rest for other in others):
            return "rest-short"
        length = here.ends - here.begins
        that_day = [o.ends - o.begins for o in others if o.begins // DAY == here.begins // DAY]
        if that_day and sum(that_day) + length > self.day:
            return "day-hours"
        that_week = [o.ends - o.begins for o in others if o.begins // DAY // 7 == here.begins // DAY // 7]
        if self.week is not None and sum(that_week) + length > self.week:
            return "week-hours"
        if self.nights is not None and here.nights:
            worked = here.nights.union(*(other.nights for other in others))
            in_a_row = [{*range(first, first + self.nights + 1)} for first in worked]
            if any(row <= worked and row & here.nights for row in in_a_row):
                return "nights-in-row"
        return None

    def until(self, shift: int, usual: int) -> int:
        here = self.shifts[shift]
        if here.begins - self.now <= 2 * HOUR:
            return min(self.now + LATE_ANSWER, max(here.ends, self.now))
        return min(self.now + usual, max(here.begins, self.now + LATE_ANSWER))

    def due(self) -> list[int]:
        """The shifts on which time has something to do."""
        return [
            n
            for n, here in enumerate(self.shifts)
            if any(self.late(line) for line in self.on(n, "offered"))
            or (
                self.on(n, "waitlisted")
                and (self.free(n) > 0 or self.now >= here.ends or self.now >= self.closes)
            )
        ]

    def late(self, n: int) -> bool:
        until = self.lines[n].until
        return until is not None and until <= self.now

    # --- what people wish -----------------------------------------------------------------------------

    def sign_up(self, shift: int, member: int, *, waived: bool = False) -> None:
        if self.held(shift) or self.on(shift, "waitlisted") or self.status(shift, member) == "offered":
            self.settle(shift)  # the hand-over between two others may as well lapse later
        status = self.status(shift, member)
        if status == "offered":
            self.accept(self.mine(shift, member) or 0)
        elif status == "waitlisted":
            raise No("waits")
        elif status is None:
            self.must_be_free(shift, member, waived=waived)
            self.said_yes.add((shift, member))
            self.write(shift, member, "confirmed", waived=waived, since=self.now)

    def give_back(self, shift: int, member: int) -> None:
        n = self.latest(shift, member)
        line = self.lines[n]
        if line.status == "offered":
            self.decline(n)
        elif line.status == "waitlisted":
            self.over(n, "cancelled")
        elif line.status == "confirmed":
            begins = self.shifts[shift].begins
            if self.now - line.since > UNDO and self.now >= begins - CUT_OFF:
                raise No("shift-begun" if self.now >= begins else "cut-off-past")
            self.over(n, "cancelled")
            self.settle(shift)
        elif line.status != "cancelled":
            raise No("not-signed-up")

    def withdraw(self, shift: int, member: int) -> None:
        n = self.latest(shift, member)
        if self.lines[n].status in ACTIVE:
            self.over(n, "withdrawn")
            self.settle(shift)

    def join(self, shift: int, member: int) -> None:
        self.settle(shift)
        status = self.status(shift, member)
        if status == "waitlisted":
            return
        if status is not None:
            raise No("held-already")
        self.must_be_able(shift, member)
        if self.free(shift) > 0 and not self.on(shift, "waitlisted"):
            raise No("seat-free")
        self.write(shift, member, "waitlisted")

    def offer(self, shift: int, member: int, *, waived: bool = False, voice: bool = False) -> None:
        self.settle(shift)
        status = self.status(shift, member)
        if status == "waitlisted":
            raise No("waits-already")
        if status is None:
            self.must_be_free(shift, member, waived=waived)
            self.write(shift, member, "offered", until=self.until(shift, OFFER), waived=waived)
        if voice:
            self.accept(self.mine(shift, member) or 0)

    def accept(self, n: int) -> None:
        line = self.lines[n]
        if line.status == "confirmed":
            return
        if line.status != "offered":
            raise No("offer-over")
        if self.late(n):
            raise No("offer-late")
        self.must_be_able(line.shift, line.member, waived=line.waived, kept=True)
        if line.giver is not None:
            self.lines[line.giver].status = "cancelled"
            self.happened.add("handed over")
        line.status, line.until, line.since = "confirmed", None, self.now
        self.said_yes.add((line.shift, line.member))

    def decline(self, n: int) -> None:
        status = self.lines[n].status
        if status in ("cancelled", "expired", "waitlisted"):
            return
        if status != "offered":
            raise No("offer-over")
        self.over(n, "cancelled")
        self.settle(self.lines[n].shift)

    def hand_over(self, shift: int, member: int, to: int) -> None:
        if member == to:
            raise No("hand-over-self")
        self.settle(shift)
        giver = self.mine(shift, member)
        if giver is None or self.lines[giver].status != "confirmed":
            raise No("not-signed-up")
        asked = [self.lines[n].member for n in self.on(shift, "offered") if self.lines[n].giver == giver]
        if asked == [to]:
            return
        if asked:
            raise No("hand-over-asked")
        theirs = self.mine(shift, to)
        if theirs is not None and self.lines[theirs].status != "waitlisted":
            raise No("hand-over-held")
        self.must_be_able(shift, to, kept=True)
        until = self.until(shift, OFFER)
        if theirs is None:
            self.write(shift, to, "offered", until=until, giver=giver)
            return
        line = self.lines[theirs]
        line.status, line.until, line.giver, line.waited = "offered", until, giver, True

    def take_together(self, shift: int, member: int, companions: list[int]) -> None:
        self.settle(shift)
        mine = self.status(shift, member)
        if mine in ("offered", "waitlisted"):
            raise No("held-already")
        if mine is None:
            self.must_be_free(shift, member)
        needed = []
        for each in sorted({*companions} - {member}):
            theirs = self.status(shift, each)
            if theirs in ("confirmed", "offered"):
                continue
            if self.hindrance(shift, each):
                raise No("companion-cannot")
            if theirs is not None:
                raise No("companion-waits")
            needed.append(each)
        if self.free(shift) < len(needed) + (mine is None):
            raise No("seats-too-few")
        if mine is None:
            self.said_yes.add((shift, member))
            self.write(shift, member, "confirmed", since=self.now)
            self.happened.add("came together")
        for each in needed:
            self.write(shift, each, "offered", until=self.until(shift, OFFER))

    def set_capacity(self, shift: int, capacity: int) -> None:
        here = self.shifts[shift]
        if here.status != "open":
            raise No("shift-not-open")
        if capacity < len(self.on(shift, "confirmed")) + self.held(shift):
            raise No("capacity-below-taken")
        self.resize(here, capacity)

    def cancel(self, shift: int) -> None:
        here = self.shifts[shift]
        if here.status == "cancelled":
            return
        if self.now >= here.ends:
            raise No("shift-over")
        here.status = "cancelled"
        for line in self.lines:
            if line.shift == shift and line.status in ACTIVE:
                line.status, line.until = "withdrawn", None

    # --- what happens by itself -----------------------------------------------------------------------

    def settle(self, shift: int) -> None:
        """What is offered too long lapses; then each free seat is offered to the first in line who can."""
        for n in self.on(shift, "offered"):
            if self.late(n):
                self.over(n, "expired")
                self.happened.add("lapsed")
        for n in self.on(shift, "waitlisted"):
            line = self.lines[n]
            if self.hindrance(shift, line.member):
                self.over(n, "expired")
                self.happened.add("passed over")
            elif self.free(shift) > 0:
                line.status, line.until = "offered", self.until(shift, ANSWER)
                self.happened.add("asked up")
            else:
                return

    def over(self, n: int, becomes: str) -> None:
        """The line is struck; with a seat of its own the seat is free, or goes away where the shift shrinks."""
        line = self.lines[n]
        here = self.shifts[line.shift]
        had = line.status == "confirmed" or (line.status == "offered" and line.giver is None)
        if line.status == "confirmed":
            for each in self.lines:
                if each.giver == n and each.status == "offered":
                    self.strike(each, "expired")
        self.strike(line, becomes)
        if had and here.shrink_to is not None:
            self.resize(here, here.capacity - 1)
            self.happened.add("shrunk")

    def strike(self, line: Line, becomes: str) -> None:
        """Who waited for a seat, and did not get another's, waits where they stood, unless the branch took them off."""
        if line.waited and line.status == "offered" and becomes != "withdrawn":
            line.status, line.giver, line.waited = "waitlisted", None, False
            self.happened.add("back in line")
        else:
            line.status = becomes
        line.until = None

    def resize(self, here: Shift, capacity: int) -> None:
        here.capacity = capacity
        here.least = min(here.least, capacity)
        here.held_back = min(here.held_back, capacity)
        if here.shrink_to is not None and here.shrink_to >= capacity:
            here.shrink_to = None

    def write(self, shift: int, member: int, status: str, **values: int | bool | None) -> None:
        self.lines.append(Line(shift, member, status, **values))

    def latest(self, shift: int, member: int) -> int:
        found = [n for n, line in enumerate(self.lines) if (line.shift, line.member) == (shift, member)]
        if not found:
            raise No("not-signed-up")
        return found[-1]

    def must_be_able(self, shift: int, member: int, *, waived: bool = False, kept: bool = False) -> None:
        if reason := self.hindrance(shift, member, waived=waived, kept=kept):
            raise No(reason)

    def must_be_free(self, shift: int, member: int, *, waived: bool = False) -> None:
        self.must_be_able(shift, member, waived=waived)
        until = self.shifts[shift].held_back_until
        if self.free(shift) <= 0:
            raise No("not-released" if until is not None and self.now < until else "shift-full")
        if self.on(shift, "waitlisted"):
            raise No("others-wait")
