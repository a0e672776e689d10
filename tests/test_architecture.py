"""Who imports whom in the house, who looks at the clock, and who commits: read from the source itself.

Each rule is a function from the sources to the sentences that say what is wrong. It is asked of mobilizer/, and of
a small house made up to be wrong, so that no rule holds only because it sees nothing.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

STORY = (
    "notices",
    "accounts",
    "jobs",
    "units",
    "members",
    "imports",
    "branches",
    "activations",
    "calls",
    "shifts",
    "playbooks",
    "signups",
    "joining",
    "calendars",
    "changes",
    "chains",
    "attendance",
    "coverage",
    "hours",
    "certificates",
    "participation",
    "home",
    "offline",
    "privacy",
    "demo",
)
"""Data flows to the right only; a step imports from steps to its left."""

BENEATH = {
    "answers",
    "assets",
    "bodies",
    "clock",
    "column_choice",
    "config",
    "errors",
    "extensions",
    "filters",
    "health",
    "inputs",
    "intake",
    "journal",
    "known_device",
    "languages",
    "maps",
    "model",
    "navigation",
    "periods",
    "phones",
    "policy",
    "qr",
    "secret",
    "serving",
    "sheets",
    "terms",
    "text_size",
    "throttle",
    "web",
}
"""What every step may stand on; it knows no step."""

ABOVE = {"", "__main__", "cli", "commands"}
"""What stands on the steps; no step knows it. "" is mobilizer/__init__.py."""

PURE = {"errors", "periods", "terms", "phones", "policy"}
"""No Flask, no SQL, no clock: what rules may stand on. All of them stand on each other and phonenumbers alone."""

SPEAKING = {
    "calendars.writing": "the words of a calendar's entries, in the reader's language",
    "calls.sharing": "the text of a message to paste, in the sender's language",
    "certificates.bundle": "who is left out of a bundle, in the language of whoever asked for it",
    "certificates.wording": "what a certificate says, in its own language",
    "chains.telling": "the text of a chain to paste back, in the sender's language",
    "coverage.shown": "the board as its page and its sheet say it",
    "hours.sheet_columns": "the fields' names, said lazily",
    "imports.wording": "what a report says, in the reader's language",
    "members.columns": "the fields' names, said lazily",
    "notices.wording": "what a notice says, in the reader's language",
    "participation.cover_shown": "the pictures as their page shows them",
    "participation.exports": "heads and definitions of the downloads, in the reader's language",
    "participation.naming": "how rows are called, in the reader's language",
    "participation.pivot_shown": "a pivot as the page shows it",
    "participation.file_notes": "what every file says of itself, in the reader's language",
    "participation.hours_file": "words in the rows of the hours file",
    "participation.public_shown": "the figures as they are published",
    "participation.record_naming": "the ledger's rows in words, in the reader's language",
    "participation.shown": "the figures as the page shows them",
    "privacy.shown": "the table and a member's copy, in the reader's language",
    "shifts.columns": "the fields' names, said lazily",
    "units.columns": "the fields' names, said lazily",
}
"""Parts of a step, not its screens, that say words to a person and so import flask_babel."""

ACCOUNTS_SESSION = {"accounts.session": "is what Flask-Login is told of the reader, on the settings' terms"}

FOR_SEVERAL_SCREENS = {
    "accounts.entry": "what every way of logging in ends with, whichever step's screen it is on"
}
"""Not the screens of one step, and yet of HTTP: they set cookies and answer."""

TRANSACTIONS = {
    "web": "commits once for every command",
    "commands.settling": "commits once for each shift that is due",
    "commands.retention": "commits after so many rows, so that nobody waits for all of them",
    "commands.transaction": "commits once for every command of the command line",
    "commands.working": "what a worker says of a job is a transaction of its own, before and after the work",
    "answers": "an error's answer first gives back the transaction",
    "extensions": "begin_write() ends what was only read before it opens a writer's transaction",
    "throttle": "a wrong guess is remembered whatever becomes of the request, and hashing holds no transaction",
    "accounts.entry": "a log-in is a transaction of its own, after whatever was hashed",
    "activations.views": "hashes passwords outside of any transaction, so it begins and ends its own",
    "certificates.views": "holds no transaction while a PDF is drawn",
    "accounts.views": "hashes passwords outside of any transaction, so it begins and ends its own",
    "imports.views": "reads an upload outside of any transaction, so it begins its own",
    "hours.sheet_views": "reads an upload outside of any transaction, so it begins its own",
    "shifts.sheet_views": "reads an upload outside of any transaction, so it begins its own",
    "commands.exports": "gives back the snapshot it has read from",
    "participation.queries": "a snapshot begins with a new transaction",
    "migrations.env": "Alembic's own connection",
}
"""Who may commit or roll back, and why. A rule can be added with its reason; actions never can."""

IMPORTS_BY_NAME = {"serving": "the server's workers are told by name which application to make"}


def part_of(name: str) -> str:
    return name.rsplit(".", 1)[-1].rsplit("_", 1)[-1]


@dataclass(frozen=True)
class Module:
    """One file. `name` is without "mobilizer.", `place` its first part."""

    name: str
    source: str

    @property
    def place(self) -> str:
        return self.name.split(".")[0]

    @property
    def part(self) -> str:
        """What kind of file it is: "views" of branches.operation_views too."""
        return part_of(self.name)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of the tree, walked once for all rules."""
        return list(ast.walk(self.tree))


