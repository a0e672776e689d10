"""A chain is pasted, looked over, mended and entered; nothing unsure goes in unless somebody chose it."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from sqlalchemy import select

from mobilizer import clock
from mobilizer.commands.retention import clear_due
from mobilizer.members.names import sort_name
from mobilizer.model import Call, Chain, ChainLine, JournalEntry, Member, Notice, Shift, SignUp
from tests import factories
from tests.visitor import Visitor

Visit = Callable[..., Visitor]
VILLAGE = "320507001002"


class Field:
    """A call with two gates and three shifts tomorrow at each: 8 to 16, 16 to 24, 0 to 8 of the day after."""

    def __init__(self, **shift: Any) -> None:
        self.home = factories.branch(VILLAGE, name="峰汇园党支部")
        self.secretary = factories.secretary(VILLAGE)
        self.call = factories.call(factories.branch(VILLAGE, kind="action"))
        self.shifts = {}
        for gate in ("东门", "南门"):
            place = factories.checkpoint(unit_code=VILLAGE, name=f"峰汇园{gate}卡口")
            for name, hour in (("早", 8), ("中", 16), ("夜", 24)):
                starts_at = factories.tomorrow(0) + timedelta(hours=hour)
                self.shifts[gate + name] = factories.shift(self.call, place, starts_at=starts_at, **shift)

    def member(self, name: str, **values: Any) -> Member:
        return factories.member(self.home, name, sort_name=sort_name(name), **values)

    @property
    def paste(self) -> str:
        return f"/calls/{self.call.id}/chains/new"

    def pasted(self, visitor: Visitor, text: str) -> str:
        """Paste the text; answers the address of the page to look it over, which is open now."""
        visitor.open(self.paste).submit(self.paste, text=text)
        assert visitor.status == 200, visitor.text
        found = factories.scalar(select(Chain.id).order_by(Chain.id.desc()))
        return f"/calls/{self.call.id}/chains/{found}"


def tomorrow() -> date:
    return clock.now().astimezone(factories.LOCAL).date() + timedelta(days=1)


def heading() -> str:
    day = tomorrow()
    return f"{day.month}月{day.day}日峰汇园卡口志愿者\n早班8:00-16:00 / 中班16:00-24:00 / 夜班0:00-8:00\n"


def on(call: Call) -> set[tuple[str, int, str]]:
    """(name, shift, status) of the call's active sign-ups."""
    rows = factories.rows(
        select(Member.name, SignUp.shift_id, SignUp.status)
        .join(Member, Member.id == SignUp.member_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(Shift.call_id == call.id, SignUp.status.in_(["confirmed", "waitlisted"]))
    )
    return {tuple(row) for row in rows}


def line(visitor: Visitor, said: str) -> Tag:
    """The line on the page that quotes this."""
    for each in visitor.page.select(".chain-line"):
        if said in each.get_text():
            return each
    raise AssertionError(f"no line {said} on: {visitor.text}")


def named(visitor: Visitor, said: str, kind: str) -> str:
    """The name of the control of this kind (who, shift, find) in the line."""
    found = line(visitor, said).find(attrs={"name": re.compile(f"^{kind}-")})
    assert found is not None, f"no {kind} in {line(visitor, said)}"
    return str(found["name"])


def test_a_chain_is_pasted_looked_over_and_entered_in_one_step(visit: Visit) -> None:
    field = Field()
    names = [field.member(name).name for name in ("李秀英", "马晓黎")]
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 李秀英 中班 南门\n2. 🌸小马（马晓黎）早班 东门\n")
    assert on(field.call) == set(), "nothing is entered by pasting"
    visitor.submit(here, enter="1")
    assert on(field.call) == {
        (names[0], field.shifts["南门中"].id, "confirmed"),
        (names[1], field.shifts["东门早"].id, "confirmed"),
    }
    assert "Signed up: 2" in visitor.text
    assert {row.source for row in factories.rows(select(SignUp.source))} == {"chain"}
    told = factories.rows(select(Notice.kind))
    assert [row.kind for row in told] == ["entered-from-chain"] * 2
    entries = factories.rows(select(JournalEntry.kind, JournalEntry.actor_id, JournalEntry.details))
    assert [row.details["source"] for row in entries if row.kind == "sign-up.confirmed"] == ["chain"] * 2
    assert {row.actor_id for row in entries if row.kind in ("sign-up.confirmed", "chain.entered")} == {
        field.secretary.id
    }


def test_the_example_chain_comes_to_what_a_person_reads_in_it(visit: Visit) -> None:
    """Two of one name, a night that may be either, a line that calls off: asked about; the rest is sure."""
    field = Field()
    for name in ("张伟", "李秀英", "王磊", "马晓黎", "陈杰", "刘芳", "赵敏"):
        field.member(name)
    field.member("张伟")
    day = tomorrow()
    text = (factories.SAMPLES / "fenghuiyuan_night.txt").read_text(encoding="utf-8")
    text = text.replace("11月24日", f"{day.month}月{day.day}日")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, text)
    assert "Several people have that name." in line(visitor, "张伟 早班 东门").get_text()
    assert "Either of several shifts would do." in line(visitor, "刘芳").get_text()
    assert "is on no shift of this call" in line(visitor, "赵敏").get_text()
    assert "Companions without a name" in line(visitor, "陈杰").get_text()
    assert "Also says: 可搭档" in line(visitor, "王磊").get_text()
    visitor.submit(here, enter="1")
    entered = {(name, shift) for name, shift, _status in on(field.call)}
    sure = {("李秀英", field.shifts["南门中"].id), ("马晓黎", field.shifts["南门早"].id)}
    nights = {("王磊", field.shifts["东门夜"].id), ("陈杰", field.shifts["南门夜"].id)}
    assert entered == sure | nights
    visitor.open(here)
    choices = line(visitor, "张伟 早班 东门")
    who, shift = named(visitor, "张伟 早班", "who"), named(visitor, "张伟 早班", "shift")
    people = [option["value"] for option in choices.find(attrs={"name": who}).find_all("option")]
    assert len(people) == 3, "to leave out, and both of that name"
    visitor.submit(here, **{who: people[1], shift: str(field.shifts["东门早"].id)}, enter="1")
    assert ("张伟", field.shifts["东门早"].id, "confirmed") in on(field.call)


