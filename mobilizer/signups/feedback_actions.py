"""Somebody says how their shift went. Kept beside the sign-up; the journal, which has names, does not hear of it."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from mobilizer.extensions import db, run, table_of
from mobilizer.model import Feedback
from mobilizer.policy import Actor
from mobilizer.signups import feedback_queries as queries
from mobilizer.signups import feedback_rules as rules
from mobilizer.signups.rules import theirs_to_change

_FEEDBACK = table_of(Feedback)


def say(shift_id: int, member_id: int, score: int, note: str, *, by: Actor, now: datetime) -> None:
    """How it went: 3 well, 2 so-so, 1 badly; said again, the later word counts. Refuses what rules.may_say refuses."""
    found = queries.served(shift_id, member_id)
    rules.may_say(score, found is not None, found.closed_at if found else None, now)
    if found is None:
        raise RuntimeError("a word about a shift that nobody served on")
    theirs_to_change(found.unverified, by.unverified)
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name]
    said = dialect.insert(_FEEDBACK).values(sign_up_id=found.sign_up_id, score=score, note=note, said_at=now)
    run(
        said.on_conflict_do_update(
            index_elements=[_FEEDBACK.c.sign_up_id],
            set_={"score": said.excluded.score, "note": said.excluded.note, "said_at": said.excluded.said_at},
        )
    )
