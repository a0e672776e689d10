"""What is sent along with a request: it says how long it is, and it is read to its end."""

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import LimitedStream

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PIECE = 65_536
LENGTH_REQUIRED = b"Length Required: send a Content-Length.\n"


class WholeBodies:
    """Around a WSGI application.

    A body without a length (chunked; no browser sends a form so) is refused with 411, because Werkzeug would cut it at
    the allowed length without a word. What the application left unread, such as an upload that it refused, is read up to
    `at_most` bytes and thrown away: a browser that is still sending when the connection closes shows a broken
    connection in place of the answer.
    """

    def __init__(self, application: "WSGIApplication", at_most: int = 100_000_000) -> None:
        self.application = application
        self.at_most = at_most

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdigit():
            # Some servers (flask run among them) hand out the bare socket: read past the end, it waits for ever.
            environ["wsgi.input"] = LimitedStream(environ["wsgi.input"], int(length))
        if environ.get("HTTP_TRANSFER_ENCODING") and not length:
            headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(LENGTH_REQUIRED)))]
            start_response("411 Length Required", headers)
            answer: Iterable[bytes] = [LENGTH_REQUIRED]
        else:
            answer = self.application(environ, start_response)
            if length in ("", "0"):
                return answer
        left = self.at_most
        with contextlib.suppress(
            OSError, ClientDisconnected
        ):  # the sender is gone, and the answer is on its way all the same
            while left > 0 and (piece := environ["wsgi.input"].read(min(PIECE, left))):
                left -= len(piece)
        return answer
