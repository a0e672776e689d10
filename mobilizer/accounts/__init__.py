"""Accounts: log-ins, passwords and appointments."""
