"""What the tests need that is no Python package: a browser, a Chinese font, a PostgreSQL server.

As a program (`provision.py browser`, `provision.py postgres`) it looks, installs what it may, and says in words what is
missing and which command mends it. As a module it answers the same questions for the tests; see tests/unavailable.py.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

CHOSEN = "MOBILIZER_TEST_BROWSER"
DATABASE = "MOBILIZER_TEST_DATABASE_URL"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Kept beside the installed packages: where Playwright put a browser, and which fonts it should also see.
FOUND = Path(sys.prefix) / "chromium-path"
FONTS = Path(sys.prefix) / "fonts.conf"
APT = "sudo apt-get install -y --no-install-recommends"


def starts(program: str | Path) -> bool:
    """A browser without its shared libraries is found but does not start; ask it for its version."""
    try:
        answer = subprocess.run(
            [program, "--headless", "--no-sandbox", "--version"], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def chromium() -> str | None:
    """The browser for the tests: the one that was chosen, or the system's, or the one Playwright brought."""
    if chosen := os.environ.get(CHOSEN):
        return shutil.which(chosen)
    for name in BROWSERS:
        if program := shutil.which(name):
            return program
    if FOUND.is_file() and Path(brought := FOUND.read_text()).is_file():
        return brought
    return None


def system_has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    answer = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(answer.stdout.strip())


def packaged_font() -> Path | None:
    spec = find_spec("noto_cjk_sans_otc")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def has_chinese_font() -> bool:
    return system_has_chinese_font() or packaged_font() is not None


def browser_environment() -> dict[str, str]:
    """The environment to launch the browser in: where the system has no Chinese font, it is shown the packaged one."""
    environment = dict(os.environ)
    font = packaged_font()
    if font and not system_has_chinese_font():
        shown = (
            '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
            '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
            f"<dir>{font}</dir>\n<cachedir>{FONTS.parent / 'font-cache'}</cachedir>\n</fontconfig>\n"
        )
        if not FONTS.is_file() or FONTS.read_text() != shown:
            FONTS.write_text(shown)
        environment["FONTCONFIG_FILE"] = str(FONTS)
    return environment


def launch_options() -> dict[str, Any]:
    """For playwright's chromium.launch(): which browser, how, and in which environment."""
    return {
        "executable_path": chromium(),
        # In a container there is no sandbox for root and little shared memory.
        "args": ["--no-sandbox", "--disable-dev-shm-usage"],
        "env": browser_environment(),
    }


def missing_for_browser() -> list[str]:
    """One sentence for each thing without which the browser tests cannot run, with the command that mends it."""
    lacking = []
    if chromium() is None:
        chosen = os.environ.get(CHOSEN)
        where = f"{CHOSEN}={chosen} is no program. " if chosen else ""
        lacking.append(
            f"{where}No Chromium was found. What mends it: {APT} chromium "
            f"(or {CHOSEN}=/path/to/chrome, or .venv/bin/playwright install --with-deps chromium)"
        )
    if not has_chinese_font():
        lacking.append(f"No Chinese font was found. What mends it: {APT} fonts-noto-cjk")
    return lacking


def run_aloud(*command: str) -> bool:
    print("  " + " ".join(command), flush=True)
    try:
        answer = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        print(f"  failed: {fault}", flush=True)
        return False
    if answer.returncode:
        lines = answer.stdout.strip().splitlines()
        telling = [
            line.strip() for line in lines if "rror" in line or "ailed" in line or line.startswith("E:")
        ]
        print("  failed: " + " | ".join((telling or lines[-2:])[:2]), flush=True)
    return answer.returncode == 0


def install_with_apt(*packages: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    return run_aloud("apt-get", "update", "-qq") and run_aloud(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages
    )


def install_with_playwright() -> bool:
    # As root its --with-deps also brings the libraries that the browser needs.
    whole = ["--with-deps"] if os.geteuid() == 0 and shutil.which("apt-get") else []
    if not run_aloud(sys.executable, "-m", "playwright", "install", *whole, "chromium"):
        return False
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as d: print(d.chromium.executable_path)"
    asked = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    program = asked.stdout.strip()
    if not program or not starts(program):
        print(f"  {program or 'the browser'} was downloaded, but does not start here", flush=True)
        return False
    FOUND.write_text(program)
    return True


def provide_browser() -> None:
    if chromium() is None and not os.environ.get(CHOSEN):
        print("The tests need a browser; there is none yet:", flush=True)
        install_with_apt("chromium", "fonts-noto-cjk")
        if chromium() is None:
            install_with_playwright()
    if not has_chinese_font():
        install_with_apt("fonts-noto-cjk")
    lacking = missing_for_browser()
    for sentence in lacking:
        print(f"MISSING: {sentence}", flush=True)
    if lacking:
        then = "they FAIL, because CI is set" if os.environ.get("CI") else "the run says so again at its end"
        print(f"MISSING: the tests marked `browser` cannot run: {then}.", flush=True)


def require_postgres() -> None:
    url = os.environ.get(DATABASE, "")
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.Error as fault:
        sys.exit(
            f"No PostgreSQL server answers at {url.rpartition('@')[2]}: {str(fault).strip()}\n"
            "What mends it: sudo apt-get install -y postgresql && sudo service postgresql start, and then\n"
            "make test-postgres TEST_POSTGRES=postgresql://USER:PASSWORD@HOST:5432/postgres\n"
            "with a user who may create databases. Nothing was tested."
        )
    print(f"The tests run on PostgreSQL {row[0] if row else ''}.", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["browser"]:
        provide_browser()
    elif sys.argv[1:] == ["postgres"]:
        require_postgres()
    else:
        sys.exit("usage: provision.py browser|postgres")
