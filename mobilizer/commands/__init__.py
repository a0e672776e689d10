"""The commands of `mobilizer`, a module for each noun; cli.py gathers them."""
