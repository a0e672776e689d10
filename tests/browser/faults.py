"""A network that fails as networks do: a proxy in front of the server that can lose an answer after the server gave it."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Network:
    """The way to the server. `losing`: so many answers to a POST whose address ends so are lost. `down`: nothing gets
    through."""

    port: int
    losing: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    down: bool = False

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def network(server_port: int) -> Iterator[Network]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if way.down:
                self.close_connection = True
                return
            with closing(http.client.HTTPConnection("127.0.0.1", server_port, timeout=60)) as inner:
                inner.request(self.command, self.path, body, dict(self.headers.items()))
                answer = inner.getresponse()
                content = answer.read()
            if self.command == "POST":
                way.posts.append(self.path)
                for ending, left in way.losing.items():
                    if left and self.path.endswith(ending):
                        way.losing[ending] -= 1
                        way.lost.append(self.path)
                        self.close_connection = True
                        return
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        do_GET = do_POST = pass_on  # noqa: N815

        def log_message(self, *_said: Any) -> None:
            pass

    class Doors(ThreadingHTTPServer):
        def handle_error(self, *_who: Any) -> None:
            """A browser that hangs up while it is answered is no fault."""

    door = Doors(("127.0.0.1", 0), Door)
    way = Network(int(door.server_address[1]))
    thread = threading.Thread(target=door.serve_forever, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        door.shutdown()
        door.server_close()
