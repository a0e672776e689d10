"""Imports: a file goes up, one sees what would happen row by row, and confirms."""
