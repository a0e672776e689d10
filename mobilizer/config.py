"""Every knob once: its name, type, default and environment variable, and what it is for."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Setting:
    """The environment variable is MOBILIZER_<name>. `default` None means: found as `meaning` says.

    A number lies within `between`, both ends included.
    """

    name: str
    kind: type
    default: Any
    meaning: str
    between: tuple[int, int] | None = None


SETTINGS = (
    Setting(
        "DATABASE_URL",
        str,
        None,
        "sqlite:///FILE or postgresql://...; default: a file in the instance folder",
    ),
    Setting(
        "INSTANCE_PATH",
        str,
        None,
        "where database and secrets lie; default instance/ in the working directory",
    ),
    Setting("SECRET_KEY", str, None, "signs cookies and forms; made into the instance folder when not given"),
    Setting("DEMO_PASSWORD", str, "mobilizer-demo", "the one password of all demo members"),
    Setting("TIMEZONE", str, "Asia/Shanghai", "local time of the district"),
    Setting("HTMX", str, "cdn", "where pages load htmx from: cdn, local, or an address"),
    Setting("SECURE_COOKIES", bool, False, "send cookies over https only; set it behind TLS"),
    Setting(
        "PROXIES",
        int,
        0,
        "how many proxies of yours stand in front and set X-Forwarded-For and -Proto",
        (0, 10),
    ),
    Setting(
        "SQLITE_BUSY_MS", int, 5000, "how long a writer waits for another, in milliseconds", (0, 600_000)
    ),
    Setting(
        "SQLITE_SYNCHRONOUS", str, "FULL", "FULL loses no acknowledged write at a power cut; NORMAL is faster"
    ),
    Setting("POOL_SIZE", int, 5, "connections a process keeps to PostgreSQL", (1, 100)),
    Setting("MAX_UPLOAD_BYTES", int, 20_000_000, "the largest upload that is read", (1_000, 1_000_000_000)),
    Setting("MAX_IMPORT_ROWS", int, 100_000, "the most rows a file to import may have", (1, 10_000_000)),
    Setting(
        "PUBLIC_ADDRESS",
        str,
        None,
        "the site's address as people reach it, such as https://zhiyuan.example.org: for links that are shared or printed",
    ),
    Setting(
        "HAND_ENTRY_MINUTES",
        int,
        480,
        "up to how many minutes a day a leader's word alone is enough for a service without a shift; above, a second says yes",
        (0, 1440),
    ),
    Setting("LOG_IN_DAYS", int, 30, "how long a log-in lasts that stays on a phone, in days", (1, 400)),
    Setting("LOG_IN_HOURS", int, 12, "how long another log-in lasts at most, in hours", (1, 720)),
    Setting(
        "LEADER_LOG_IN_HOURS",
        int,
        12,
        "how long after a log-in, or a passkey shown, appointments count",
        (1, 720),
    ),
    Setting("LEADER_LOG_IN_DAYS", int, 7, "the same on a phone that stays logged in", (1, 400)),
    Setting(
        "OIDC_ISSUER", str, None, "the identity provider to log in through as well (needs the extra oidc)"
    ),
    Setting("OIDC_CLIENT_ID", str, None, "what the provider calls this site"),
    Setting("OIDC_CLIENT_SECRET", str, None, "the secret that the provider gave this site, if it gave one"),
    Setting("OIDC_PHONE_CLAIM", str, "phone_number", "the claim in which the provider gives a phone number"),
    Setting("OIDC_NAME", str, None, "what people call the provider; default: its host"),
    Setting(
        "HOURS_FILE",
        str,
        None,
        "the TOML file that says which columns the hours file has; default: the one that comes with it",
    ),
    Setting("SECOND_FACTOR", str, "off", "off, or appointed: whoever has an appointment shows a passkey"),
)

HTMX_CDN = "https://cdn.jsdelivr.net/npm/htmx.org@2.0.3/dist/htmx.min.js"
HTMX_INTEGRITY = "sha384-0895/pl2MU10Hqc6jd4RvrthNlDiE9U1tWmX7WRESftEDRosgxNsQG/Ze9YMRzHq"


class Misconfigured(Exception):
    """A setting that cannot be used, in words for the administrator."""


def _value(setting: Setting, environ: Mapping[str, str]) -> Any:
    name = f"MOBILIZER_{setting.name}"
    raw = environ.get(name, "").strip()
    if not raw:
        return setting.default
    if setting.kind is bool:
        if raw.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise Misconfigured(f"{name} is yes or no, not {raw!r}")
        return raw.lower() in ("1", "true", "yes")
    if setting.between is None:
        return raw
    try:
        value = int(raw)
    except ValueError:
        raise Misconfigured(f"{name} is a whole number, not {raw!r}") from None
    least, most = setting.between
    if not least <= value <= most:
        raise Misconfigured(f"{name} lies between {least} and {most}, and is not {value}")
    return value


def database_url(raw: str | None, instance: Path) -> str:
    """The address as SQLAlchemy reads it: postgres:// and postgresql:// mean psycopg 3."""
    if not raw:
        return f"sqlite:///{instance / 'mobilizer.sqlite'}"
    for prefix in ("postgres://", "postgresql://"):
        if raw.startswith(prefix):
            return "postgresql+psycopg://" + raw.removeprefix(prefix)
    if not raw.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise Misconfigured("MOBILIZER_DATABASE_URL begins with sqlite:/// or postgresql://")
    return raw


