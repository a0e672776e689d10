"""The server as it is really started: what it does when it is stopped, killed, or started twice."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from mobilizer.serving import CannotListen, serve

ROOT = Path(__file__).resolve().parents[2]
START = (
    "import sys; from mobilizer.serving import serve\n"
    "serve('127.0.0.1', int(sys.argv[1]), 2, target='tests.serving.tiny:create')"
)

pytestmark = pytest.mark.slow


def ask(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def answers(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return bool(ask(port, "/pid"))
    return False


def within(seconds: float, happens: object) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if callable(happens) and happens():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", START, str(port)], cwd=ROOT, start_new_session=True)
    try:
        assert within(20, lambda: answers(port))
        yield process, port
    finally:
        process.kill()
        process.wait()
        within(10, lambda: not answers(port))


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_stopping_cuts_no_request(server: tuple[subprocess.Popen[bytes], int], by: signal.Signals) -> None:
    process, port = server
    with ThreadPoolExecutor(24) as pool:
        # More than there are threads: those that wait are answered as well.
        under_way = [pool.submit(ask, port, "/slow") for _ in range(24)]
        time.sleep(0.4)
        # As a terminal does it on Ctrl-C, and systemd on stop: to the whole group.
        os.killpg(process.pid, by)
        assert process.wait(timeout=15) == 0
        assert [answer.result() for answer in under_way] == ["done"] * 24


def test_port_is_not_shared_with_a_second_server(server: tuple[subprocess.Popen[bytes], int]) -> None:
    _, port = server
    with pytest.raises(CannotListen, match=str(port)):
        serve("127.0.0.1", port, 2)


def test_worker_that_dies_is_replaced(server: tuple[subprocess.Popen[bytes], int]) -> None:
    _, port = server
    victim = int(ask(port, "/pid"))
    os.kill(victim, signal.SIGKILL)
    seen: set[str] = set()

    def both_answer() -> bool:
        with suppress(OSError, http.client.HTTPException):
            seen.add(ask(port, "/pid"))
        return len(seen - {str(victim)}) == 2

    assert within(20, both_answer)


def test_workers_do_not_outlive_the_main_process(server: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = server
    process.kill()
    process.wait()
    assert within(10, lambda: not answers(port))


def send(port: int, body: bytes, *, chunked: bool = False) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        if chunked:
            connection.request("POST", "/length", iter([body]), encode_chunked=True)
        else:
            connection.request("POST", "/length", body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_bodies_arrive_whole_or_are_refused_in_words(server: tuple[subprocess.Popen[bytes], int]) -> None:
    _, port = server
    assert send(port, b"x" * 1000) == (200, "1000")
    # Without reading it to the end, the client would see a broken connection here.
    assert send(port, b"x" * 20_000_000)[0] == 413
    assert send(port, b"x" * 5000, chunked=True)[0] == 411
    assert send(port, b"x" * 10, chunked=True)[0] == 411
