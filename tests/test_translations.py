"""Chinese and English are both whole: every text is in the catalogues, translated, with its places, and compiled."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_wtf import FlaskForm
from jinja2 import Environment, nodes
from wtforms import RadioField, SelectField

from tests.visitor import Visitor

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mobilizer"
TEMPLATES = PACKAGE / "templates"
PLACE = re.compile(r"%\((\w+)\)[sd]")
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
MEND = "run `make translations` and translate what is new in mobilizer/translations/zh_CN"

SAME_IN_BOTH = {"%(name)s, on %(when)s"}
"""Texts with letters that need no Chinese sign."""


# --- what the code says, and what the catalogues hold -------------------------------------------------------


@cache
def said() -> frozenset[str | tuple[str, ...]]:
    """Every text in the code, extracted as `make translations` does it."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = DEFAULT_KEYWORDS | parse_keywords(["N_", "_l", "lazy_gettext"])
    found = extract_from_dir(PACKAGE, methods, options, keywords=keywords)
    return frozenset(message for _file, _line, message, _comments, _context in found)


@cache
def kept(code: str) -> Catalog:
    with (PACKAGE / "translations" / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


def texts(catalogue: Catalog) -> dict[Any, tuple[str, ...]]:
    """msgid -> the texts, one for each form."""
    return {
        tuple(message.id) if isinstance(message.id, list) else message.id: (message.string,)
        if isinstance(message.string, str)
        else tuple(message.string)
        for message in catalogue
        if message.id
    }


def forms(message: Any) -> tuple[str, ...]:
    return message if isinstance(message, tuple) else (message,)


@pytest.mark.parametrize("code", ["zh_CN", "en"])
def test_the_catalogues_hold_what_the_code_says(code: str) -> None:
    # A plural is kept under both its forms; the code names it by both as well.
    assert len(said()) > 150
    held = set(texts(kept(code)))
    assert said() - held == set(), MEND
    assert held - said() == set(), f"no longer said: {MEND}"


def untranslated(found: dict[Any, tuple[str, ...]]) -> list[str]:
    """Texts without a translation, or with letters and yet without a Chinese sign."""
    wrong = []
    for message, strings in found.items():
        first = forms(message)[0]
        has_words = bool(re.search(r"[^\W\d_]", PLACE.sub("", first))) and first not in SAME_IN_BOTH
        if not all(strings) or (has_words and not CHINESE.search(PLACE.sub("", strings[0]))):
            wrong.append(first)
    return wrong


def test_every_text_is_said_in_chinese() -> None:
    assert set(texts(kept("zh_CN"))) >= SAME_IN_BOTH
    assert untranslated(texts(kept("zh_CN"))) == []
    assert untranslated({"Sign up": ("",), "Give back": ("Give back",), "Me": ("我",)}) == [
        "Sign up",
        "Give back",
    ]


def test_english_is_what_the_code_says() -> None:
    assert {message: forms(message) for message in texts(kept("en"))} == texts(kept("en"))


def misplaced(found: dict[Any, tuple[str, ...]]) -> list[str]:
    """Texts whose places are not those of the msgid, or that a lone % would break."""
    wrong = []
    for message, strings in found.items():
        places = set(PLACE.findall(forms(message)[-1]))
        lone = any("%" in PLACE.sub("", text).replace("%%", "") for text in strings) and bool(places)
        if lone or (strings[-1] and set(PLACE.findall(strings[-1])) != places):
            wrong.append(forms(message)[0])
    return wrong


def test_every_translation_has_the_places_of_its_text() -> None:
    assert misplaced(texts(kept("zh_CN"))) == []
    wrong = {"%(n)s people": ("人",), "By %(a)s": ("由%(b)s",), "Of %(a)s": ("%(a)s的100%",), "Ok": ("好",)}
    assert len(misplaced(wrong)) == 3


def half_width(found: dict[Any, tuple[str, ...]]) -> list[str]:
    """Chinese sentences with the punctuation of English ones."""
    sign = re.compile(
        r"[\u3400-\u9fff”』）)s][,;!?](?!\w)|[\u3400-\u9fff][,;!?:]|[\u3400-\u9fff]\.(?!\w)|[\u3400-\u9fff]\.\.\."
    )
    return [
        text for strings in found.values() for text in strings if CHINESE.search(text) and sign.search(text)
    ]


def test_chinese_is_punctuated_as_chinese() -> None:
    assert half_width(texts(kept("zh_CN"))) == []
    assert len(half_width({"a": ("好,请",), "b": ("好。请",), "c": ("行动支部.",), "d": ("什么?",)})) == 3


@pytest.mark.parametrize("code", ["zh_CN", "en"])
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    with (PACKAGE / "translations" / code / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = texts(read_mo(file))
    assert compiled == {key: said for key, said in texts(kept(code)).items() if all(said)}, (
        "run `make translations` (or `make install`)"
    )


@pytest.mark.parametrize(
    ("asked", "words"), [("zh-CN,zh;q=0.9", "登录"), ("en-GB", "Log in"), ("fr", "登录"), ("zh-TW", "登录")]
)
def test_a_page_is_said_in_the_language_asked_for(app: Flask, asked: str, words: str) -> None:
    stranger = Visitor(app.test_client())
    stranger.headers["Accept-Language"] = asked
    assert words in stranger.open("/log-in").text


# --- nothing is said past the catalogues --------------------------------------------------------------------


CLASSES = re.compile(r"^[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)*$")
"""Names in an expression that nobody reads: kinds, classes, sizes."""


def literal_texts(template: str) -> Iterator[str]:
    """Words that a reader would see untranslated: between tags, in attributes that are read, in expressions."""
    tree = Environment(autoescape=True, extensions=[]).parse(template)
    text = "".join(_data(tree))
    text = re.sub(r"<(script|style|svg-defs)\b.*?</\1>", " ", text, flags=re.DOTALL)
    read = r"alt|title|placeholder|aria-label|aria-description|aria-roledescription|aria-valuetext|data-label|label|summary"
    for _quote, attribute in re.findall(rf"(?<![\w-])(?:{read})=([\"'])(.*?)\1", text):
        yield from _words(attribute)
    for _quote, attribute in re.findall(r"\bdata-[\w-]+=([\"'])(.*?)\1", text):
        if re.search(r"^[A-Z][a-z]|\w \w|[\u3400-\u9fff]", attribute):
            yield from _words(attribute)
    for button in re.findall(r"<input\b[^>]*type=[\"'](?:submit|button|reset)[\"'][^>]*>", text):
        yield from (
            word for _quote, value in re.findall(r"\bvalue=([\"'])(.*?)\1", button) for word in _words(value)
        )
    for between in re.split(r"<[^<>]*>|<[^<>]*$|^[^<>]*>", text):
        yield from _words(between)
    for node, translated in _constants(tree, False):
        a_word = re.search(r"^[A-Z][a-z]|\w \w|[\u3400-\u9fff]", node)
        if a_word and not translated and "<" not in node and not CLASSES.match(node):
            yield node


def _data(tree: nodes.Node) -> Iterator[str]:
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            yield node.data if isinstance(node, nodes.TemplateData) else "\x00"


def _words(text: str) -> Iterator[str]:
    text = re.sub(r"&\w+;", "", text.replace("\x00", "")).strip()
    if re.search(r"[^\W\d_]", text) and text != "no-referrer":  # the content of a <meta>, put in by a block
        yield text


def _constants(node: nodes.Node, translated: bool) -> Iterator[tuple[str, bool]]:
    """The strings in expressions, and whether they stand inside _() or are the name of a thing, not a word."""
    for child in node.iter_child_nodes():
        quiet = translated
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name):
            quiet = quiet or child.node.name in ("_", "gettext", "ngettext", "url_for", "asset")
        if isinstance(
            child,
            nodes.Extends | nodes.FromImport | nodes.Import | nodes.Include | nodes.Compare | nodes.Filter,
        ):
            quiet = True
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value, quiet
        yield from _constants(child, quiet)


def test_no_template_says_anything_past_the_catalogues() -> None:
    wrong = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        wrong += [f"{name}: {literal!r}" for literal in literal_texts(path.read_text(encoding="utf-8"))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "template",
    [
        "<p>Open shifts</p>",
        "<p>{{ n }} people</p>",
        "<p>班次</p>",
        '<img alt="The gate">',
        "<img alt='The gate'>",
        "<title>Today</title>",
        '<body data-busy="Sending">',
        '<button data-ask="really now?"></button>',
        '<input type="submit" value="Send">',
        '<input placeholder="Wang">',
        '<p aria-description="More">·</p>',
        '{{ page_header("Open shifts") }}',
        '{{ tag("here", "Here") }}',
        "{% if a %}<b>Yes!</b>{% endif %}",
    ],
)
def test_a_word_past_the_catalogues_is_found(template: str) -> None:
    assert list(literal_texts(template))


@pytest.mark.parametrize(
    "template",
    [
        '<p>{{ _("Open shifts") }}</p>',
        '{{ tag("here", _("Here")) }}',
        '<p class="quiet {{ x }}">{{ n }} · {{ m }}</p>',
        '{# A comment #}{% from "macros/form.html" import field %}',
        '<div{% if a %} class="{{ "a b" if c else "d" }}"{% endif %}></div>',
    ],
)
def test_what_is_translated_is_left_alone(template: str) -> None:
    assert list(literal_texts(template)) == []


def unmarked(source: str) -> list[str]:
    """Refusals and answers whose words are not marked for translation, and marks on texts that are put together."""
    wrong = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rsplit(".", 1)[-1]
        message = {"Refused": 1, "RefusedBefore": 1, "Done": 0, "flash": 0}.get(called)
        if message is not None and len(node.args) > message:
            given = node.args[message]
            if isinstance(given, ast.Constant | ast.JoinedStr):
                wrong.append(ast.unparse(node)[:100])
        marks = called in ("_", "N_", "_l", "gettext", "lazy_gettext") and node.args
        if marks and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
            wrong.append(ast.unparse(node)[:100])
    return wrong


def test_every_refusal_is_marked_for_translation() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {call}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for call in unmarked(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)
    assert (
        len(unmarked('raise Refused("a", "Full.")\n_(f"{x} people")\nflash("Done")\nDone(N_("x"), "/")')) == 3
    )


# --- nor by a script --------------------------------------------------------------------------------------


NOT_SAID = {
    "BroadcastChannel",
    "Content-Security-Policy",
    "Content-Type",
    "Enter",
    "nobody behind the door",
    "too slow",
}
"""Names of the web's own things, and reasons of errors that a script throws to itself."""


def said_by_script(source: str) -> list[str]:
    """Texts in a script that look like words for a person: those come from the page, in the reader's language."""
    bare = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    bare = re.sub(r"(?m)(^|[\s;{}(])//[^\n]*", r"\1", bare)
    texts = re.findall(r"\"((?:[^\"\\\n]|\\.)*)\"|`((?:[^`\\]|\\.)*)`|'((?:[^'\\\n]|\\.)*)'", bare)
    found = []
    for text in ("".join(each) for each in texts):
        written = re.sub(r"\$\{[^}]*\}", "", text)
        classes = CLASSES.match(written.strip()) and "-" in written
        words = re.search(r"[\u3400-\u9fff]|[A-Za-z]{2,} [A-Za-z]{2,}", written) or re.match(
            r"[A-Z][a-z]", written
        )
        if (
            words
            and not classes
            and written not in NOT_SAID | {"use strict"}
            and not written.startswith("<script")
        ):
            found.append(text)
    return found


def test_no_script_says_anything_itself() -> None:
    scripts = sorted((PACKAGE / "static").glob("*.js"))
    assert len(scripts) > 1
    assert {path.name: said for path in scripts if (said := said_by_script(path.read_text("utf-8")))} == {}
    everything = "".join(path.read_text("utf-8") for path in scripts)
    assert [text for text in NOT_SAID if text not in everything] == []


@pytest.mark.parametrize(
    "script", ['say("Please wait")', "say('Sent')", "say(`已发送`)", "say(`${n} people came`)"]
)
def test_a_word_in_a_script_is_found(script: str) -> None:
    assert said_by_script(script)
    assert said_by_script('// Say it.\nmake("button", "button button-quiet", box.dataset.copy);') == []


# --- nor by a form ----------------------------------------------------------------------------------------


def unsaid_labels(source: str) -> list[str]:
    """Fields whose label is a text that no catalogue knows."""
    wrong = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Field") and node.args:
            label = node.args[0]
            if isinstance(label, ast.Constant | ast.JoinedStr) and label != ast.Constant(""):
                wrong.append(ast.unparse(node)[:80])
    return wrong


def test_every_label_is_marked_for_translation() -> None:
    wrong = [found for path in PACKAGE.rglob("*forms.py") for found in unsaid_labels(path.read_text("utf-8"))]
    assert wrong == []
    assert len(unsaid_labels('name = StringField("Name")\nage = IntegerField(_l("Age"))')) == 1


RUBBISH = ("", "x", "x" * 20_000, "-1", "99999999999999999999", "2026-02-30")


@pytest.mark.parametrize("code", ["zh_CN", "en"])
def test_what_a_form_says_is_wrong_is_said_in_the_readers_language(app: Flask, code: str) -> None:
    """Also what WTForms says of itself: "Not a valid integer value"."""
    forms = [form for form in FlaskForm.__subclasses__() if form.__module__.startswith("mobilizer.")]
    forms += [each for form in forms for each in form.__subclasses__()]
    assert len(forms) > 10
    wrong, told = set(), 0
    for form in forms:
        for rubbish in RUBBISH:
            names = [name for name, value in vars(form).items() if hasattr(value, "field_class")]
            with app.test_request_context(
                "/",
                method="POST",
                data=dict.fromkeys(names, rubbish),
                headers={"Accept-Language": code.replace("_", "-")},
            ):
                try:
                    made = form(meta={"csrf": False})
                    for field in made:
                        if isinstance(field, SelectField | RadioField) and field.choices is None:
                            field.choices = []
                    made.validate()
                except TypeError:
                    continue  # a form that its view fills first
                for field in made:
                    for said in field.errors:
                        told += 1
                        if bool(CHINESE.search(str(said))) != (code == "zh_CN"):
                            wrong.add(f"{form.__name__}.{field.name}: {said}")
    assert told > 50
    assert wrong == set()
