"""Phone numbers as log-in names, and how many failures are too many."""

from datetime import timedelta

FAILURES = 10
WINDOW = timedelta(minutes=15)
ADDRESS_FAILURES = 300
"""A whole village may stand behind one address, so an address alone is stopped late."""


def too_many(for_pair: int, for_address: int) -> bool:
    """Failures within WINDOW of one account from one address, and of that address for all accounts.

    An account is never stopped by what others do from elsewhere: nobody locks out another.
    """
    return for_pair >= FAILURES or for_address >= ADDRESS_FAILURES
