"""How long a job may be silent, how often it is tried, how long its file is kept."""

from datetime import timedelta

DEAD_AFTER = timedelta(minutes=2)
"""A worker that has not been seen for so long has died of something."""
BEAT = 10
"""Seconds after which a worker says again that it lives."""
ATTEMPTS = 3
KEPT = timedelta(days=1)
"""How long the file can be fetched."""
LISTED = timedelta(days=30)
"""How long it is remembered that there was one."""
MOST_OPEN = 5
"""How many files one person may be waiting for."""


def percent(done: int, total: int) -> int:
    """How far it is, rounded down; 0 while the total is not known."""
    return min(100 * done // total, 100) if total else 0
