"""Participation: what is counted from the ledger, and its exports."""
