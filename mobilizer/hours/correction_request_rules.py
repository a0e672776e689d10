"""When a member may say that something kept about them is wrong, and who may answer. Pure functions of values."""

from mobilizer.errors import N_, Refused


def may_ask(*, theirs: bool, open_already: bool) -> None:
    """Raises Refused for what is not theirs (or not there), and while the same waits for its answer."""
    if not theirs:
        raise Refused("not-theirs", N_("There is nothing of yours here that could be wrong."), status=404)
    if open_already:
        raise Refused("asked-already", N_("You have said so already. The branch will answer you here."))


def may_answer(*, answered: bool, their_own: bool) -> None:
    """Raises Refused when somebody has answered meanwhile, and for one's own request: nobody decides on themselves."""
    if their_own:
        raise Refused("own-request", N_("This is your own request. Somebody else has to answer it."))
    if answered:
        raise Refused("answered-already", N_("Somebody else has just answered this."))
