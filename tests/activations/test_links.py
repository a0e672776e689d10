"""One-time links: what one does, once; and that nobody makes one into a house above their own."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from mobilizer import clock
from mobilizer.accounts import passwords
from mobilizer.activations import actions
from mobilizer.activations.rules import read
from mobilizer.errors import Refused
from mobilizer.extensions import begin_write, db
from mobilizer.model import Activation, Appointment, Branch, FailedAttempt, JournalEntry, LogIn, Member
from mobilizer.policy import Actor
from mobilizer.terms import Role
from tests import factories
from tests.visitor import PASSWORD, Visitor

Visit = Callable[..., Visitor]
TOWN, VILLAGE, SISTER = "320507001", "320507001002", "320507001003"
NEW = "tea crane window"


@pytest.fixture
def branch(app: Flask) -> Branch:
    return factories.branch(VILLAGE, "East branch")


@pytest.fixture
def who(branch: Branch) -> Member:
    return factories.member(branch, name="Chen", password_hash=None)


@pytest.fixture
def secretary(branch: Branch) -> Member:
    made = factories.member(branch, name="Wang")
    factories.appointment(made, Role.SECRETARY, branch=branch)
    return made


def states() -> list[tuple[bool, bool]]:
    """(used, revoked) of every link, the oldest first."""
    rows = factories.rows(select(Activation.used_at, Activation.revoked_at).order_by(Activation.id))
    return [(used is not None, revoked is not None) for used, revoked in rows]


def activate(visitor: Visitor, token: str, password: str = NEW, **fields: Any) -> Visitor:
    return visitor.submit(f"/a/{token}", password=password, **fields)


# --- opening one ----------------------------------------------------------------------------------------------


def test_a_link_sets_a_password_once_and_leads_where_it_was_meant_to(visit: Visit, who: Member) -> None:
    token = factories.activation_token(who)
    phone = visit().open(f"/a/{token}?next=/me/devices")
    assert "Hello, Chen" in phone.text
    assert who.phone[-11:] not in phone.text
    activate(phone, token)
    assert "My devices" in phone.page.h1.text  # type: ignore[union-attr]
    assert phone.client.get_cookie("mobilizer").expires is not None, "it stays on this phone"  # type: ignore[union-attr]
    assert "Log out" in visit().log_in(who.phone, NEW).text
    assert states() == [(True, False)]
    kinds = [row.kind for row in factories.rows(select(JournalEntry.kind))]
    assert {"member.links-made", "member.password-set", "member.activated"} <= set(kinds)


def test_opening_it_changes_nothing_and_tells_no_other_page(visit: Visit, who: Member) -> None:
    token = factories.activation_token(who)
    for _ in range(3):
        preview = visit().open(f"/a/{token}")
        assert preview.response.headers["Referrer-Policy"] == "no-referrer"
        assert preview.response.headers["Cache-Control"] == "no-store"
        assert preview.page.find("meta", {"name": "referrer"})["content"] == "no-referrer"  # type: ignore[index]
    assert states() == [(False, False)]
    assert factories.count_of(FailedAttempt) == 0


def test_an_answer_that_is_an_error_keeps_the_address_secret_too(app: Flask, who: Member) -> None:
    url = f"/a/{factories.activation_token(who)}"
    for site in ("same-origin", "cross-site"):
        answer = app.test_client().post(url, data={"password": NEW}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 400
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    assert states() == [(False, False)]


def test_it_is_read_however_it_was_typed_off_the_paper(visit: Visit, who: Member) -> None:
    token = factories.activation_token(who)
    assert visit().open(f"/a/{token.upper()}").status == 200
    assert read(" 01Ab ") == "01ab"
    assert read("oil") == "011"


def test_over_https_the_form_is_taken_though_it_sends_no_referer(
    app: Flask, visit: Visit, who: Member
) -> None:
    token = factories.activation_token(who)
    phone = visit()
    phone._took(phone.send("GET", f"/a/{token}", headers=phone.headers, base_url="https://localhost"))
    sent = phone.filled(phone.form(f"/a/{token}")) | {"password": NEW}
    answer = phone.send("POST", f"/a/{token}", data=sent, headers=phone.headers, base_url="https://localhost")
    assert answer.status_code == 303
    forged = phone.send("POST", f"/a/{token}", data=sent | {"csrf_token": "x"}, base_url="https://localhost")
    assert forged.status_code == 400


@pytest.mark.parametrize("password", ["", "short", "12345678", "woaini1314", "a" * 201])
def test_a_bad_password_is_said_in_words_and_uses_nothing_up(
    visit: Visit, who: Member, password: str
) -> None:
    token = factories.activation_token(who)
    phone = activate(visit().open(f"/a/{token}?next=/me"), token, password)
    assert phone.status == 422
    assert "Please look at this again" in phone.text
    assert states() == [(False, False)]
    assert activate(phone, token).page.h1.text == "Chen", "and it still leads where it was meant to"  # type: ignore[union-attr]


def test_the_phone_number_itself_is_no_password(visit: Visit, who: Member) -> None:
    token = factories.activation_token(who)
    phone = visit().open(f"/a/{token}")
    for password in (who.phone, who.phone.removeprefix("+86")):
        assert activate(phone, token, password).status == 422


def test_a_link_that_was_used_is_of_no_use_to_another(visit: Visit, who: Member) -> None:
    token = factories.activation_token(who)
    activate(visit().open(f"/a/{token}"), token)
    thief = visit().open(f"/a/{token}")
    assert thief.status == 410
    assert "This link has been used" in thief.text
    late = visit().open("/log-in")
    sent = {"csrf_token": late.filled(late.form("/log-in"))["csrf_token"], "password": "thief's own words"}
    answer = late.send("POST", f"/a/{token}", data=sent, headers=late.headers)
    assert answer.status_code == 410
    assert passwords.matches(NEW, factories.scalar(select(Member.password_hash).where(Member.id == who.id)))


def test_a_double_tap_is_answered_as_the_first(visit: Visit, who: Member) -> None:
    token = factories.activation_token(who)
    phone = visit().open(f"/a/{token}?next=/me")
    sent = phone.filled(phone.form(f"/a/{token}")) | {"password": NEW}
    first = phone.send("POST", f"/a/{token}", data=sent, headers=phone.headers)
    lost = visit().open("/log-in")
    sent["csrf_token"] = lost.filled(lost.form("/log-in"))["csrf_token"]
    again = lost.send("POST", f"/a/{token}", data=sent, headers=lost.headers)
    assert [(each.status_code, each.headers["Location"]) for each in (first, again)] == [(303, "/me")] * 2
    assert states() == [(True, False)]


def test_two_at_once_use_it_once(app: Flask, who: Member) -> None:
    token, start = factories.activation_token(who), Barrier(2)
    came: list[object] = []

    def use(password: str) -> None:
        with app.app_context():
            hashed = passwords.hashed(password)
            start.wait(60)
            try:
                begin_write()
                actions.use(token, hashed, now=clock.now())
                db.session.commit()
                came.append(password)
            except Refused as refusal:
                db.session.rollback()
                came.append(refusal.status)
            finally:
                db.session.remove()

    threads = [Thread(target=use, args=(password,)) for password in (NEW, "another one of mine")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert 410 in came
    winner = next(each for each in came if each != 410)
    kept = factories.scalar(select(Member.password_hash).where(Member.id == who.id))
    assert passwords.matches(str(winner), kept)


def test_an_old_a_revoked_and_an_unknown_link_say_what_to_do(visit: Visit, who: Member) -> None:
    old = factories.activation_token(who, now=clock.now() - timedelta(hours=72, seconds=1))
    assert (visit().open(f"/a/{old}").status, "run out" in visit().open(f"/a/{old}").text) == (410, True)
    first = factories.activation_token(who)
    second = factories.activation_token(who)
    assert (visit().open(f"/a/{first}").status, "was ended" in visit().open(f"/a/{first}").text) == (
        410,
        True,
    )
    assert visit().open(f"/a/{second}").status == 200
    for unknown in ("x", "0" * 24, second[:-1], second + "0", "é" * 9):
        page = visit().open(f"/a/{unknown}")
        assert (page.status, "There is no such link" in page.text) == (404, True)
        assert "ask the secretary of your branch" in page.text


def test_guessing_links_is_slowed_and_spoils_no_good_one(
    visit: Visit, who: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mobilizer.throttle.ADDRESS_FAILURES", 5)
    token = factories.activation_token(who)
    for number in range(5):
        assert visit().open(f"/a/{number}").status == 404
    assert visit().open("/a/99").status == 429
    assert factories.count_of(FailedAttempt) == 5
    assert visit().open(f"/a/{token}").status == 200


def test_using_one_ends_what_was_open_elsewhere(visit: Visit, branch: Branch) -> None:
    who = factories.member(branch)
    lost_phone = visit(who.phone)
    token = factories.activation_token(who)
    activate(visit().open(f"/a/{token}"), token)
    assert "Log out" not in lost_phone.open("/me").text
    assert factories.count_of(LogIn) == 1
    assert visit().log_in(who.phone, PASSWORD).status == 422


def test_whoever_is_logged_in_here_is_told_whose_link_it_is(
    visit: Visit, who: Member, secretary: Member
) -> None:
    token = factories.activation_token(who)
    pc = visit(secretary.phone).open(f"/a/{token}")
    assert "Wang is logged in on this device. Go on only if you are Chen." in pc.text
    assert activate(pc, token).open("/me").page.h1.text == "Chen"  # type: ignore[union-attr]


# --- making them ----------------------------------------------------------------------------------------------


def test_a_branch_gets_a_sheet_for_who_cannot_log_in(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    also = factories.member(branch, name="Li", password_hash=None)
    wang = visit(secretary.phone).open(f"/branches/{branch.id}/activations?next=/c/abc")
    assert "1 of 3 people of the branch can log in" in wang.text
    wang.submit(f"/branches/{branch.id}/activations")
    assert "2 links are made" in wang.text
    slips = wang.page.find_all("article", class_="slip")
    assert ["Chen" in slips[0].text, "Li" in slips[1].text, len(slips)] == [True, True, 2]
    link = slips[0].find(class_="slip-link").text
    assert link.endswith("?next=/c/abc")
    again = visit(secretary.phone).open(f"/branches/{branch.id}/activations/sheet?next=/c/abc")
    assert link in again.text, "the sheet can be printed again"
    assert again.response.headers["Cache-Control"] == "no-store"
    path = link.split("localhost")[1]
    activate(visit().open(path), path.split("?")[0].removeprefix("/a/"))
    assert "Chen" not in wang.open(f"/branches/{branch.id}/activations/sheet").text
    assert "2 of 3 people" in wang.open(f"/branches/{branch.id}/activations").text
    wang.submit(f"/branches/{branch.id}/activations/revoke")
    assert "Links ended: 1." in wang.text
    assert states() == [(True, False), (False, True)]
    assert also.id


def test_one_member_gets_a_link_and_a_text_to_send(visit: Visit, who: Member, secretary: Member) -> None:
    wang = visit(secretary.phone).open(f"/members/{who.id}")
    assert f"/members/{who.id}/activation" in str(wang.page)
    wang.open(f"/members/{who.id}/activation").submit(f"/members/{who.id}/activation")
    assert "please do not pass it on" in wang.page.find("textarea").text  # type: ignore[union-attr]
    wang.submit(f"/members/{who.id}/activation")
    assert states() == [(False, True), (False, False)], "a new one ends the old"
    wang.submit(f"/members/{who.id}/activation/revoke")
    assert states() == [(False, True), (False, True)]


def test_the_people_of_an_action_branch_get_theirs_there(visit: Visit, app: Flask) -> None:
    action = factories.branch(VILLAGE, kind="action")
    guest = factories.member(factories.branch(SISTER), name="Guest", password_hash=None)
    factories.attachment(action, guest)
    leader = factories.member(name="Leader")
    factories.appointment(leader, Role.SECRETARY, branch=action)
    page = visit(leader.phone).open(f"/branches/{action.id}/activations")
    page.submit(f"/branches/{action.id}/activations")
    assert "Guest" in page.text
    assert page.open(f"/members/{guest.id}/activation").status == 200
    assert page.open(f"/members/{factories.member(factories.branch(SISTER)).id}/activation").status == 404


def test_nobody_of_another_branch_is_taken_in(visit: Visit, branch: Branch, secretary: Member) -> None:
    stranger = factories.member(factories.branch(SISTER))
    wang = visit(secretary.phone).open(f"/branches/{branch.id}/activations")
    assert wang.submit(f"/branches/{branch.id}/activations", member_ids=[str(stranger.id)]).status == 404
    assert (
        wang.open(f"/branches/{branch.id}/activations")
        .submit(f"/branches/{branch.id}/activations", member_ids=[])
        .status
        == 422
    )
    assert states() == []


# --- nobody makes one into a house above their own -------------------------------------------------------------


def appointed(home: Branch, role: Role, **place: Any) -> Member:
    made = factories.member(home, name=f"The {role}")
    factories.appointment(made, role, **place)
    return made


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.ADMINISTRATOR, {}),
        (Role.COORDINATOR, {"unit_code": TOWN}),
        (Role.COORDINATOR, {"unit_code": VILLAGE}),
        (Role.SECRETARY, {"unit_code": TOWN}),
        (Role.SECRETARY, {"unit_code": VILLAGE}),
        (Role.DEPUTY_SECRETARY, {"unit_code": SISTER}),
        (Role.COMMITTEE_MEMBER, {"unit_code": SISTER}),
    ],
)
def test_a_secretary_makes_no_link_to_an_account_that_is_not_below_theirs(
    visit: Visit, branch: Branch, role: Role, where: dict[str, str]
) -> None:
    """Neither for one, nor among a branch's, nor by sending what no page offers; nor sees one that another made."""
    above = appointed(branch, role, **where)
    deputy = appointed(branch, Role.DEPUTY_SECRETARY, unit_code=VILLAGE)
    token = factories.activation_token(above)
    page = visit(deputy.phone).open(f"/branches/{branch.id}/activations")
    box = page.page.find("input", {"value": str(above.id), "name": "member_ids"})
    assert box is None
    assert page.submit(f"/branches/{branch.id}/activations", member_ids=[str(above.id)]).status == 403
    one = page.open(f"/members/{above.id}/activation")
    assert "does not lie below yours" in one.text
    key = page.open("/me").page.find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
    for action in ("", "/revoke"):
        answer = page.send(
            "POST", f"/members/{above.id}/activation{action}", data={"csrf_token": key}, headers=page.headers
        )
        assert answer.status_code == 403
    for address in (f"/members/{above.id}/activation", f"/branches/{branch.id}/activations/sheet"):
        assert token not in page.open(address).text
    assert states() == [(False, False)]


