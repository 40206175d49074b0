"""The outbox, the ledger and the story of a case name whom they speak of: departments, those who answer for them, posts, people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.assembly import Engine
from engine.commands import public_service
from engine.db.case_tables import Card, CaseEntry, Notice
from engine.services import outbox
from engine.services.notice_words import in_english
from engine.settings import ChannelSettings
from webapp.forms import put

from .conftest import Answer, Person

Persons = Callable[[str], Person]

LEADERS = "市规划和自然资源局荔湾分局(含不动产登记中心)领导"
LEADERS_EN = "Leaders of Liwan Branch of the Municipal Planning and Natural Resources Bureau (with Real Estate Registration Centre)"
CODES = re.compile(r"\b(?:D\d\d(?:_leader)?|(?:group|department|user):\S+|yellow|warning)\b")

COMPLAINT = {
    "complaint.kind": "态度",
    "complaint.against": "D05",
    "text": "昨天去三楼窗口咨询,工作人员头都不抬,让我自己看墙上。",
    "applicant.kind": "自然人",
    "applicant.name": "文示例",
    "applicant.phone": "13800001234",
}


@pytest.fixture
def told(engine: Engine, simple_case: str) -> str:
    """A case with a card, its ledger line, an apology, a turn of a post, and notices to everybody that a notice can be for."""
    now = engine.clock.now()
    facts: list[tuple[str, dict[str, Any]]] = [
        ("灯牌", {"code": "yellow", "overdue_days": 1}),
        ("指派:rectifier", {"group": "rectifier", "person": "rectifier"}),
        ("通报事项", {"departments": ["D01", "D05"], "item": "现场办公不足"}),
    ]
    with engine.database.transaction() as session:
        card = Card(case_no=simple_case, lamp="黄牌", code="yellow", against="D07", reason="超期1个工作日", issued_at=now)
        session.add(card)
        session.flush()
        for kind, line in [*facts, ("致歉", {"card": card.id})]:
            session.add(CaseEntry(case_no=simple_case, kind=kind, facts=line, recorded_at=now, actor="system"))
        for audience in ("group:D07_leader", "department:D05", "group:coordinator", "user:coordinator"):
            row = Notice(case_no=simple_case, template="MSG-22", audience=audience, body="请看。", created_at=now)
            session.add(row)
    return simple_case


def receivers(page: Answer) -> set[str]:
    return {cell.text_content() for cell in page.find("//main//tbody/tr/td[3]")}


def ledger(page: Answer) -> dict[str, str]:
    names = [name.text_content() for name in page.find("//section[@id='ledger']//dt")]
    return dict(zip(names, (value.text_content() for value in page.find("//section[@id='ledger']//dd")), strict=True))


def test_the_outbox_names_everybody_a_notice_can_be_for(person: Persons, told: str) -> None:
    found = receivers(person("window-head").get("/notices"))
    assert {LEADERS, "区民政局", "政务局协调岗", "示例·王协", "申请人"} <= found


def test_the_outbox_names_them_in_english_to_english_readers(person: Persons, told: str) -> None:
    head = person("window-head")
    head.post("/language", {"language": "en"})
    assert {LEADERS_EN, "District Civil Affairs Bureau", "Coordinator", "Applicant"} <= receivers(head.get("/notices"))


def test_the_export_of_the_outbox_names_them_too(person: Persons, told: str) -> None:
    lines = person("window-head").get("/notices/export.csv").source
    assert LEADERS in lines and "D07" not in lines


def test_a_card_and_an_apology_stand_in_the_ledger_in_words(person: Persons, told: str) -> None:
    facts = ledger(person("window-head").get(f"/cases/{told}"))
    assert facts["灯牌"] == "黄牌" and facts["牌"] == "黄牌 市规划和自然资源局荔湾分局(含不动产登记中心) 2026-11-23"
    assert facts["部门"] == "区市场监督管理局、区民政局"


def test_a_post_and_a_person_of_one_id_are_told_apart(person: Persons, told: str) -> None:
    facts = ledger(person("window-head").get(f"/cases/{told}"))
    assert facts["岗位"] == "整改专员" and facts["人员"].startswith("示例·")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_code_is_left_on_the_page_of_a_case(person: Persons, told: str, language: str) -> None:
    head = person("window-head")
    head.post("/language", {"language": language})
    page = head.get(f"/cases/{told}")
    assert CODES.findall(" ".join(page.find("string(//section[@id='ledger'])").split())) == []
    assert CODES.findall(page.find("string(//section[@id='timeline'])")) == []


def test_the_story_of_a_case_is_english_for_english_readers(person: Persons, told: str) -> None:
    head = person("window-head")
    head.post("/language", {"language": "en"})
    titles = [title.text_content() for title in head.get(f"/cases/{told}").find("//section[@id='timeline']//strong")]
    assert {"Notice: Registered", "Notice: Lamp or card"} <= set(titles)
    assert any(title.startswith("Decision: table DT01, row ") for title in titles)
    assert any(title.startswith("Card: Yellow card, Liwan Branch") for title in titles)
    assert not [title for title in titles if re.search(r"[\u3400-\u9fff]", title)]


def test_the_story_stays_as_it_was_for_chinese_readers(person: Persons, told: str) -> None:
    titles = [title.text_content() for title in person("window-head").get(f"/cases/{told}").find("//section[@id='timeline']//strong")]
    assert "收到反映" in titles and "通知:登记成功" in titles


def complained(stranger: Person, language: str) -> str:
    """The page of a complaint sent by somebody who reads this language."""
    stranger.post("/language", {"language": language})
    token = stranger.get("/service/new/complaint").value("submission")
    return stranger.post("/service/new/complaint", {"submission": token, **COMPLAINT}).location.partition("?")[0]


def test_a_citizen_reads_what_was_said_in_the_language_of_the_page(stranger: Person) -> None:
    page = complained(stranger, "zh")
    assert "您的投诉已受理" in stranger.get(page).words
    stranger.post("/language", {"language": "en"})
    told = stranger.get(page)
    assert "Your complaint is accepted" in told.words and "您的投诉" not in told.find("string(//ol[@class='timeline'])")


@pytest.mark.parametrize(("language", "sent"), [("zh", "您的投诉已受理"), ("en", "Your complaint is accepted")])
def test_messages_go_out_in_the_language_of_the_page_that_was_sent(engine: Engine, language: str, sent: str) -> None:
    settings = replace(engine.settings, channels=ChannelSettings(sms_url="http://localhost", sms_key="a key that gateways know"))
    connected = replace(engine, settings=settings)
    submission: dict[str, Any] = {}
    for key, value in COMPLAINT.items():
        put(submission, key, value)
    public_service.open_public_file(connected, "complaint", submission, "a token of the page 123456", language)
    with engine.database.transaction() as session:
        texts = [one.text for one in outbox.take(session, engine.secrets, engine.clock.now(), "sms", 10)]
    assert [text for text in texts if sent in text]


@pytest.mark.parametrize(
    ("value", "english"),
    [
        ("2026-11-23", "23 November 2026"), ("2026-11-23T09:30:00+08:00", "2026-11-23 09:30"), ("D05", "District Civil Affairs Bureau"),
        ("区民政局", "District Civil Affairs Bureau"), ("超期", "overdue"), ("缺一份证明", "缺一份证明"), (3, 3),
    ],
)  # fmt: skip
def test_values_in_a_notice_are_written_for_english_readers(engine: Engine, value: object, english: object) -> None:
    with engine.database.reading() as session:
        assert in_english(session, value) == english
