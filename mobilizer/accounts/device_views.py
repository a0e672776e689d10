"""Where I am logged in, and an end for each of them. The routes stand in accounts.views."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from mobilizer import clock, web
from mobilizer.accounts import actions, devices, queries
from mobilizer.accounts.queries import Device
from mobilizer.errors import N_
from mobilizer.policy import Permission

MOST_ID = 2**31 - 1


@web.requires(Permission.HOME_READ)
def index() -> Any:
    return _page()


def _page() -> str:
    reader = web.the_reader()
    found = queries.log_ins(reader.member_id, clock.now())
    found.sort(key=lambda each: each.id != reader.log_in_id)
    return render_template(
        "accounts/devices.html", devices=[(each, _words(each)) for each in found], this=reader.log_in_id
    )


def _words(device: Device) -> str:
    parts = [_(part) for part in device.words.split(devices.BETWEEN) if part]
    return devices.BETWEEN.join(parts) or _("Unknown device")


def mine(log_in_id: int) -> Device | None:
    """One of the reader's own; nobody else's is there."""
    reader = web.the_reader()
    return next(
        (each for each in queries.log_ins(reader.member_id, clock.now()) if each.id == log_in_id), None
    )


@web.requires(Permission.HOME_READ, of=mine)
def end(device: Device) -> Any:
    reader = web.the_reader()
    return web.command(
        lambda: actions.end_device(device.id, of_member=reader.member_id, this=reader.log_in_id),
        done=lambda _none: web.Done(N_("That device is logged out."), url_for("accounts.devices")),
        page=_page,
    )


@web.requires(Permission.HOME_READ)
def end_others() -> Any:
    reader = web.the_reader()
    return web.command(
        lambda: actions.end_other_devices(of_member=reader.member_id, this=reader.log_in_id),
        done=lambda count: web.Done(
            N_("All other devices are logged out: %(count)s."), url_for("accounts.devices"), {"count": count}
        ),
        page=_page,
    )
