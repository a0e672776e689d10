"""Calls: written, laid out in shifts, published, shared."""
