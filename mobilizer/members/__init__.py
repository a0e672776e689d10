"""Members: the roster."""
