"""Articles of the case library on the page of a case: suggested, readable by whom they are for, counted when they were of use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case
from engine.db.tables import Evidence
from engine.services import cases

from .conftest import Person

Persons = Callable[[str], Person]


@pytest.fixture
def article(engine: Engine, simple_case: str) -> str:
    """A published article about the matter of the simple case, for the window only."""
    return published(engine, simple_case, "内部")


def published(engine: Engine, case_no: str, visibility: str) -> str:
    with engine.database.transaction() as session:
        about = session.get_one(Case, case_no)
        now = engine.clock.now()
        words = {"title": "施工许可:只差一份证明", "problem": about.text, "cause": "材料不齐全", "path": "先收件\n后补证明", "days": 3}
        article = cases.create_case(
            session,
            number=cases.next_number(session, about.region, local(now), "AL"),
            calendar=engine.reference.read(session).calendar,
            received_at=now,
            text="案例草稿,由工单办结生成。",
            status="已发布",
            kind="knowledge",
            facts={"matter": about.matter_code, "visibility": visibility, "summary": "容缺受理", "article": words},
            org_unit=about.org_unit,
            region=about.region,
            channel="系统",
        )
        return article.no


def test_a_case_shows_what_was_written_about_the_like(person: Persons, simple_case: str, article: str) -> None:
    page = person("window-a").get(f"/cases/{simple_case}")
    section = page.find("//section[@id='similar']")
    assert len(section) == 1
    assert "施工许可:只差一份证明" in page.words and "3 个工作日办结" in page.words and "被引用 0 次" in page.words


def test_without_an_article_there_is_no_section(person: Persons, simple_case: str) -> None:
    assert person("window-a").get(f"/cases/{simple_case}").find("//section[@id='similar']") == []


def test_that_an_article_was_of_use_is_counted_once_for_a_case(person: Persons, engine: Engine, simple_case: str, article: str) -> None:
    window = person("window-a")
    for _ in range(2):
        assert window.post(f"/cases/{simple_case}/articles/{article}/used", {}).status == 303
    page = window.get(f"/cases/{simple_case}")
    assert "被引用 1 次" in page.words and "本件已引用" in page.words
    with engine.database.reading() as session:
        assert session.query(Evidence).filter_by(chain=simple_case, event="article:use").count() == 1


@pytest.mark.parametrize("number", ["AL440103-20200101-0001", "nonsense"])
def test_what_is_no_article_cannot_be_of_use(person: Persons, simple_case: str, number: str) -> None:
    assert person("window-a").post(f"/cases/{simple_case}/articles/{number}/used", {}).status == 404


def test_an_article_for_the_window_is_not_for_a_department(person: Persons, engine: Engine, complex_case: str) -> None:
    inside, outside = published(engine, complex_case, "内部"), published(engine, complex_case, "公开")
    with engine.database.reading() as session:
        lead = session.get_one(Case, complex_case).lead_department
    assert lead is not None
    department = person(lead.lower())
    page = department.get(f"/cases/{complex_case}")
    assert outside in page.words and inside not in page.words
    assert department.post(f"/cases/{complex_case}/articles/{inside}/used", {}).status == 404
