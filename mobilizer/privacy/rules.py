"""What is kept of people, why, how long, and what happens then: one table, KEPT, that drives the retention job and is shown
to everybody. Pure.

The Personal Information Protection Law (2021) asks for the shortest period that the purpose needs (Art. 19), for a copy
(Art. 45) and for corrections (Art. 46). The Regulations on Volunteer Service (2017, Art. 19) and the Measures for Volunteer
Service Records and Certificates (trial, 2021) ask that service is recorded truthfully and kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from mobilizer.errors import N_
from mobilizer.jobs import rules as jobs
from mobilizer.periods import ANSWERED, GUESSED, UPLOADED


class Then(StrEnum):
    """What happens when the period is over: the row goes, some of its columns are emptied, or it stays."""

    DELETED = "deleted"
    EMPTIED = "emptied"
    STAYS = "stays"


THEN: dict[Then, str] = {
    Then.DELETED: N_("deleted"),
    Then.EMPTIED: N_("emptied; the rest stays"),
    Then.STAYS: N_("stays"),
}

AT_ONCE = timedelta(0)
A_MONTH, A_QUARTER, A_YEAR = timedelta(days=30), timedelta(days=90), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the table. `columns` of `table`; none: the whole row. `period` from what `how_long` names (its
    %(period)s), None where nothing goes by itself. All texts are msgids."""

    name: str
    table: str
    what: str
    why: str
    how_long: str
    then: Then = Then.STAYS
    period: timedelta | None = None
    columns: tuple[str, ...] = ()


_RECORD = N_(
    "The record of service, which has to be true and complete (Regulations on Volunteer Service, 2017, Art. 19)."
)
_WITH_SERVICE = N_(
    "As long as there is a ledger. What stands in it is never changed, only taken back and written anew."
)

