"""Offline: what of today a phone keeps, and how what was said without a network gets here."""
