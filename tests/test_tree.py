"""Nothing in the tree leads to one machine or to one package registry, and nothing secret or built is kept in git."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Written in pieces, so that this file does not find itself.
REGISTRIES = [
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "registry" + r"\.npmjs",
    "npm" + r"mirror\.com",
    "tuna" + r"\.tsinghua",
    "mirrors" + r"\.aliyun",
    "conda" + r"\.anaconda",
]
MACHINE_PATHS = [r"(?<![\w.])/" + place + r"/\w" for place in ("home", "root", "work", "Users", r"mnt/[a-z]")]
MACHINE_PATHS += [r"[A-Z]:\\" + "Users", "file" + "://" + "/"]


def tracked() -> list[Path]:
    try:
        listing = subprocess.run(
            # Whoever owns the checkout: it is only listed.
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy of the source is no git checkout, so what is kept in git cannot be told")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return found


def test_no_package_registry_is_named() -> None:
    assert lines_with(re.compile("|".join(REGISTRIES))) == []


def test_no_path_of_one_machine() -> None:
    assert lines_with(re.compile("|".join(MACHINE_PATHS))) == []


def test_nothing_built_or_secret_is_kept() -> None:
    unwanted = re.compile(
        r"(^|/)(instance|\.venv|node_modules)/|\.(mo|pyc|sqlite|pem|key)$|(^|/)(uv\.lock|\.env)$"
    )
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert [name for name in names if unwanted.search(name)] == []
