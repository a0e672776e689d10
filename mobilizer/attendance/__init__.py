"""Attendance: the roster of a shift on the day."""
