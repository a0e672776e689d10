"""Home: what a person meets first, today."""
