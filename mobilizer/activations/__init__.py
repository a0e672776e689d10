"""One-time links with which a member sets a password, first or anew: made, printed, ended and opened."""
