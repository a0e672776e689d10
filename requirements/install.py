"""Make .venv and bring it to the pinned state: `install.py run`, `install.py oidc` (run and the extra) or `install.py dev`.

Standard library only: it runs on the bare machine, before anything is installed. uv is used where there is one, else pip.
What is already in place is left alone, so a second call takes a tenth of a second.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
PINS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("run", "oidc", "dev")}
HOLDS = {"run": ("run",), "oidc": ("run", "oidc"), "dev": ("run", "oidc", "dev")}
"""Which smaller environments each one serves as well: a test compares the pins."""
CATALOGUES = ROOT / "mobilizer" / "translations"


def say(words: str) -> None:
    print(words, flush=True)


def give_up(words: str) -> NoReturn:
    sys.exit(words)


def works(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def state_of(wanted: str) -> str:
    """What an installed environment was made from; another text means that it has to be made again."""
    return "\n".join([str(ROOT), PINS[wanted].read_text(), (ROOT / "pyproject.toml").read_text()])


def in_place(wanted: str) -> bool:
    stamp = VENV / f"installed-{wanted}"
    return stamp.is_file() and stamp.read_text() == state_of(wanted)


def usable_venv() -> bool:
    """An environment that was moved, or whose Python was upgraded away, is not worth mending."""
    made_in = VENV / "made-in"
    return works(VENV_PYTHON, "-c", "") and (not made_in.exists() or made_in.read_text() == str(ROOT))


def install_venv_package() -> bool:
    """Debian splits the part of Python that makes environments into a package of its own; root may add it."""
    package = f"python3.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"This Python cannot make virtual environments: installing {package} with apt-get ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        subprocess.run(
            ["apt-get", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    return works(sys.executable, "-c", "import venv, ensurepip")


def make_venv(uv: str | None) -> None:
    say(f"Making .venv with Python {sys.version.split()[0]} ...")
    shutil.rmtree(VENV, ignore_errors=True)
    ways: list[list[str]] = []
    if uv:
        ways.append([uv, "venv", "-q", "--python", sys.executable, str(VENV)])
    if works(sys.executable, "-c", "import venv, ensurepip") or (not uv and install_venv_package()):
        ways.append([sys.executable, "-m", "venv", str(VENV)])
    if importlib.util.find_spec("virtualenv"):
        ways.append([sys.executable, "-m", "virtualenv", "-q", str(VENV)])
    elif virtualenv := shutil.which("virtualenv"):
        ways.append([virtualenv, "-q", "-p", sys.executable, str(VENV)])
    for way in ways:
        if subprocess.run(way, check=False).returncode == 0 and works(VENV_PYTHON, "-c", ""):
            (VENV / "made-in").write_text(str(ROOT))
            return
        shutil.rmtree(VENV, ignore_errors=True)
    give_up(
        f"Python {sys.version.split()[0]} ({sys.executable}) could not make a virtual environment: it lacks ensurepip.\n"
        f"What mends it, on Debian or Ubuntu:   sudo apt-get install python3.{sys.version_info.minor}-venv\n"
        "              without root:           put uv or virtualenv on the PATH, or name another Python:\n"
        "                                      make PYTHON=/path/to/python3 ..."
    )


def follow(command: Sequence[str | Path]) -> int:
    """Run a long installation: a dot for each package that is taken up, and everything it said if it failed."""
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            if line.startswith("Collecting "):
                print(".", end="", flush=True)
    if any(line.startswith("Collecting ") for line in said):
        print(flush=True)
    if process.returncode:
        sys.stderr.write("".join(said[-40:]))
    return process.returncode


def install(wanted: str, uv: str | None) -> None:
    pins = PINS[wanted]
    count = sum("==" in line for line in pins.read_text().splitlines())
    if uv:
        pip: list[str | Path] = [uv, "pip", "install", "-q", "--python", VENV_PYTHON]
        say(f"Installing {count} pinned packages with uv ...")
    else:
        pip = [VENV_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        say(f"Installing {count} pinned packages with pip; this takes a minute or two ...")
    if follow([*pip, "--require-hashes", "-r", pins.relative_to(ROOT)]):
        give_up(
            "The packages could not be installed; what the installer said stands above.\n"
            "Without a way to a package index nothing can be installed: check the network (a mirror is set with\n"
            "`pip config set global.index-url ADDRESS`), then run the same command again."
        )
    if follow([*pip, "--no-index", "--no-deps", "--no-build-isolation", "-e", "."]):
        give_up("Mobilizer itself could not be installed into .venv; what the installer said stands above.")
    for name in PINS:
        (VENV / f"installed-{name}").unlink(missing_ok=True)
    for name in HOLDS[wanted]:
        (VENV / f"installed-{name}").write_text(state_of(name))


def compile_translations() -> None:
    stale = [
        text
        for text in CATALOGUES.glob("*/LC_MESSAGES/*.po")
        if not text.with_suffix(".mo").exists()
        or text.with_suffix(".mo").stat().st_mtime < text.stat().st_mtime
    ]
    if not stale:
        return
    say("Compiling the translations ...")
    if follow([VENV_PYTHON, "-m", "babel.messages.frontend", "-q", "compile", "-d", CATALOGUES]):
        give_up("The translations could not be compiled; what pybabel said stands above.")


def main(wanted: str) -> None:
    uv = shutil.which("uv")
    if not uv or not works(uv, "--version"):
        uv = None
    if not usable_venv():
        make_venv(uv)
    if not in_place(wanted):
        if not uv and not works(VENV_PYTHON, "-m", "pip", "--version"):
            make_venv(uv)
        install(wanted, uv)
    compile_translations()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PINS:
        sys.exit(f"usage: install.py {'|'.join(PINS)}")
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the same command takes up where it stopped.")
