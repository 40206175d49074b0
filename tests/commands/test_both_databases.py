"""What one command promises holds on SQLite and on PostgreSQL alike: one winner, whole changes, nothing stale."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from engine.actors import Actor
from engine.assembly import Engine, build_engine
from engine.clock import MovableClock, as_local
from engine.commands import deployments, instances, jobs, messages, user_tasks
from engine.commands.reference import load_reference
from engine.db.base import Base
from engine.db.case_tables import Case, CaseClock, Party
from engine.db.database import Database, change_row
from engine.db.rows import InstanceRow
from engine.db.statements import CHANGE_INSTANCE, INSTANCE
from engine.db.tables import ElementRun, InboxEntry, Incident, Job, OrgUnit, UserTask
from engine.errors import Conflict
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from engine.services import evidence
from engine.settings import Settings
from tests.commands.conftest import ADMIN, CLERK, COLLEAGUE, START_END, WINDOW, deploy, diagram, user_task
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures

BOTH_GROUPS = Actor("both", "示例·两组", frozenset({"window", "window_head"}), WINDOW, frozenset({WINDOW}))
DEADLINE = (
    '<bpmn:boundaryEvent id="late" name="到期" attachedToRef="work" cancelActivity="true"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
)
CATCH = '<bpmn:intermediateCatchEvent id="catch" name="等"><bpmn:messageEventDefinition messageRef="m_go" /></bpmn:intermediateCatchEvent>'
THROW = '<bpmn:intermediateThrowEvent id="throw" name="发"><bpmn:messageEventDefinition messageRef="m_go" /></bpmn:intermediateThrowEvent>'


@pytest.fixture
def engine(empty_database: Database, settings: Settings, clock: MovableClock) -> Iterator[Engine]:  # noqa: F811 - the fixture's name
    built = build_engine(replace(settings, database_url=empty_database.url), clock)
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    yield built
    built.database.dispose()


@pytest.fixture
def other_process(engine: Engine, clock: MovableClock) -> Iterator[Engine]:
    """The same database, seen with nothing remembered."""
    built = build_engine(engine.settings, clock)
    yield built
    built.database.dispose()


@pytest.fixture
def limited(engine: Engine) -> str:
    """start → work, withdrawn after an hour → after → end; answers the task's id."""
    deploy(engine, diagram("limited", START_END + user_task("work") + DEADLINE + user_task("after"), "s>work work>e late>after after>e"))
    return started(engine, "limited")


def started(engine: Engine, key: str, business_key: str = "C-1") -> str:
    instance = instances.start_instance(engine, ADMIN, key, business_key, {})
    with engine.database.reading() as session:
        return session.scalars(select(UserTask.id).where(UserTask.instance_id == instance)).first() or ""


def seen(engine: Engine, actor: Actor = CLERK) -> list[str]:
    return [item.element_id for item in inbox(engine, actor, InboxQuery()).items]


def at_the_same_moment(*actions: Callable[[], object]) -> list[str]:
    gate, outcomes = threading.Barrier(len(actions)), []

    def run(action: Callable[[], object]) -> None:
        gate.wait()
        try:
            action()
            outcomes.append("done")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_a_row_that_was_changed_since_it_was_read_is_not_overwritten(engine: Engine, limited: str) -> None:
    with engine.database.transaction() as session:
        stale = InstanceRow(*INSTANCE.all(session, instance_id=int(limited.split("-")[0]))[0])
        change_row(session, CHANGE_INSTANCE, stale, state=stale.state)
    with pytest.raises(Conflict, match="changed it meanwhile"), engine.database.transaction() as session:
        change_row(session, CHANGE_INSTANCE, stale, state=b"lost")


def test_of_two_completions_at_the_same_moment_one_wins(engine: Engine, limited: str) -> None:
    people = [lambda actor=actor: user_tasks.complete_task(engine, actor, limited, {}) for actor in (CLERK, COLLEAGUE)]
    assert at_the_same_moment(*people) == ["done", "refused"]
    assert verify_evidence(engine).faults == ()


def test_claims_and_completions_of_parallel_tasks_at_the_same_moment_all_hold(engine: Engine) -> None:
    fork = '<bpmn:parallelGateway id="fork" name="分" /><bpmn:parallelGateway id="join" name="合" />'
    tasks = "".join(user_task(f"t{number}") for number in range(4))
    flows = " ".join(f"fork>t{number} t{number}>join" for number in range(4))
    deploy(engine, diagram("parallel", START_END + fork + tasks, f"s>fork {flows} join>e"))
    started(engine, "parallel")
    first, second, third, fourth = (item.task_id for item in inbox(engine, CLERK, InboxQuery()).items)
    outcomes = at_the_same_moment(
        lambda: user_tasks.complete_task(engine, CLERK, first, {}),
        lambda: user_tasks.complete_task(engine, COLLEAGUE, second, {}),
        lambda: user_tasks.claim_task(engine, CLERK, third),
        lambda: user_tasks.save_draft(engine, COLLEAGUE, fourth, {"note": "半句"}),
    )
    assert outcomes == ["done"] * 4
    assert verify_evidence(engine).faults == ()


