"""granian against gunicorn: the same Flask routes, the same client, in one run.

Every round measures every server once, so that whatever else the machine does falls on all of them; what counts is the
ratio to gunicorn's sync workers within a round. Client and server share the machine: the numbers are comparable with each
other, not with another machine's. What was decided from them stands in docs/decisions/0001-server.md.
"""

import asyncio
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, render_template_string

CONNECTIONS = 32
WORKERS = 2
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "1.5"))
BIN = Path(sys.executable).parent

ROWS = [(number, f"Checkpoint {number}", number % 24, number % 5) for number in range(105)]
PAGE = (
    "<table>{% for number, name, hour, free in rows %}"
    "<tr><td>{{ number }}</td><td>{{ name }}</td><td>{{ hour }}:30</td><td>{{ free }}</td></tr>{% endfor %}</table>"
)

app = Flask(__name__)


@app.get("/bare")
def bare() -> str:
    return "ok"


@app.get("/rows")
def rows() -> str:
    return render_template_string(PAGE, rows=ROWS)


def commands(port: int) -> dict[str, list[str]]:
    at = ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "server:app"]
    gunicorn = [str(BIN / "gunicorn"), "--workers", str(WORKERS), "--worker-tmp-dir", "/dev/shm"]
    granian = [str(BIN / "granian"), "--interface", "wsgi", "--port", str(port), "--log-level", "error"]
    granian += ["--workers", str(WORKERS)]
    return {
        "gunicorn sync": [*gunicorn, *at],
        "gunicorn gthread x8": [*gunicorn, "--worker-class", "gthread", "--threads", "8", *at],
        "granian x1": [*granian, "--blocking-threads", "1", "server:app"],
        "granian x8": [*granian, "--blocking-threads", "8", "server:app"],
    }


@dataclass
class Tally:
    """What one round of one server came to."""

    answered: int = 0
    faults: int = 0
    waits: list[float] = field(default_factory=list)

    def p99_ms(self) -> float:
        return 1000 * sorted(self.waits)[int(len(self.waits) * 0.99)] if self.waits else float("nan")


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it was answered, and connects again when the server hangs up."""

    LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

    def __init__(self, request: bytes, tally: Tally, until: float) -> None:
        self.request, self.tally, self.until = request, tally, until
        self.buffer, self.asked = b"", 0.0
        self.transport: asyncio.Transport | None = None
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        assert self.transport is not None
        if time.perf_counter() >= self.until:
            self.transport.close()
            return
        self.buffer, self.asked = b"", time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        length = self.LENGTH.search(head)
        if not separator or length is None or len(body) < int(length[1]):
            return
        if time.perf_counter() < self.until:
            self.tally.answered += head.startswith(b"HTTP/1.1 200")
            self.tally.faults += not head.startswith(b"HTTP/1.1 200")
            self.tally.waits.append(time.perf_counter() - self.asked)
        self.asked = 0.0
        if b"connection: close" in head.lower():
            self.transport.close()
        else:
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        # Hanging up with a question open is a fault, unless the time was over.
        self.tally.faults += bool(self.asked) and time.perf_counter() < self.until
        self.gone.set_result(None)


async def visit(port: int, request: bytes, tally: Tally, until: float) -> None:
    loop = asyncio.get_running_loop()
    while time.perf_counter() < until:
        try:
            _, client = await loop.create_connection(lambda: Client(request, tally, until), "127.0.0.1", port)
        except OSError:
            tally.faults += 1
            await asyncio.sleep(0.01)
            continue
        await asyncio.wait([client.gone], timeout=max(0.0, until - time.perf_counter()) + 1)
        if client.transport is not None:
            client.transport.abort()


async def drive(port: int, path: str, seconds: float) -> Tally:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    tally, until = Tally(), time.perf_counter() + seconds
    await asyncio.gather(*(visit(port, request, tally, until) for _ in range(CONNECTIONS)))
    return tally


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(name: str) -> Iterator[int]:
    """Start the server, wait until it answers, stop it with all its workers."""
    port = free_port()
    process = subprocess.Popen(
        commands(port)[name], cwd=Path(__file__).parent, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{name} did not start")
                time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def measure(path: str) -> dict[str, list[Tally]]:
    found: dict[str, list[Tally]] = {name: [] for name in commands(0)}
    for _ in range(ROUNDS):
        for name, tallies in found.items():
            with serving(name) as port:
                asyncio.run(drive(port, path, 0.5))
                tallies.append(asyncio.run(drive(port, path, SECONDS)))
    return found


def main() -> None:
    print(
        f"{CONNECTIONS} connections, {WORKERS} processes, {ROUNDS} rounds of {SECONDS:g} s; ratios to gunicorn sync"
    )
    for path in ("/bare", "/rows"):
        found = measure(path)
        base = [tally.answered for tally in found["gunicorn sync"]]
        print(f"\n{path:22}{'requests/s':>11}{'ratio':>8}{'scatter':>14}{'p99 ms':>9}{'faults':>8}")
        for name, tallies in found.items():
            ratios = [tally.answered / max(1, least) for tally, least in zip(tallies, base, strict=True)]
            print(
                f"{name:22}{statistics.median(tally.answered for tally in tallies) / SECONDS:11.0f}"
                f"{statistics.median(ratios):8.2f}{f'{min(ratios):.2f} to {max(ratios):.2f}':>14}"
                f"{statistics.median(tally.p99_ms() for tally in tallies):9.1f}"
                f"{sum(tally.faults for tally in tallies):8}"
            )


if __name__ == "__main__":
    main()
