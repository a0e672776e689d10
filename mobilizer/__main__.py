"""The door from the command line: `mobilizer`, or `python -m mobilizer`."""

import click
from flask.cli import FlaskGroup

from mobilizer import create_app
from mobilizer.config import Misconfigured


def main() -> None:
    """Run `mobilizer`; a setting that cannot be used is said in words, with exit status 2."""
    group = FlaskGroup(
        name="mobilizer",
        create_app=create_app,
        add_version_option=False,
        add_default_commands=False,
        set_debug_flag=False,
        help="Stand up branches, fill shifts, count service.",
    )
    try:
        group.main(prog_name="mobilizer")
    except Misconfigured as error:
        click.echo(f"mobilizer: {error}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
