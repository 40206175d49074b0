"""The pages of people, leave, station messages, the outbox and how citizens want to be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from engine.assembly import Engine

from .conftest import PASSWORD, Answer, Person

Persons = Callable[[str], Person]


@pytest.fixture
def link(engine: Engine, simple_case: str) -> str:
    with engine.database.reading() as session:
        token = session.execute(text("select public_token from case_file where no = :no"), {"no": simple_case}).scalar_one()
    return f"/p/{token}"


def code_in(answer: Answer) -> str:
    (code,) = re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", answer.source)
    return str(code)


NEW = {
    "account_id": "fresh",
    "name": "示例·新人",
    "org_unit": "440103-01",
    "group": "window",
    "role:window": "B",
    "phone": "13800001234",
    "exception": "先上岗后补训",
}


def test_a_new_account_gets_a_code_and_its_owner_a_password(person: Persons, stranger: Person) -> None:
    made = person("admin").post("/people/new", NEW)
    assert made.status == 200, made.words
    fields = {"login": "fresh", "code": code_in(made), "password": "a long enough word", "again": "a long enough word"}
    assert stranger.post("/password/code", fields).status == 303
    assert stranger.log_in("fresh", "a long enough word").status == 303
    assert "待办" in stranger.get("/").words


def test_what_is_wrong_in_a_new_account_stands_beside_its_field_and_what_was_typed_stays(person: Persons) -> None:
    page = person("admin").post("/people/new", NEW | {"account_id": "?", "phone": "12"})
    assert page.status == 422 and "账号请用1-40个字母" in page.words and page.value("name") == "示例·新人"
    assert page.find("//input[@id='group-window'][@checked]")


def test_a_window_post_without_training_is_refused_beside_the_posts_until_an_exception_is_written(person: Persons) -> None:
    admin = person("admin")
    page = admin.post("/people/new", NEW | {"exception": ""})
    assert page.status == 422 and "还没有完成岗前培训" in page.words and page.find("//input[@id='group-window'][@checked]")
    posts = {"group": "window", "role:window": "A"}
    page = admin.post("/people/hr-officer/groups", posts)
    assert page.status == 422 and "还没有完成岗前培训" in page.words and page.find("//input[@id='group-window'][@checked]")
    assert admin.post("/people/hr-officer/groups", posts | {"exception": "短期顶岗,月底前补训"}).status == 303
    assert admin.post("/people/window-a/groups", {"group": "window_head", "role:window_head": "A"}).status == 303


def test_a_wrong_code_is_refused_without_telling_which_half_was_wrong(stranger: Person) -> None:
    fields = {"code": "AAAA-BBBB-CCCC", "password": "a long enough word", "again": "a long enough word"}
    answers = [stranger.post("/password/code", {"login": login, **fields}) for login in ("window-a", "nobody")]
    assert {answer.status for answer in answers} == {422}
    assert all("账号或一次性密码不正确" in answer.words for answer in answers)


def test_guessing_codes_is_stopped(stranger: Person) -> None:
    fields = {"login": "window-a", "code": "AAAA", "password": "a long enough word", "again": "a long enough word"}
    assert [stranger.post("/password/code", fields).status for _ in range(11)][-1] == 429


@pytest.mark.parametrize(("account", "status"), [("admin", 200), ("window-head", 200), ("window-a", 403), ("d01", 403), ("x01", 403)])
def test_only_heads_and_administrators_see_the_people(person: Persons, account: str, status: int) -> None:
    assert person(account).get("/people").status == status


def test_everybody_keeps_his_own_contact_and_nobody_that_of_others(person: Persons) -> None:
    clerk = person("window-a")
    assert clerk.post("/people/window-a/contact", {"phone": "13900005678", "email": ""}).status == 303
    assert clerk.get("/people/window-a").value("phone") == "13900005678"
    assert clerk.get("/people/window-b").status == 403
    assert clerk.post("/people/window-b/contact", {"phone": "13900005678"}).status == 403


def test_the_page_of_a_person_offers_only_what_the_reader_may_do(person: Persons) -> None:
    forms = lambda who, of: [form.get("action") for form in person(who).get(f"/people/{of}").find("//main//form")]  # noqa: E731
    assert forms("window-head", "window-b") == []
    assert "/people/window-b/groups" in forms("admin", "window-b")
    assert forms("admin", "admin") == ["/people/admin/contact"]


def test_a_leave_is_asked_accepted_and_shown(person: Persons) -> None:
    clerk, deputy = person("window-a"), person("window-b")
    fields = {"deputy": "window-b", "from_on": "2026-11-23", "to_on": "2026-11-25", "reason": "年假", "has_return": "true"}
    assert clerk.post("/people/leave", fields).status == 303
    (accept,) = deputy.get("/people/leave").find("//form[contains(@action, '/accept')]/@action")
    assert person("window-head").post(accept).status == 403
    assert deputy.post(accept).status == 303
    assert "请假，示例·陈晨代班" in person("window-head").get("/people").words
    assert deputy.post(accept).status == 409


def test_a_leave_that_cannot_be_keeps_what_was_typed(person: Persons) -> None:
    page = person("window-a").post("/people/leave", {"deputy": "window-b", "from_on": "2026-11-23", "to_on": "x", "reason": "年假"})
    assert page.status == 422 and "请填写日期" in page.words and page.value("reason") == "年假"


def test_work_is_handed_over_with_the_cases_and_the_applicant_is_told(person: Persons, simple_case: str) -> None:
    head = person("window-head")
    assert person("admin").post("/people/window-a/close").status == 409
    assert head.post("/people/window-a/hand-over", {"receiver": "window-b"}).status == 303
    assert person("window-b").get(f"/?q={simple_case}").find("//a[starts-with(@href, '/tasks/')]")
    assert "现由示例·陈晨" in person("window-b").get(f"/notices?case={simple_case}").words
    assert person("admin").post("/people/window-a/close").status == 303


# ── notices ─────────────────────────────────────────────────────────────────


def test_the_outbox_is_filtered_counted_and_exported(person: Persons, simple_case: str) -> None:
    clerk = person("window-a")
    page = clerk.get(f"/notices?case={simple_case}&template=MSG-01")
    assert "MSG-01" in page.words and "只在本页显示" in page.words
    assert "没有符合条件的通知" in clerk.get(f"/notices?case={simple_case}&channel=sms").words
    exported = clerk.get(f"/notices/export.csv?case={simple_case}")
    assert exported.headers["Content-Type"].startswith("text/csv") and simple_case in exported.source and "/p/…" in exported.source


def test_a_notice_can_be_printed_and_noted_as_handed_over(person: Persons, simple_case: str) -> None:
    clerk = person("window-a")
    (slip, *_) = clerk.get(f"/notices?case={simple_case}").find("//a[contains(@href, '/slip')]/@href")
    assert simple_case in clerk.get(slip).words
    assert clerk.post(slip.replace("/slip", "/handed")).status == 303
    assert "已送达" in clerk.get(f"/notices?case={simple_case}&state=delivered").words
    for stranger in ("d05", "x01"):
        assert person(stranger).get(slip).status == 403
        assert person(stranger).post(slip.replace("/slip", "/resend")).status == 403


def test_station_messages_ring_until_they_are_read(person: Persons, complex_case: str) -> None:
    liaison = person("d01")
    page = liaison.get("/messages")
    assert complex_case in page.words and page.find("//header//span[@class='count']")
    numbers = page.find("//main//input[@name='notice']/@value")
    assert liaison.post("/messages/read", {"notice": numbers[0]}).status == 303
    assert not liaison.get("/messages").find("//main//span[contains(@class, 'tag-mine')]")


def test_nobody_reads_the_messages_of_others(person: Persons, complex_case: str) -> None:
    assert complex_case not in person("d12").get("/messages").words
    assert complex_case not in person("x01").get("/messages").words


def test_a_citizen_chooses_how_to_be_told(stranger: Person, person: Persons, link: str) -> None:
    assert stranger.get(link).find(f"//a[@href='{link}/notices']")
    assert len(stranger.get(f"{link}/notices").find("//input[@type='checkbox'][@checked]")) == 2
    assert stranger.post(f"{link}/notices", {"channel": "sms"}).status == 303
    assert [box.get("value") for box in stranger.get(f"{link}/notices").find("//input[@type='checkbox'][@checked]")] == ["sms"]
    assert person("window-a").post(f"{link}/notices", {}).status == 403
    assert stranger.get("/p/nobody/notices").status == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": "x", "state": "delivered"}'])
def test_a_receipt_that_no_gateway_signed_is_refused(site: Any, body: bytes) -> None:
    answer = site.test_client().post("/receipts/sms", data=body, headers={"Accept": "application/json"})
    assert answer.status_code in (403, 422)


@pytest.mark.parametrize("path", ["/people", "/people/new", "/people/window-a", "/people/leave", "/messages", "/notices"])
def test_the_pages_speak_english(person: Persons, path: str) -> None:
    admin = person("admin")
    admin.post("/language", {"language": "en"})
    page = admin.get(path)
    shown = " ".join(part for node in page.find("//main//*[not(@lang='zh-CN')]") for part in [node.text or ""])
    assert page.status == 200 and not re.findall("请假与代班|岗位和部门|站内消息|通知发件箱|新增账号|联系方式", shown)


def test_the_password_stays_good_for_those_who_have_one(stranger: Person) -> None:
    assert stranger.log_in("window-a", PASSWORD).status == 303
