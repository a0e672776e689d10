"""mobilizer member add|password|activate|appoint|passkeys: the first administrator, resets, appointments."""

import secrets
import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.accounts import actions as accounts
from mobilizer.accounts import passkey_queries, passkeys
from mobilizer.accounts import queries as account_queries
from mobilizer.accounts.passwords import check_new, hashed
from mobilizer.activations import actions as activations
from mobilizer.activations.rules import token_of
from mobilizer.commands.transaction import in_words, one_transaction
from mobilizer.errors import N_, Refused
from mobilizer.members import actions, queries, rules
from mobilizer.policy import COMMAND_LINE
from mobilizer.terms import Role, Standing
from mobilizer.units import rules as units


@click.group("member")
def member() -> None:
    """Add a member, set a password, appoint.

    \b
    On an empty database, the first administrator:
      mobilizer member add --name 王芳 --phone 13800000000
      mobilizer member password 13800000000
      mobilizer member appoint 13800000000 administrator
    """


@member.command("add")
@click.option("--name", required=True, help="The full name.")
@click.option("--phone", required=True, help="The mobile number: it is the log-in.")
@click.option(
    "--branch",
    "branch_id",
    type=click.IntRange(1, 2**63 - 1),
    metavar="ID",
    help="The home branch by its number.",
)
@click.option("--unit", "unit", metavar="CODE", help="With --branch-name: the unit of the home branch.")
@click.option(
    "--branch-name", metavar="NAME", help="With --unit: the home branch, created if it is not known."
)
@click.option(
    "--standing",
    type=click.Choice([str(standing) for standing in Standing]),
    default=str(Standing.FULL),
    show_default=True,
    help="Full or probationary member, applicant, or volunteer who is no member.",
)
@with_appcontext
def add(
    name: str, phone: str, branch_id: int | None, unit: str | None, branch_name: str | None, standing: str
) -> None:
    """Add one member, with or without a home branch. A phone that somebody has already is refused."""
    if (unit is None) != (branch_name is None) or (unit is not None and branch_id is not None):
        raise click.UsageError("Give --branch, or --unit with --branch-name, or none of them.")
    with one_transaction():
        now = clock.now()
        if unit is not None and branch_name is not None:
            branch_id = actions.standing_branch(units.code(unit), branch_name, now=now)
        member_id = actions.add_member(name, phone, branch_id, Standing(standing), by=COMMAND_LINE, now=now)
    click.echo(_("Member %(id)s added.", id=member_id))


@member.command("password")
@click.argument("phone")
@with_appcontext
def password(phone: str) -> None:
    """Set the password of the member with this PHONE, and end all their log-ins. A common one is refused.

    It is asked for twice and not shown; where there is no terminal, it is read as two lines from standard input.
    It is never an argument: arguments stand in histories and lists of processes.
    """
    with in_words():
        member_id = _known(phone)
        own_words = account_queries.own_words(member_id)
    first, again = _asked(_("New password: ")), _asked(_("New password, once more: "))
    with in_words():
        if first != again:
            raise Refused("password-differs", N_("The two are not the same."))
        check_new(first, own_words)
        kept = hashed(first)
    with one_transaction():
        accounts.set_password(member_id, kept, by=COMMAND_LINE, now=clock.now())
    click.echo(_("The password is set. All log-ins of this member have ended."))


def _asked(prompt: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, prompt_suffix=""))
    return sys.stdin.readline().rstrip("\r\n")


@member.command("activate")
@click.argument("phone")
@with_appcontext
def activate(phone: str) -> None:
    """Print a one-time link with which the member with this PHONE sets a password, good for 72 hours.

    An open one that they have ends. The setting MOBILIZER_PUBLIC_ADDRESS says where the site is reached.
    """
    key, nonce = current_app.config["SECRET_KEY"], secrets.token_urlsafe(24)
    with one_transaction():
        link = web.public_url("activations.open_link", token=token_of(key, nonce))
        activations.make(
            [_known(phone)], nonce=lambda: nonce, secret_key=key, by=COMMAND_LINE, now=clock.now()
        )
    click.echo(link)


@member.command("appoint")
@click.argument("phone")
@click.argument("role", type=click.Choice([str(role) for role in Role]))
@click.option("--unit", metavar="CODE", help="Over this unit and all below it.")
@click.option(
    "--branch", "branch_id", type=click.IntRange(1, 2**63 - 1), metavar="ID", help="In this branch."
)
@with_appcontext
def appoint(phone: str, role: str, unit: str | None, branch_id: int | None) -> None:
    """Appoint the member with this PHONE to a ROLE over a unit or in a branch; an administrator over everything.

    Somebody who holds it already keeps it.
    """
    with one_transaction():
        appointment_id = accounts.appoint(
            _known(phone),
            Role(role),
            unit_code=units.code(unit) if unit else None,
            branch_id=branch_id,
            by=COMMAND_LINE,
            now=clock.now(),
        )
    click.echo(_("Appointment %(id)s.", id=appointment_id))


@member.command("passkeys")
@click.argument("phone")
@click.option("--remove", is_flag=True, help="Remove all of them: for whoever has lost theirs.")
@with_appcontext
def list_passkeys(phone: str, remove: bool) -> None:
    """List the passkeys of the member with this PHONE, or remove them.

    After that they log in with their password, and add a new one just then.
    """
    if remove:
        with one_transaction():
            count = passkeys.remove_lost(_known(phone), None, by=COMMAND_LINE, now=clock.now())
        click.echo(_("Passkeys removed: %(count)s.", count=count))
        return
    with in_words():
        held = passkey_queries.passkeys(_known(phone))
    for each in held:
        added, used = (
            moment.date().isoformat() if moment else "-" for moment in (each.added_at, each.used_at)
        )
        click.echo("\t".join((each.name or str(each.id), added, used)))
    if not held:
        click.echo(_("This member has no passkey."))


def _known(phone: str) -> int:
    """The member with this number, however it is written. Refused when there is none."""
    member_id = queries.id_of_phone(rules.phone(phone))
    if member_id is None:
        raise Refused("member-unknown", N_("There is no member with this phone number."))
    return member_id
