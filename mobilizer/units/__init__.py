"""Units: the district, its towns, villages and grids."""