def test_what_lies_below_is_within_reach(visit: Visit, branch: Branch, secretary: Member) -> None:
    committee = appointed(branch, Role.COMMITTEE_MEMBER, branch=branch)
    village = appointed(branch, Role.SECRETARY, unit_code=VILLAGE)
    town = appointed(factories.branch(TOWN), Role.SECRETARY, unit_code=TOWN)
    for maker, whom, status in (
        (secretary, committee, 303),
        (village, secretary, 303),
        (town, village, 303),
        (secretary, village, 403),
        (committee, secretary, 403),
        (village, village, 403),
    ):
        page = visit(maker.phone).open("/me")
        key = page.page.find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
        answer = page.send(
            "POST", f"/members/{whom.id}/activation", data={"csrf_token": key}, headers=page.headers
        )
        assert answer.status_code == status, (maker.name, whom.name)


def test_whoever_rises_after_a_link_was_made_is_out_of_its_makers_reach(
    visit: Visit, branch: Branch, who: Member, secretary: Member
) -> None:
    """The link lies in the maker's drawer, and the member becomes coordinator: it opens nothing any more."""
    token = factories.activation_token(who, secretary)
    phone = visit().open(f"/a/{token}")
    assert phone.status == 200
    factories.appointment(who, Role.COORDINATOR, unit_code=TOWN)
    assert activate(phone, token).status == 410
    assert visit().open(f"/a/{token}").status == 410
    begin_write()
    with pytest.raises(Refused):
        actions.use(token, "a hash", now=clock.now())
    db.session.rollback()
    assert factories.scalar(select(Member.password_hash).where(Member.id == who.id)) is None


