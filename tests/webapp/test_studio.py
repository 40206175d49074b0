"""The studio's pages: who may open them, how files come into a change set, how a save answers, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import PROJECT, Template
from webapp.security import POLICY

from .conftest import Answer, Person

SPINE = "processes/P00_case_spine.bpmn"


@pytest.fixture(scope="module")
def template(template_of_one_scenario: Template) -> Template:
    return template_of_one_scenario


@pytest.fixture
def analyst(person: Callable[[str], Person]) -> Person:
    return person("analyst")


@pytest.fixture
def change_set(analyst: Person) -> str:
    return analyst.post("/studio", {"title": "上门核查", "reason": "街道要求"}).location


@pytest.fixture
def draft(analyst: Person) -> str:
    """The address of a draft of the first process."""
    return analyst.post("/studio", {"title": "改主干", "file": SPINE}).location


def send(somebody: Person, address: str, body: Any) -> Answer:
    """As the editor's script does: JSON, with the token in a header."""
    headers = {"X-CSRFToken": somebody.token(), "Accept": "application/json", "Referer": "http://localhost/"}
    return Answer(somebody.client.post(address, json=body, headers=headers))


def add(somebody: Person, change_set: str, name: str, content: bytes) -> Answer:
    """The body is written here: the test client would leave its own in a temporary file."""
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + somebody.token().encode(),
        f'--x\r\nContent-Disposition: form-data; name="upload"; filename="{name}"\r\n\r\n'.encode() + content,
        b"--x--\r\n",
    ]
    headers = {"Referer": "http://localhost/", "Content-Type": "multipart/form-data; boundary=x"}
    return Answer(somebody.client.post(f"{change_set}/upload", data=b"\r\n".join(parts), headers=headers))


@pytest.mark.parametrize(
    ("account", "status"), [("analyst", 200), ("admin", 200), ("auditor", 200), ("window-a", 403), ("window-head", 403)]
)
def test_the_studio_is_open_to_those_who_draw_roll_out_or_audit(person: Callable[[str], Person], account: str, status: int) -> None:
    assert person(account).get("/studio").status == status


def test_the_studio_asks_for_a_log_in(stranger: Person) -> None:
    for address in ("/studio", "/studio/change-sets/1", "/studio/drafts/1", "/studio/vocabulary.json", "/studio/token"):
        assert stranger.get(address).location.startswith("/login")
        assert stranger.get(address, Accept="application/json").status == 401


def test_an_auditor_reads_everything_and_changes_nothing(person: Callable[[str], Person], change_set: str, draft: str) -> None:
    auditor = person("auditor")
    for address in (change_set, draft, f"{draft}/history", f"{draft}/diff", f"{draft}/content", f"{draft}/file"):
        assert auditor.get(address).status == 200, address
    assert not auditor.get(change_set).find("//main//form")
    assert "data-read-only" in auditor.get(draft).source
    assert send(auditor, f"{draft}/content", {"content": "x", "version": 1}).status == 403
    for address in ("/studio", f"{change_set}/new", f"{change_set}/submit", f"{change_set}/abandon", f"{draft}/remove", change_set):
        fields = {"title": "x", "kind": "form", "key": "x", "name": "x", "version": "1"}
        assert auditor.post(address, fields).status == 403, address


def test_a_clerk_reaches_no_draft_by_its_address(person: Callable[[str], Person], draft: str) -> None:
    clerk = person("window-a")
    assert {clerk.get(draft + part).status for part in ("", "/content", "/file", "/history", "/diff")} == {403}
    assert send(clerk, f"{draft}/content", {"content": "x", "version": 1}).status == 403


def test_an_empty_studio_says_how_to_begin(analyst: Person) -> None:
    words = analyst.get("/studio").words
    assert "还没有进行中的变更" in words and "已部署的文件" in words and SPINE in words


