"""`mobilizer ...`: thin; the same actions and queries as the views."""

import click
from flask import Flask

from mobilizer.commands.checks import check
from mobilizer.commands.demo import demo
from mobilizer.commands.exports import export
from mobilizer.commands.imports import import_
from mobilizer.commands.members import member
from mobilizer.commands.retention import retention
from mobilizer.commands.server import serve, start
from mobilizer.commands.settling import settle
from mobilizer.commands.working import work

COMMANDS: list[click.Command] = [check, demo, export, import_, member, retention, serve, settle, start, work]


def register(app: Flask) -> None:
    """Hang the commands on `flask --app wsgi` and on `mobilizer` alike."""
    for command in COMMANDS:
        app.cli.add_command(command)
