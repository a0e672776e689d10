"""Telling people: an action writes a notice in its own transaction and knows nothing of how it is sent."""
