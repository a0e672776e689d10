"""Real server processes on loopback, or a server in this one, and clients with one connection each."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from threading import Condition, Thread
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.serving import WSGIRequestHandler, make_server

from mobilizer import clock
from mobilizer.accounts import actions as accounts
from mobilizer.extensions import begin_write, db
from mobilizer.model import Member

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(environ: dict[str, str], workers: int) -> Iterator[int]:
    """`mobilizer serve` with this many processes; answers the port, stops them all at the end."""
    with started(environ, workers) as (_server, port):
        yield port


@contextmanager
def started(environ: dict[str, str], workers: int) -> Iterator[tuple[int, int]]:
    """The same, for who means to do something to the server: its process and its port."""
    port = free_port()
    command = [sys.executable, "-m", "mobilizer", "serve", "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ})
    try:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert server.poll() is None, "the server ended before it answered"
            with suppress(OSError, http.client.HTTPException):
                if Client(port).get("/readyz")[0] == 200:
                    break
            time.sleep(0.1)
        else:
            raise AssertionError("the server did not answer in time")
        yield server.pid, port
    finally:
        server.terminate()
        server.wait(60)


class UnderWay:
    """The requests that are being answered. A browser that goes away leaves its own unread: they run on, and each holds a
    database connection that nobody would close when the next test takes the database away."""

    def __init__(self) -> None:
        self.count, self.over, self.changed = 0, False, Condition()

    def enter(self) -> bool:
        """Whether it may still begin."""
        with self.changed:
            self.count += not self.over
            return not self.over

    def leave(self) -> None:
        with self.changed:
            self.count -= 1
            self.changed.notify_all()

    def close(self) -> None:
        """Lets nothing begin any more, and waits for what has begun."""
        with self.changed:
            self.over = True
            self.changed.wait_for(lambda: not self.count)


def handler(under_way: UnderWay) -> type[WSGIRequestHandler]:
    class Unheard(WSGIRequestHandler):
        """Says nothing of the requests that it answers."""

        def run_wsgi(self) -> None:
            if under_way.enter():
                try:
                    super().run_wsgi()
                finally:
                    under_way.leave()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    return Unheard


@contextmanager
def answering(app: Flask) -> Iterator[int]:
    """The application on a port of its own, in threads of this process; nothing is settled by itself. For a walk that
    promises nothing of the server: each process of a real one costs two seconds of work before it answers. Afterwards
    nothing of it runs on."""
    under_way = UnderWay()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=handler(under_way))
    thread = Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="answering", daemon=True
    )
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        under_way.close()


def cookies(app: Flask, members: list[Member]) -> list[str]:
    """A log-in for each member, as their browsers' session cookies: without hashing that many passwords."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    begin_write()
    tokens = [
        accounts.start_log_in(member.id, lasts=timedelta(days=1), now=clock.now()) for member in members
    ]
    db.session.commit()
    return [f"mobilizer={serializer.dumps({'_user_id': token, '_fresh': True})}" for token in tokens]


@dataclass(frozen=True)
class Phone:
    """A browser that is logged in and has a page open: its cookie, and the token that the page's forms carry."""

    cookie: str
    token: str


def phones(app: Flask, members: list[Member]) -> list[Phone]:
    """A log-in for each member, and a page open: without hashing that many passwords or drawing that many pages."""
    cookie_signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert cookie_signer is not None
    secret = app.config["SECRET_KEY"]
    begin_write()
    tokens = [
        accounts.start_log_in(member.id, lasts=timedelta(days=1), now=clock.now()) for member in members
    ]
    db.session.commit()
    found = []
    for token in tokens:
        csrf = token_hex(20)
        session = {"_user_id": token, "_fresh": True, "csrf_token": csrf}
        signed = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(csrf)
        found.append(Phone(f"mobilizer={cookie_signer.dumps(session)}", str(signed)))
    return found


@dataclass
class Client:
    """One phone: a cookie that follows Set-Cookie, a new connection for each request, as on a bad network."""

    port: int
    cookie: str = ""

    def request(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        """Status, text and Location."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie, "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
            if new := response.getheader("Set-Cookie"):
                self.cookie = new.split(";")[0]
            return response.status, text, response.getheader("Location") or ""
        finally:
            connection.close()

    def get(self, path: str) -> tuple[int, str, str]:
        return self.request("GET", path)

    def form(self, page: str, action: str) -> str:
        """The body that the form to `action` on `page` would send."""
        status, text, _location = self.get(page)
        assert status == 200, f"{page}: {status}"
        found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', text, re.DOTALL)
        assert found, f"no form to {action} on {page}"
        return urlencode(re.findall(r'name="(\w+)" value="([^"]*)"', found[0]))

    def post(self, path: str, body: str) -> tuple[int, str, str]:
        return self.request("POST", path, body)

    def post_and_hang_up(self, path: str, body: str) -> None:
        """Send the request whole and go away before the answer comes: the answer is lost, the effect may not be."""
        raw = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(raw.encode())
