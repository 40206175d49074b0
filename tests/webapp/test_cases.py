"""Cases: the page of one, the list, the export."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from sqlalchemy import insert, select

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands.cases import register_case
from engine.db.tables import DecisionRun
from webapp.spreadsheets import safe_cell

from .conftest import SIMPLE_CASE, Person

Persons = Callable[[str], Person]


def test_the_page_says_who_holds_the_case_and_until_when(person: Persons, simple_case: str) -> None:
    page = person("window-a").get(f"/cases/{simple_case}")
    holders = " ".join(page.find("//section[@id='holders']")[0].text_content().split())
    assert "直接协调" in holders and "示例·林晓" in holders and "11-26 周四 17:00" in holders


def test_the_page_shows_clocks_decisions_with_their_rows_and_materials(person: Persons, simple_case: str) -> None:
    page = person("window-a").get(f"/cases/{simple_case}")
    assert "首次响应" in page.find("//section[@id='clocks']")[0].text_content()
    decisions = page.find("//section[@id='decisions']")[0].text_content()
    assert "DT01 · T12" in decisions and "DT02 · G9" in decisions and "有政策空间" in decisions
    assert "监理合同备案证明" in page.find("//section[@id='materials']")[0].text_content()


def test_a_long_history_shows_its_newest_part_and_folds_the_rest(engine: Engine, person: Persons, simple_case: str) -> None:
    with engine.database.transaction() as session:
        first = session.scalars(select(DecisionRun).where(DecisionRun.business_key == simple_case).order_by(DecisionRun.id)).first()
        assert first is not None
        same = {column.key: getattr(first, column.key) for column in DecisionRun.__table__.columns if column.key != "id"}
        session.execute(insert(DecisionRun), [same] * 50)
    page = person("window-a").get(f"/cases/{simple_case}")
    events, decisions = (page.find(f"//section[@id='{name}']")[0] for name in ("timeline", "decisions"))
    assert len(events.xpath("./ol/li")) == len(decisions.xpath("./details[contains(@class, 'decision')]")) == 40
    folded = len(decisions.xpath("./details[@class='older']/details"))
    assert folded > 10 and f"其余 {folded} 条" in decisions.text_content()
    assert "更早的" in events.text_content()
    assert not page.find("//details[@class='older'][@open]")


def test_the_page_shows_the_diagram_where_work_goes_on(person: Persons, simple_case: str) -> None:
    clerk = person("window-a")
    page = clerk.get(f"/cases/{simple_case}")
    assert "direct_coordination" in page.find("//*[@data-diagram]/@data-active")[0]
    assert len(page.find("//nav[@aria-label='选择流程']/a")) >= 4
    diagram = clerk.get(page.find("//*[@data-diagram]/@data-diagram")[0])
    assert (
        diagram.status == 200 and "direct_coordination" in diagram.source and diagram.headers["Content-Type"].startswith("application/xml")
    )


def test_another_process_of_the_case_can_be_chosen(person: Persons, simple_case: str) -> None:
    clerk = person("window-a")
    links = clerk.get(f"/cases/{simple_case}").find("//nav[@aria-label='选择流程']/a/@href")
    chosen = clerk.get(links[-1].split("#")[0])
    assert chosen.find("//nav[@aria-label='选择流程']/a[@aria-current]/@href") == [links[-1]]


def test_a_complex_case_shows_what_is_asked_of_each_department(person: Persons, complex_case: str) -> None:
    departments = person("window-a").get(f"/cases/{complex_case}").find("//section[@id='departments']")[0].text_content()
    assert "牵头" in departments and "协办" in departments


def test_an_unknown_case_number_says_how_to_find_the_case(person: Persons) -> None:
    answer = person("window-a").get("/cases/BBC440103-20990101-9999")
    assert answer.status == 404 and "没有这个工单" in answer.words and "请核对受理号" in answer.words


def test_the_list_is_filtered_by_status_level_and_text(person: Persons, simple_case: str, complex_case: str) -> None:
    clerk = person("window-a")
    assert len(clerk.get("/cases").find("//tbody/tr")) == 2
    assert [row.text_content() for row in clerk.get("/cases?level=复杂").find("//tbody/tr") if complex_case in row.text_content()]
    assert len(clerk.get("/cases?level=复杂").find("//tbody/tr")) == 1
    assert len(clerk.get(f"/cases?q={simple_case}").find("//tbody/tr")) == 1
    assert "没有符合条件的工单" in clerk.get("/cases?status=已归档").words


def test_the_export_holds_the_filtered_cases_for_a_spreadsheet(person: Persons, simple_case: str, complex_case: str) -> None:
    answer = person("window-a").get("/cases/export.csv?level=简单")
    assert answer.headers["Content-Type"].startswith("text/csv") and answer.source.startswith("\ufeff受理号")
    rows = list(csv.reader(StringIO(answer.source.removeprefix("\ufeff"))))
    assert [row[0] for row in rows[1:]] == [simple_case]


def test_the_export_lets_no_spreadsheet_run_a_formula(person: Persons, engine: Engine, clerk: Actor) -> None:
    register_case(engine, clerk, SIMPLE_CASE | {"title": '=HYPERLINK("http://example.com","x")'})
    rows = list(csv.reader(StringIO(person("window-a").get("/cases/export.csv").source.removeprefix("\ufeff"))))
    assert rows[1][1].startswith("'=")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1+1"])
def test_a_cell_that_begins_like_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "普通", "1-2", "a=b"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_what_is_deployed_can_be_looked_at(person: Persons) -> None:
    reader = person("d05")
    page = reader.get("/definitions")
    assert "办不成事工单主流程" in page.words and "DT01" in page.words and "case_register" in page.words
    versions = reader.get(page.find("//table//a[contains(@href,'/definitions/process/')]/@href")[0])
    assert reader.get(versions.find("//table//a[contains(@class,'row-link')]/@href")[0]).find("//*[@data-diagram]")
    answer = reader.get("/definitions/99999")
    assert answer.status == 404 and "没有这个定义" in answer.words


def test_the_outbox_shows_what_was_said_to_whom(person: Persons, simple_case: str) -> None:
    page = person("window-a").get("/notices")
    assert simple_case in page.words and "申请人" in page.words


def test_no_incidents_is_good_news(person: Persons) -> None:
    assert "没有异常" in person("window-head").get("/incidents").words


def test_a_clerk_cannot_retry_an_incident(person: Persons) -> None:
    answer = person("window-a").post("/incidents/1/retry")
    assert answer.status == 403
