"""A case is judged by the rules of its acceptance, whatever came into force meanwhile; an activation may cover open cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import deployments, instances, releases, user_tasks
from engine.db.case_tables import Case
from engine.db.tables import Evidence, OrgUnit, UserTask
from engine.db.version_tables import Activation
from engine.errors import InvalidInput
from engine.queries.decisions import DecisionView, decisions_of
from engine.queries.versions import pinned
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, diagram, user_task
from tests.commands.test_version_tags import colour

OTHER_ADMIN = Actor("second", "第二人", frozenset({"admin"}), ADMIN.org_unit, ADMIN.scope)
DECIDE = (
    '<bpmn:businessRuleTask id="x" camunda:decisionRef="colour" {binding} '
    'camunda:mapDecisionResult="singleEntry" camunda:resultVariable="answer"/>'
)


def process(binding: str = "") -> bytes:
    body = START_END + user_task("first") + DECIDE.format(binding=binding) + user_task("w")
    return diagram("judged", body, "s>first first>x x>w w>e")


@pytest.fixture
def judging(engine: Engine) -> Engine:
    """A process that waits, then asks table ``colour``; its version 1 answers 1. A second person approves changes from now on."""
    deployments.deploy(engine, ADMIN, {"judged.bpmn": process(), "colour.dmn": colour(1, "a")}, "begin")
    return replace(engine, settings=replace(engine.settings, four_eyes=True))


def table(engine: Engine, answer: int) -> int:
    """Deploy and approve a version of the table that answers so."""
    number = deployments.deploy(engine, ADMIN, {"colour.dmn": colour(answer, "a")}, "change").id
    assert number is not None
    releases.approve(engine, OTHER_ADMIN, number)
    return number


def accepted(engine: Engine, number: str, at: datetime | None = None) -> str:
    """A case accepted at a moment (None: now) whose process waits before the decision."""
    now = at or engine.clock.now()
    case = {"no": number, "org_unit": WINDOW, "region": "440103", "channel": "现场", "received_at": now, "effective_at": now}
    case |= {"title": "标题", "text": "诉求", "cause": "其他", "status": "已受理", "public_token": number, "tried": [], "trips": 0}
    with engine.database.transaction() as session:
        session.add(Case(**case))
    instances.start_instance(engine, ADMIN, "judged", number, {})
    return number


def judged(engine: Engine, number: str) -> DecisionView:
    """Go on to the decision; gives it."""
    with engine.database.reading() as session:
        task = session.scalars(select(UserTask.id).where(UserTask.business_key == number, UserTask.element_id == "first")).one()
    user_tasks.claim_task(engine, CLERK, task)
    user_tasks.complete_task(engine, CLERK, task, {})
    with engine.database.reading() as session:
        return decisions_of(engine, session, number)[-1]


def test_a_case_is_judged_by_the_version_of_its_acceptance_although_a_newer_one_is_in_force(judging: Engine, clock: MovableClock):
    number = accepted(judging, "C-1")
    clock.advance(days=3)
    releases.activate(judging, ADMIN, table(judging, 2))
    clock.advance(days=3)

    decision = judged(judging, number)
    assert (decision.version, decision.outputs[0][1], decision.chosen_because) == (1, "1", "acceptance")
    assert decision.in_force_since is None


def test_a_case_accepted_after_the_change_is_judged_by_the_new_version(judging: Engine, clock: MovableClock):
    clock.advance(days=3)
    changed_at = clock.now()
    releases.activate(judging, ADMIN, table(judging, 2))
    clock.advance(days=1)

    decision = judged(judging, accepted(judging, "C-1"))
    assert (decision.version, decision.chosen_because, decision.in_force_since) == (2, "acceptance", changed_at)


def test_an_activation_that_covers_open_cases_judges_those_accepted_before(judging: Engine, clock: MovableClock):
    number = accepted(judging, "C-1")
    clock.advance(days=3)
    releases.activate(judging, ADMIN, table(judging, 2), reason="对申请人更有利", covers_open_cases=True)
    clock.advance(days=1)
    releases.activate(judging, ADMIN, table(judging, 3))

    decision = judged(judging, number)
    assert (decision.version, decision.chosen_because) == (2, "open_cases")
    with judging.database.reading() as session:
        assert session.scalars(select(Evidence.event).where(Evidence.event == "definition:cover")).all() == ["definition:cover"]


def test_a_planned_activation_covers_open_cases_only_from_its_day_on(judging: Engine, clock: MovableClock):
    early, late = accepted(judging, "C-1"), accepted(judging, "C-2")
    releases.activate(judging, ADMIN, table(judging, 2), (), clock.now() + timedelta(days=5), "更有利", covers_open_cases=True)
    clock.advance(days=4)
    assert judged(judging, early).version == 1
    clock.advance(days=2)
    assert judged(judging, late).version == 2


def test_covering_open_cases_asks_for_a_reason(judging: Engine):
    number = table(judging, 2)
    with pytest.raises(InvalidInput) as refused:
        releases.activate(judging, ADMIN, number, reason=" ", covers_open_cases=True)
    assert "reason" in refused.value.fields


def test_a_version_taken_back_judges_not_even_the_cases_accepted_under_it(judging: Engine, clock: MovableClock):
    clock.advance(days=1)
    wrong = table(judging, 2)
    releases.activate(judging, ADMIN, wrong)
    clock.advance(days=1)
    number = accepted(judging, "C-1")
    releases.roll_back(judging, ADMIN, wrong, "有误")
    assert judged(judging, number).version == 1


def test_a_promoted_pilot_goes_on_judging_the_cases_accepted_during_it(judging: Engine, clock: MovableClock):
    clock.advance(days=1)
    pilot = table(judging, 2)
    releases.activate(judging, ADMIN, pilot, [WINDOW])
    clock.advance(days=1)
    number = accepted(judging, "C-1")
    clock.advance(days=1)
    releases.promote(judging, ADMIN, pilot)
    assert judged(judging, number).version == 2


def test_a_pilot_elsewhere_judges_nobody_here(judging: Engine, clock: MovableClock):
    with judging.database.transaction() as session:
        session.add(OrgUnit(id="440103-02", name="别处", region="440103"))
    releases.activate(judging, ADMIN, table(judging, 2), ["440103-02"], reason="x", covers_open_cases=True)
    assert judged(judging, accepted(judging, "C-1")).version == 1


def test_a_case_registered_late_is_judged_by_the_rules_of_the_day_it_came(judging: Engine, clock: MovableClock):
    came = clock.now()
    clock.advance(days=3)
    releases.activate(judging, ADMIN, table(judging, 2))
    assert judged(judging, accepted(judging, "C-1", came)).version == 1


def test_a_binding_keeps_its_meaning(judging: Engine, clock: MovableClock):
    bound = process('camunda:decisionRefBinding="version" camunda:decisionRefVersion="2"')
    releases.activate(judging, ADMIN, table(judging, 2))
    number = deployments.deploy(judging, ADMIN, {"judged.bpmn": bound}, "bound").id
    assert number is not None
    releases.approve(judging, OTHER_ADMIN, number)
    releases.activate(judging, ADMIN, number)
    clock.advance(days=1)
    releases.activate(judging, ADMIN, table(judging, 3))
    decision = judged(judging, accepted(judging, "C-1"))
    assert (decision.version, decision.chosen_because, decision.in_force_since) == (2, "binding", None)


def test_what_is_nobodys_case_is_judged_by_what_is_in_force(judging: Engine, clock: MovableClock):
    instances.start_instance(judging, ADMIN, "judged", "K-1", {})
    clock.advance(days=1)
    releases.activate(judging, ADMIN, table(judging, 2))
    decision = judged(judging, "K-1")
    assert (decision.version, decision.chosen_because) == (2, "now")


def test_the_page_of_an_instance_names_the_version_that_will_judge_it(judging: Engine, clock: MovableClock):
    number = accepted(judging, "C-1")
    clock.advance(days=1)
    releases.activate(judging, ADMIN, table(judging, 2))
    with judging.database.reading() as session:
        instance = session.scalars(select(UserTask.instance_id).where(UserTask.business_key == number)).first()
    assert [(view.key, view.resolved_version) for view in pinned(judging, instance) if view.kind == "decision"] == [("colour", 1)]
    judged(judging, number)


def test_a_table_that_came_later_judges_cases_accepted_before_it_existed(judging: Engine, clock: MovableClock):
    number = accepted(judging, "C-1")
    with judging.database.transaction() as session:
        session.execute(update(Activation).where(Activation.key == "colour").values(active_from=clock.now() + timedelta(days=1)))
    clock.advance(days=2)
    assert judged(judging, number).chosen_because == "first"
