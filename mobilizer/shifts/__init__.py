"""Shifts: laid out over checkpoints and days."""