def test_an_unsure_line_goes_in_only_when_both_are_chosen(visit: Visit) -> None:
    field = Field()
    fang = field.member("刘芳")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 刘芳 早班/中班都行 东门")
    visitor.submit(here, enter="1")
    assert on(field.call) == set()
    visitor.open(here)
    shift = named(visitor, "刘芳", "shift")
    visitor.submit(here, **{shift: str(field.shifts["东门中"].id)}, enter="1")
    assert on(field.call) == {(fang.name, field.shifts["东门中"].id, "confirmed")}


def test_somebody_whose_name_is_written_wrongly_is_looked_up(visit: Visit) -> None:
    field = Field()
    field.member("章伟民")
    field.member("许志强")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 张伟民 早班 东门\n2. 阿强 中班 南门")
    assert "章伟民" in line(visitor, "张伟民").get_text(), "it sounds the same"
    assert "Nobody of that name" in line(visitor, "阿强").get_text()
    seek = named(visitor, "阿强", "find")
    visitor.submit(here, **{seek: "许志强"}, enter="1")
    assert visitor.status == 422, "nothing is entered while somebody is still looked for"
    assert on(field.call) == set()
    assert "许志强" in line(visitor, "阿强").get_text()
    shift = named(visitor, "阿强", "shift")
    visitor.submit(here, **{shift: str(field.shifts["南门中"].id)}, enter="1")
    assert on(field.call) == {("许志强", field.shifts["南门中"].id, "confirmed")}


