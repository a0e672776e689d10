"""Chinese first, English complete: which of the two a reader gets."""

import os
from functools import lru_cache
from pathlib import Path

import flask
from babel import Locale
from babel.support import Translations
from flask import request, url_for
from flask_babel import Babel, Domain, get_locale

LANGUAGES = {"zh_CN": "中文", "en": "English"}
FOLDER = Path(__file__).parent / "translations"


@lru_cache
def catalogue(code: str) -> Translations:
    """The compiled catalogue, read once a process. A missing one is an error, not silent English."""
    path = FOLDER / code / "LC_MESSAGES" / "messages.mo"
    if not path.is_file():
        raise RuntimeError(f"no compiled translations for {code}: run `make install` or `pybabel compile`")
    with path.open("rb") as file:
        return Translations(file)


class Catalogues(Domain):
    """Flask-Babel looks for zh_Hans_CN when told zh_CN, and finds nothing; this looks where ours are."""

    def get_translations(self) -> Translations:
        return catalogue(current())


class TwoLanguages(Babel):
    domain_instance = Catalogues()


@lru_cache
def locale_of(code: str) -> Locale:
    """Parsed once: it is asked for several times in every request."""
    return Locale.parse(code)


def choose() -> Locale:
    """The reader's language, for Flask-Babel."""
    return locale_of(_chosen())


def _chosen() -> str:
    """What the reader chose; else what the browser asks for, if it is one of ours; else Chinese.

    On the command line: what LANG says.
    """
    if not flask.has_request_context():
        return "zh_CN" if os.environ.get("LANG", "").startswith("zh") else "en"
    chosen = flask.session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    for tag, _quality in request.accept_languages:
        if tag.lower().startswith("zh"):
            return "zh_CN"
        if tag.lower().startswith("en"):
            return "en"
    return "zh_CN"


def current() -> str:
    """The code of the reader's language; Chinese where there is no reader."""
    chosen = getattr(flask.g.get("_flask_babel"), "babel_locale", None) if flask.has_app_context() else None
    locale = chosen or get_locale()  # the first is where the second remembers it, at a tenth of the cost
    return "en" if locale is not None and locale.language == "en" else "zh_CN"


def links() -> list[tuple[str, str, str, bool]]:
    """(code, own name, address, is current) of each; the address leads back to a page that can be got."""
    here = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    return [
        (code, name, url_for("accounts.language", code=code, next=here), code == current())
        for code, name in LANGUAGES.items()
    ]
