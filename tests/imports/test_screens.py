"""The administrator uploads a sheet, sees what would happen, confirms, and takes the refused rows home."""

import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from mobilizer import clock
from mobilizer.commands.retention import clear_due
from mobilizer.extensions import begin_write, db
from mobilizer.model import ImportFile, JournalEntry, Member, Unit
from mobilizer.terms import Role
from tests import factories
from tests.imports.files import UNITS, csv_of, take_units
from tests.visitor import Visitor
from tests.workbooks import xlsx

Visit = Callable[..., Visitor]
HEAD = ["姓名", "所在村(社区)", "所在党支部", "联系电话"]
WANG = ["王芳", "古巷社区居委会", "古巷社区第一党支部", "19900000001"]
NOBODY = ["", "古巷社区居委会", "古巷社区第一党支部", "19900000009"]


@pytest.fixture
def administrator(app: Flask, visit: Visit) -> Callable[..., Visitor]:
    """A logged-in administrator; each call another one."""

    def administrator(language: str = "en") -> Visitor:
        who = factories.member(factories.branch("320507001002"))
        factories.appointment(who, Role.ADMINISTRATOR)
        take_units()
        return visit(who.phone, language)

    return administrator


def upload(
    visitor: Visitor, content: bytes | Sequence[Sequence[object]], name: str = "roster.csv", **fields: Any
) -> Visitor:
    content = content if isinstance(content, bytes) else csv_of(content)
    return visitor.open("/import").submit("/import", file=(io.BytesIO(content), name), **fields)


def address(visitor: Visitor) -> str:
    """The path of the preview that is open."""
    return str(visitor.page.select_one("form[action$='/discard']")["action"]).removesuffix("/discard")


def tiles(visitor: Visitor) -> list[int]:
    """The counts on top: created, updated, unchanged, refused."""
    return [int(tile.get_text().replace(",", "")) for tile in visitor.page.select(".tile b")]


def members() -> int:
    """How many there are beside the administrators."""
    return factories.scalar(select(func.count()).select_from(Member).where(Member.phone.like("+86199%")))


