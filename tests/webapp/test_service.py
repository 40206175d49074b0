"""The public side: what the window promises, reporting a matter, asking how it stands. No log-in, no script, no enumeration."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import public_service
from engine.errors import InvalidInput
from engine.queries.case_kinds import CASE

from .conftest import Answer, Person

Persons = Callable[[str], Person]
REPORT = "/service/new/case"
WORDS = {
    "text": "施工许可只差监理合同备案证明,跑了三趟都不收。",
    "matter": "M06",
    "tried.channel": "部门窗口",
    "trips": "3",
    "applicant.kind": "自然人",
    "applicant.name": "张示例",
    "applicant.phone": "13800001234",
}


def send(citizen: Person, fields: dict[str, str]) -> Answer:
    token = citizen.get(REPORT).value("submission")
    return citizen.post(REPORT, {"submission": token, **fields})


@pytest.fixture
def reported(stranger: Person) -> str:
    """The number of a matter that a citizen has sent."""
    page = stranger.get(send(stranger, WORDS).location)
    return str(page.find("//dd[@class='number']")[0].text)


def test_the_front_page_says_what_the_window_does_promises_and_cannot_do(stranger: Person) -> None:
    page = stranger.get("/service")
    assert page.status == 200
    for words in ("1小时响应", "3日协调", "7日办结", "办不了什么", "政策明确规定不予办理", "我要反映", "查进度", "110"):
        assert words in page.words, words


def test_the_figures_of_the_promises_are_those_of_the_clocks(stranger: Person, simple_case: str) -> None:
    assert "1 / 1 次" in stranger.get("/service").words  # the first response to the case registered at the counter


def test_a_citizen_reports_a_matter_and_gets_number_and_link(stranger: Person, person: Persons) -> None:
    answer = send(stranger, WORDS)
    assert answer.status == 303 and answer.location.startswith("/p/")
    page = stranger.get(answer.location)
    assert "已收到，编号 BBC440103-20261123-0001" in page.words and "请收好这个查询链接" in page.words and "待登记" in page.words
    assert "下一步不晚于2026-11-23 11:00" in page.words  # one working hour
    assert "BBC440103-20261123-0001" in person("window-a").get("/").words  # somebody has the task to call back


def test_what_is_reported_shows_no_name_and_no_telephone(stranger: Person, reported: str, person: Persons) -> None:
    for page in (stranger.get("/service"), person("window-a").get(f"/cases/{reported}")):
        assert "张示例" not in page.source and "13800001234" not in page.source


def test_the_same_page_sent_twice_gives_one_file(stranger: Person, person: Persons) -> None:
    token = stranger.get(REPORT).value("submission")
    first, second = (stranger.post(REPORT, {"submission": token, **WORDS}) for _ in range(2))
    assert first.location == second.location and second.status == 303
    assert person("window-a").get("/cases").find("count(//tbody/tr)") == 1


def test_a_form_without_its_token_is_refused_and_kept(stranger: Person) -> None:
    page = stranger.post(REPORT, WORDS)
    assert page.status == 422 and "页面不完整" in page.words and page.value("text") == WORDS["text"]


def test_what_is_missing_is_named_beside_the_field_and_the_same_page_can_be_sent_again(stranger: Person) -> None:
    page = send(stranger, WORDS | {"text": "太短", "applicant.phone": ""})
    assert page.status == 422
    assert page.find("//p[@id='field-text-error']") and page.find("//p[@id='field-applicant-phone-error']")
    assert stranger.post(REPORT, {"submission": page.value("submission"), **WORDS}).status == 303


def test_a_program_that_fills_in_every_field_is_stopped(stranger: Person) -> None:
    page = send(stranger, WORDS | {"website": "http://example.test"})
    assert page.status == 422 and "用来挡住自动程序" in page.words


def test_whoever_works_here_does_not_write_in_a_citizens_place(person: Persons) -> None:
    clerk = person("window-a")
    assert "不能在这里提交" in clerk.get(REPORT).words
    answer = clerk.post(REPORT, WORDS)
    assert answer.status == 403 and "这里由群众本人填写" in answer.words


def test_reporting_is_bounded_for_one_address(stranger: Person) -> None:
    assert [send(stranger, WORDS).status for _ in range(7)] == [303] * 6 + [429]


def test_only_kinds_for_citizens_have_a_page(stranger: Person) -> None:
    answer = stranger.get("/service/new/appraisal")
    assert answer.status == 404 and "返回待办" not in answer.words


def test_a_citizen_is_not_asked_what_only_the_counter_knows(stranger: Person) -> None:
    page = stranger.get("/service/new/appointment")
    assert page.find("//*[@name='appointment.slot']")
    assert not page.find("//*[@name='appointment.by' or @name='appointment.is_walk_in']")
    assert not stranger.get("/service/new/suggestion").find("//*[@name='suggestion.source']")


def test_the_counter_is_asked_how_somebody_booked(person: Persons) -> None:
    assert person("window-a").get("/files/new/appointment").find("//*[@name='appointment.by']")


def test_conditions_are_followed_without_script(stranger: Person) -> None:
    page = stranger.post(f"{REPORT}/entered", {"tried.channel": "电话", "text": "写到一半"})
    assert page.value("text") == "写到一半"
    assert not page.find("//div[@data-field='tried.place']/@hidden")
    assert "tried.place" in stranger.post(f"{REPORT}/conditions", {"text": "写到一半"}).json["hidden"]


def test_progress_is_told_to_who_knows_number_and_end_of_the_telephone(stranger: Person, reported: str) -> None:
    page = stranger.post("/service/progress", {"no": reported.lower(), "phone_end": "1234"})
    assert page.status == 200 and "待登记" in page.words
    assert "/p/" not in page.source and not page.find("//main//form")  # four digits do not open the link that confirms and rates


def test_a_wrong_number_and_wrong_digits_get_the_same_answer(stranger: Person, reported: str) -> None:
    wrong = [
        {"no": reported, "phone_end": "9999"},
        {"no": "BBC440103-20261123-9999", "phone_end": "1234"},
        {"no": reported, "phone_end": ""},
    ]
    answers = [stranger.post("/service/progress", fields) for fields in wrong]
    assert {answer.status for answer in answers} == {422}
    assert len({" ".join(answer.find("//div[@role='alert']")[0].text_content().split()) for answer in answers}) == 1


def test_guessing_the_digits_of_one_number_ends_soon(site: object, stranger: Person, reported: str) -> None:
    answers = [stranger.post("/service/progress", {"no": reported, "phone_end": f"{n:04}"}).status for n in range(11)]
    assert answers[-1] == 429


def test_a_case_without_a_telephone_is_not_found_by_nothing(stranger: Person, person: Persons, simple_case: str) -> None:
    assert stranger.post("/service/progress", {"no": simple_case, "phone_end": "0000"}).status == 200  # 13800000000
    assert stranger.post("/service/progress", {"no": simple_case, "phone_end": "００００"}).status == 422


def test_the_public_pages_speak_english(stranger: Person) -> None:
    stranger.post("/language", {"language": "en"})
    assert "Three promises" in stranger.get("/service").words
    assert "What could not be done" in stranger.get(REPORT).words
    assert "BBC440103" in stranger.get("/service/progress").words


def test_a_refused_report_leaves_nothing_behind(engine: Engine, clerk: Actor) -> None:
    token = "t" * 32
    with pytest.raises(InvalidInput):
        public_service.send_report(engine, {"text": "太短"}, token)
    values = {"text": WORDS["text"], "applicant": {"kind": "自然人", "name": "张示例", "phone": "13800001234"}}
    assert public_service.send_report(engine, values, token).no.endswith("0001")
    assert CASE == "case"