def test_a_task_withdrawn_by_its_deadline_leaves_the_inbox_and_can_not_be_completed(
    engine: Engine, clock: MovableClock, limited: str
) -> None:
    clock.advance(hours=1)
    assert jobs.run_due_jobs(engine, "w") == 1
    assert seen(engine) == ["after"]
    with pytest.raises(Conflict, match="was withdrawn"):
        user_tasks.complete_task(engine, CLERK, limited, {})


def test_a_completed_task_takes_its_timer_and_its_inbox_entries_with_it(engine: Engine, limited: str) -> None:
    user_tasks.complete_task(engine, CLERK, limited, {"note": "办妥"})
    with engine.database.reading() as session:
        task = session.get_one(UserTask, limited)
        assert (task.outcome, task.completed_by, task.submitted) == ("completed", "clerk", {"note": "办妥"})
        assert [session.scalars(select(table)).all() for table in (Job, InboxEntry)] == [[], []]


def test_a_completion_and_the_deadline_at_the_same_moment_end_the_task_once(engine: Engine, clock: MovableClock, limited: str) -> None:
    clock.advance(hours=1)
    at_the_same_moment(lambda: user_tasks.complete_task(engine, CLERK, limited, {}), lambda: jobs.run_due_jobs(engine, "w"))
    clock.advance(hours=1)
    jobs.run_due_jobs(engine, "w")
    with engine.database.reading() as session:
        runs = session.scalars(select(ElementRun).where(ElementRun.element_id == "work")).all()
        assert [run.left_at is not None for run in runs] == [True]
        assert session.scalars(select(Job)).all() == []
    assert verify_evidence(engine).faults == ()


def test_a_message_without_a_key_reaches_the_process_that_waits_without_one(engine: Engine) -> None:
    deploy(engine, diagram("waits", START_END + CATCH + user_task("got"), "s>catch catch>got got>e"))
    deploy(engine, diagram("sends", START_END + THROW, "s>throw throw>e"))
    started(engine, "waits")
    started(engine, "sends")
    assert jobs.run_due_jobs(engine, "w") == 1
    assert seen(engine) == ["got"]


def test_a_failed_element_is_an_incident_with_evidence(engine: Engine) -> None:
    body = '<bpmn:exclusiveGateway id="which" name="哪边?" /><bpmn:sequenceFlow id="never" sourceRef="which" targetRef="e">'
    never = "<bpmn:conditionExpression>1 = 2</bpmn:conditionExpression></bpmn:sequenceFlow>"
    deploy(engine, diagram("stuck", START_END + body + never, "s>which"))
    started(engine, "stuck")
    with engine.database.reading() as session:
        assert session.scalars(select(Incident.element_id)).all() == ["which"]
    assert verify_evidence(engine).faults == ()


def test_a_task_without_a_case_names_no_next_task(engine: Engine, limited: str) -> None:
    lonely = started(engine, "limited", business_key="")
    started(engine, "limited", business_key="")
    assert user_tasks.complete_task(engine, CLERK, lonely, {}).next_task_id is None


def test_a_version_deployed_by_another_process_is_the_one_that_starts_next(engine: Engine, other_process: Engine) -> None:
    deploy(engine, diagram("changing", START_END + user_task("old"), "s>old old>e"))
    started(engine, "changing")
    deployments.deploy(other_process, ADMIN, {"0.bpmn": diagram("changing", START_END + user_task("new"), "s>new new>e")}, "test")
    started(engine, "changing", "C-2")
    assert sorted(seen(engine)) == ["new", "old"]


def test_a_calendar_loaded_by_another_process_holds_at_once(engine: Engine, other_process: Engine, tmp_path: Path) -> None:
    folder = _own_reference(engine, tmp_path)
    load_reference(engine, ADMIN, folder)
    with engine.database.reading() as session:
        known = engine.reference.read(session).calendar
        assert engine.reference.read(session).calendar is known
    _add_day(folder)
    load_reference(other_process, ADMIN, folder)
    with engine.database.reading() as session:
        assert engine.reference.read(session).calendar is not known


def test_reference_data_that_are_in_force_already_are_not_loaded_again(engine: Engine, tmp_path: Path) -> None:
    folder = _own_reference(engine, tmp_path)
    load_reference(engine, ADMIN, folder)
    with engine.database.reading() as session:
        known = engine.reference.read(session).calendar
    load_reference(engine, ADMIN, folder)
    with engine.database.reading() as session:
        assert engine.reference.read(session).calendar is known


def test_due_times_move_by_the_calendar_that_the_same_command_loads(engine: Engine, tmp_path: Path) -> None:
    folder = _own_reference(engine, tmp_path)
    load_reference(engine, ADMIN, folder)
    with engine.database.transaction() as session:
        engine.reference.read(session)
        session.add(Party(id=1, kind="自然人", name=b"", created_at=as_local("2026-12-29T09:30")))
        session.flush()
        session.add(_case(as_local("2026-12-29T09:30")))
        session.flush()
        session.add(_clock(as_local("2026-12-29T09:30"), as_local("2027-01-06T17:00")))
    _add_day(folder)
    load_reference(engine, ADMIN, folder)
    while jobs.run_due_jobs(engine, "w"):
        pass
    with engine.database.reading() as session:
        due = session.scalars(select(CaseClock.due_at).order_by(CaseClock.id)).all()
    assert due == [as_local("2027-01-06T17:00"), as_local("2027-01-07T17:00")]


