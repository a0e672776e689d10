"""Changing shifts that people may hold: who is touched is shown first, and told afterwards."""