House = Mapping[str, Module]


def house(sources: Mapping[str, str]) -> House:
    return {name: Module(name, source) for name, source in sources.items()}


def mobilizer() -> House:
    sources = {}
    for path in sorted((ROOT / "mobilizer").rglob("*.py")):
        parts = list(path.relative_to(ROOT / "mobilizer").with_suffix("").parts)
        if parts[:2] == ["migrations", "versions"]:
            continue
        if parts[-1] == "__init__":
            parts.pop()
        sources[".".join(parts)] = path.read_text(encoding="utf-8")
    return house(sources)


REAL = mobilizer()


def imports(module: Module, known: House) -> Iterator[str]:
    """Full dotted names; a name out of one of our packages is its module where there is one."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner.removeprefix("mobilizer.") in known else base


def ours(module: Module, known: House) -> set[str]:
    """The modules of the house that it imports, without "mobilizer."; "" is the package itself."""
    found = set()
    for name in imports(module, known):
        if name == "mobilizer" or name.startswith("mobilizer."):
            found.add(name.removeprefix("mobilizer").removeprefix("."))
    return found


def outside(module: Module, known: House) -> set[str]:
    """First parts of what it imports from elsewhere, the standard library left out."""
    firsts = {name.split(".")[0] for name in imports(module, known)}
    return {name for name in firsts if name not in sys.stdlib_module_names and name != "mobilizer"}


def of_a_step(module: Module) -> bool:
    return module.place in STORY and module.name != module.place


# --- the rules ----------------------------------------------------------------------------------------


def everything_has_its_place(known: House) -> Iterator[str]:
    for module in known.values():
        if module.place not in {*STORY, *BENEATH, *ABOVE, "migrations"}:
            yield f"{module.name}: say in this test where in the story it stands"


def data_flows_to_the_right(known: House) -> Iterator[str]:
    for module in known.values():
        if module.place in ABOVE or module.place == "migrations":
            continue
        for other in sorted(ours(module, known)):
            place = other.split(".")[0]
            if place in ABOVE:
                yield f"{module.name} imports {other or 'mobilizer/__init__'}, which stands on it"
            elif place in STORY and module.place in BENEATH:
                yield f"{module.name} stands beneath the story and imports {other}"
            elif place in STORY and STORY.index(place) > STORY.index(module.place):
                yield f"{module.name} imports {other}, which comes later in the story"


def nobody_imports_the_application(known: House) -> Iterator[str]:
    for module in known.values():
        if module.name != "__main__" and "" in ours(module, known):
            yield f"{module.name} imports from mobilizer/__init__"


def screens_are_their_own(known: House) -> Iterator[str]:
    for module in known.values():
        for other in sorted(ours(module, known)):
            place, part = other.split(".")[0], part_of(other)
            if part not in ("views", "forms") or place not in STORY or module.name == "":
                continue
            if place != module.place:
                yield f"{module.name} imports {other}, another's screens"
            elif module.part != "views":
                yield f"{module.name} imports {other}: only a step's views import its forms, and nobody its views"


def rules_are_pure(known: House) -> Iterator[str]:
    for module in known.values():
        if of_a_step(module) and module.part == "rules":
            for other in sorted(ours(module, known)):
                if other not in PURE and part_of(other) != "rules":
                    yield f"{module.name} imports {other}"
            for package in sorted(outside(module, known)):
                yield f"{module.name} imports {package}"
        elif module.name in PURE:
            for other in sorted(ours(module, known) - PURE):
                yield f"{module.name} imports {other}"
            for package in sorted(outside(module, known) - {"phonenumbers"}):
                yield f"{module.name} imports {package}"


def the_model_stands_alone(known: House) -> Iterator[str]:
    for module in known.values():
        if module.place == "model":
            for other in sorted(ours(module, known)):
                if other not in ("extensions", "terms", "errors") and other.split(".")[0] != "model":
                    yield f"{module.name} imports {other}"
            for package in sorted(outside(module, known) - {"sqlalchemy"}):
                yield f"{module.name} imports {package}"


def only_screens_know_http(known: House) -> Iterator[str]:
    web = {"flask", "flask_login", "flask_wtf", "wtforms", "werkzeug", "flask_babel"}
    for module in known.values():
        if not of_a_step(module) or module.part == "views" or module.name in FOR_SEVERAL_SCREENS:
            continue
        allowed = {"flask_babel", "flask_wtf", "wtforms"} if module.part == "forms" else set()
        allowed |= {"flask_babel"} if module.name in SPEAKING else set()
        allowed |= {"flask", "flask_login"} if module.name in ACCOUNTS_SESSION else set()
        for package in sorted(outside(module, known) & web - allowed):
            yield f"{module.name} imports {package}"
        for other in sorted(ours(module, known) & {"web", "navigation", "answers"}):
            yield f"{module.name} imports {other}"


def queries_only_read(known: House) -> Iterator[str]:
    for module in known.values():
        if not of_a_step(module) or module.part != "queries":
            continue
        for other in sorted(ours(module, known)):
            if other.endswith(".actions") or other == "journal":
                yield f"{module.name} imports {other}"
        for node in module.nodes:
            if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy":
                for alias in node.names:
                    if alias.name in ("insert", "update", "delete"):
                        yield f"{module.name} writes: it imports {alias.name}"


def imports_stand_on_top(known: House) -> Iterator[str]:
    """And nothing is imported by its name as text: a guard that reads imports would not see it."""
    for module in known.values():
        for node in module.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if (module.name, node.name) == ("", "create_app"):
                    continue
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        yield f"{module.name}, line {inner.lineno}: an import inside {node.name}()"
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called.endswith(("import_module", "__import__")) and module.name not in IMPORTS_BY_NAME:
                    yield f"{module.name}, line {node.lineno}: imports by name"


def nothing_goes_in_circles(known: House) -> Iterator[str]:
    """Tarjan's strongly connected components; create_app's own imports are no part of it."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(name: str) -> Iterator[str]:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in sorted(ours(known[name], known)):
            if other == "" or other not in known:
                continue
            if other not in order:
                yield from visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            circle = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(circle) > 1:
                yield "in a circle: " + ", ".join(sorted(circle))

    for name in known:
        if name not in order:
            yield from visit(name)


CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "time.strftime",
    "func.now",
    "func.current_timestamp",
    "func.localtimestamp",
}


def one_clock(known: House) -> Iterator[str]:
    """time.sleep and time.monotonic measure spans and say nothing of the day."""
    for module in known.values():
        if module.name == "clock":
            continue
        for node in module.nodes:
            if isinstance(node, ast.Call):
                called = ".".join(ast.unparse(node.func).split(".")[-2:])
                if called in CLOCKS:
                    yield f"{module.name}, line {node.lineno}: {called}() is for clock.py"
            elif isinstance(node, ast.ImportFrom) and node.module == "time":
                yield f"{module.name}, line {node.lineno}: import time, not names out of it"
            elif (isinstance(node, ast.ImportFrom) and node.module == "mobilizer.clock") or (
                isinstance(node, ast.Import) and any(alias.name == "mobilizer.clock" for alias in node.names)
            ):
                yield f"{module.name}, line {node.lineno}: write `from mobilizer import clock`, so that tests can set it"


def now_is_handed_in(known: House) -> Iterator[str]:
    """The clock is read at the doors: views, the command line, and what answers a request."""
    doors = {"web", "filters", "navigation", "accounts.entry", "accounts.session"}
    for module in known.values():
        a_door = module.part == "views" or module.place in ABOVE or module.name in doors
        if "clock" in ours(module, known) and not a_door:
            yield f"{module.name} reads the clock; it should be handed `now`"