def test_a_sure_line_can_be_left_out_or_changed(visit: Visit) -> None:
    field = Field()
    field.member("李秀英")
    field.member("马晓黎")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 李秀英 早班 南门\n2. 马晓黎 早班 东门\n")
    mend = line(visitor, "马晓黎").find("button", attrs={"name": "mend"})
    visitor.submit(here, mend=mend["value"])
    assert visitor.status == 200
    assert on(field.call) == set(), "to open a line enters nothing"
    shift = named(visitor, "马晓黎", "shift")
    visitor.submit(here, take=[], **{shift: str(field.shifts["东门中"].id)}, enter="1")
    assert on(field.call) == {("马晓黎", field.shifts["东门中"].id, "confirmed")}


def test_a_longer_version_takes_only_what_is_new(visit: Visit) -> None:
    field = Field()
    for name in ("柏杨", "水清", "窦娥", "章台"):
        field.member(name)
    visitor = visit(field.secretary.phone)
    first = heading() + "1. 柏杨 早班 东门\n2. 水清 中班 东门\n"
    visitor.submit(field.pasted(visitor, first), enter="1")
    here = field.pasted(visitor, first + "3. 窦娥 早班 南门\n")
    assert len(visitor.page.select("#sure .chain-line")) == 1
    assert len(visitor.page.select("#settled .chain-line")) == 2
    visitor.submit(here, enter="1")
    assert "Signed up: 1" in visitor.text
    assert len(on(field.call)) == 3
    assert len(factories.rows(select(Notice.id))) == 3, "nobody is told twice"
    field.pasted(visitor, first + "3. 窦娥 早班 南门\n")
    assert "Nothing is new" in visitor.text


def test_what_was_changed_removed_or_called_off_is_asked_about(visit: Visit) -> None:
    field = Field()
    for name in ("柏杨", "水清", "窦娥"):
        field.member(name)
    visitor = visit(field.secretary.phone)
    first = heading() + "1. 柏杨 早班 东门\n2. 水清 中班 东门\n3. 窦娥 早班 南门"
    visitor.submit(field.pasted(visitor, first), enter="1")
    before = on(field.call)
    here = field.pasted(visitor, heading() + "1. 水清 中班 东门 取消\n2. 窦娥 中班 南门")
    gone = visitor.page.select("#gone .chain-line")
    assert len(gone) == 3, "柏杨 is removed, 水清 and 窦娥 say something else now"
    assert "窦娥 中班 南门" in visitor.page.select_one("#gone").get_text()
    assert not visitor.page.select("#gone input[checked]")
    visitor.submit(here, take=[], enter="1")
    assert on(field.call) == before, "nothing is undone in silence"
    visitor.open(here)
    back = named(visitor, "水清 中班 东门 取消", "shift")
    moved = line(visitor, "Give back: 窦娥").find("input")["value"]
    new = [box["value"] for box in visitor.page.select("#sure input[name=take]")]
    visitor.submit(here, take=[moved, *new], **{back: str(field.shifts["东门中"].id)}, enter="1")
    assert on(field.call) == {
        ("柏杨", field.shifts["东门早"].id, "confirmed"),
        ("窦娥", field.shifts["南门中"].id, "confirmed"),
    }
    told = [row.kind for row in factories.rows(select(Notice.kind))]
    assert told.count("given-back-from-chain") == 2


