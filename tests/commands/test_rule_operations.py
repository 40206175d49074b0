"""A change of rules as a process carries it out: what it would have done, who approved it, from when it is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine import runtime
from engine.assembly import Engine
from engine.clock import MovableClock, local
from engine.commands import deployments, instances
from engine.commands.evidence import seal_evidence
from engine.db.tables import Deployment, Evidence, Incident
from engine.queries import versions
from engine.queries.evidence import verify_evidence
from tests.commands.conftest import ADMIN, START_END, diagram, user_task
from tests.commands.test_rules_in_force import accepted, judged, judging  # noqa: F401 - a fixture
from tests.commands.test_version_tags import colour


def step(topic: str, **inputs: str) -> str:
    given = "".join(f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>' for name, value in inputs.items())
    parts = f"<bpmn:extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></bpmn:extensionElements>"
    return f'<bpmn:serviceTask id="x" name="x" camunda:type="external" camunda:topic="{topic}">{parts}</bpmn:serviceTask>'


def outcome(engine: Engine, topic: str, **inputs: str) -> dict[str, Any]:
    """Run one operation in a process of its own; gives its variables, or its incident."""
    content = diagram("asking", START_END + step(topic, **inputs) + user_task("w"), "s>x x>w w>e")
    open_door = replace(engine, settings=replace(engine.settings, four_eyes=False))
    deployments.deploy(open_door, ADMIN, {"asking.bpmn": content}, "asking")
    number = instances.start_instance(engine, ADMIN, "asking", "GZ-1", {})
    with engine.database.reading() as session:
        incident = session.query(Incident.message).filter(Incident.instance_id == number).first()
        return {"incident": incident[0]} if incident else dict(runtime.peek(engine, session, ADMIN, number).execution.variables)


def proposed(engine: Engine, answer: int) -> str:
    number = deployments.deploy(engine, ADMIN, {"colour.dmn": colour(answer, "proposed")}, "proposal").id
    return str(number)


def test_the_impact_lists_the_decisions_of_the_last_days_that_would_have_been_others(judging: Engine, clock: MovableClock):  # noqa: F811
    judged(judging, accepted(judging, "C-1"))
    clock.advance(days=95)
    judged(judging, accepted(judging, "C-2"))
    found = outcome(judging, "rules-impact", deployment=proposed(judging, 2))
    assert (found["replayed"], found["flip_count"], found["left_out"]) == (1, 1, 0)
    assert found["flips"][0].startswith("C-2 ") and "colour" in found["flips"][0]
    assert outcome(judging, "rules-impact", deployment=proposed(judging, 2), days="=200")["flip_count"] == 2


def test_a_proposal_that_answers_the_same_flips_nothing(judging: Engine):  # noqa: F811
    judged(judging, accepted(judging, "C-1"))
    found = outcome(judging, "rules-impact", deployment=proposed(judging, 1))
    assert (found["replayed"], found["flip_count"], found["flips"]) == (1, 0, [])


@pytest.mark.parametrize("deployment", ["999", "abc"])
def test_an_unknown_deployment_is_refused(judging: Engine, deployment: str):  # noqa: F811
    assert "deployment" in outcome(judging, "rules-impact", deployment=deployment)["incident"]


def test_a_diagram_is_no_change_of_rules(judging: Engine):  # noqa: F811
    number = deployments.deploy(judging, ADMIN, {"other.bpmn": diagram("other", START_END, "s>e")}, "other").id
    assert "tables and data files only" in outcome(judging, "rules-impact", deployment=str(number))["incident"]


def test_an_approved_change_judges_cases_accepted_from_its_day_on(judging: Engine, clock: MovableClock):  # noqa: F811
    early = accepted(judging, "C-1")
    day = local(clock.now() + timedelta(days=10)).isoformat()
    given = {"effective_at": day, "approved_by": "coordinator", "reason": "国家政策调整"}
    number = proposed(judging, 2)
    outcome(judging, "rules-activate", deployment=number, **given)
    assert versions.release(judging, int(number)).state == "planned"
    with judging.database.reading() as session:
        assert session.get_one(Deployment, int(number)).reviewed_by == "coordinator"
    before = accepted(judging, "C-2")
    clock.advance(days=11)
    assert [judged(judging, no).version for no in (early, before, accepted(judging, "C-3"))] == [1, 1, 2]
    assert verify_evidence(judging).faults == ()


def test_a_change_that_is_better_for_the_applicant_judges_open_cases_too(judging: Engine, clock: MovableClock):  # noqa: F811
    early = accepted(judging, "C-1")
    clock.advance(days=1)
    given = {"effective_at": "2020-01-01", "approved_by": "coordinator", "reason": "更有利", "covers_open_cases": "=true"}
    outcome(judging, "rules-activate", deployment=proposed(judging, 2), **given)
    clock.advance(hours=1)
    decision = judged(judging, early)
    assert (decision.version, decision.chosen_because) == (2, "open_cases")


def test_who_made_a_proposal_cannot_approve_it(judging: Engine):  # noqa: F811
    given = {"effective_at": "2026-12-01", "approved_by": "admin", "reason": "x"}
    assert "somebody else" in outcome(judging, "rules-activate", deployment=proposed(judging, 2), **given)["incident"]


def test_the_evidence_is_verified_and_a_break_is_counted(judging: Engine):  # noqa: F811
    assert outcome(judging, "evidence-verify")["broken"] == 0


def test_a_changed_row_of_the_evidence_is_found_with_its_place(judging: Engine):  # noqa: F811
    with judging.database.transaction() as session:
        session.execute(update(Evidence).where(Evidence.chain == "deployments", Evidence.sequence == 1).values(actor="somebody else"))
    found = outcome(judging, "evidence-verify")
    assert found["broken"] == 1 and found["faults"].startswith("deployments #1")


def test_only_what_has_grown_of_the_evidence_is_verified_on_request(judging: Engine, clock: MovableClock):  # noqa: F811
    seal_evidence(judging)
    clock.advance(days=9)
    found = outcome(judging, "evidence-verify", days="=2")
    whole = outcome(judging, "evidence-verify")
    assert found["broken"] == whole["broken"] == 0 and found["chains"] < whole["chains"]
