"""The demo: a real district's campaign with made-up people, through the same actions as the screens."""