def test_a_change_begins_with_a_deployed_file_and_keeps_its_bytes(analyst: Person, draft: str) -> None:
    assert draft.startswith("/studio/drafts/")
    page = analyst.client.get(f"{draft}/file")
    assert page.data == (PROJECT / SPINE).read_bytes()
    assert "attachment" in page.headers["Content-Disposition"]
    assert "内容相同" in analyst.get(f"{draft}/diff").words


def test_a_change_without_a_title_is_refused_and_keeps_what_was_typed(analyst: Person) -> None:
    page = analyst.post("/studio", {"title": "  ", "reason": "街道要求"})
    assert page.status == 422 and page.value("reason") == "街道要求" and "请填写标题" in page.words


@pytest.mark.parametrize(
    ("kind", "file"), [("process", "processes/visit.bpmn"), ("decision", "processes/visit.dmn"), ("form", "forms/visit.form")]
)
def test_a_new_file_opens_in_its_editor(analyst: Person, change_set: str, kind: str, file: str) -> None:
    address = analyst.post(f"{change_set}/new", {"kind": kind, "key": "visit", "name": "上门核查"}).location
    page = analyst.get(address)
    assert page.status == 200 and file in page.words
    assert "'unsafe-inline'" in page.headers["Content-Security-Policy"].partition("style-src")[2].partition(";")[0]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]


def test_only_editors_allow_styles_in_elements(analyst: Person, change_set: str) -> None:
    for address in ("/studio", change_set):
        assert "unsafe-inline" not in analyst.get(address).headers["Content-Security-Policy"]
    assert POLICY["style-src"] == "'self'"


def test_an_upload_finds_its_folder_by_its_name(analyst: Person, change_set: str) -> None:
    for name, place in [
        ("x.bpmn", "processes/x.bpmn"),
        ("../../y.form", "forms/y.form"),
        ("matters.csv", "processes/reference/matters.csv"),
    ]:
        assert add(analyst, change_set, name, b"content").status == 303
        assert place in analyst.get(change_set).words


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", b"MZ"),
        ("x", b"x"),
        ("x.bpmn", b"a\0b"),
        ("x.bpmn", b"x" * 3_000_001),
        ("x.form", "表单".encode("gb18030")),
        (".bpmn", b"x"),
    ],
)
def test_an_upload_that_does_not_fit_is_refused_in_words(analyst: Person, change_set: str, name: str, content: bytes) -> None:
    page = add(analyst, change_set, name, content)
    assert page.status == 422 and page.find("//p[@class='error']")
    assert "还没有文件" in analyst.get(change_set).words


def test_an_upload_over_every_limit_is_refused(analyst: Person, change_set: str) -> None:
    assert add(analyst, change_set, "x.bpmn", b"x" * 5_000_000).status == 413


def test_the_same_file_twice_is_a_conflict(analyst: Person, change_set: str) -> None:
    add(analyst, change_set, "x.bpmn", b"one")
    assert add(analyst, change_set, "x.bpmn", b"two").status == 409


def test_a_save_answers_with_the_next_version(analyst: Person, draft: str) -> None:
    text = analyst.get(f"{draft}/content").json["content"]
    assert send(analyst, f"{draft}/content", {"content": text + "\r\n<!-- 改 -->", "version": 1}).json == {"version": 2}
    assert analyst.get(f"{draft}/content").json["content"] == text + "\r\n<!-- 改 -->"
    assert "改" in analyst.get(f"{draft}/diff").words


def test_a_stale_save_gets_all_three_sides(analyst: Person, person: Callable[[str], Person], draft: str) -> None:
    base = analyst.get(f"{draft}/content").json["content"]
    send(person("admin"), f"{draft}/content", {"content": base + "<!-- theirs -->", "version": 1})
    answer = send(analyst, f"{draft}/content", {"content": base + "<!-- mine -->", "version": 1})
    assert answer.status == 409
    assert (answer.json["base"], answer.json["theirs"], answer.json["theirs_version"]) == (base, base + "<!-- theirs -->", 2)
    assert answer.json["by"] and answer.json["at"] and "没有覆盖" in answer.json["message"]


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"content": 1, "version": 1}, {"content": "x"}, {"content": "x", "version": "1"}, {"content": "x", "version": True}],
)
def test_a_save_of_nothing_sensible_is_refused(analyst: Person, draft: str, body: Any) -> None:
    assert send(analyst, f"{draft}/content", body).status == 400


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 3_000_001], ids=["NUL", "half a character", "3 MB"])
def test_a_save_that_no_file_can_hold_is_refused(analyst: Person, draft: str, text: str) -> None:
    assert send(analyst, f"{draft}/content", {"content": text, "version": 1}).status == 422
    assert analyst.get(f"{draft}/content").json["version"] == 1


