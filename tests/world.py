"""One of each thing, people who stand to it differently, and the addresses of all routes filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from mobilizer.terms import Role
from tests import factories
from tests.participation import ledger
from tests.visitor import Visitor

POSTER = "ACDEFGHJ"


@dataclass(frozen=True)
class World:
    """One of each, and people who stand to it differently. `parts` fill the addresses."""

    parts: dict[str, str]
    phones: dict[str, str]


def made() -> World:
    branch = factories.branch(kind="action")
    call = factories.call(branch, quick_join=True)
    checkpoint = factories.checkpoint(branch, poster_code=POSTER)
    shift = factories.shift(call, checkpoint)
    member, secretary, administrator = (
        factories.member(),
        factories.secretary(),
        factories.member(),
    )
    factories.appointment(administrator, Role.ADMINISTRATOR)
    ledger.entry(member, branch, checkpoint)
    certificate_id = factories.certificate(member, branch)
    parts = {
        "branch_id": branch.id,
        "call_id": call.id,
        "checkpoint_id": checkpoint.id,
        "shift_id": shift.id,
        "chain_id": factories.chain(call, secretary, f"1. {member.name} 8:00-16:00").id,
        "lay_out_id": factories.lay_out(shift).id,
        "sign_up_id": factories.sign_up(shift, member).id,
        "job_id": factories.job(member).id,
        "member_id": member.id,
        "operation_id": branch.operation_id,
        "attachment_id": factories.attachment(branch, member).id,
        "newcomer_id": factories.newcomer(call, shift).id,
        "claim_id": factories.claim(branch, member).id,
        "unit_code": branch.unit_code,
        "report_id": factories.saved_report(secretary, branch.unit_code).id,
        "request_id": factories.correction_request(member).id,
        "key": "flood-watch",
        "passkey_id": factories.passkey(administrator).id,
        "certificate_id": certificate_id,
    }
    by_rule = {
        "/a/": factories.activation_token(factories.member(branch)),
        "/calendar/": factories.calendar_token(member),
        "/c/": call.code,
        "/v/": factories.certificate_token(certificate_id),
        "/p/": POSTER,
        "/language/": "en",
        "/text/": "large",
        "/assets/": "app.css",
    }
    return World(
        {name: str(value) for name, value in parts.items()} | by_rule,
        {"a member": member.phone, "a secretary": secretary.phone, "an administrator": administrator.phone},
    )


def rules(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


def address(rule: Rule, parts: dict[str, str]) -> str:
    """The rule's address with its parts filled in; a part that no one knows is 1."""
    built = ""
    for is_part, text in rule._trace:
        if not is_part:
            built += text.removeprefix("|")
            continue
        prefix = next(
            (found for start, found in parts.items() if "/" in start and rule.rule.startswith(start)), "1"
        )
        built += parts.get(text, prefix)
    return built


def people(app: Flask, world: World, language: str = "en") -> Iterator[tuple[str, Visitor]]:
    yield "a stranger", Visitor(app.test_client(), language=language)
    for who, phone in world.phones.items():
        yield who, Visitor(app.test_client(), language=language).come_in(phone)


def ask(visitor: Visitor, method: str, url: str, **how: Any) -> TestResponse:
    return visitor.send(method, url, headers=visitor.headers, **how)