def one_hand_commits(known: House) -> Iterator[str]:
    for module in known.values():
        for node in module.nodes:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("commit", "rollback")
                and module.name not in TRANSACTIONS
            ):
                yield f"{module.name}, line {node.lineno}: {ast.unparse(node.func)}()"


def units_are_no_prefixes(known: House) -> Iterator[str]:
    """A grid's number has no fixed length, and -1 is not above -10: policy.covers and model.within know it.

    units.planning reads codes of cities and provinces, which are prefixes indeed.
    """
    for module in known.values():
        for node in module.nodes:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("startswith", "like", "ilike")
                and re.search(r"code\)?$|_codes?\b.*$", ast.unparse(node.func.value))
                and not isinstance(node.args[0], ast.Constant)
                and module.name not in ("policy", "model.units", "units.planning")
            ):
                yield f"{module.name}, line {node.lineno}: {ast.unparse(node)}"


def names_say_what_things_are(known: House) -> Iterator[str]:
    empty = ("util", "helper", "manager", "common")
    for module in known.values():
        named = {module.name.rsplit(".", 1)[-1]: 1}
        for node in module.nodes:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                named[node.name] = node.lineno
        for name, line in named.items():
            if any(word in name.lower() for word in empty):
                yield f"{module.name}, line {line}: {name}"


def a_steps_door_is_bare(known: House) -> Iterator[str]:
    """__init__.py of a step holds its docstring and nothing else."""
    for module in known.values():
        if module.name in STORY or module.name == "commands":
            body = module.tree.body
            if len(body) != 1 or ast.get_docstring(module.tree) is None:
                yield f"{module.name}/__init__.py holds more or less than a docstring"


def modules_say_what_they_are(known: House) -> Iterator[str]:
    for module in known.values():
        if ast.get_docstring(module.tree) is None:
            yield f"{module.name} has no docstring"


# --- asked of the real house, and of one that is wrong ---------------------------------------------------

Rule = Callable[[House], Iterator[str]]

