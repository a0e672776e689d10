"""The pins are compiled from pyproject.toml, carry hashes, and name no address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;\\]+)(?P<marker> ;[^\\]*)?", re.MULTILINE)


def blocks(name: str) -> dict[str, tuple[str, str]]:
    """Package name -> (version, everything that the file says of it)."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    starts = list(PIN.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {
        match["name"]: (match["version"], text[match.start() : end])
        for match, end in zip(starts, ends, strict=True)
    }


def asked_for(*extras: str) -> dict[str, Requirement]:
    texts = list(PROJECT["dependencies"])
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, texts)}


@pytest.mark.parametrize(("file", "extras"), [("run", ()), ("oidc", ("oidc",)), ("dev", ("dev",))])
def test_pins_answer_exactly_what_the_project_asks_for(file: str, extras: tuple[str, ...]) -> None:
    pinned = blocks(file)
    wanted = asked_for(*extras)
    direct = {name for name, (_, text) in pinned.items() if "mobilizer (pyproject.toml)" in text}
    assert direct == set(wanted), "run `make pins`: pyproject.toml and the pins do not name the same packages"
    for name, requirement in wanted.items():
        assert requirement.specifier.contains(pinned[name][0]), f"run `make pins`: {requirement} is not met"


@pytest.mark.parametrize("file", ["run", "oidc", "dev"])
def test_every_pin_carries_hashes(file: str) -> None:
    assert [name for name, (_, text) in blocks(file).items() if "--hash=sha256:" not in text] == []


@pytest.mark.parametrize(("smaller", "larger"), [("run", "oidc"), ("run", "dev"), ("oidc", "dev")])
def test_the_larger_pins_hold_the_smaller(smaller: str, larger: str) -> None:
    one, other = (
        {name: version for name, (version, _) in blocks(file).items()} for file in (smaller, larger)
    )
    assert one.items() <= other.items()


@pytest.mark.parametrize("file", ["run.txt", "oidc.txt", "dev.txt", "build.in"])
def test_no_address_in_the_pins(file: str) -> None:
    text = (ROOT / "requirements" / file).read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)
