"""What the documentation names is there, and what is there is documented."""

import re
from pathlib import Path

import click
import pytest
from flask import Flask
from flask_migrate.cli import db as migrations

from mobilizer import config
from mobilizer.cli import COMMANDS
from mobilizer.participation.rules import FIGURES, By
from mobilizer.terms import Role
from tests.test_routes import PROMISED

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [ROOT / "README.md", ROOT / "README.en.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
TEXT = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
OF_TESTS = {f"MOBILIZER_TEST_{name}" for name in ("DATABASE_URL", "BROWSER", "STEPS", "ENVELOPE")}
TABLE_ROW = re.compile(r"^\| `(MOBILIZER_\w+)` \| (.*?) \|", re.MULTILINE)


def commands() -> dict[str, click.Command]:
    """Every command by its words: "import units"."""
    found: dict[str, click.Command] = {}

    def take(command: click.Command, words: tuple[str, ...]) -> None:
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                take(inner, (*words, name))
        else:
            found[" ".join(words)] = command

    for command in (*COMMANDS, migrations):
        take(command, (command.name or "",))
    return found


def named_commands(text: str) -> list[tuple[str, list[str]]]:
    """(words, options) of each command that a text names: `mobilizer ...` in a line of code or between backticks."""
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(
        r"^(?: {4,}|\t)(.+(?:\n {8,}\[.*)*)", text, re.MULTILINE
    )
    call = re.compile(r"(?:^|/|&& )mobilizer ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)(.*)", re.DOTALL)
    return [
        (words, re.findall(r"(?<![\w-])--?[a-z][a-z-]*", rest))
        for line in code
        for words, rest in call.findall(line)
    ]


def known_part(words: str) -> str | None:
    """The command that the words begin with."""
    parts, known = words.split(), commands()
    return next((" ".join(parts[:n]) for n in (2, 1) if " ".join(parts[:n]) in known), None)


def wrong_commands(text: str) -> list[str]:
    known = commands()
    wrong = []
    for words, options in named_commands(text):
        name = known_part(words)
        if name is None:
            wrong.append(f"mobilizer {words}")
            continue
        there = {
            option
            for parameter in known[name].params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        wrong += [f"mobilizer {name} {option}" for option in options if option not in there | {"--help"}]
    return wrong


@pytest.mark.parametrize("page", TEXT)
def test_every_command_that_is_named_exists(page: str) -> None:
    assert wrong_commands(TEXT[page]) == []


def test_a_command_that_does_not_exist_is_found() -> None:
    text = "`mobilizer fly` and\n\n    mobilizer import units FILE --quickly\n    .venv/bin/mobilizer member sack\n"
    assert wrong_commands(text) == [
        "mobilizer fly",
        "mobilizer import units --quickly",
        "mobilizer member sack",
    ]


def test_every_command_is_documented() -> None:
    ours = {name for name in commands() if not name.startswith("db ")} | {"db upgrade"}
    for page in ("docs/run.md", "docs/interfaces.md"):
        named = {known_part(words) for words, _ in named_commands(TEXT[page])}
        assert ours - named == set(), page


def test_every_option_is_documented() -> None:
    """Of the commands that others build on."""
    text = TEXT["docs/interfaces.md"]
    for name, command in commands().items():
        if name.startswith("db "):
            continue
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option not in ("--output", "--help"):
                    assert option in text, f"mobilizer {name} {option}"


# --- settings -------------------------------------------------------------------------------------------


def test_every_setting_stands_in_the_table_and_nothing_else_does() -> None:
    listed = dict(TABLE_ROW.findall(TEXT["docs/run.md"]))
    assert set(listed) == {f"MOBILIZER_{setting.name}" for setting in config.SETTINGS}
    for setting in config.SETTINGS:
        if setting.default is None:
            continue
        shown = {True: "yes", False: "no"}[setting.default] if setting.kind is bool else str(setting.default)
        assert listed[f"MOBILIZER_{setting.name}"].strip("`") == shown, setting.name


def unknown_settings(text: str) -> set[str]:
    known = {f"MOBILIZER_{setting.name}" for setting in config.SETTINGS} | OF_TESTS
    return set(re.findall(r"MOBILIZER_[A-Z_]+", text)) - known


@pytest.mark.parametrize("page", TEXT)
def test_every_setting_that_is_named_exists(page: str) -> None:
    assert unknown_settings(TEXT[page]) == set()


def test_a_setting_that_does_not_exist_is_found() -> None:
    assert unknown_settings("`MOBILIZER_COLOUR=red`, `MOBILIZER_HTMX`") == {"MOBILIZER_COLOUR"}


def test_the_code_reads_no_other_setting() -> None:
    for path in (ROOT / "mobilizer").rglob("*.py"):
        assert unknown_settings(path.read_text(encoding="utf-8")) <= {"MOBILIZER_"}, path


# --- make, addresses, figures, links ------------------------------------------------------------------------


def unknown_targets(text: str) -> set[str]:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = re.findall(r"(?:`|^ {4,})make ([a-z][a-z-]*)", text, re.MULTILINE)
    return set(named) - targets


@pytest.mark.parametrize("page", TEXT)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    assert unknown_targets(TEXT[page]) == set()


def test_a_target_that_does_not_exist_is_found() -> None:
    assert unknown_targets("`make run`, `make coffee`\n\n    make tea    for two\n") == {"coffee", "tea"}


def test_the_addresses_that_others_build_on_are_documented(app: Flask) -> None:
    text = TEXT["docs/interfaces.md"]
    for promised in PROMISED:
        method, _, path = promised.partition(" ")
        if path in ("/participation.xlsx", "/participation.json"):
            assert f"`{path.removeprefix('/participation')}`" in text
        else:
            assert f"`{method} {path}`" in text, promised
    documented = set(re.findall(r"`((?:GET|POST) /[^`]*)`", text))
    assert documented <= PROMISED


def test_the_figures_and_groupings_are_documented() -> None:
    text = TEXT["docs/interfaces.md"]
    assert [figure.name for figure in FIGURES if f"`{figure.name}`" not in text] == []
    assert "|".join(By) in text
    assert [role for role in Role if f"`{role}`" not in text] == []


def broken_links(page: str, text: str) -> list[str]:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    return [link for link in links if not ((ROOT / page).parent / link).exists()]


@pytest.mark.parametrize("page", TEXT)
def test_every_link_leads_somewhere(page: str) -> None:
    missing = [link for link in broken_links(page, TEXT[page]) if not link.startswith("docs/images/")]
    assert missing == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    assert broken_links("README.md", "[a](docs/run.md) [b](docs/walk.md)") == ["docs/walk.md"]


def test_the_two_screenshots_are_there_and_light() -> None:
    for link in ("docs/images/shifts-phone.png", "docs/images/participation-desk.png"):
        assert link in TEXT["README.md"]
        assert link in TEXT["README.en.md"]
        assert (ROOT / link).stat().st_size < 150_000, link


def test_both_readmes_say_the_same_commands() -> None:
    chinese, english = (
        [known_part(words) for words, _ in named_commands(TEXT[page])]
        for page in ("README.md", "README.en.md")
    )
    assert chinese == english
    assert len(chinese) > 8
