"""Joining by the shared link: name and phone number, a pass for one call, or a wish that the branch says yes to."""
