"""A phone number is shown in full, and then to tap, only to those who have to call it; to everybody else masked, and on
every page in the same way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mobilizer import filters
from mobilizer.extensions import begin_write, db
from mobilizer.model import Checkpoint, Member
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor
from tests.world import World, address, ask, made, rules

pytestmark = pytest.mark.once

TEMPLATES = Path(__file__).resolve().parent.parent / "mobilizer" / "templates"
CONTACT = "+8613912345678"


# --- one way, in one place --------------------------------------------------------------------------------


def otherwise(template: str) -> list[str]:
    """Numbers that a template shows past the one filter, and contacts that may hold one."""
    template = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    shown = r"(?:\{\{|\(_\(\"[^\"]*\"\),|~)\s*[\w.]*(?:\bphone|\.contact|^contact)\b(?!\|phone_or_masked|\|with_phones|_)"
    return (
        re.findall(shown, template)
        + re.findall(r"\|\s*(?:masked_)?phone\b", template)
        + re.findall(r"=\w+\.contact\b(?!\|with_phones)", template)
    )


def test_every_number_is_shown_by_the_one_filter() -> None:
    wrong = {
        path.relative_to(TEMPLATES).as_posix(): found
        for path in TEMPLATES.rglob("*.html")
        if (found := otherwise(path.read_text(encoding="utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "template",
    [
        "{{ person.phone }}",
        "{{ person.phone|phone }}",
        "{{ a }} · {{ who.phone|masked_phone }}",
        '{{ definitions(((_("Contact"), shift.contact),)) }}',
        '{{ _("At: %(contact)s", contact=shift.contact) }}',
    ],
)
def test_a_number_shown_otherwise_is_found(template: str) -> None:
    assert otherwise(template)


def test_a_number_is_a_link_or_masked(app: Flask) -> None:
    number = "+8619900000001"
    assert (
        filters.phone_or_masked(number, True)
        == '<a class="phone" href="tel:+8619900000001">199 0000 0001</a>'
    )
    assert filters.phone_or_masked(number, False) == "199****0001"
    assert filters.phone_or_masked(None, True) == filters.phone_or_masked("", False) == ""


@pytest.mark.parametrize(
    ("written", "masked", "numbers"),
    [
        ("李四13900001111", "李四139****1111", ["+8613900001111"]),
        ("<b>张三</b> 139 0000 1111", "&lt;b&gt;张三&lt;/b&gt; 139****1111", ["+8613900001111"]),
        (
            "张三（13900001111）或 0512-65751234",
            "张三（139****1111）或 051****1234",
            ["+8613900001111", "+8651265751234"],
        ),
        ("问门卫，24 小时", "问门卫，24 小时", []),
        ("", "", []),
    ],
)
def test_the_numbers_in_a_contact_are_links_or_masked(
    app: Flask, written: str, masked: str, numbers: list[str]
) -> None:
    assert filters.with_phones(written, False) == masked
    assert re.findall(r'href="tel:([^"]*)"', filters.with_phones(written, True)) == numbers


# --- on every page ----------------------------------------------------------------------------------------


@pytest.fixture
def world(app: Flask) -> World:
    """One of each, a checkpoint with a number in its contact, and everybody's name as it is said."""
    world = made()
    checkpoint = factories.rows(select(Checkpoint.id))[0][0]
    db.session.rollback()
    begin_write()
    db.session.get_one(Checkpoint, checkpoint).contact = "王五 13912345678"
    db.session.commit()
    return world


def numbers() -> set[str]:
    return {row.phone for row in factories.rows(select(Member.phone))} | {CONTACT}


def full_numbers(app: Flask, world: World, phone: str) -> Iterator[tuple[str, str, bool]]:
    """(address, number, whether each of its occurrences is a link, or in a field to be changed, or in a file, where none can
    be) on all that this member can open."""
    visitor = Visitor(app.test_client()).log_in(phone)
    known = numbers()
    for rule in rules(app, "GET"):
        url = address(rule, world.parts)
        answer = ask(visitor, "GET", url)
        if answer.status_code != 200:
            continue
        text = answer.get_data(as_text=True) if not str(answer.mimetype).endswith(("sheet", "png")) else ""
        links = re.sub(r'<a class="phone" href="tel:[^"]*">[^<]*</a>|<input [^>]*>', "", text)
        for number in known:
            national = number.removeprefix("+86")
            spaced = rf"{national[:3]}[ -]?{national[3:7]}[ -]?{national[7:]}"
            if re.search(spaced, text):
                yield url, number, answer.mimetype != "text/html" or not re.search(spaced, links)


def test_a_member_sees_nobodys_number_but_their_own(app: Flask, world: World) -> None:
    plain = factories.member(factories.branch())
    found = {number for _url, number, _links in full_numbers(app, world, plain.phone)}
    assert found == {plain.phone}, "their own stands on their own page"


def test_the_leader_of_a_sister_branch_sees_nobodys_number_here(app: Flask, world: World) -> None:
    sister = factories.branch(kind="action")
    leader = factories.member(factories.branch())
    factories.appointment(leader, Role.SECRETARY, branch=sister)
    found = {number for _url, number, _links in full_numbers(app, world, leader.phone)}
    assert found == {leader.phone}


def test_a_coordinator_who_counts_sees_nobodys_number(app: Flask, world: World) -> None:
    coordinator = factories.member()
    factories.appointment(coordinator, Role.COORDINATOR, unit_code="320507")
    found = {number for _url, number, _links in full_numbers(app, world, coordinator.phone)}
    assert found == {coordinator.phone}


def test_a_leader_can_tap_every_number_that_they_see(app: Flask, world: World) -> None:
    shown = list(full_numbers(app, world, world.phones["a secretary"]))
    pages = {url for url, _number, _links in shown}
    shift, branch = f"/shifts/{world.parts['shift_id']}", f"/branches/{world.parts['branch_id']}"
    assert {shift, f"{shift}/roster", f"{shift}/ask", branch, f"/members/{world.parts['member_id']}"} <= pages
    assert {number for _url, number, _links in shown} >= {world.phones["a member"], CONTACT}
    assert [(url, number) for url, number, links in shown if not links] == []


def test_whoever_is_on_a_shift_can_call_its_contact(app: Flask, world: World) -> None:
    shown = list(full_numbers(app, world, world.phones["a member"]))
    assert (f"/shifts/{world.parts['shift_id']}", CONTACT, True) in shown
