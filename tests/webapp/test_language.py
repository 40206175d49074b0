"""Chinese is written in the code and the templates; the English catalogue is complete; the switch is remembered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from tests.conftest import PROJECT
from webapp.formats import named

from .conftest import Person

WEBAPP = PROJECT / "webapp"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "word": None}
HAN = re.compile(r"[\u3400-\u9fff]")


def written_texts() -> set[str]:
    methods = [("templates/**.html", "jinja2"), ("**.py", "python")]
    return {str(message) for _file, _line, message, _comments, _context in extract_from_dir(WEBAPP, methods, keywords=KEYWORDS)}


def catalogue() -> dict[str, str]:
    with (WEBAPP / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source, locale="en") if message.id}


def test_every_text_has_an_english_translation() -> None:
    assert {text for text in written_texts() if not catalogue().get(text)} == set()


def test_the_catalogue_holds_nothing_that_is_written_nowhere() -> None:
    assert set(catalogue()) - written_texts() == set()


def test_translations_keep_the_placeholders() -> None:
    places = re.compile(r"%\(\w+\)s")
    assert {text for text, english in catalogue().items() if sorted(places.findall(text)) != sorted(places.findall(english))} == set()


def test_no_english_text_is_left_in_chinese() -> None:
    assert {english for english in catalogue().values() if HAN.search(english)} == set()


def bare_chinese(path: Path) -> Iterator[str]:
    source = path.read_text("utf-8")
    source = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.S)
    yield from (line.strip() for line in source.splitlines() if HAN.search(line))


def test_no_template_writes_chinese_past_the_catalogue() -> None:
    allowed = {"中文", 'value="已解决"', 'value="未解决"'}  # the switch to Chinese, and what the form sends
    found = {(path.name, line) for path in (WEBAPP / "templates").glob("*.html") for line in bare_chinese(path)}
    assert {(name, line) for name, line in found if not any(word in line for word in allowed)} == set()


def test_the_switch_is_remembered_until_the_next_log_in(person: Callable[[str], Person], stranger: Person) -> None:
    clerk = person("window-a")
    assert clerk.post("/language", {"language": "en", "next": "/cases"}).location == "/cases"
    assert "Registers" in clerk.get("/cases").words
    stranger.log_in("window-a")
    assert "Register a case" in stranger.get("/").words


def test_an_english_page_says_its_language(stranger: Person) -> None:
    stranger.post("/language", {"language": "en"})
    page = stranger.get("/login")
    assert page.find("/html/@lang") == ["en"] and "Password" in page.words


def test_an_unknown_language_stays_chinese(stranger: Person) -> None:
    stranger.post("/language", {"language": "xx"})
    assert stranger.get("/login").find("/html/@lang") == ["zh-CN"]


def test_a_form_speaks_english_when_the_page_does(person: Callable[[str], Person]) -> None:
    clerk = person("window-a")
    clerk.post("/language", {"language": "en"})
    page = clerk.get("/cases/new")
    assert "Kind of applicant" in page.words and "申请人类型" not in page.words


def test_errors_of_a_form_are_english_when_the_page_is(person: Callable[[str], Person]) -> None:
    clerk = person("window-a")
    clerk.post("/language", {"language": "en"})
    page = clerk.post("/cases/new", {})
    assert page.status == 422
    assert not [text for text in (error.text_content() for error in page.find("//p[@class='error']")) if HAN.search(text)]


def test_english_readers_see_steps_by_the_words_of_their_ids(site: Flask) -> None:
    with site.test_request_context():
        with force_locale("en"):
            assert named("直接协调", "direct_coordination") == "Direct coordination"
        with force_locale("zh"):
            assert named("直接协调", "direct_coordination") == "直接协调"
