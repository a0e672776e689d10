"""A file of participation, from what was asked to its bytes: sent at once, or made by a worker where it is long."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mobilizer.errors import N_
from mobilizer.inputs import local_zone
from mobilizer.jobs.kinds import Arguments, Kind, Need, Task
from mobilizer.participation import exports, hours_file, queries, record_queries, reports
from mobilizer.participation.hours_file_rules import HoursFile
from mobilizer.participation.question_rules import read, written
from mobilizer.participation.rules import By, Slice
from mobilizer.policy import Permission

LONG = 50_000
"""Rows of the ledger, from which on a file that holds them is made beside the pages."""
HOURS = "hours-file"
NAME = "participation-export"
Tell = Callable[[int, int], None]


def asked(
    cut: Slice,
    form: str,
    *,
    personal: bool = False,
    unit_name: str | None = None,
    names: Mapping[By, str] | None = None,
    site: str = "",
) -> dict[str, Any]:
    """What a file is made from: plain JSON, nobody's name in it. `names` are those of the things it is narrowed to."""
    return {
        "question": written(cut),
        "form": form,
        "personal": personal,
        "unit_name": unit_name,
        "names": {str(by): name for by, name in (names or {}).items() if by != By.MEMBER},
        "site": site,
    }


def permissions(form: str, layout: HoursFile, *, personal: bool) -> list[Permission]:
    """What the file needs on its unit."""
    if form == HOURS:
        return hours_file.needed(layout)
    return [Permission.PARTICIPATION_READ, *([Permission.MEMBER_READ] if personal else [])]


def is_long(cut: Slice, form: str) -> bool:
    return form in (*exports.WITH_RECORDS, HOURS) and record_queries.count(cut) > LONG


def named(asked: Arguments, layout: HoursFile) -> tuple[str, str]:
    """(the file's name, its media type)."""
    form = asked["form"]
    if form == HOURS:
        return hours_file.name_of(layout, asked["unit_name"]), hours_file.MEDIA_TYPES[layout.format]
    return exports.file_name(read(asked["question"]), asked["unit_name"], form), exports.MEDIA_TYPES[form]


def chunks(
    asked: Arguments, layout: HoursFile, *, now: datetime, tell: Tell | None = None
) -> Iterator[bytes]:
    """The file's bytes, all of one moment, as they come from the cursor."""
    queries.begin_snapshot()
    cut, zone = read(asked["question"]), local_zone()
    if asked["form"] == HOURS:
        rows: Iterable[Sequence[Any]] = record_queries.rows(cut, personal=True)
        if tell is not None:
            rows = reports.told(rows, record_queries.count(cut), tell)
        yield from hours_file.chunks(layout, rows, record_queries.names(), zone)
        return
    report = reports.counted(
        cut,
        zone=zone,
        now=now,
        personal=asked["personal"],
        tell=tell,
        unit_name=asked["unit_name"],
        names={By(by): name for by, name in asked["names"].items()},
        site=asked["site"],
    )
    yield from exports.ALL_WRITERS[asked["form"]](report)


def kind(hours_file_path: str | None) -> Kind:
    """The work as a job, with the columns that this installation's hours file has."""

    def needs(arguments: Arguments) -> list[Need]:
        place = queries.place(arguments["question"].get("unit", ""))
        layout = hours_file.load(hours_file_path)
        of_people = arguments["personal"] or read(arguments["question"]).tells_of_people
        wanted = permissions(arguments["form"], layout, personal=of_people)
        return [(permission, place) for permission in wanted]

    def work(task: Task) -> None:
        layout = hours_file.load(hours_file_path)
        with task.path.open("wb") as file:
            file.writelines(chunks(task.arguments, layout, now=task.now, tell=task.tell))

    return Kind(NAME, N_("Participation"), needs, work)