def test_a_maker_whose_appointment_has_ended_leaves_no_open_links(
    visit: Visit, who: Member, secretary: Member
) -> None:

    token = factories.activation_token(who, secretary)
    begin_write()
    db.session.execute(update(Appointment).values(ends_at=clock.now()))
    db.session.commit()
    assert visit().open(f"/a/{token}").status == 410
    assert states() == [(False, False)]


def test_a_member_makes_none(visit: Visit, branch: Branch, who: Member) -> None:
    page = visit(factories.member(branch).phone)
    assert page.open(f"/members/{who.id}/activation").status == 404
    assert page.open(f"/branches/{branch.id}/activations").status == 404
    assert page.open(f"/branches/{branch.id}/activations/sheet").status == 404


def test_whoever_acts_must_be_somebody(app: Flask, who: Member) -> None:
    with pytest.raises(Refused):
        actions.make([who.id], nonce=lambda: "n", secret_key="k", by=Actor(10**6), now=clock.now())
    db.session.rollback()


# --- on the command line --------------------------------------------------------------------------------------


def test_an_administrator_prints_one_on_the_command_line(app: Flask, visit: Visit, who: Member) -> None:
    def run() -> Any:
        return app.test_cli_runner().invoke(args=["member", "activate", who.phone])

    assert (run().exit_code, "MOBILIZER_PUBLIC_ADDRESS" in run().output) == (1, True)
    assert states() == []
    app.config["PUBLIC_ADDRESS"] = "https://zhiyuan.example.org"
    printed = run().output.strip()
    assert printed.startswith("https://zhiyuan.example.org/a/")
    assert visit().open(printed.removeprefix("https://zhiyuan.example.org")).status == 200