KEPT: tuple[Kept, ...] = (
    Kept(
        "members",
        "member",
        N_(
            "Name, mobile number, home branch, standing, day of joining the Party; a password as its hash alone"
        ),
        N_("The roster: who can be called up, and reached; the number is the log-in."),
        N_("While you are on the roster. Your name stays with service in the ledger."),
    ),
    Kept(
        "skills",
        "member_skill",
        N_("Skills, and since when they are confirmed"),
        N_("Some seats need a skill (Regulations on Volunteer Service, 2017, Art. 15 and 16)."),
        N_("Until you or your branch take them off."),
    ),
    Kept(
        "attachments",
        "attachment",
        N_("Your time in action and temporary branches"),
        N_("Who belonged to which branch when, for its record and your home branch's report."),
        N_("As long as the branch's record."),
    ),
    Kept(
        "appointments",
        "appointment",
        N_("Appointments: which role, where, from when until when"),
        N_(
            "Who may do what; every entry of the ledger and the journal names the appointment it was made from."
        ),
        N_("As long as there is a ledger."),
    ),
    Kept("sign-ups", "sign_up", N_("Sign-ups for shifts, and what became of them"), _RECORD, _WITH_SERVICE),
    Kept(
        "reasons",
        "sign_up",
        N_("The reason that you gave for not being able to come"),
        N_("The branch decides by it whether it has to look for somebody."),
        N_("%(period)s after the shift"),
        Then.EMPTIED,
        A_QUARTER,
        ("cannot_come_why",),
    ),
    Kept(
        "attendance",
        "attendance",
        N_("When you came and went, and how that is known"),
        _RECORD,
        _WITH_SERVICE,
    ),
    Kept(
        "check-ins",
        "attendance",
        N_("What your phone's clock showed at the check-in, and how far you were from the checkpoint"),
        N_(
            "So that odd check-ins can be looked into before hours are verified. Where you were is never kept."
        ),
        N_("%(period)s after the shift"),
        Then.EMPTIED,
        A_QUARTER,
        (
            "in_device_at",
            "in_received_at",
            "out_device_at",
            "out_received_at",
            "near",
            "distance_m",
        ),
    ),
    Kept("service", "service_record", N_("The ledger: each service with its times"), _RECORD, _WITH_SERVICE),
    Kept(
        "sums",
        "tally_person",
        N_("Sums of your service for each unit and branch"),
        N_("So that totals are there at once; the page counts people, and names nobody."),
        _WITH_SERVICE,
    ),
    Kept(
        "verifications",
        "verification",
        N_("A coordinator's word on an entry, and whose word it is"),
        N_("So that counts can be defended."),
        _WITH_SERVICE,
    ),
    Kept(
        "claims",
        "service_claim",
        N_("Service entered by hand or claimed by you, with its reason, once it is accepted"),
        N_("What an entry of the ledger rests on."),
        _WITH_SERVICE,
    ),
    Kept(
        "claims-declined",
        "service_claim",
        N_("Service that was not accepted, or that you took back"),
        N_("So that it can be asked why."),
        N_("%(period)s after the decision"),
        Then.DELETED,
        A_YEAR,
        ("why", "decision"),
    ),
    Kept(
        "feedback",
        "feedback",
        N_("How a shift went for you: one of three"),
        N_("Quality of the service, counted without names."),
        _WITH_SERVICE,
    ),
    Kept(
        "feedback-notes",
        "feedback",
        N_("What you wrote about a shift"),
        N_("So that the branch can mend what went badly."),
        N_("%(period)s after you wrote it"),
        Then.EMPTIED,
        A_YEAR,
        ("note",),
    ),
    Kept(
        "corrections",
        "correction_request",
        N_("What you said is wrong, and the answer"),
        N_("Your right to have it corrected (Personal Information Protection Law, Art. 46)."),
        N_("%(period)s after the answer; that you asked stays in the journal"),
        Then.DELETED,
        A_YEAR,
    ),
    Kept(
        "certificates",
        "certificate",
        N_(
            "Certificates: name, number, period and hours. An identity document's number is printed and never kept"
        ),
        N_(
            "Certificates are registered and can be verified (Measures for Volunteer Service Records, trial, 2021)."
        ),
        N_("As long as a certificate may be shown."),
    ),
    Kept(
        "notices",
        "notice",
        N_("Messages to you"),
        N_("So that you know what was asked of you and what changed."),
        N_("%(period)s after you saw them, a year at most"),
        Then.DELETED,
        A_QUARTER,
    ),
    Kept(
        "log-ins",
        "log_in",
        N_("Where you are logged in: system and browser in a few words, the token as its hash alone"),
        N_("So that you can see your devices and end them."),
        N_("Until it ends"),
        Then.DELETED,
        AT_ONCE,
    ),
    Kept(
        "passkeys",
        "passkey",
        N_("Passkeys: their public half and the name you gave them"),
        N_("To log in with, and to show on a device."),
        N_("Until you remove them."),
    ),
    Kept(
        "identities",
        "identity",
        N_("Who you are to the identity provider"),
        N_("To log in through it."),
        N_("While you are on the roster."),
    ),
    Kept(
        "calendars",
        "calendar_feed",
        N_("Your calendar's private address, as its hash"),
        N_("So that your phone's calendar can read your shifts."),
        N_("Until you end it."),
    ),
    Kept(
        "links",
        "activation",
        N_("One-time links with which you set a password, and who made them"),
        N_("So that a link works once, and whoever made it sees that it was used."),
        N_("%(period)s after they were used or ended"),
        Then.DELETED,
        A_MONTH,
    ),
    Kept(
        "questions",
        "challenge",
        N_("Questions put to your passkey or the identity provider"),
        N_("Each is good for one answer."),
        N_("Until they are answered, five minutes at most"),
        Then.DELETED,
        AT_ONCE,
    ),
    Kept(
        "wrong-guesses",
        "failed_attempt",
        N_("Wrong guesses at a password or a code, under keyed hashes of account and address"),
        N_("So that nobody can guess on."),
        N_("%(period)s"),
        Then.DELETED,
        GUESSED,
    ),
    Kept(
        "answers",
        "answered_request",
        N_("What a form was answered with"),
        N_(
            "A repeat of the same request, also from a phone that had no network for days, is answered as the first was."
        ),
        N_("%(period)s"),
        Then.DELETED,
        ANSWERED,
    ),
    Kept(
        "uploads",
        "import_file",
        N_("A sheet that was uploaded, until it is confirmed; after that its refused rows"),
        N_("So that what would happen can be looked at first, and refused rows can be taken home."),
        N_("%(period)s"),
        Then.DELETED,
        UPLOADED,
    ),
    Kept(
        "chains",
        "chain",
        N_("The text of a chat chain, as it was pasted"),
        N_("While its lines are mended and entered."),
        N_("%(period)s"),
        Then.DELETED,
        timedelta(days=7),
    ),
    Kept(
        "chain-lines",
        "chain_line",
        N_("What became of your line in a chat chain"),
        N_("So that a longer version of the chain enters only what is new."),
        N_("%(period)s after the shift"),
        Then.DELETED,
        A_MONTH,
    ),
    Kept(
        "newcomers",
        "newcomer",
        N_("Name and mobile number of somebody on no roster who entered by a call's link"),
        N_("Until the branch has said yes or no."),
        N_("Until sign-up for the call has ended; with the branch's yes until its last shift"),
        Then.DELETED,
        AT_ONCE,
    ),
    Kept(
        "files",
        "job",
        N_("That a file was made for you, and what was asked; the file itself for a day"),
        N_("So that it can be fetched, and seen what became of it."),
        N_("%(period)s after it was made"),
        Then.DELETED,
        jobs.LISTED,
    ),
    Kept(
        "reports",
        "saved_report",
        N_("Reports that you saved under a name"),
        N_("So that you can open them again."),
        N_("Until you delete them."),
    ),
    Kept(
        "lay-outs",
        "lay_out",
        N_("Who laid out shifts"),
        N_("So that a lay-out can be taken back."),
        N_("As long as the shifts."),
    ),
    Kept(
        "contacts",
        "checkpoint",
        N_("Whom one calls at a checkpoint"),
        N_("So that whoever serves there reaches somebody."),
        N_("Until the branch changes it."),
        columns=("contact",),
    ),
    Kept(
        "journal",
        "journal_entry",
        N_("Who did what, when, and from which appointment"),
        N_("Every change of importance can be asked about, also years later."),
        N_("As long as there is a ledger. It holds no phone numbers."),
    ),
)

NOT_PERSONAL: dict[str, str] = {
    "branch": "an organisation",
    "branch_checkpoint": "which branch serves which place",
    "call": "a published text",
    "installation_fact": "facts about the installation",
    "ledger_head": "how long a district's chain is",
    "operation": "an emergency",
    "playbook": "a stand-up without people",
    "shift": "a time at a place; who is on it are sign-ups",
    "skill": "a list of words",
    "tally": "sums without names",
    "tally_day": "sums without names",
    "unit": "a place",
}
"""The tables in which nothing is kept of anybody, and what they hold instead."""


def going() -> list[Kept]:
    """The lines of which something goes by itself."""
    return [each for each in KEPT if each.then is not Then.STAYS]