def test_a_full_shift_is_refused_in_words_or_waited_for_where_the_secretary_says_so(visit: Visit) -> None:
    field = Field(capacity=1)
    for name in ("柏杨", "水清", "窦娥"):
        field.member(name)
    visitor = visit(field.secretary.phone)
    text = heading() + "1. 柏杨 早班 东门\n2. 水清 早班 东门\n"
    here = field.pasted(visitor, text)
    visitor.submit(here, enter="1")
    assert on(field.call) == {("柏杨", field.shifts["东门早"].id, "confirmed")}, "who wrote first is on"
    assert "Refused: 1" in visitor.text
    assert "become full" in visitor.text
    visitor.open(here)
    assert "It was refused when it was entered before." in visitor.text
    shift = named(visitor, "水清", "shift")
    visitor.submit(here, wait="on", **{shift: str(field.shifts["东门早"].id)}, enter="1")
    assert ("水清", field.shifts["东门早"].id, "waitlisted") in on(field.call)
    assert "waiting-from-chain" in {row.kind for row in factories.rows(select(Notice.kind))}


def test_what_a_member_would_be_refused_is_refused_of_that_line_alone(visit: Visit) -> None:
    field = Field()
    for name in ("柏杨", "水清"):
        field.member(name)
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 柏杨 早班 东门\n2. 柏杨 早班 南门\n3. 水清 中班 东门")
    visitor.submit(here, enter="1")
    assert on(field.call) == {
        ("柏杨", field.shifts["东门早"].id, "confirmed"),
        ("水清", field.shifts["东门中"].id, "confirmed"),
    }
    assert "You already hold a shift at that time" in visitor.text
    kept = factories.rows(select(ChainLine.outcome, ChainLine.reason).order_by(ChainLine.id))
    assert [row.outcome for row in kept] == ["signed-up", "refused", "signed-up"]
    assert kept[1].reason["code"] == "shifts-overlap"


def test_the_same_request_sent_again_enters_once_and_answers_the_same(visit: Visit) -> None:
    field = Field()
    field.member("柏杨")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 柏杨 早班 东门")
    data = visitor.filled(visitor.form(here)) | {"enter": "1"}
    answers = [visitor.send("POST", here, data=data, headers=visitor.headers) for _ in range(3)]
    assert [each.status_code for each in answers] == [303] * 3
    assert len(on(field.call)) == 1
    assert len(factories.rows(select(Notice.id))) == 1
    other = data | {"operation_key": "another tab"}
    assert visitor.send("POST", here, data=other, headers=visitor.headers).status_code == 303
    assert len(factories.rows(select(Notice.id))) == 1
    assert len(factories.rows(select(ChainLine.id))) == 1


def test_somebody_from_elsewhere_is_not_found_and_not_entered(visit: Visit) -> None:
    field = Field()
    stranger = factories.member(factories.branch("320507002001"), "柏杨")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + f"1. 柏杨 早班 东门 {stranger.phone[3:]}")
    assert "Nobody of that name or phone" in visitor.text
    forged = f"0-0:{stranger.id}:{field.shifts['东门早'].id}"
    visitor.submit(here, take=[forged], enter="1")
    assert on(field.call) == set()
    assert "There is nobody like that" in visitor.text


def test_a_shift_of_another_call_is_refused(visit: Visit) -> None:
    field, other = Field(), factories.shift()
    who = field.member("柏杨")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 柏杨 早班 东门")
    visitor.submit(here, take=[f"0-0:{who.id}:{other.id}"], enter="1")
    assert visitor.status == 404
    assert "There is no such shift." in visitor.text
    assert factories.count_of(SignUp) == 0


def test_nobodys_name_is_found_out_by_sending_their_number(visit: Visit) -> None:
    field = Field()
    stranger = factories.member(factories.branch("320507002001"), "远方的人")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 某某 早班 东门")
    for number in (stranger.id, stranger.id + 1000):
        visitor.open(here).submit(
            here, **{"who-0-0": str(number), "shift-0-0": str(field.shifts["东门早"].id), "enter": "1"}
        )
        assert visitor.status == 404
        assert "There is nobody like that" in visitor.text
        assert stranger.name not in visitor.open(f"{here}/result").text
    assert factories.count_of(ChainLine) == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"who-0-0": "000000000001" + "9" * 5000, "shift-0-0": "000000000001" + "9" * 30, "enter": "1"},
        {"take": ["0-0", "0-0:x:y", ":::", "9-9:1:1", "gone:x:y:z", "0-0:-1:99999999999999"]},
        {"who-0-0": "²", "shift-0-0": "1e3", "who-": "1", "mend": "x", "mended": ["", "7-7"]},
        {"find-0-0": "x" * 5000, "find-9-9": "%", "look": "1"},
    ],
)
def test_rubbish_is_answered_in_words(visit: Visit, sent: dict[str, Any]) -> None:
    field = Field()
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 柏杨 早班 东门")
    visitor.submit(here, **sent)
    assert visitor.status in (200, 404, 422)
    assert on(field.call) == set()


