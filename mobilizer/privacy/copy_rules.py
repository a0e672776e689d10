"""What of the tables is not in a member's own copy, and why. Pure."""

LEFT_OUT: dict[str, str] = {
    "activation.made_by_id": "a link for another; that they made it stands in the journal",
    "certificate.issued_by_id": "another's certificate; that they issued it stands in the journal",
    "certificate.revoked_by_id": "another's certificate; that they revoked it stands in the journal",
    "chain.pasted_by_id": "a text that names others, kept for a few days",
    "challenge.member_id": "a question of five minutes, which holds nothing but a secret",
    "correction_request.answered_by_id": "another's request; that they answered it stands in the journal",
    "lay_out.member_id": "a branch's shifts; that they laid them out stands in the journal",
    "service_claim.decided_by_id": "another's service; that they decided on it stands in the journal",
    "service_claim.made_by_id": "another's service; that they entered it stands in the journal",
    "service_record.recorded_by_id": "another's service; that they recorded it stands in the journal",
    "sign_up.asked_by_id": "another's sign-up; that they asked stands in the journal",
    "tally_person.member_id": "sums of the service records, which are in the copy",
    "verification.verified_by_id": "a word on another's service; that they gave it stands in the journal",
}
"""table.column, of every column that names a member and by which nothing is copied."""
