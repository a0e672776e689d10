"""What a member can be told, each kind with its text.

`when` and `where` of a text are drawn from the notice's `starts_at`, `ends_at`, `checkpoint` and `post`; `until` from
its `answer_by` or `kept_until`; `old_when` from its `was_from` and `was_to`; every other value stands in its details as it is
shown.
"""

from mobilizer.errors import N_

KINDS: dict[str, str] = {
    "offer": N_("You are asked to take %(when)s, %(where)s. Please say yes or no by %(until)s."),
    "asked-up": N_("A seat is free for you: %(when)s, %(where)s. Please confirm by %(until)s."),
    "hand-over": N_("%(name)s asks you to take over %(when)s, %(where)s. Please say yes or no by %(until)s."),
    "together": N_(
        "%(name)s asks you to come along: %(when)s, %(where)s. Please say yes or no by %(until)s."
    ),
    "handed-over": N_("%(name)s has taken over your shift %(when)s, %(where)s."),
    "not-taken-over": N_("%(name)s does not take over %(when)s, %(where)s: the shift is still yours."),
    "hand-over-lapsed": N_("You need not take over %(when)s, %(where)s any more."),
    "expired": N_("Your time to answer is over: %(when)s, %(where)s. The next person is asked."),
    "passed-over": N_("You wait no longer for %(when)s, %(where)s: %(why)s"),
    "cannot-come": N_("%(name)s cannot come: %(when)s, %(where)s. Reason: %(why)s"),
    "can-come": N_("%(name)s can come after all: %(when)s, %(where)s."),
    "skill-confirmed": N_("Your skill “%(skill)s” is confirmed: shifts that need it are open to you."),
    "withdrawn": N_("The branch has taken you off %(when)s, %(where)s: %(why)s"),
    "confirmed-by-voice": N_("Your yes was entered: %(when)s, %(where)s."),
    "entered-from-chain": N_(
        "You were signed up as you wrote in the chat chain: %(when)s, %(where)s. If that is not right, give it back."
    ),
    "waiting-from-chain": N_(
        "You wrote in the chat chain; the shift is full, and you are on its waiting list: %(when)s, %(where)s."
    ),
    "given-back-from-chain": N_("Given back as you wrote in the chat chain: %(when)s, %(where)s."),
    "moved": N_(
        "Your shift %(old_when)s is now %(when)s, %(where)s. If that does not suit you, give it back."
    ),
    "moved-in-line": N_("The shift %(old_when)s that you wait for is now %(when)s, %(where)s."),
    "moved-does-not-fit": N_(
        "Your shift %(old_when)s is now %(when)s, %(where)s, and no longer fits: %(why)s "
        "Please say yes or no by %(until)s."
    ),
    "fewer-needed": N_(
        "Fewer people are needed: %(when)s, %(where)s. If another shift suits you better, you may give this one back."
    ),
    "pass-opened": N_("A pass for “%(title)s” was opened on a phone with your name and number: was it you?"),
    "newcomer-accepted": N_("The branch has said yes to you: “%(title)s”."),
    "disowned": N_("%(name)s says that somebody else had taken %(when)s, %(where)s: it is given back."),
    "correction-asked": N_("%(name)s says that something kept about them is wrong. Please answer."),
    "correction-answered": N_("You said that something about you is wrong. The answer: %(answer)s"),
    "service-entered": N_("%(name)s has entered a service of yours, and it is counted: %(when)s, %(where)s."),
    "claim-accepted": N_("Your service is counted now: %(when)s, %(where)s."),
    "claim-declined": N_("Your service is not counted: %(when)s, %(where)s. %(why)s"),
    "service-corrected": N_("What is counted of your service was corrected: %(when)s, %(where)s. %(why)s"),
    "relief": N_("Nobody has relieved %(when)s, %(where)s yet: the post stands empty, or soon will."),
    "certificate-issued": N_("%(branch)s has issued your service certificate %(number)s."),
    "certificate-revoked": N_("%(branch)s has revoked your service certificate %(number)s: %(why)s"),
    "cancelled": N_("The shift is cancelled: %(when)s, %(where)s. Thank you for having been ready."),
    "job-done": N_("Your file is ready: %(file)s. It can be fetched until %(until)s."),
    "job-failed": N_("Your file could not be made: %(file)s. %(why)s"),
    "record-questioned": N_(
        "%(name)s asks about the hours of %(who)s, %(when)s, %(where)s: %(why)s Please look, and correct them if need be."
    ),
    "served-away": N_(
        "“%(what)s” has ended. Of your branch %(branch)s, %(people)s of the members were away: see what they served."
    ),
}
