"""Many at once, against real server processes."""
