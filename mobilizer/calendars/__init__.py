"""My shifts in the calendar of my own phone: a private address to subscribe to, and a file for one shift."""