def test_a_save_without_its_token_is_refused(analyst: Person, draft: str) -> None:
    answer = analyst.client.post(f"{draft}/content", json={"content": "x", "version": 1}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert analyst.get(f"{draft}/content").json["version"] == 1


def test_a_fresh_token_names_its_account(analyst: Person) -> None:
    assert analyst.get("/studio/token").json["account"] == "analyst"


def test_history_shows_restores_and_compares_states(analyst: Person, draft: str) -> None:
    text = analyst.get(f"{draft}/content").json["content"]
    send(analyst, f"{draft}/content", {"content": text + "<!-- second -->", "version": 1, "note": "第二版"})
    assert "第二版" in analyst.get(f"{draft}/history").words
    assert "second" in analyst.get(f"{draft}/diff?from=1&to=2").words
    assert analyst.get(f"{draft}/revisions/1").status == 200 and analyst.get(f"{draft}/revisions/9").status == 404
    assert analyst.post(f"{draft}/restore", {"number": "1", "version": "2"}).status == 303
    assert analyst.get(f"{draft}/content").json == analyst.get(f"{draft}/content?revision=3").json
    assert analyst.get(f"{draft}/content").json["content"] == text
    assert analyst.post(f"{draft}/restore", {"number": "2", "version": "1"}).status == 409


def test_checks_answer_with_places_and_remedies(analyst: Person, draft: str) -> None:
    text = analyst.get(f"{draft}/content").json["content"]
    send(analyst, f"{draft}/content", {"content": text.replace('calledElement="P03_triage"', 'calledElement="P03_nowhere"'), "version": 1})
    change_set = analyst.get(draft).find("//p[@class='crumbs']/a/@href")[1]
    found = send(analyst, f"{change_set}/check", {}).json["findings"]
    assert [(one["code"], one["file"], one["severity"]) for one in found if one["severity"] == "error"] == [
        ("missing-called-process", SPINE, "error")
    ]
    assert all(one["message"] and one["remedy"] for one in found)
    page = analyst.post(f"{change_set}/submit")
    assert page.status == 422 and "P03_nowhere" in page.words
    assert [link for link in page.find("//a/@href") if "#element=" in link]


def test_a_finding_of_a_table_names_its_draft(analyst: Person) -> None:
    draft = analyst.post("/studio", {"title": "专家", "file": "processes/reference/experts.csv"}).location
    text = analyst.get(f"{draft}/content").json["content"]
    send(analyst, f"{draft}/content", {"content": text.replace("X01,", "X1,"), "version": 1})
    change_set = analyst.get(draft).find("//p[@class='crumbs']/a/@href")[1]
    found = send(analyst, f"{change_set}/check", {}).json["findings"]
    assert [(one["file"], one["line"], one["element"]) for one in found] == [("processes/reference/experts.csv", 2, "id")]


def test_an_unchanged_change_set_is_not_submitted(analyst: Person, draft: str) -> None:
    change_set = analyst.get(draft).find("//p[@class='crumbs']/a/@href")[1]
    page = analyst.post(f"{change_set}/submit")
    assert page.status == 422 and "没有要提交的" in page.words


def test_a_submitted_change_set_changes_no_more(analyst: Person, draft: str, ended: Callable[[Answer], str]) -> None:
    text = analyst.get(f"{draft}/content").json["content"]
    send(analyst, f"{draft}/content", {"content": text.replace("</bpmn:definitions>", "<!-- 新 --></bpmn:definitions>"), "version": 1})
    change_set = analyst.get(draft).find("//p[@class='crumbs']/a/@href")[1]
    assert analyst.get(ended(analyst.post(f"{change_set}/submit"))).location == change_set
    assert "不再改动" in analyst.get(change_set).words
    assert "data-read-only" in analyst.get(draft).source
    answer = send(analyst, f"{draft}/content", {"content": text, "version": 2})
    assert answer.status == 409 and "theirs" not in answer.json


def test_a_form_is_previewed_as_a_clerk_will_see_it(analyst: Person, change_set: str) -> None:
    address = analyst.post(f"{change_set}/new", {"kind": "form", "key": "visit", "name": "上门核查"}).location
    schema = json.loads(analyst.get(f"{address}/content").json["content"])
    schema["components"].append({"type": "textfield", "id": "field_more", "key": "more", "label": "补充一项"})
    page = send(analyst, f"{address}/preview", {"content": json.dumps(schema)})
    assert page.status == 200 and "补充一项" in page.words
    assert send(analyst, f"{address}/preview", {"content": "{"}).status == 422
    assert send(analyst, f"{address}/preview", None).status == 422


def test_templates_speak_the_readers_language(analyst: Person) -> None:
    assert "发送通知" in [one["name"] for one in analyst.get("/studio/vocabulary.json").json]
    analyst.post("/language", {"language": "en"})
    assert "Send a notice" in [one["name"] for one in analyst.get("/studio/vocabulary.json").json]


def test_numbers_of_nothing_are_not_found(analyst: Person) -> None:
    for address in (
        "/studio/change-sets/99",
        "/studio/drafts/99",
        "/studio/drafts/99/content",
        f"/studio/drafts/{2**70}",
        "/studio/drafts/0",
    ):
        assert analyst.get(address).status == 404, address


def test_what_is_typed_into_a_change_set_is_never_read_as_markup(analyst: Person) -> None:
    address = analyst.post("/studio", {"title": "<script>alert(1)</script>", "reason": "<img src=x onerror=alert(1)>"}).location
    for page in (analyst.get(address), analyst.get("/studio")):
        assert "<script>alert" not in page.source and "<img src=x" not in page.source


def test_a_draft_stands_beside_the_deployed_diagram_with_what_differs(analyst: Person, draft: str) -> None:
    text = analyst.get(f"{draft}/content").json["content"]
    send(analyst, f"{draft}/content", {"content": text.replace('calledElement="P03_triage"', 'calledElement="P03_again"'), "version": 1})
    page = analyst.get(f"{draft}/diff")
    left, right = page.find("//*[@data-side]/@data-diagram")
    assert analyst.get(left).source == text and "P03_again" in analyst.get(right).source
    assert "P03_again" in page.words and "data-changed" in page.source and "unsafe-inline" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("processes/DT03_time_limits.dmn", '"3个工作日"', '"4个工作日"'), ("forms/rectify.form", '"label": "', '"label": "新')],
)
def test_a_draft_of_a_table_or_form_is_compared_row_by_row(analyst: Person, file: str, old: str, new: str) -> None:
    draft = analyst.post("/studio", {"title": "比较", "file": file}).location
    text = analyst.get(f"{draft}/content").json["content"]
    send(analyst, f"{draft}/content", {"content": text.replace(old, new), "version": 1})
    page = analyst.get(f"{draft}/diff")
    assert page.find("//main//td//del") and page.find("//main//td//ins")


@pytest.mark.parametrize("content", ["", "<no", "[]", "null", '{"components": [3]}'])
@pytest.mark.parametrize("file", [SPINE, "processes/DT03_time_limits.dmn", "forms/rectify.form", "processes/reference/experts.csv"])
def test_a_draft_that_cannot_be_read_is_still_compared_line_by_line(analyst: Person, file: str, content: str) -> None:
    draft = analyst.post("/studio", {"title": "比较", "file": file}).location
    send(analyst, f"{draft}/content", {"content": content, "version": 1})
    assert "逐行" in analyst.get(f"{draft}/diff").words
