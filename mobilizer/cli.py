"""`mobilizer ...`: thin; the same actions and queries as the views."""

import click
from flask import Flask

COMMANDS: list[click.Command] = []


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
