"""Shared by the programs here: real servers on loopback, requests over kept connections, ratios with their scatter.

Everything that is compared is measured in turn within each round, so that whatever else the machine does falls on
all of it; what counts is the ratio within a round. Client and server share the machine.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
START = (
    "import sys; from mobilizer.serving import serve\n"
    "serve('127.0.0.1', int(sys.argv[1]), int(sys.argv[2]), target=sys.argv[3])"
)


@contextmanager
def serving(target: str, environ: dict[str, str], workers: int = 2) -> Iterator[int]:
    """The production server around the factory `module:function`; answers its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    path = os.pathsep.join([str(ROOT), str(ROOT / "bench")])
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(port), str(workers), target],
        cwd=ROOT,
        env={**os.environ, **environ, "PYTHONPATH": path},
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(60)


@dataclass(frozen=True, slots=True)
class Run:
    """What a list of requests came to."""

    seconds: float
    waits: list[float]
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    @property
    def p99_ms(self) -> float:
        return 1000 * sorted(self.waits)[int(len(self.waits) * 0.99)]


def drive(port: int, requests: Sequence[bytes], connections: int) -> Run:
    """Send all requests, each once, over so many kept connections at a time."""
    return asyncio.run(_drive(port, requests, connections))


async def _drive(port: int, requests: Sequence[bytes], connections: int) -> Run:
    waiting = iter(requests)
    waits: list[float] = []
    statuses: dict[int, int] = {}

    async def phone() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4_000_000)
        for request in waiting:
            asked = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            _before, said, after = head.lower().partition(b"content-length:")
            if said:  # a 304 has no body and need not say so
                await reader.readexactly(int(after.split(b"\r\n")[0]))
            waits.append(time.perf_counter() - asked)
            status = int(head[9:12])
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(phone() for _ in range(connections)))
    return Run(time.perf_counter() - started, waits, statuses)


def request(method: str, path: str, cookie: str = "", body: str = "") -> bytes:
    """A request as bytes; a body is a form's."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Language: zh-CN"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def scatter(ratios: Sequence[float]) -> str:
    """The median of the ratios, and from where to where they lay."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