def test_an_empty_or_far_too_long_text_is_refused_and_stays_on_the_page(visit: Visit) -> None:
    field = Field()
    visitor = visit(field.secretary.phone).open(field.paste).submit(field.paste, text="  ")
    assert visitor.status == 422
    visitor.submit(field.paste, text="1. 柏杨 早班\n" * 20_000)
    assert visitor.status == 422
    assert "柏杨" in visitor.page.select_one("textarea").get_text()
    assert factories.count_of(Chain) == 0


def test_garbage_is_read_as_nothing_and_says_so(visit: Visit) -> None:
    field = Field()
    visitor = visit(field.secretary.phone)
    field.pasted(visitor, "？？？\n\n。。。")
    assert "No line was read" in visitor.text


def test_a_phone_in_the_chain_names_its_owner_and_is_not_shown_in_full(visit: Visit) -> None:
    field = Field()
    field.member("柏杨")
    owner = field.member("柏杨", phone="+8619900000077")
    visitor = visit(field.secretary.phone)
    here = field.pasted(visitor, heading() + "1. 柏杨 早班 东门 199 0000 0077\n2. 水清 早班 19900000077 南门")
    assert len(visitor.page.select("#sure .chain-line")) == 1
    assert "belongs to somebody of another name" in line(visitor, "水清").get_text()
    assert "0000 0077" not in visitor.text
    assert "19900000077" not in visitor.text
    visitor.submit(here, enter="1")
    assert factories.scalar(select(SignUp.member_id)) == owner.id


def test_only_who_runs_the_call_pastes_and_sees_chains(visit: Visit) -> None:
    field = Field()
    member, elsewhere = field.member("柏杨"), factories.secretary("320507002001")
    chain = factories.chain(field.call, field.secretary, "1. 柏杨 早班")
    pages = [field.paste, f"/calls/{field.call.id}/chains/text", f"/calls/{field.call.id}/chains/{chain.id}"]
    for who, status in ((member, 403), (elsewhere, 404)):
        visitor = visit(who.phone)
        assert {visitor.open(page).status for page in [*pages, f"{pages[2]}/result"]} == {status}
    other = factories.call()
    assert visit(field.secretary.phone).open(f"/calls/{other.id}/chains/{chain.id}").status == 404


def test_the_call_and_its_share_page_lead_to_the_chain(visit: Visit) -> None:
    field = Field()
    visitor = visit(field.secretary.phone).open(f"/calls/{field.call.id}")
    assert visitor.page.find("a", href=field.paste)
    visitor.open(f"/calls/{field.call.id}/share")
    assert visitor.page.find("a", href=f"/calls/{field.call.id}/chains/text")
    member = field.member("柏杨")
    assert not visit(member.phone).open(f"/calls/{field.call.id}/share").page.find("a", href=field.paste)