def test_upload_look_confirm(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(administrator(), [HEAD, WANG, NOBODY])
    assert tiles(visitor) == [1, 0, 0, 1]
    assert "姓名: The name is missing." in visitor.text
    assert members() == 0, "nothing has changed yet"
    here = address(visitor)
    visitor.submit(f"{here}/confirm")
    assert visitor.status == 200
    assert "Imported" in visitor.text
    assert tiles(visitor) == [1, 0, 0, 1]
    assert members() == 1
    kept = factories.rows(select(ImportFile.content, ImportFile.confirmed_at))[0]
    assert bytes(kept[0]) == b"", "the file is gone"
    entry = factories.rows(
        select(JournalEntry.details, JournalEntry.actor_id).where(JournalEntry.subject == "roster")
    )[0]
    assert entry[0]["counts"]["created"] == 1
    assert entry[1] is not None


def test_confirming_twice_changes_nothing(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(administrator(), [HEAD, WANG])
    here = address(visitor)
    token = visitor.filled(visitor.form(f"{here}/confirm"))
    for _ in range(2):
        visitor.send("POST", f"{here}/confirm", data=token, headers=visitor.headers)
    assert members() == 1
    assert (
        factories.scalar(
            select(func.count()).select_from(JournalEntry).where(JournalEntry.subject == "roster")
        )
        == 1
    )
    assert tiles(visitor.open(here)) == [1, 0, 0, 0]


def test_the_refused_rows_come_home_and_go_in_when_mended(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(administrator(), [HEAD, WANG, NOBODY])
    here = address(visitor)
    before = visitor.open(f"{here}/refused.csv").response
    assert "attachment" in before.headers["Content-Disposition"]
    visitor.open(here).submit(f"{here}/confirm")
    home = visitor.open(f"{here}/refused.csv").response.get_data()
    assert home == before.get_data()
    assert home.decode("utf-8-sig").splitlines() == [
        "姓名,所在村(社区),所在党支部,联系电话,Row in the file,Why refused",
        ",古巷社区居委会,古巷社区第一党支部,19900000009,3,姓名: The name is missing.",
    ]
    mended = home.decode("utf-8-sig").replace("\n,古", "\n陈强,古").encode("utf-8-sig")
    visitor = upload(visitor, mended, "refused.csv")
    assert tiles(visitor) == [1, 0, 0, 0]


def test_units_go_in_the_same_way(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(administrator(), [*UNITS, ["320507001004", "新社区", "", ""]], noun="units")
    assert tiles(visitor) == [1, 0, 8, 0]
    visitor.submit(f"{address(visitor)}/confirm")
    assert factories.scalar(select(Unit.name).where(Unit.code == "320507001004")) == "新社区"


def test_columns_nobody_knows_are_mapped_by_hand(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(
        administrator(), [["甲", "乙", "丙", "丁"], ["王芳", "古巷社区", "第一党支部", "19900000001"]]
    )
    assert "Which column is which?" in visitor.text
    here = address(visitor)
    visitor.submit(f"{here}/columns", name="A", phone="D", unit="B", branch="C")
    assert tiles(visitor) == [1, 0, 0, 0]
    visitor.submit(f"{here}/columns", branch="")
    assert tiles(visitor) == [1, 0, 0, 0]
    assert visitor.submit(f"{here}/columns", phone="Z").status == 422


def test_the_rosters_own_unit_can_be_given_and_changed(administrator: Callable[..., Visitor]) -> None:
    rows = [HEAD, ["王芳", "新巷村", "新巷村党支部", "19900000001"]]
    visitor = upload(administrator(), rows)
    assert "fits 2 units" in visitor.text
    here = address(visitor)
    visitor.submit(f"{here}/columns", own_unit="320507102")
    assert tiles(visitor) == [1, 0, 0, 0]
    assert tiles(upload(visitor, rows, unit="320507001")) == [1, 0, 0, 0]
    assert upload(visitor, rows, unit="999999").status == 422


def test_another_administrators_upload_is_not_found(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(administrator(), [HEAD, WANG])
    here = address(visitor)
    other = administrator()
    assert other.open(here).status == 404
    assert other.open(f"{here}/refused.csv").status == 404
    form = other.open("/import").filled(other.form("/import"))
    for verb in ("confirm", "columns", "discard"):
        answer = other.send(
            "POST", f"{here}/{verb}", data={"csrf_token": form["csrf_token"]}, headers=other.headers
        )
        assert answer.status_code == 404
    assert members() == 0


def test_whoever_is_no_administrator_may_not(app: Flask, visit: Visit) -> None:
    secretary = factories.secretary()
    assert visit(secretary.phone).open("/import").status == 403
    assert visit().open("/import").page.find("input", {"name": "password"})


def test_an_upload_is_gone_after_a_day_or_when_deleted(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(administrator(), [HEAD, WANG])
    here = address(visitor)
    visitor.submit(f"{here}/discard")
    assert visitor.open(here).status == 404
    visitor = upload(visitor, [HEAD, WANG])
    here = address(visitor)
    db.session.rollback()
    begin_write()
    db.session.execute(update(ImportFile).values(uploaded_at=clock.now() - timedelta(days=1, minutes=1)))
    db.session.commit()
    assert visitor.open(here).status == 404
    clear_due(clock.now())
    assert factories.count_of(ImportFile) == 0


@pytest.mark.parametrize(
    ("content", "name", "status", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "roster.xlsx", 422, "not a sheet but PNG"),
        (b"PK\x03\x04 broken", "roster.xlsx", 422, "damaged"),
        (b"", "roster.csv", 422, "nothing in this file"),
    ],
)
def test_a_file_at_fault_is_refused_in_words_and_nothing_is_kept(
    administrator: Callable[..., Visitor], content: bytes, name: str, status: int, words: str
) -> None:
    visitor = upload(administrator(), content, name)
    assert visitor.status == status
    assert words in visitor.text
    assert factories.count_of(ImportFile) == 0


def test_too_many_rows_and_too_many_bytes(app: Flask, administrator: Callable[..., Visitor]) -> None:
    visitor = administrator()
    app.config["MAX_IMPORT_ROWS"] = 3
    assert upload(visitor, [HEAD, WANG, WANG, WANG, WANG]).status == 413
    assert "more than 3 rows" in visitor.text
    app.config["MAX_UPLOAD_BYTES"] = 2_000
    assert upload(visitor, b"x" * 2_001).status == 413
    assert "larger than" in visitor.text
    app.config["MAX_CONTENT_LENGTH"] = 3_000
    assert upload(visitor, b"x" * 5_000).status == 413
    assert "larger than this site takes" in visitor.text
    assert factories.count_of(ImportFile) == 0


def test_nothing_chosen_is_said_at_the_field(administrator: Callable[..., Visitor]) -> None:
    visitor = administrator().open("/import").submit("/import", file=(io.BytesIO(b""), ""))
    assert visitor.status == 422
    assert "Please choose a file." in visitor.text


def test_thousands_of_rows_make_no_large_page(administrator: Callable[..., Visitor]) -> None:
    rows = [
        HEAD,
        *(
            [f"王{chr(0x4E00 + at)}", "古巷社区", "古巷社区党支部", f"{19900000000 + at}"]
            for at in range(3000)
        ),
        NOBODY,
    ]
    visitor = upload(administrator("zh_CN"), xlsx(rows), "大名单.xlsx")
    assert tiles(visitor)[3] == 1
    assert len(visitor.response.get_data()) < 60_000
    assert "姓名：缺少姓名。" in visitor.text
    here = address(visitor)
    visitor.open(f"{here}?show=created&page=30")
    assert len(visitor.page.select("tbody tr")) == 100
    assert len(visitor.open(f"{here}?show=refused").page.select("tbody tr")) == 1
    assert visitor.open(f"{here}?show=created&page=999999").status == 200
    assert visitor.open(f"{here}?show=nonsense&page=x").status == 200


def test_signs_of_markup_stay_text(administrator: Callable[..., Visitor]) -> None:
    visitor = upload(administrator(), [HEAD, ["<script>x</script>", "古巷社区", "<b>党支部", "19900000001"]])
    assert "<script>x" not in visitor.response.get_data(as_text=True)