WRONG: dict[Rule, dict[str, str]] = {
    everything_has_its_place: {"helpers.actions": ""},
    data_flows_to_the_right: {
        "units.queries": "from mobilizer.shifts import queries",
        "shifts.queries": "",
        "web": "from mobilizer.members.queries import member",
        "members.queries": "",
        "calls.actions": "from mobilizer.commands import transaction",
        "commands.transaction": "",
    },
    nobody_imports_the_application: {"calls.views": "from mobilizer import create_app"},
    screens_are_their_own: {
        "calls.views": "from mobilizer.branches.forms import BranchForm",
        "branches.forms": "",
        "calls.queries": "from mobilizer.calls import forms",
        "calls.forms": "",
    },
    rules_are_pure: {
        "calls.rules": "from sqlalchemy import select",
        "shifts.rules": "from mobilizer import clock",
        "clock": "",
        "policy": "import flask",
    },
    the_model_stands_alone: {"model.calls": "from mobilizer import policy\nimport flask", "policy": ""},
    only_screens_know_http: {
        "calls.actions": "from flask import request",
        "calls.queries": "from mobilizer import web",
        "web": "",
    },
    queries_only_read: {
        "calls.queries": "from sqlalchemy import select, update\nfrom mobilizer.calls import actions",
        "calls.actions": "",
    },
    imports_stand_on_top: {
        "calls.actions": "def publish():\n    from mobilizer import journal\n",
        "web": "import importlib\nimportlib.import_module('x')",
    },
    nothing_goes_in_circles: {
        "a": "from mobilizer import b",
        "b": "import mobilizer.c",
        "c": "from mobilizer.a import x",
    },
    one_clock: {
        "calls.views": "import datetime\ndatetime.datetime.now()",
        "calls.queries": "from sqlalchemy import func\nfunc.now()",
        "shifts.views": "from time import time",
        "hours.views": "from mobilizer.clock import now",
    },
    now_is_handed_in: {"calls.actions": "from mobilizer import clock", "clock": ""},
    one_hand_commits: {"calls.actions": "db.session.commit()", "shifts.views": "session.rollback()"},
    units_are_no_prefixes: {
        "calls.actions": "Call.unit_code.startswith(unit)\ncode.startswith(top)\nwritten.startswith(top)"
    },
    names_say_what_things_are: {"calls.utils": "", "web": "class ShiftManager: ...\ndef helper_of(): ..."},
    a_steps_door_is_bare: {"calls": '"""Calls."""\nfrom mobilizer.calls import views', "shifts": ""},
    modules_say_what_they_are: {"calls.sharing": "import re"},
}
EXPECTED = {
    data_flows_to_the_right: 3,
    screens_are_their_own: 2,
    rules_are_pure: 3,
    the_model_stands_alone: 2,
    only_screens_know_http: 2,
    queries_only_read: 2,
    imports_stand_on_top: 2,
    one_clock: 4,
    one_hand_commits: 2,
    units_are_no_prefixes: 2,
    names_say_what_things_are: 3,
    a_steps_door_is_bare: 2,
}


@pytest.mark.parametrize("rule", WRONG, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule: Rule) -> None:
    assert list(rule(REAL)) == []


@pytest.mark.parametrize("rule", WRONG, ids=lambda rule: rule.__name__)
def test_each_rule_sees_what_is_wrong(rule: Rule) -> None:
    found = list(rule(house(WRONG[rule])))
    assert len(found) == EXPECTED.get(rule, 1), found


def test_the_whole_house_was_read() -> None:
    assert len(REAL) > 80
    assert {f"{step}" for step in STORY} <= set(REAL), "a step of the story has no folder"
    assert "web" in ours(REAL["calls.views"], REAL)
    assert "journal" in ours(REAL["accounts.actions"], REAL)
    assert "sqlalchemy" in outside(REAL["accounts.queries"], REAL)


@pytest.mark.parametrize(
    ("listed", "needs"),
    [
        (SPEAKING, ("flask_babel",)),
        (ACCOUNTS_SESSION, ("flask_login",)),
        (FOR_SEVERAL_SCREENS, ("flask_login",)),
        (TRANSACTIONS, (".commit()", ".rollback()")),
        (IMPORTS_BY_NAME, ("import_module",)),
    ],
)
def test_no_excuse_outlives_its_cause(listed: dict[str, str], needs: tuple[str, ...]) -> None:
    """Whoever is excused is still in the house, and still needs it."""
    assert [name for name in listed if name not in REAL] == []
    assert [name for name in listed if not any(need in REAL[name].source for need in needs)] == []
