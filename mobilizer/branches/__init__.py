"""Branches: stood up, proposed, approved, staffed, ended."""
