"""Sign-ups: a member takes a shift and gives it back."""
