"""The production server: granian, and what had to be put around it. Why each: docs/decisions/0001-server.md."""

import importlib
import multiprocessing
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

THREADS = 8
CONNECTIONS = 4096
STOP_SECONDS = 30


class CannotListen(Exception):
    """The address is taken or is not this machine's, in words for the administrator."""


def default_workers() -> int:
    """At least two processes, so that one that dies or is busy leaves the other; at most four on one machine's disk."""
    return min(4, max(2, os.cpu_count() or 1))


def serve(
    host: str,
    port: int,
    workers: int,
    *,
    listening: Callable[[], None] = lambda: None,
    target: str = "mobilizer:create_app",
    access_log: bool = False,
) -> None:
    """Serve until SIGTERM or Ctrl-C; requests under way are answered first, for up to 30 seconds.

    `listening` is called once the port is held; `target` names a factory, called once in every worker process. Raises
    CannotListen before anything is started, and SystemExit(1) when the workers die as soon as they are started.
    """
    address = _free_address(host, port)
    _allow_many_connections()
    # Not fork: this process has threads, and may hold database connections that no child may share.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        target,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        # Told, not guessed: while it guesses the protocol, a silent connection is never timed out.
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=THREADS,
        # Counts connections, idle ones as well, so it must be far above the threads.
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_access=access_log,
        # Its warnings are of threads and cores, which were chosen here.
        log_level=LogLevels.error,
    )
    server.on_startup(listening)
    server.serve(target_loader=load)


def load(target: str) -> Any:
    """In a worker: the WSGI application that `module:factory` makes."""
    # Out of the terminal's process group: a worker that gets Ctrl-C and then the main process's SIGTERM may deadlock.
    os.setpgrp()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_stop_after, args=(parent,), name="stop-after-parent", daemon=True).start()
    module, _, factory = target.partition(":")
    return getattr(importlib.import_module(module), factory)()


def _stop_after(parent: Any) -> None:
    """Orphaned workers would keep the port and answer for ever."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _free_address(host: str, port: int) -> str:
    """The numeric address to listen on. Granian shares ports, so a second server would silently take half the requests."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as fault:
        raise CannotListen(f"cannot listen on {host}, port {port}: {fault.strerror or fault}") from None
    return str(place[0])


def _allow_many_connections() -> None:
    """Every waiting phone holds a file descriptor; the soft limit is often 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(65_536, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
