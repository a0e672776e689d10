"""Playbooks: a whole stand-up kept under a name and used again, four of them shipped with the product."""