def test_the_state_of_a_call_is_told_as_a_chain_with_names_only_when_asked(visit: Visit) -> None:
    field = Field(capacity=2)
    factories.sign_up(field.shifts["东门早"], field.member("柏杨"))
    factories.sign_up(field.shifts["东门早"], field.member("水清"))
    visitor = visit(field.secretary.phone).open(f"/calls/{field.call.id}/chains/text")
    text = visitor.page.select_one("textarea").get_text()
    assert "柏杨" not in text
    assert "【08:00–16:00 峰汇园东门卡口】Full" in text
    assert "【08:00–16:00 峰汇园南门卡口】2 more needed" in text
    assert f"/c/{field.call.code}" in text
    visitor.open(f"/calls/{field.call.id}/chains/text?names=on")
    assert "1. 柏杨\n2. 水清" in visitor.page.select_one("textarea").get_text()
    assert "Art. 20" in visitor.text


def test_the_told_state_is_read_again_as_it_stands(visit: Visit) -> None:
    """Continued in the group and pasted back, only the new line is new."""
    field = Field()
    for name, shift in (("柏杨", "东门早"), ("水清", "南门中"), ("窦娥", "南门夜")):
        factories.sign_up(field.shifts[shift], field.member(name))
    field.member("章台")
    for language in ("zh_CN", "en"):
        visitor = visit(field.secretary.phone, language=language)
        visitor.open(f"/calls/{field.call.id}/chains/text?names=on")
        told = visitor.page.select_one("textarea").get_text()
        field.pasted(visitor, told.replace("2. 水清", "2. 水清\n9. 章台"))
        assert len(visitor.page.select("#settled .chain-line")) == 3, told
        assert len(visitor.page.select("#sure .chain-line")) == 1
        assert "16:00" in line(visitor, "章台").get_text()


def test_tomorrow_stays_the_same_day_when_the_chain_comes_again_a_day_later(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = clock.now().astimezone(factories.LOCAL).replace(hour=12)
    # Before anything is there: an appointment made this afternoon does not count at noon.
    monkeypatch.setattr(clock, "now", lambda: noon.astimezone(factories.UTC))
    field = Field()
    for name in ("柏杨", "水清"):
        field.member(name)
    visitor = visit(field.secretary.phone)
    first = "明天卡口接龙\n1. 柏杨 8:00-16:00 东门\n"
    visitor.submit(field.pasted(visitor, first), enter="1")
    assert len(on(field.call)) == 1
    monkeypatch.setattr(clock, "now", lambda: noon.astimezone(factories.UTC) + timedelta(hours=18))
    visitor = visit(field.secretary.phone)  # a log-in that does not stay holds for 12 hours
    field.pasted(visitor, first + "2. 水清 16:00-24:00 东门")
    assert len(visitor.page.select("#settled .chain-line")) == 1
    assert "16:00" in line(visitor, "水清").get_text()
    assert len(visitor.page.select("#sure .chain-line")) == 1


def test_old_texts_go_and_what_was_entered_stays(visit: Visit) -> None:
    field = Field()
    field.member("柏杨")
    visitor = visit(field.secretary.phone)
    text = heading() + "1. 柏杨 早班 东门"
    visitor.submit(field.pasted(visitor, text), enter="1")
    clear_due(clock.now() + timedelta(days=6))
    assert [row.text for row in factories.rows(select(Chain.text))] == [text]
    clear_due(clock.now() + timedelta(days=7))
    assert factories.rows(select(Chain.text)) == []
    assert factories.count_of(ChainLine) == 1


def test_looking_a_chain_over_takes_as_many_queries_for_many_lines(
    app: Flask, visit: Visit, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    field = Field(capacity=200)
    visitor = visit(field.secretary.phone)
    asked = []
    for many in (2, 60):
        for n in range(many):
            factories.member(field.home, f"志愿{chr(0x4E00 + n)}")
        lines = (f"{n + 1}. 志愿{chr(0x4E00 + n)} 早班 东门" for n in range(many))
        here = field.pasted(visitor, heading() + "\n".join(lines) + "\n99. 无名氏 早班 东门")
        asked.append(count_queries(lambda here=here: visitor.open(here)))
    assert asked[0] == asked[1]
    assert asked[1] <= 16
