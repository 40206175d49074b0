"""A real case turned into a scenario: it can be run, and nobody is in it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.errors import NotFound
from engine.services.kind_files import CASE
from engine.trials import scenarios
from engine.trials.centre import Template
from engine.trials.recording import recorded, without_free_text


def test_an_ended_case_becomes_a_scenario_that_passes(decided: Engine, prepared: Template) -> None:
    with decided.database.reading() as session:
        number = session.scalars(select(Case.no).where(Case.kind == CASE)).one()
    content = recorded(decided, number)
    scenario = scenarios.read_scenario("from_case.toml", content)
    outcome = scenarios.run(prepared, scenario)
    assert outcome.is_passed, "\n".join(map(str, outcome.failures)) + content.decode()
    assert scenario.then["path"] == ["direct_coordination", "draft_reply", "confirm_reply"]
    assert scenario.then["status"] == "已办结"


def test_nobody_and_nothing_that_was_written_is_in_it(decided: Engine) -> None:
    with decided.database.reading() as session:
        case = session.scalars(select(Case).where(Case.kind == CASE)).one()
    text = recorded(decided, case.no).decode()
    assert case.no not in text and case.text not in text
    for words in ("现场与窗口联系人", "容缺受理", "召集各部门"):
        assert words not in text


@pytest.mark.parametrize(
    ("path", "value", "kept"),
    [
        ("reply.result", "告知承诺解决", True),
        ("reply.answered_at", "2026-11-23T15:00:00", True),
        ("triage_facts.negative_code", "N01", True),
        ("helper_department", "D03", True),
        ("rating", 5, True),
        ("sign_phone", "020-81000000", False),
        ("conclusion", "已办", False),
        ("applicant.name", "王某", False),
        ("cause", "请打13800001234找我", False),
    ],
)
def test_choices_stay_and_free_text_goes(path: str, value: object, kept: bool) -> None:
    assert (without_free_text(value, path) == value) is kept


def test_a_case_that_does_not_exist_is_said_so(engine: Engine) -> None:
    with pytest.raises(NotFound):
        recorded(engine, "BBC440103-20261123-9999")
