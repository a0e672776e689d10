"""Hours: the ledger of service records."""