def _own_reference(engine: Engine, folder: Path) -> Path:
    for part in ("reference", "notices"):
        shutil.copytree(engine.settings.processes_folder / part, folder / part)
    return folder / "reference"


def _add_day(folder: Path) -> None:
    with (folder / "calendar.csv").open("a", encoding="utf-8") as file:
        file.write("2027-01-04,休息,示例通知,true\n")


def _case(at: datetime) -> Case:
    return Case(
        no="C-1", org_unit=WINDOW, region="440103", channel="窗口", received_at=at, effective_at=at, applicant_id=1,
        title="示例", text="示例", status="办理中", public_token="t",
    )  # fmt: skip


def _clock(started_at: datetime, due_at: datetime) -> CaseClock:
    return CaseClock(
        case_no="C-1", kind="finish", limit_text="5个工作日", started_at=started_at, due_at=due_at, is_provisional=True
    )  # fmt: skip


def test_a_task_of_two_groups_of_mine_is_listed_and_counted_once(engine: Engine) -> None:
    both = user_task("shared", 'camunda:candidateGroups="window,window_head"')
    deploy(engine, diagram("two_groups", START_END + both, "s>shared shared>e"))
    started(engine, "two_groups")
    page = inbox(engine, BOTH_GROUPS, InboxQuery())
    assert ([item.element_id for item in page.items], page.groups, page.mine) == (["shared"], 1, 0)


def test_the_pages_of_the_inbox_hold_every_task_once_by_due_time(engine: Engine, clock: MovableClock) -> None:
    dated = [f'camunda:candidateGroups="{group}" camunda:dueDate="=due"' for group in ("window", "window_head")]
    for number, extra in enumerate(dated):
        deploy(engine, diagram(f"dated{number}", START_END + user_task("work", extra), "s>work work>e"))
    for number in range(7):
        due = (clock.now() + timedelta(hours=10 - number)).isoformat()
        instances.start_instance(engine, ADMIN, f"dated{number % 2}", f"C-{number}", {"due": due})
    cases, query = list[str](), InboxQuery(limit=3)
    while True:
        page = inbox(engine, BOTH_GROUPS, query)
        cases += [item.case_no for item in page.items]
        if page.next_cursor is None:
            break
        query = replace(query, after=page.next_cursor)
    assert cases == [f"C-{number}" for number in reversed(range(7))]


def test_a_message_from_outside_goes_to_the_one_that_waits(engine: Engine) -> None:
    keyed = CATCH.replace(
        '">',
        '"><bpmn:extensionElements><camunda:properties><camunda:property name="correlationKey" value="=case" />'
        "</camunda:properties></bpmn:extensionElements>",
        1,
    )
    deploy(engine, diagram("waits", START_END + keyed + user_task("got"), "s>catch catch>got got>e"))
    for case in ("C-1", "C-2"):
        instances.start_instance(engine, ADMIN, "waits", case, {"case": case})
    messages.correlate_message(engine, ADMIN, "go", "C-2", {"answer": "好"})
    assert [item.case_no for item in inbox(engine, CLERK, InboxQuery()).items] == ["C-2"]


OPERATION = '<bpmn:serviceTask id="op" name="轮派" camunda:type="external" camunda:topic="case-assign-owner" />'
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def on_postgres(postgres_url: str, settings: Settings, clock: MovableClock) -> Iterator[Engine]:  # noqa: F811 - the fixture's name
    built = build_engine(replace(settings, database_url=postgres_url), clock)
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    yield built
    built.database.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("flows", ["s>work work>e", "s>work work>op op>e"], ids=["at its end", "before an operation"])
def test_the_later_of_two_instances_of_one_case_waits_and_its_facts_follow(on_postgres: Engine, flows: str) -> None:
    engine, outcomes = on_postgres, list[BaseException]()
    deploy(engine, diagram("one", START_END + user_task("work") + (OPERATION if "op" in flows else ""), flows))
    task = started(engine, "one")

    def complete() -> None:
        try:
            user_tasks.complete_task(engine, CLERK, task, {})
        except BaseException as error:
            outcomes.append(error)

    later = threading.Thread(target=complete)
    with engine.database.transaction() as session:
        evidence.record(session, engine.clock.now(), ADMIN, "C-1", "user_task:claim", task="9-1", element="other")
        later.start()
        _wait_until_somebody_waits(engine, later)
    later.join()
    assert outcomes == []
    assert seen(engine) == []
    assert verify_evidence(engine).faults == ()


def _wait_until_somebody_waits(engine: Engine, waiting: threading.Thread) -> None:
    """For a lock of PostgreSQL."""
    while waiting.is_alive():
        with engine.database.reading() as session:
            if session.scalar(WAITING):
                return
