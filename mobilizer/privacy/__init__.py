"""Privacy: what is kept of people, why and how long; what is over is cleared away; a member's own copy of everything."""
