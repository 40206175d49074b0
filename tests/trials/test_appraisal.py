"""The appraisal of windows and of the people in charge of cases: who is scored, who is told, what the file keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import as_local
from engine.db.case_tables import Case, CaseEntry, Notice
from engine.services import cases
from engine.services.working_time import WorkCalendar
from engine.trials import scenarios
from engine.trials.centre import Centre, Template
from engine.trials.playing import Player
from tests.conftest import PROJECT

QUARTER = PROJECT / "processes" / "scenarios" / "appraisal_of_a_quarter.toml"
ARRIVAL = as_local("2027-02-01T10:00")


def solved(session: Session, org_unit: str, owner: str, count: int) -> None:
    """So many cases of a person that were solved within two days and rated by nobody."""
    for _ in range(count):
        case = cases.create_case(
            session,
            number=cases.next_number(session, "440103", ARRIVAL),
            calendar=WorkCalendar(),
            received_at=ARRIVAL,
            text="示例",
            applicant_id=None,
            org_unit=org_unit,
            region="440103",
            channel="现场",
            matter_code="M01",
            owner_id=owner,
        )
        case.status, case.result, case.closed_at = "已归档", "直接解决", ARRIVAL + timedelta(days=2)


def appraise(centre: Centre, counts: dict[str, int]) -> tuple[dict[str, list[dict[str, Any]]], list[Notice]]:
    """Lines of the file by kind, and the notices to persons, after the quarter is settled."""
    with centre.engine.database.transaction() as session:
        for owner, count in counts.items():
            solved(session, centre.engine.settings.org_unit, owner, count)
    failures, _report = scenarios.judge(Player(centre), scenarios.read_scenario(str(QUARTER), QUARTER.read_bytes()))
    assert not failures
    with centre.engine.database.reading() as session:
        file = session.scalars(select(Case.no).where(Case.kind == "appraisal")).one()
        lines: dict[str, list[dict[str, Any]]] = {}
        for entry in session.scalars(select(CaseEntry).where(CaseEntry.case_no == file).order_by(CaseEntry.id)):
            lines.setdefault(entry.kind, []).append(entry.facts)
        told = select(Notice).where(Notice.case_no == file, Notice.template == "MSG-103", Notice.audience.startswith("user:"))
        return lines, list(session.scalars(told))


@pytest.fixture
def april(prepared: Template) -> Iterator[Centre]:
    with prepared.opened(as_local("2027-04-09T10:00")) as centre:
        yield centre


def test_who_has_finished_enough_is_scored_and_told_his_own_score(april: Centre) -> None:
    lines, told = appraise(april, {"window-a": 30, "window-b": 9})
    flags = ["默认评价偏多"]
    assert sorted(lines["个人得分"], key=lambda line: str(line["person"])) == [
        {"person": "window-a", "finished": 30, "state": "计分", "score": 100, "flags": flags},
        {"person": "window-b", "finished": 9, "state": "件数不足"},
    ]
    ((line),) = lines["窗口得分"]
    assert (line["finished"], line["state"], line["score"], line["flags"]) == (39, "计分", 100, flags)
    assert {notice.audience for notice in told} == {"user:window-a"}
    assert all("2027-Q1个人考核得分(100分)" in notice.body for notice in told)


def test_too_few_cases_are_no_score_for_anybody(april: Centre) -> None:
    lines, told = appraise(april, {"window-a": 9})
    assert [line["state"] for line in lines["个人得分"] + lines["窗口得分"]] == ["件数不足", "件数不足"]
    assert told == []
