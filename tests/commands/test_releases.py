"""Which version new work uses: approval by a second person, pilots, planned activation, roll-back, retirement, suspension."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import deployments, instances, jobs, messages, releases
from engine.db.tables import Definition, Job, OrgUnit, ProcessInstance
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.evidence import verify_evidence
from tests.commands.conftest import ADMIN, START_END, diagram, user_task

OTHER_ADMIN = Actor("second", "第二人", frozenset({"admin"}), ADMIN.org_unit, ADMIN.scope)
CITY, DISTRICT, WINDOW = "440100", "440103", "440103-07"


def deploy(engine: Engine, *names: str, author: Actor = ADMIN) -> int:
    """One process ``p`` with user tasks of these names in a row."""
    flows = " ".join(f"{a}>{b}" for a, b in zip(("s", *names), (*names, "e"), strict=True))
    content = diagram("p", START_END + "".join(map(user_task, names)), flows)
    number = deployments.deploy(engine, author, {"p.bpmn": content}, "change").id
    assert number is not None
    return number


@pytest.fixture
def two_eyes(engine: Engine) -> Engine:
    """Version 1 of ``p`` is in force; from now on a second person has to approve."""
    deploy(engine, "a")
    return replace(engine, settings=replace(engine.settings, four_eyes=True))


@pytest.fixture
def places(engine: Engine) -> None:
    with engine.database.transaction() as session:
        session.add(OrgUnit(id=CITY, name="市", region=CITY))
        session.flush()
        session.add(OrgUnit(id=DISTRICT, name="区", region=DISTRICT, parent_id=CITY))
        session.flush()
        session.add(OrgUnit(id=WINDOW, name="街道窗口", region=DISTRICT, parent_id=DISTRICT))


def started_by(event: str) -> str:
    """A start event that something triggers, and an end."""
    return f'<bpmn:startEvent id="s" name="开始">{event}</bpmn:startEvent><bpmn:endEvent id="e" name="结束" />'


def started_version(engine: Engine, org_unit: str = "") -> int:
    """The version that a case begun now in this window gets."""
    actor = replace(ADMIN, org_unit=org_unit or ADMIN.org_unit)
    number = instances.start_instance(engine, actor, "p", "C-1", {})
    with engine.database.reading() as session:
        same = select(Definition.version).join(ProcessInstance, ProcessInstance.definition_id == Definition.id)
        return session.scalars(same.where(ProcessInstance.id == number)).one()


def test_a_deployment_waits_until_a_second_person_approved_and_activated_it(two_eyes: Engine) -> None:
    number = deploy(two_eyes, "a", "b")
    assert started_version(two_eyes) == 1
    with pytest.raises(Conflict, match="approved"):
        releases.activate(two_eyes, OTHER_ADMIN, number)
    with pytest.raises(NotAllowed, match="second person"):
        releases.approve(two_eyes, ADMIN, number)
    releases.approve(two_eyes, OTHER_ADMIN, number)
    assert started_version(two_eyes) == 1
    releases.activate(two_eyes, OTHER_ADMIN, number)
    assert started_version(two_eyes) == 2


def test_a_refused_deployment_can_never_be_activated(two_eyes: Engine) -> None:
    number = deploy(two_eyes, "a", "b")
    with pytest.raises(InvalidInput):
        releases.refuse(two_eyes, OTHER_ADMIN, number, " ")
    releases.refuse(two_eyes, OTHER_ADMIN, number, "缺少复核")
    for command in (releases.activate, releases.approve):
        with pytest.raises(Conflict):
            command(two_eyes, OTHER_ADMIN, number)


@pytest.mark.parametrize("group", ["analyst", "auditor", "window"])
def test_only_administrators_change_what_is_in_force(two_eyes: Engine, group: str) -> None:
    number = deploy(two_eyes, "a", "b")
    person = replace(OTHER_ADMIN, groups=frozenset({group}))
    for attempt in (
        lambda: releases.approve(two_eyes, person, number),
        lambda: releases.refuse(two_eyes, person, number, "x"),
        lambda: releases.activate(two_eyes, person, number),
        lambda: releases.promote(two_eyes, person, number),
        lambda: releases.roll_back(two_eyes, person, number, "x"),
        lambda: releases.retire(two_eyes, person, "process", "p", "x"),
        lambda: releases.suspend_definition(two_eyes, person, "p", None, "x"),
        lambda: releases.resume_definition(two_eyes, person, "p", None),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_a_pilot_holds_below_its_org_unit_only_and_the_nearest_one_counts(two_eyes: Engine, places: None) -> None:
    second, third = deploy(two_eyes, "a", "b"), deploy(two_eyes, "a", "b", "c")
    for number in (second, third):
        releases.approve(two_eyes, OTHER_ADMIN, number)
    releases.activate(two_eyes, ADMIN, third, [CITY])
    releases.activate(two_eyes, ADMIN, second, [DISTRICT])
    assert (started_version(two_eyes), started_version(two_eyes, WINDOW), started_version(two_eyes, CITY)) == (1, 2, 3)


def test_a_promoted_pilot_holds_everywhere_and_a_roll_back_names_what_was_started(two_eyes: Engine, places: None) -> None:
    number = deploy(two_eyes, "a", "b")
    releases.approve(two_eyes, OTHER_ADMIN, number)
    releases.activate(two_eyes, ADMIN, number, [WINDOW])
    releases.promote(two_eyes, ADMIN, number)
    assert (started_version(two_eyes), started_version(two_eyes, WINDOW)) == (2, 2)
    with pytest.raises(Conflict, match="pilot"):
        releases.promote(two_eyes, ADMIN, number)
    assert len(releases.roll_back(two_eyes, ADMIN, number, "投诉增多").started_meanwhile) == 2
    assert (started_version(two_eyes), started_version(two_eyes, WINDOW)) == (1, 1)
    with pytest.raises(Conflict):
        releases.roll_back(two_eyes, ADMIN, number, "again")
    assert not verify_evidence(two_eyes).faults


def test_a_planned_version_is_in_force_from_its_moment_on(two_eyes: Engine, clock: MovableClock) -> None:
    number = deploy(two_eyes, "a", "b")
    releases.approve(two_eyes, OTHER_ADMIN, number)
    with pytest.raises(InvalidInput):
        releases.activate(two_eyes, ADMIN, number, active_from=clock.now())
    releases.activate(two_eyes, ADMIN, number, active_from=clock.now() + timedelta(days=3))
    assert started_version(two_eyes) == 1
    clock.advance(days=3, seconds=1)
    assert started_version(two_eyes) == 2


def test_message_starts_follow_the_version_in_force(engine: Engine, clock: MovableClock) -> None:
    begins = started_by('<bpmn:messageEventDefinition messageRef="m_go" />')
    for task in ("old", "new"):
        deployments.deploy(engine, ADMIN, {"p.bpmn": diagram("p", begins + user_task(task), f"s>{task} {task}>e")}, "x")
    with engine.database.reading() as session:
        newest = session.scalars(select(Definition.deployment_id).where(Definition.key == "p", Definition.version == 2)).one()
    releases.roll_back(engine, ADMIN, newest, "x")
    number = messages.correlate_message(engine, ADMIN, "go", "C-9", {})
    with engine.database.reading() as session:
        assert session.get_one(Definition, session.get_one(ProcessInstance, number).definition_id).version == 1
    releases.activate(engine, ADMIN, newest, active_from=clock.now() + timedelta(hours=1))
    clock.advance(hours=2)
    jobs.run_due_jobs(engine, "w")
    number = messages.correlate_message(engine, ADMIN, "go", "C-10", {})
    with engine.database.reading() as session:
        assert session.get_one(Definition, session.get_one(ProcessInstance, number).definition_id).version == 2


def test_a_timer_that_starts_a_process_is_planned_once_however_often_versions_change(engine: Engine) -> None:
    timer = started_by("<bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>")
    numbers = [
        deployments.deploy(engine, ADMIN, {"p.bpmn": diagram("p", timer + user_task(task), f"s>{task} {task}>e")}, "x").id for task in "ab"
    ]
    assert numbers[1] is not None
    releases.roll_back(engine, ADMIN, numbers[1], "x")
    releases.activate(engine, ADMIN, numbers[1])
    with engine.database.reading() as session:
        assert len(list(session.scalars(select(Job).where(Job.kind == "start")))) == 1


def test_the_first_version_cannot_be_rolled_back_but_retired(engine: Engine) -> None:
    number = deploy(engine, "a")
    with pytest.raises(Conflict, match="Retire"):
        releases.roll_back(engine, ADMIN, number, "x")
    releases.retire(engine, ADMIN, "process", "p", "不再办理")
    with pytest.raises(NotFound):
        started_version(engine)
    with pytest.raises(NotFound):
        releases.retire(engine, ADMIN, "process", "p", "again")


def test_the_bytes_of_an_earlier_version_are_that_version_again(engine: Engine) -> None:
    deploy(engine, "a")
    deploy(engine, "a", "b")
    deploy(engine, "a")
    assert started_version(engine) == 1
    with engine.database.reading() as session:
        assert len(session.scalars(select(Definition).where(Definition.key == "p")).all()) == 2


def test_a_suspended_process_starts_nowhere_until_it_is_resumed(engine: Engine) -> None:
    deploy(engine, "a")
    with pytest.raises(InvalidInput):
        releases.suspend_definition(engine, ADMIN, "p", None, "")
    with pytest.raises(NotFound):
        releases.suspend_definition(engine, ADMIN, "q", None, "x")
    releases.suspend_definition(engine, ADMIN, "p", None, "表单有误")
    for attempt in (lambda: started_version(engine), lambda: releases.suspend_definition(engine, ADMIN, "p", None, "x")):
        with pytest.raises(Conflict, match="suspended"):
            attempt()
    releases.resume_definition(engine, ADMIN, "p", None)
    assert started_version(engine) == 1


def test_suspending_one_version_leaves_the_others(engine: Engine) -> None:
    deploy(engine, "a")
    with engine.database.reading() as session:
        first = session.scalars(select(Definition.id).where(Definition.key == "p")).one()
    releases.suspend_definition(engine, ADMIN, "p", first, "x")
    deploy(engine, "a", "b")
    assert started_version(engine) == 2


def test_unknown_deployments_and_org_units_are_refused(engine: Engine) -> None:
    number = deploy(engine, "a")
    with pytest.raises(NotFound):
        releases.activate(engine, ADMIN, 999)
    with pytest.raises(InvalidInput, match="nowhere"):
        releases.activate(engine, ADMIN, number, ["nowhere"])
    with pytest.raises(Conflict, match="in force"):
        releases.activate(engine, ADMIN, number)
