"""Rules that hold for every page, checked against the site itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands.change_sets import add_draft, create_change_set
from tests.conftest import PROJECT
from webapp import create_app
from webapp.sessions import OPEN_BLUEPRINTS

from .conftest import Person

WEBAPP = PROJECT / "webapp"
#: Pages that try out a migration.
TRIED = ("migrations.trial", "migrations.further_trial", "migrations.trial_report")
EXAMPLES = {"task_id": "1-1", "case_no": "BBC", "token": "t", "filename": "app.css"}


def example(rule: Rule, name: str) -> object:
    """A value that the address takes there."""
    if name in (rule.defaults or {}):
        return rule.defaults[name]
    converter = rule._converters[name]
    if isinstance(converter, IntegerConverter):
        return 1
    return next(iter(sorted(converter.items))) if isinstance(converter, AnyConverter) else EXAMPLES.get(name, "x")


def addresses(site: Flask, method: str, *, only_closed: bool) -> list[str]:
    """Every address of the site that takes `method`, with example values."""
    found = []
    with site.test_request_context():
        for rule in site.url_map.iter_rules():
            is_open = rule.endpoint == "static" or rule.endpoint.split(".")[0] in OPEN_BLUEPRINTS
            if method in (rule.methods or ()) and not (only_closed and is_open):
                found.append(site.url_for(rule.endpoint, **{name: example(rule, name) for name in rule.arguments}))
    return found


def test_only_the_log_in_the_language_and_the_pages_for_citizens_are_open(site: Flask) -> None:
    for_citizens, for_partners = {"public", "public_files", "preferences", "service", "service_calendar"}, {"hotline", "receipts"}
    assert OPEN_BLUEPRINTS == {"accounts", "language"} | for_citizens | for_partners
    assert OPEN_BLUEPRINTS <= set(site.blueprints)


def test_every_other_page_asks_for_a_log_in(site: Flask, stranger: Person) -> None:
    answers = {address: stranger.get(address) for address in addresses(site, "GET", only_closed=True)}
    assert len(answers) > 8
    assert {address for address, answer in answers.items() if not answer.location.startswith("/login")} == set()


def test_every_form_of_a_closed_page_asks_a_stranger_for_a_log_in(site: Flask, stranger: Person) -> None:
    answers = {address: stranger.post(address).status for address in addresses(site, "POST", only_closed=True)}
    assert len(answers) > 8
    assert {address for address, status in answers.items() if status != 401} == set()


#: Who may send what: every form of the blueprints that change procedures or running cases. Everybody else is refused (403).
DRAWERS, READERS = frozenset({"analyst", "admin"}), frozenset({"analyst", "admin", "auditor"})
ADMINISTRATORS, OVERSEERS = frozenset({"admin"}), READERS | {"window-head"}
MAY_SEND = {
    "studio": {
        DRAWERS: "create rename add_deployed add_new upload abandon",
        READERS: "check",
    },
    "drafts": {DRAWERS: "save restore remove", READERS: "preview"},
    "submissions": {DRAWERS: "begin"},
    "trials": {DRAWERS: "run_scenarios run_what_if run_load from_case cancel"},
    "releases": {ADMINISTRATORS: "import_archive approve refuse activate promote roll_back retire suspend resume"},
    "migrations": {ADMINISTRATORS: "start steer undo", OVERSEERS: "decide"},
    "operate": {ADMINISTRATORS: "try_change change try_changes change_all"},
}
ALLOWED = {
    f"{blueprint}.{name}": people
    for blueprint, groups in MAY_SEND.items()
    for people, names in groups.items()
    for name in names.split()
}  # fmt: skip


def places(site: Flask, method: str) -> dict[str, list[str]]:
    """The addresses of those blueprints, by endpoint."""
    found: dict[str, list[str]] = {}
    with site.test_request_context():
        for rule in site.url_map.iter_rules():
            if method in (rule.methods or ()) and rule.endpoint.split(".")[0] in MAY_SEND:
                values = {name: example(rule, name) for name in rule.arguments}
                found.setdefault(rule.endpoint, []).append(site.url_for(rule.endpoint, **values))
    return found


@pytest.fixture
def something_of_each(engine: Engine, actor: Callable[[str], Actor], simple_case: str) -> None:
    """A change set with a draft, and a running instance: what the example addresses lead to."""
    number = create_change_set(engine, actor("analyst"), "试改", "")
    assert (number, add_draft(engine, actor("analyst"), number, "processes/DT03_time_limits.dmn")) == (1, 1)


def test_the_table_of_who_may_send_what_names_every_form(site: Flask) -> None:
    assert set(places(site, "POST")) == set(ALLOWED)


@pytest.mark.parametrize("account", ["window-a", "window-head", "auditor", "analyst", "admin"])
def test_whoever_may_not_send_a_form_is_refused_whatever_it_says(
    site: Flask, person: Callable[[str], Person], something_of_each: None, account: str
) -> None:
    somebody, wrong = person(account), dict[str, int]()
    token = somebody.token()
    for endpoint, addresses_of in sorted(places(site, "POST").items()):
        for address in addresses_of:
            answer = somebody.client.post(address, data={"csrf_token": token}, headers={"Referer": "http://localhost/"})
            if (answer.status_code == 403) == (account in ALLOWED[endpoint]) or answer.status_code >= 500:
                wrong[address] = answer.status_code
    assert wrong == {}


def test_an_auditor_may_look_at_everything_and_a_clerk_at_nothing_of_it(
    site: Flask, person: Callable[[str], Person], something_of_each: None
) -> None:
    auditor, clerk = person("auditor"), person("window-a")
    #: Trying out a migration is the first step of doing it.
    pages = {name: every for name, every in places(site, "GET").items() if name not in TRIED}
    assert {name for name, every in pages.items() for one in every if auditor.client.get(one).status_code in (403, 500)} == set()
    assert {name for name, every in pages.items() for one in every if clerk.client.get(one).status_code != 403} == set()


def test_the_own_password_needs_a_log_in(stranger: Person) -> None:
    assert stranger.get("/password").status == 302
    assert stranger.post("/password", {"old": "x", "password": "y"}).status == 401


def test_every_form_is_refused_without_its_token(site: Flask, person: Callable[[str], Person]) -> None:
    clerk = person("window-a")
    #: Partner systems have no session to protect: they sign each request instead.
    doors = {address for address in addresses(site, "POST", only_closed=False) if not address.startswith(("/api/partners/", "/receipts/"))}
    answers = {address: clerk.client.post(address).status_code for address in doors}
    assert {address for address, status in answers.items() if status != 400} == set()


def test_a_page_without_its_token_says_that_it_is_no_longer_valid(person: Callable[[str], Person]) -> None:
    answer = person("window-a").client.post("/language", data={"language": "en"})
    assert answer.status_code == 400 and "页面已失效" in answer.get_data(as_text=True)


def test_no_page_allows_scripts_or_addresses_of_others(person: Callable[[str], Person]) -> None:
    policy = person("window-a").get("/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "default-src 'self';" in policy and "form-action 'self'" in policy
    assert "unsafe" not in policy


def test_only_pages_with_a_diagram_allow_styles_in_the_page(person: Callable[[str], Person], simple_case: str) -> None:
    policy = person("window-a").get(f"/cases/{simple_case}").headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy and "script-src 'self';" in policy


def test_pages_are_kept_out_of_caches_and_frames(person: Callable[[str], Person]) -> None:
    headers = person("window-a").get("/").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_five_megabytes_are_refused_with_a_page_that_says_so(person: Callable[[str], Person]) -> None:
    clerk = person("window-a")
    answer = clerk.post("/cases/new", {"text": "x" * (5 * 1024 * 1024)})
    assert answer.status == 413 and "提交的内容太大" in answer.words


def test_the_pages_touch_no_database() -> None:
    for path in WEBAPP.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [one.name for one in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            assert not [name for name in names if name.startswith(("engine.db", "sqlalchemy"))], path.name


@pytest.mark.parametrize(
    "pattern",
    [
        r"https?://(?!www\.w3\.org/2000/svg)",
        r"<script(?![^>]*(\bsrc=|type=\"application/json\"))",
        r"\son[a-z]+=\s*[\"']",
        r"\bhx-on",
        r"\|safe\b",
        r"\sstyle=",
    ],
)
def test_no_template_holds_what_the_policy_forbids(pattern: str) -> None:
    found = {path.name for path in (WEBAPP / "templates").glob("*.html") if re.search(pattern, path.read_text("utf-8"))}
    assert found == set()


def test_every_post_form_in_a_template_carries_the_token() -> None:
    for path in (WEBAPP / "templates").glob("*.html"):
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text("utf-8"), re.S):
            assert 'name="csrf_token"' in form or "{{ token() }}" in form or "{{ carried() }}" in form, path.name


def test_behind_https_the_cookie_travels_only_encrypted(engine: Engine) -> None:
    behind_https = replace(engine, settings=replace(engine.settings, is_https=True))
    answer = create_app(behind_https).test_client().get("/login", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"] and "max-age" in answer.headers["Strict-Transport-Security"]


def test_the_key_of_the_sessions_is_derived_and_outlives_a_restart(engine: Engine) -> None:
    keys = {create_app(engine).secret_key for _ in range(2)}
    assert len(keys) == 1
    assert (engine.settings.secret_key or "") not in str(keys)
