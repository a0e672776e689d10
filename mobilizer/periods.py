"""How long some things count, for whoever reads them; mobilizer.privacy.rules has all of them, with the reasons, and clears
away what is over."""

from datetime import timedelta

ANSWERED = timedelta(days=7)
"""How long a repeat of a request is known as one: a phone may have been without a network for days."""

UPLOADED = timedelta(days=1)
"""How long an uploaded file, and what became of it, is there for whoever sent it."""

GUESSED = timedelta(minutes=15)
"""How long a wrong guess counts against whoever guesses."""
