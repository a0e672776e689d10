"""What is typed is kept as it is read: nothing unseen in it, nothing that makes it read as something else."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from mobilizer.inputs import MOST_TICKED, TickField, clean_line, clean_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  East\tgate \r\n", "East gate"),
        ("\u4e1c\u200b\u95e8\ufeff", "\u4e1c\u95e8"),
        ("Closed \u202eetag tsaE\u202c", "Closed etag tsaE"),
        ("\u2067East\u2069 \u200fgate\u061c", "East gate"),
        ("e\u0301", "\u00e9"),
        ("a\x07b\x00", "ab"),
    ],
)
def test_a_line(typed: str, kept: str) -> None:
    assert clean_line(typed) == kept


def test_several_lines_stay_several() -> None:
    assert clean_text(" one\r\ntwo\u202e \n") == "one\ntwo"


def test_nothing_stays_nothing() -> None:
    assert clean_line(None) is None
    assert clean_text(None) is None


def test_more_boxes_than_anybody_ticks_are_refused_unread(app: Flask) -> None:
    class Boxes(Form):
        ticked = TickField(coerce=int, validate_choice=False, choices=[])

    for number, good in ((MOST_TICKED, True), (MOST_TICKED + 1, False)):
        form = Boxes(MultiDict(("ticked", str(at)) for at in range(number)))
        with app.test_request_context():
            assert form.validate() is good
        assert len(form.ticked.data) == (number if good else 0)
