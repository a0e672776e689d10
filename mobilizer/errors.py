"""A rule said no. The one way in which the product refuses, in words for the person."""

from http import HTTPStatus


def N_(message: str) -> str:
    """Mark `message` for translation where no reader is known yet (rules, actions, intake)."""
    return message


class Refused(Exception):
    """A request that a rule, or the database, does not allow. Nothing of it has been written.

    `code` is stable and for programs (kebab-case); `message` is a translatable English msgid, marked
    with N_ where it is written, whose %(name)s places are filled from `values` after translation.
    `field` names the form field at fault, if there is one. `status` is the HTTP status it answers with.
    """

    def __init__(
        self,
        code: str,
        message: str,
        /,
        *,
        status: int = HTTPStatus.CONFLICT,
        field: str | None = None,
        **values: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = int(status)
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message