def public_address(raw: str) -> str:
    """The site's own address without a slash at its end, or "" when it is taken from each request."""
    try:
        parts = urlsplit(raw)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        good = good and parts.port != 0 and "@" not in parts.netloc and raw.isascii() and raw.isprintable()
    except ValueError:
        good = False
    if raw and not good:
        raise Misconfigured("MOBILIZER_PUBLIC_ADDRESS begins with https:// or http:// and names a host")
    return raw.rstrip("/")


def identity_provider(values: dict[str, Any]) -> dict[str, Any]:
    """The settings of the identity provider, if one is named, with the name that people read."""
    issuer = values["OIDC_ISSUER"]
    if not issuer:
        return {}
    try:
        parts = urlsplit(issuer)
    except ValueError:
        parts = urlsplit("")
    loopback = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or not (parts.scheme == "https" or loopback):
        raise Misconfigured("MOBILIZER_OIDC_ISSUER begins with https:// and names a host")
    if not values["OIDC_CLIENT_ID"]:
        raise Misconfigured("MOBILIZER_OIDC_ISSUER needs MOBILIZER_OIDC_CLIENT_ID beside it")
    if any(find_spec(package) is None for package in ("authlib", "joserfc", "requests")):
        raise Misconfigured(
            "MOBILIZER_OIDC_ISSUER needs packages that are not installed. Run: make install EXTRAS=oidc"
        )
    return {"OIDC_NAME": values["OIDC_NAME"] or parts.hostname}


def secret_key(given: str | None, instance: Path) -> str:
    """The key from the environment, or the one in the instance folder, made there (mode 0600) the first time."""
    if given:
        return given
    path = instance / "secret_key"
    if not path.exists():
        descriptor, made = tempfile.mkstemp(dir=instance)  # mode 0600
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(made, path)
        Path(made).unlink()
    return path.read_text().strip()


def load(environ: Mapping[str, str]) -> dict[str, Any]:
    """Flask's configuration from the environment. Raises Misconfigured; makes the instance folder (0700)."""
    values = {setting.name: _value(setting, environ) for setting in SETTINGS}
    instance = Path(values["INSTANCE_PATH"] or "instance").absolute()
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if values["HTMX"] not in ("cdn", "local") and not values["HTMX"].startswith(("https://", "http://", "/")):
        raise Misconfigured("MOBILIZER_HTMX is cdn, local or an address")
    if values["SQLITE_SYNCHRONOUS"] not in ("FULL", "NORMAL", "EXTRA"):
        raise Misconfigured("MOBILIZER_SQLITE_SYNCHRONOUS is FULL, NORMAL or EXTRA")
    values["PUBLIC_ADDRESS"] = public_address(values["PUBLIC_ADDRESS"] or "")
    if values["SECOND_FACTOR"] not in ("off", "appointed"):
        raise Misconfigured("MOBILIZER_SECOND_FACTOR is off or appointed")
    try:
        ZoneInfo(values["TIMEZONE"])
    except (KeyError, ValueError, OSError):
        raise Misconfigured(f"MOBILIZER_TIMEZONE is no time zone: {values['TIMEZONE']!r}") from None
    url = database_url(values.pop("DATABASE_URL"), instance)
    # What people typed, phones among it, has no place in a log's traces.
    engine: dict[str, Any] = {"hide_parameters": True}
    if not url.startswith("sqlite"):
        engine |= {"pool_size": values["POOL_SIZE"], "pool_pre_ping": True}
    return {
        **values,
        **identity_provider(values),
        "INSTANCE_PATH": str(instance),
        "SECRET_KEY": secret_key(values["SECRET_KEY"], instance),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "BABEL_DEFAULT_LOCALE": "zh_CN",
        "BABEL_DEFAULT_TIMEZONE": values["TIMEZONE"],
        "MAX_CONTENT_LENGTH": values["MAX_UPLOAD_BYTES"] + 100_000,
        "MAX_FORM_MEMORY_SIZE": 1_000_000,
        "SESSION_COOKIE_NAME": "mobilizer",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": values["SECURE_COOKIES"],
        "WTF_CSRF_TIME_LIMIT": None,
        # Level 1 and 3: a page costs microseconds to pack, and on a poor network the bytes are what one waits for.
        "COMPRESS_ALGORITHM": ["zstd", "gzip"],
        "COMPRESS_ALGORITHM_STREAMING": ["zstd", "deflate"],
        "COMPRESS_LEVEL": 1,
    }
