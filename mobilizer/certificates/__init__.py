"""Certificates of service: issued from the ledger, printed, verified by whoever is shown one, revoked."""
