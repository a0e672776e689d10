"""The board as a leader sees it: what it shows of which place, to whom, and that it costs next to nothing to look again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook

from mobilizer import clock
from mobilizer.extensions import begin_write, db
from mobilizer.model import Attendance, Branch, Member, Shift
from mobilizer.terms import Role
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
VILLAGE, SISTER, TOWN, DISTRICT = "320507001002", "320507001003", "320507001", "320507"
AT_NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
"""12:00 on Friday 27 November in Shanghai."""


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT_NOON)


@pytest.fixture
def secretary(app: Flask) -> Member:
    return factories.secretary(VILLAGE)


@pytest.fixture
def action(app: Flask) -> Branch:
    return factories.branch(VILLAGE, kind="action", name="Gate branch")


def laid_out(
    of: Branch, name: str = "East Gate", *, hour: int = 8, hours: int = 8, people: int = 0, **given: object
) -> Shift:
    """A published shift of today at this checkpoint with so many signed up; two are needed, three have a seat."""
    values = {"capacity": 3, "least": 2} | given
    shift = factories.shift(
        factories.call(of),
        factories.checkpoint(of, name=name),
        starts_at=factories.moment(AT_NOON.date(), hour),
        hours=hours,
        **values,
    )
    for _n in range(people):
        factories.sign_up(shift, factories.member())
    return shift


def cells(visitor: Visitor, name: str) -> list[str]:
    """What the cells of this row say, the empty ones left out."""
    for row in visitor.page.select("table.board tbody tr"):
        head = row.find("th")
        if head is not None and name in head.get_text():
            return [
                " ".join(each.get_text().split()) for each in row.find_all("td") if each.get_text().strip()
            ]
    return []


# --- what it shows ---------------------------------------------------------------------------------------


def test_a_cell_says_in_figures_and_a_word_how_its_hours_stand(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    laid_out(action, "East Gate", people=0)
    laid_out(action, "West Gate", hour=16, people=1)
    laid_out(action, "North Gate", people=2)
    laid_out(action, "South Gate", hour=16, people=3)
    visitor = visit(secretary.phone).open("/coverage?day=2026-11-27")
    assert cells(visitor, "East Gate") == ["08–16 0/0/2Bare"]
    assert cells(visitor, "West Gate") == ["16–24 –/1/2Short"]
    assert cells(visitor, "North Gate") == ["08–16 0/2/2Covered"]
    assert cells(visitor, "South Gate") == ["16–24 –/3/2Full"]
    (bare,) = visitor.page.select("td.is-bare")
    assert bare["colspan"] == "8"


def test_above_it_stand_the_hours_covered_and_what_is_bare_soon(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    laid_out(action, "East Gate", hour=16, people=0)
    laid_out(action, "West Gate", hour=16, people=3)
    visitor = visit(secretary.phone).open("/coverage")
    assert "Hours covered 16.0 of 32.0 50 % of the hours needed" in visitor.text
    assert "Bare in the next 12 hours 8.0 hours" in visitor.text
    assert "Bare Today 16:00–24:00 East Gate 0 of 2, missing 2" in visitor.text
    assert "West Gate has 1 more than needed, East Gate misses 2" in visitor.text


def test_who_is_there_counts_from_their_check_in(visit: Visit, secretary: Member, action: Branch) -> None:
    shift = laid_out(action)
    one, _two = (factories.sign_up(shift, factories.member()) for _n in range(2))
    factories.kept(Attendance(sign_up_id=one.id, checked_in_at=AT_NOON, noted_at=AT_NOON))
    visitor = visit(secretary.phone).open("/coverage")
    assert cells(visitor, "East Gate") == ["12–16 1/2/2Covered"]
    assert "On site now 1 of 2" in visitor.text
    assert "Late 1 people" in visitor.text


def test_a_cell_is_named_in_whole_words(visit: Visit, secretary: Member, action: Branch) -> None:
    laid_out(action, "East Gate", people=1)
    laid_out(action, "West Gate & Co", hour=20)
    visitor = visit(secretary.phone).open("/coverage?day=2026-11-27")
    names = [str(link["aria-label"]) for link in visitor.page.select("table.board td a")]
    assert names == [
        "East Gate, Today 08:00–16:00: Short, needed 2, signed up 1, on site 0",
        "West Gate & Co, Today 20:00–24:00: Bare, needed 2, signed up 0",
    ]


def test_a_draft_and_a_cancelled_shift_are_not_on_it(visit: Visit, secretary: Member, action: Branch) -> None:
    laid_out(action, "Cancelled Gate", status="cancelled")
    draft = factories.call(action, status="draft", published_at=None)
    factories.shift(
        draft, factories.checkpoint(action, name="Draft Gate"), starts_at=factories.moment(AT_NOON.date(), 16)
    )
    visitor = visit(secretary.phone).open("/coverage")
    assert "Gate" not in visitor.page.select_one("#board").get_text()  # type: ignore[union-attr]
    assert "No shifts in these hours" in visitor.text
    visitor.open(f"/coverage?call={draft.id}")
    assert cells(visitor, "Draft Gate") == ["16–24 –/0/1Bare"], "but on the draft's own board"


def test_a_post_with_nobody_is_seen_on_the_board_of_its_checkpoint(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    call, gate = factories.call(action), factories.checkpoint(action, name="East Gate")
    at = factories.moment(AT_NOON.date(), 16)
    factories.shift(call, gate, starts_at=at, post="Registration", least=2)
    order = factories.shift(call, gate, starts_at=at, post="Order")
    factories.sign_up(order, factories.member())
    visitor = visit(secretary.phone).open("/coverage")
    assert cells(visitor, "East Gate") == ["16–24 –/1/3Bare"]
    visitor.open(f"/coverage?unit={VILLAGE}&checkpoint={gate.id}")
    assert cells(visitor, "Registration") == ["16–24 –/0/2Bare"]
    assert cells(visitor, "Order") == ["16–24 –/1/1Covered"]


def test_seven_days_have_168_hours_across(visit: Visit, secretary: Member, action: Branch) -> None:
    laid_out(action)
    visitor = visit(secretary.phone).open("/coverage?days=7")
    assert len(visitor.page.select("tr.board-hours th")) == 1 + 168
    assert sum(int(str(td.get("colspan", 1))) for td in visitor.page.select("table.board tbody td")) == 168


# --- of which place, and for whom ---------------------------------------------------------------------------


def test_a_unit_shows_its_parts_and_each_leads_one_step_down(app: Flask, visit: Visit) -> None:
    coordinator = factories.member()
    factories.appointment(coordinator, Role.COORDINATOR, unit_code=DISTRICT)
    laid_out(factories.branch(VILLAGE, kind="action"), people=2)
    laid_out(factories.branch(SISTER, kind="action"), "Other Gate")
    factories.unit("320507002001")
    visitor = visit(coordinator.phone).open("/coverage?day=2026-11-27")
    assert cells(visitor, f"town {TOWN}") == ["08–16 0/2/4Bare"]
    assert "No shifts in these hours: 1 town 320507002" in visitor.text
    down = visitor.page.select_one("table.board th a")
    assert down is not None
    visitor.open(str(down["href"]))
    assert cells(visitor, VILLAGE) == ["08–16 0/2/2Covered"]
    assert cells(visitor, SISTER) == ["08–16 0/0/2Bare"]
    visitor.open("/coverage?unit=320507&by=checkpoint&day=2026-11-27")
    assert cells(visitor, "Other Gate") == ["08–16 0/0/2Bare"]


def test_a_branch_and_a_call_show_their_own_shifts_only(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    mine = laid_out(action, "East Gate", people=1)
    laid_out(factories.branch(VILLAGE, kind="action"), "Other Gate")
    visitor = visit(secretary.phone)
    for place in (f"branch={action.id}", f"call={mine.call_id}"):
        visitor.open(f"/coverage?day=2026-11-27&{place}")
        assert cells(visitor, "East Gate") == ["08–16 0/1/2Short"]
        assert cells(visitor, "Other Gate") == []


def test_nobody_looks_beyond_their_appointments(visit: Visit, secretary: Member, action: Branch) -> None:
    shift = laid_out(action)
    elsewhere = laid_out(factories.branch(SISTER, kind="action"), "Other Gate")
    visitor = visit(secretary.phone)
    places = (
        f"unit={SISTER}", f"unit={TOWN}", f"call={elsewhere.call_id}", f"checkpoint={elsewhere.checkpoint_id}",
        "unit=999999999999", "branch=999999", "call=x",
    )  # fmt: skip
    for place in places:
        for page in ("/coverage", "/coverage/cell", "/coverage/now", "/coverage/wall", "/coverage.csv"):
            assert visitor.open(f"{page}?{place}").status == 404, (page, place)
    member = visit(factories.member(factories.branch(VILLAGE)).phone)
    assert member.open("/coverage").status == 404
    assert member.open(f"/coverage?call={shift.call_id}").status == 404


def test_who_leads_one_branch_opens_on_its_board(visit: Visit, action: Branch) -> None:
    leader = factories.member()
    factories.appointment(leader, Role.COMMITTEE_MEMBER, branch=action)
    laid_out(action, people=2)
    visitor = visit(leader.phone).open("/coverage")
    assert cells(visitor, "East Gate") == ["12–16 0/2/2Covered"]
    assert visitor.open(f"/coverage?unit={VILLAGE}").status == 404


# --- behind a cell -------------------------------------------------------------------------------------------


def test_a_cell_opens_what_is_there_and_leads_to_what_fills_it(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    shift = laid_out(action)
    here, late = factories.member(name="Li Na"), factories.member(name="Wang Wei")
    signed = factories.sign_up(shift, here)
    factories.sign_up(shift, late)
    factories.kept(Attendance(sign_up_id=signed.id, checked_in_at=AT_NOON, noted_at=AT_NOON))
    visitor = visit(secretary.phone).open("/coverage?day=2026-11-27")
    link = visitor.page.select_one("table.board td a")
    assert link is not None
    visitor.open(str(link["href"]))
    assert "08:00–16:00 East Gate" in visitor.text
    assert "On site 1 · signed up 2 · needed 2 · seats 3" in visitor.text
    assert "Li Na Here since 12:00" in visitor.text
    assert "Wang Wei Late, 240 minutes" in visitor.text
    leads = {str(a["href"]) for a in visitor.page.select("main a[href]")}
    assert {f"/shifts/{shift.id}/roster", f"/shifts/{shift.id}/edit"} <= leads
    assert visitor.page.find("a", string="Ask somebody") is not None


def test_now_says_who_is_late_who_is_on_and_who_comes_next(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    shift = laid_out(action)
    for name, word in (("Li Na", "here"), ("Wang Wei", "late"), ("Zhao Lei", "absent")):
        signed = factories.sign_up(shift, factories.member(name=name))
        if word != "late":
            factories.kept(
                Attendance(
                    sign_up_id=signed.id,
                    absent=word == "absent",
                    checked_in_at=AT_NOON if word == "here" else None,
                    noted_at=AT_NOON,
                )
            )
    factories.sign_up(laid_out(action, "West Gate", hour=16), factories.member(name="Chen Jing"))
    visitor = visit(secretary.phone).open("/coverage/now")
    said = {
        part: " ".join(visitor.page.select_one(f"#{part}").get_text().split())
        for part in ("late", "absent", "on", "following")
    }  # type: ignore[union-attr]
    assert [part for part, text in said.items() if "Wang Wei" in text] == ["late"]
    assert [part for part, text in said.items() if "Zhao Lei" in text] == ["absent"]
    assert [part for part, text in said.items() if "Li Na" in text] == ["on"]
    assert [part for part, text in said.items() if "Chen Jing" in text] == ["following"]


# --- what looking costs --------------------------------------------------------------------------------------


def test_the_board_takes_three_queries_whatever_its_size(
    visit: Visit, secretary: Member, action: Branch, count_queries: Callable[..., int]
) -> None:
    laid_out(action)
    visitor = visit(secretary.phone).open("/coverage")
    few = count_queries(lambda: visitor.open("/coverage?days=7"))
    for n in range(12):
        laid_out(action, f"Gate {n} of many", people=1)
    assert count_queries(lambda: visitor.open("/coverage?days=7")) == few == 3
    assert count_queries(lambda: visitor.open("/coverage/wall")) == 3
    assert count_queries(lambda: visitor.open("/coverage/cell?hours=12")) == 3
    assert count_queries(lambda: visitor.open("/coverage/now")) == 3


def look_again(visitor: Visitor, url: str, tag: str) -> int:
    headers = visitor.headers | {"If-None-Match": tag}
    if visitor.htmx:
        headers["HX-Request"] = "true"
    return visitor.send("GET", url, headers=headers).status_code


def tag_of(visitor: Visitor, url: str) -> str:
    headers = visitor.headers | ({"HX-Request": "true"} if visitor.htmx else {})
    return visitor.send("GET", url, headers=headers).headers["ETag"]


@pytest.mark.parametrize("url", ["/coverage", "/coverage?days=7", "/coverage/wall", "/coverage/now"])
def test_a_board_on_which_nothing_changed_costs_a_304(
    visit: Visit, secretary: Member, action: Branch, url: str, count_queries: Callable[..., int]
) -> None:
    laid_out(action, people=1)
    visitor = visit(secretary.phone)
    tag = tag_of(visitor, url)
    assert look_again(visitor, url, tag) == 304
    assert count_queries(lambda: look_again(visitor, url, tag)) == 2


def test_the_browser_asks_again_each_time_and_keeps_page_and_part_apart(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    visitor = visit(secretary.phone)
    page = visitor.send("GET", "/coverage", headers=visitor.headers)
    part = visitor.send("GET", "/coverage", headers=visitor.headers | {"HX-Request": "true"})
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "HX-Request" in page.headers["Vary"]
    assert page.headers["ETag"] != part.headers["ETag"]
    chinese = visitor.send("GET", "/coverage", headers={**visitor.headers, "Accept-Language": "zh-CN"})
    assert chinese.headers["ETag"] != page.headers["ETag"]


def test_every_change_that_the_board_shows_makes_it_new(
    visit: Visit, secretary: Member, action: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift, other = laid_out(action, hour=16), laid_out(action, "West Gate", hour=16)
    who = factories.member(factories.branch(VILLAGE))
    visitor = visit(secretary.phone)
    seen = [tag_of(visitor, "/coverage")]

    def now_new(what: str) -> None:
        tag = tag_of(visitor, "/coverage")
        assert tag not in seen, what
        seen.append(tag)

    signed = factories.sign_up(shift, who)
    now_new("a sign-up")
    begin_write()
    db.session.get_one(Shift, shift.id).taken -= 1
    db.session.get_one(Shift, other.id).taken += 1
    db.session.commit()
    now_new("a seat that moved from one shift to another")
    attendance = factories.kept(Attendance(sign_up_id=signed.id, checked_in_at=AT_NOON, noted_at=AT_NOON))
    monkeypatch.setattr(clock, "now", lambda: AT_NOON + timedelta(hours=2, minutes=30))
    now_new("a check-in, in the hours before the start")
    begin_write()
    db.session.get_one(Attendance, attendance.id).checked_out_at = AT_NOON
    db.session.commit()
    now_new("a check-out")
    for name, value in (("capacity", 9), ("least", 1), ("status", "cancelled")):
        begin_write()
        setattr(db.session.get_one(Shift, other.id), name, value)
        db.session.commit()
        now_new(name)
    monkeypatch.setattr(clock, "now", lambda: AT_NOON + timedelta(hours=3, minutes=30))
    now_new("the hour")


# --- taken away, and on the wall -----------------------------------------------------------------------------


def test_the_sheet_has_a_line_for_every_hour(visit: Visit, secretary: Member, action: Branch) -> None:
    laid_out(action, people=1)
    visitor = visit(secretary.phone)
    lines = (
        visitor.send("GET", "/coverage.csv?day=2026-11-27", headers=visitor.headers)
        .get_data()
        .decode("utf-8-sig")
        .splitlines()
    )
    assert lines[0] == "Checkpoint,Begins,Ends,State,On site,Signed up,Needed"
    assert lines[1] == "East Gate,2026-11-27 08:00,2026-11-27 09:00,Short,0,1,2"
    assert len([line for line in lines if line.startswith("East Gate")]) == 8
    book = load_workbook(
        BytesIO(visitor.send("GET", "/coverage.xlsx?day=2026-11-27", headers=visitor.headers).get_data())
    )
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[2]][3:] == ["Short", 0, 1, 2]


def test_the_wall_turns_its_own_pages_and_begins_with_what_is_bare(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    for n in range(9):
        laid_out(action, f"Gate {n}", hour=12, people=2)
    laid_out(action, "Zero Gate", hour=12)
    visitor = visit(secretary.phone).open("/coverage/wall")
    heads = [th.get_text() for th in visitor.page.select("tbody th")]
    assert heads[0] == "Zero Gate"
    assert len(heads) == 8
    seconds, _url, address = visitor.response.headers["Refresh"].partition(";url=")
    assert int(seconds) >= 10
    visitor.open(address)
    assert len(visitor.page.select("tbody th")) == 2
    assert visitor.page.find("script") is None


def test_the_wall_stays_for_who_needs_longer(visit: Visit, secretary: Member, action: Branch) -> None:
    """WCAG 2.2.2: what changes by itself can be stopped."""
    laid_out(action)
    visitor = visit(secretary.phone).open("/coverage/wall")
    stay = visitor.page.find("a", string="Stay on this page")
    assert stay is not None
    visitor.open(str(stay["href"]))
    assert "Refresh" not in visitor.response.headers
    go_on = visitor.page.find("a", string="Turn the pages by itself")
    assert go_on is not None
    assert "Refresh" in visitor.open(str(go_on["href"])).response.headers


def test_it_refreshes_itself_until_it_is_told_to_stop(
    visit: Visit, secretary: Member, action: Branch
) -> None:
    laid_out(action)
    visitor = visit(secretary.phone).open("/coverage")
    poll = visitor.page.select_one("#board a[hx-trigger]")
    assert poll is not None
    assert "every 30s" in str(poll["hx-trigger"])
    stop = visitor.page.find("a", string="Stop that")
    assert stop is not None
    visitor.open(str(stop["href"]))
    assert visitor.page.select_one("[hx-trigger]") is None
    assert visitor.page.find("a", string="Refresh") is not None


@pytest.mark.parametrize(
    "rubbish",
    ["day=2026-02-30", "day=9999-12-31", "days=x", "by=x", "checkpoint=999999999999", "unit=%00", "page=-1", "from=x&hours=0"],
)  # fmt: skip
def test_rubbish_in_the_address_is_answered(
    visit: Visit, secretary: Member, action: Branch, rubbish: str
) -> None:
    visitor = visit(secretary.phone)
    for page in ("/coverage", "/coverage/cell", "/coverage/now", "/coverage/wall", "/coverage.csv"):
        assert visitor.open(f"{page}?{rubbish}").status in (200, 404)
