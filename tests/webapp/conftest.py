"""The site over a fresh copy of the prepared database, and people with a browser of their own. CSRF is on, as in service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands.cases import register_case
from engine.queries.accounts import account as account_view
from webapp import create_app
from webapp.security import limiter

PASSWORD = "doudi-demo-2026"

#: A counter case that triage accepts and grades 简单: its first task is 直接协调, held by the clerk who registers it.
SIMPLE_CASE: dict[str, Any] = {
    "channel": "现场",
    "matter": "M06",
    "applicant": {"kind": "自然人", "name": "张示例", "phone": "13800000000", "cert_type": "居民身份证", "cert_no": "11010519491231002X"},
    "text": "申请建筑工程施工许可,其他材料都齐了,只差监理合同备案证明,能不能先受理?",
    "trips": 2,
    "triage_facts": {
        "emergency": False, "nature": "办事", "has_open_case": False, "closed_no_new_fact": False, "negative_code": "-",
        "in_jurisdiction": True, "tried_regular": True, "has_policy_room": True, "department_count": 1, "cause": "材料不齐全",
    },
    "grading_facts": {"government_levels": 1, "cross_region": "否", "mass_or_safety": False, "legacy": False},
}  # fmt: skip
#: The same with three departments: graded 复杂, its tasks go to departments.
COMPLEX_CASE = SIMPLE_CASE | {"matter": "M01", "triage_facts": SIMPLE_CASE["triage_facts"] | {"department_count": 3, "cause": "部门不协调"}}


class Answer:
    """What the site answered, as its reader sees it."""

    def __init__(self, response: TestResponse):
        self.status, self.headers, self.source = response.status_code, response.headers, response.get_data(as_text=True)
        self.location = response.headers.get("Location", "")
        self.json = response.get_json(silent=True)

    @property
    def words(self) -> str:
        return " ".join(self.document.text_content().split())

    @property
    def document(self) -> html.HtmlElement:
        return html.fromstring(self.source or "<p></p>")

    def find(self, path: str) -> list[Any]:
        return self.document.xpath(path)

    def value(self, name: str) -> str:
        """What stands in the control of this name."""
        everywhere = self.find(f"//*[@name='{name}']")
        control = (self.find(f"//main//*[@name='{name}']") or everywhere)[0]  # the bar has forms of its own
        return str((control.text or "").removeprefix("\n") if control.tag == "textarea" else control.get("value") or "")


class Person:
    """One person's browser."""

    def __init__(self, site: Flask):
        self.client = site.test_client()

    def get(self, address: str, **headers: str) -> Answer:
        return Answer(self.client.get(address, headers=headers))

    def post(self, address: str, data: Mapping[str, Any] | None = None, *, referer: str = "", **headers: str) -> Answer:
        """Post as a page would: with the token that the site gave to this session."""
        fields = {"csrf_token": self.token(), **(data or {})}
        return Answer(self.client.post(address, data=fields, headers={"Referer": f"http://localhost{referer}", **headers}))

    def token(self) -> str:
        page = Answer(self.client.get("/password", follow_redirects=True))
        return str(page.find("//meta[@name='csrf-token']/@content")[0])

    def log_in(self, account: str, password: str = PASSWORD, **fields: str) -> Answer:
        return self.post("/login", {"login": account, "password": password, **fields})


@pytest.fixture
def site(engine: Engine) -> Iterator[Flask]:
    app = create_app(engine)
    with app.app_context():
        limiter.reset()
    yield app


@pytest.fixture
def stranger(site: Flask) -> Person:
    return Person(site)


@pytest.fixture
def person(site: Flask, engine: Engine) -> Callable[[str], Person]:
    """``person("window-a")``: this demo account, logged in. Its cookie is written here: checking passwords is slow on purpose."""

    def logged_in(account: str) -> Person:
        somebody = Person(site)
        with somebody.client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = f"{account}|{account_view(engine, account).session_stamp}", True
            session.permanent = True
        return somebody

    return logged_in


@pytest.fixture
def simple_case(engine: Engine, clerk: Actor) -> str:
    """The number of a 简单 case registered by the first clerk (window-a)."""
    return register_case(engine, clerk, SIMPLE_CASE)


@pytest.fixture
def complex_case(engine: Engine, clerk: Actor) -> str:
    """The number of a 复杂 case whose departments have to sign in."""
    return register_case(engine, clerk, COMPLEX_CASE)


@pytest.fixture
def task_of(person: Callable[[str], Person]) -> Callable[[Person, str], str]:
    """The address of the first task of a case in somebody's inbox."""

    def find(somebody: Person, case_no: str) -> str:
        links = somebody.get(f"/?q={case_no}").find("//a[starts-with(@href, '/tasks/')]/@href")
        assert links, f"Expected a task of {case_no} in the inbox."
        return str(links[0])

    return find


@pytest.fixture
def ended(site: Flask) -> Callable[[Answer], str]:
    """Waits for the work that an answer leads to; gives its address."""

    def wait(answer: Answer) -> str:
        assert answer.status == 303, answer.words
        parts = answer.location.split("/")
        work = site.extensions["doudi-trials"].find(int(parts[-1]), int(parts[3]))
        assert work.ended.wait(timeout=300)
        return answer.location

    return wait
