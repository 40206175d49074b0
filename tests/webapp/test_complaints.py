"""A complaint about the window itself (P18), sent by a citizen and walked to its end over HTTP: nobody of the window handles or sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.assembly import Engine
from engine.db.case_tables import Case, CaseEntry
from engine.db.tables import Membership, UserTask

from .conftest import Answer, Person

Persons = Callable[[str], Person]
COMPLAINT = "/service/new/complaint"
SAID = {
    "complaint.kind": "态度",
    "complaint.against": "window",
    "complaint.about": "三楼2号窗口",
    "text": "昨天去三楼窗口咨询,工作人员头都不抬,让我自己看墙上,态度冷漠。",
    "applicant.kind": "自然人",
    "applicant.name": "文示例",
    "applicant.phone": "13800001234",
}
CONTACT = {
    "contact.result": "已联系",
    "contact.at": "2026-11-23T10:30",
    "contact.demand": "要求道歉并改进。",
    "contact.disposition": "受理",
}
CONTACT |= {"complaint.against": "window"}
RECORDS = {"records.kinds": "录像", "records.note": "录像显示工作人员未起身、未解答。"}
FINDING = {"decision.finding": "属实", "decision.measure": "道歉", "decision.facts": "录像与叫号记录相符,情况清楚。"}
FINDING |= {"decision.basis": "服务规范第12条"}
REPLY = {
    "reply.text": "经查录像,工作人员未按规范接待您,已当面道歉并批评教育。",
    "reply.basis": "服务规范第12条",
    "reply.remedy": "不满意的,回访时提出,由政务局复核。",
}
OF_THE_WINDOW = ("window-a", "window-b", "window-head", "window-head-b")


@pytest.fixture
def link(stranger: Person) -> str:
    token = stranger.get(COMPLAINT).value("submission")
    return stranger.post(COMPLAINT, {"submission": token, **SAID}).location.partition("?")[0]


@pytest.fixture
def number(stranger: Person, link: str) -> str:
    return str(stranger.get(link).find("//dd[@class='number']")[0].text)


def open_task(engine: Engine, number: str) -> tuple[str, str, int]:
    """The step that waits, who has it, and its number."""
    with engine.database.reading() as session:
        waiting = select(UserTask).where(UserTask.business_key == number, UserTask.ended_at.is_(None))
        task = session.scalars(waiting).one()
        return task.element_id, str(task.assignee), task.id


def do(engine: Engine, person: Persons, number: str, element: str, answers: dict[str, str]) -> tuple[str, Answer]:
    """Whoever has the step does it; gives who that was and what the site said."""
    waiting, who, task = open_task(engine, number)
    assert waiting == element
    return who, person(who).post(f"/tasks/{task}", answers)


def case_of(engine: Engine, number: str) -> Case:
    with engine.database.reading() as session:
        case: Case = session.get_one(Case, number)
        return case


def documents_of(stranger: Person, link: str) -> list[Any]:
    return stranger.get(link).find("//a[contains(@href, '/documents/')]")


def test_a_complaint_about_the_window_is_handled_outside_of_it_and_ends_with_a_written_reply(
    engine: Engine, stranger: Person, person: Persons, number: str, link: str
) -> None:
    handled_by = []
    for element, answers in (("contact_complainant", CONTACT), ("collect_records", RECORDS), ("decide_finding", FINDING)):
        who, answer = do(engine, person, number, element, answers)
        assert answer.status == 303, answer.words
        handled_by.append(who)
    assert case_of(engine, number).closed_at is None and documents_of(stranger, link) == []
    who, answer = do(engine, person, number, "write_complaint_reply", REPLY)
    assert answer.status == 303 and len(documents_of(stranger, link)) == 1  # the letter is the citizen's to fetch
    called, answer = do(
        engine, person, number, "call_back_complainant", {"satisfaction": "满意", "satisfaction_note": "投诉人已收到答复。"}
    )
    assert answer.status == 303
    closed = case_of(engine, number)
    assert (closed.status, closed.result) == ("已答复", "属实") and closed.closed_at is not None
    assert not {*handled_by, who, called} & set(OF_THE_WINDOW)
    assert handled_by[0] != handled_by[1] == who  # whoever took it in does not investigate it


def test_it_cannot_be_closed_without_a_reply_or_with_an_empty_phrase(
    engine: Engine, stranger: Person, person: Persons, number: str, link: str
) -> None:
    for element, answers in (("contact_complainant", CONTACT), ("collect_records", RECORDS), ("decide_finding", FINDING)):
        do(engine, person, number, element, answers)
    _, nothing = do(engine, person, number, "write_complaint_reply", {**REPLY, "reply.text": ""})
    assert nothing.status == 422
    do(engine, person, number, "write_complaint_reply", {**REPLY, "reply.text": "我们已经加强教育。"})
    assert open_task(engine, number)[0] == "write_complaint_reply"  # comes back from the check of the reply
    assert case_of(engine, number).closed_at is None and documents_of(stranger, link) == []


@pytest.mark.parametrize("account", OF_THE_WINDOW)
def test_nobody_of_the_window_sees_or_takes_it(engine: Engine, person: Persons, number: str, account: str) -> None:
    somebody, (_element, _who, task) = person(account), open_task(engine, number)
    assert somebody.get(f"/cases/{number}").status == 403
    assert number not in somebody.get("/registers/complaint").words
    assert somebody.get(f"/tasks/{task}").status == somebody.post(f"/tasks/{task}", CONTACT).status == 403
    assert somebody.post(f"/tasks/{task}/reassign", {"assignee": "complaint-b"}).status == 403


def test_nobody_hands_it_over_to_somebody_of_the_window(engine: Engine, person: Persons, number: str) -> None:
    _element, who, task = open_task(engine, number)
    assert person("admin").post(f"/tasks/{task}/reassign", {"assignee": "window-a"}).status == 422
    assert open_task(engine, number)[1] == who


def test_a_complaint_officer_who_also_serves_at_the_window_gets_none_of_it(engine: Engine, stranger: Person, person: Persons) -> None:
    with engine.database.transaction() as session:
        session.add(Membership(account_id="complaint", group_id="window"))
    for _ in range(2):
        token = stranger.get(COMPLAINT).value("submission")
        page = stranger.get(stranger.post(COMPLAINT, {"submission": token, **SAID}).location)
        number = str(page.find("//dd[@class='number']")[0].text)
        owner, answer = do(engine, person, number, "contact_complainant", CONTACT)
        assert answer.status == 303 and owner == "complaint-b"
        with engine.database.reading() as session:
            told = [row.kind for row in session.scalars(select(CaseEntry).where(CaseEntry.case_no == number))]
            waiting = session.scalars(select(UserTask).where(UserTask.business_key == number, UserTask.ended_at.is_(None))).one()
        assert waiting.element_id == "collect_records" and waiting.assignee is None and "指派:complaint_officer" not in told
        assert person("complaint").get(f"/tasks/{waiting.id}").status == 403
        assert person("coordinator").get(f"/tasks/{waiting.id}").status == 200  # nobody else fits: the bureau investigates
