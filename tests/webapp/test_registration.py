"""Registering a case at the window."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Person

Persons = Callable[[str], Person]
FIELDS = {
    "channel": "现场",
    "matter": "M06",
    "applicant.kind": "自然人",
    "applicant.name": "张示例",
    "text": "申请建筑工程施工许可,只差监理合同备案证明,能不能先受理?",
    "trips": "2",
    "triage_facts.tried_regular": "true",
    "triage_facts.nature": "办事",
    "triage_facts.cause": "材料不齐全",
    "triage_facts.department_count": "1",
    "triage_facts.negative_code": "-",
    "triage_facts.in_jurisdiction": "true",
    "triage_facts.has_policy_room": "true",
    "grading_facts.government_levels": "1",
    "grading_facts.cross_region": "否",
}


def test_a_registered_case_has_a_number_and_a_link_for_the_citizen(person: Persons) -> None:
    clerk = person("window-a")
    answer = clerk.post("/cases/new", FIELDS)
    assert answer.status == 303 and answer.location.startswith("/cases/BBC440103-20261123-")
    page = clerk.get(answer.location)
    assert "已登记，受理号" in page.words and "/p/" in page.words
    assert page.find("//span[@data-forget='window-a:open:case']")


def test_a_name_is_masked_once_it_is_registered(person: Persons) -> None:
    clerk = person("window-a")
    assert "张示例" not in clerk.get(clerk.post("/cases/new", FIELDS).location).words


def test_an_empty_form_names_every_field_that_is_missing_and_registers_nothing(person: Persons) -> None:
    clerk = person("window-a")
    page = clerk.post("/cases/new", {})
    assert page.status == 422
    assert {"field-applicant-name", "field-text"} <= {link.removeprefix("#") for link in page.find("//div[@role='alert']//a/@href")}
    assert "没有符合条件的工单" in clerk.get("/cases").words


def test_what_was_typed_stays_when_something_else_is_wrong(person: Persons) -> None:
    page = person("window-a").post("/cases/new", FIELDS | {"text": "太短", "trips": "三趟"})
    assert page.status == 422
    assert page.value("applicant.name") == "张示例" and page.value("text") == "太短" and page.value("trips") == "三趟"
    assert page.find("//select[@name='matter']/option[@selected]/@value") == ["M06"]
    assert page.find("//p[@id='field-trips-error']")


def test_a_wrong_telephone_number_says_which_digit_is_wrong(person: Persons) -> None:
    wrong = {"138O0001111": "第4位", "1380000111": "11", "12800001111": "第2位", "020-0": "座机"}
    for phone, words in wrong.items():
        page = person("window-a").post("/cases/new", FIELDS | {"applicant.phone": phone})
        assert page.status == 422 and words in page.find("//*[@id='field-applicant-phone-error']")[0].text_content(), phone


def test_the_matters_come_from_the_reference_data(person: Persons) -> None:
    assert "M06" in person("window-a").get("/cases/new").find("//select[@name='matter']/option/@value")


def test_the_open_case_is_asked_for_only_when_there_is_one(person: Persons) -> None:
    clerk = person("window-a")
    assert "duplicate_of" in clerk.post("/cases/new/conditions", FIELDS).json["hidden"]
    assert "duplicate_of" not in clerk.post("/cases/new/conditions", FIELDS | {"triage_facts.has_open_case": "true"}).json["hidden"]


def test_who_registers_no_cases_is_told_before_filling_the_form_in(person: Persons) -> None:
    liaison = person("d05")
    for answer in (liaison.get("/cases/new"), liaison.post("/cases/new", FIELDS)):
        assert answer.status == 403 and "您的岗位不能发起这类事项" in answer.words


def test_markup_in_a_request_is_shown_as_text(person: Persons) -> None:
    clerk = person("window-a")
    page = clerk.get(clerk.post("/cases/new", FIELDS | {"text": "<script>alert(1)</script>请帮忙看看这件事"}).location)
    assert "<script>alert(1)" not in page.source and "&lt;script&gt;" in page.source
