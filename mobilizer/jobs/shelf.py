"""Where the files lie that workers make: under names that nobody guesses, readable to this account alone."""

import os
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path


def folder(instance: str) -> Path:
    path = Path(instance) / "jobs"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def new(instance: str) -> Path:
    """An empty file, for one worker's attempt."""
    path = folder(instance) / secrets.token_hex(16)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


def remove(instance: str, names: Iterable[str]) -> None:
    for name in names:
        (folder(instance) / name).unlink(missing_ok=True)


def strays(instance: str, known: Collection[str], before: datetime) -> list[str]:
    """Files that no job knows of and that nobody has written to since: what dead workers left."""
    return [
        path.name
        for path in folder(instance).iterdir()
        if path.name not in known and path.stat().st_mtime < before.timestamp()
    ]
