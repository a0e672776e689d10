"""Coverage: which hours are covered, which are bare, and who could fill them."""
