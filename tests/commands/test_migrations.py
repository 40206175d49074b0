"""Migrations: tried before, moved one by one with all their rows, paused, stopped, taken back; never half, never twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import moving
from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances, jobs, migrations, user_tasks
from engine.db.tables import Definition, ElementRun, Evidence, Incident, Job, ProcessInstance, Subscription, UserTask
from engine.db.version_tables import MigrationItem
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from engine.queries.migrations import MigrationView, Selection, migration, proposal
from engine.queries.migrations import migrations as all_migrations
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, deploy, diagram, user_task

AUDITOR = Actor("auditor", "示例·审计", frozenset({"auditor"}), WINDOW, frozenset({WINDOW}))
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>{}</bpmn:timeDuration></bpmn:timerEventDefinition>"
MESSAGE = '<bpmn:messageEventDefinition messageRef="m_go" />'


def version(engine: Engine, body: str, flows: str, key: str = "p") -> int:
    deploy(engine, diagram(key, START_END + body, flows))
    with engine.database.reading() as session:
        return session.scalar(select(func.max(Definition.id)).where(Definition.key == key)) or 0


def two_tasks(engine: Engine) -> int:
    return version(engine, user_task("first") + user_task("second"), "s>first first>second second>e")


def started(engine: Engine, count: int = 1, key: str = "p") -> list[int]:
    return [instances.start_instance(engine, ADMIN, key, f"C-{number}", {"n": number}) for number in range(count)]


def work(engine: Engine) -> None:
    while jobs.run_due_jobs(engine, "w"):
        pass


def migrated(engine: Engine, source: int, target: int, **more: object) -> MigrationView:
    number = migrations.create_migration(engine, ADMIN, source, target, **more)  # type: ignore[arg-type]
    work(engine)
    return migration(engine, number)


def rows(engine: Engine, *wanted: object) -> list[tuple[object, ...]]:
    with engine.database.reading() as session:
        return [tuple(row) for row in session.execute(select(*wanted))]  # type: ignore[call-overload]


def complete(engine: Engine, instance: int, element: str) -> None:
    with engine.database.reading() as session:
        found = session.scalars(
            select(UserTask.id).where(UserTask.instance_id == instance, UserTask.element_id == element, UserTask.ended_at.is_(None))
        ).first()
    assert found is not None, f"Expected an open {element}."
    user_tasks.complete_task(engine, CLERK, found, {})


def seen(engine: Engine, actor: Actor = CLERK) -> list[tuple[str, str]]:
    return sorted((item.case_no, item.name) for item in inbox(engine, actor, InboxQuery()).items)


def test_a_migration_moves_every_running_instance_and_says_so_with_evidence(engine: Engine):
    old = two_tasks(engine)
    one, two, ended = started(engine, 3)
    complete(engine, two, "first")
    complete(engine, ended, "first")
    complete(engine, ended, "second")
    new = version(engine, user_task("first") + user_task("legal") + user_task("second"), "s>first first>legal legal>second second>e")
    done = migrated(engine, old, new, reason="加法审")
    assert (done.status, done.total, dict(done.counts)) == ("done", 2, {"moved": 2})
    assert dict(rows(engine, ProcessInstance.id, ProcessInstance.definition_id)) == {one: new, two: new, ended: old}
    assert [event for (event,) in rows(engine, Evidence.event)].count("instance:migrate") == 2
    assert verify_evidence(engine).faults == ()
    complete(engine, one, "first")
    assert seen(engine) == [("C-0", "legal"), ("C-1", "second")]


def test_a_claimed_task_with_a_draft_stays_with_its_person_and_follows_the_new_version(engine: Engine):
    old = two_tasks(engine)
    started(engine)
    task = inbox(engine, CLERK, InboxQuery()).items[0].task_id
    user_tasks.claim_task(engine, CLERK, task)
    user_tasks.save_draft(engine, CLERK, task, {"note": "写了一半"})
    legal = '<bpmn:userTask id="first" name="法审" camunda:candidateGroups="coordinator" camunda:priority="80" />'
    migrated(engine, old, version(engine, legal + user_task("second"), "s>first first>second second>e"))
    wanted = (UserTask.name, UserTask.assignee, UserTask.draft, UserTask.candidate_groups, UserTask.priority)
    assert rows(engine, *wanted) == [("法审", "clerk", {"note": "写了一半"}, ["coordinator"], 80)]
    assert seen(engine) == [("C-0", "法审")]


def test_a_task_nobody_holds_goes_to_the_inboxes_of_the_new_candidates(engine: Engine):
    old = two_tasks(engine)
    started(engine)
    legal = '<bpmn:userTask id="first" name="法审" camunda:candidateGroups="coordinator" />'
    migrated(engine, old, version(engine, legal + user_task("second"), "s>first first>second second>e"))
    lawyer = Actor("lawyer", "示例·法审", frozenset({"coordinator"}), WINDOW, frozenset({WINDOW}))
    assert (seen(engine), seen(engine, lawyer)) == ([], [("C-0", "法审")])


@pytest.mark.parametrize(("timers", "hours"), [("keep", 7), ("recompute", 5)])
def test_jobs_of_running_timers_are_kept_or_set_anew(engine: Engine, clock: MovableClock, timers: str, hours: int):
    def body(hours: int) -> str:
        return f'<bpmn:intermediateCatchEvent id="wait">{TIMER.format(f"PT{hours}H")}</bpmn:intermediateCatchEvent>'

    old, begun = version(engine, body(7), "s>wait wait>e"), clock.now()
    started(engine)
    clock.advance(hours=1)
    migrated(engine, old, version(engine, body(5), "s>wait wait>e"), timers=timers)
    assert rows(engine, Job.kind, Job.due_at) == [("timer", begun + timedelta(hours=hours))]


def test_new_event_sub_processes_are_subscribed_to_and_gone_ones_are_not(engine: Engine):
    old = two_tasks(engine)
    started(engine)
    inside = f'<bpmn:startEvent id="ws">{MESSAGE}</bpmn:startEvent>{user_task("bye")}<bpmn:endEvent id="we" />'
    flows = '<bpmn:sequenceFlow id="w1" sourceRef="ws" targetRef="bye" /><bpmn:sequenceFlow id="w2" sourceRef="bye" targetRef="we" />'
    withdraw = f'<bpmn:subProcess id="w" triggeredByEvent="true">{inside}{flows}</bpmn:subProcess>'
    with_it = version(engine, user_task("first") + user_task("second") + withdraw, "s>first first>second second>e")
    forth = migrated(engine, old, with_it)
    assert (forth.items[0].armed, rows(engine, Subscription.name)) == (("ws",), [("go",)])
    back = migrations.undo_migration(engine, ADMIN, forth.id)
    work(engine)
    assert (migration(engine, back).undo_of, rows(engine, Subscription.name)) == (forth.id, [])


def test_history_of_open_steps_follows_and_that_of_done_steps_stays(engine: Engine):
    old = two_tasks(engine)
    (instance,) = started(engine)
    complete(engine, instance, "first")
    new = version(engine, user_task("first") + user_task("third"), "s>first first>third third>e")
    migrated(engine, old, new, edits={"second": "third"})
    found = rows(engine, ElementRun.element_id, ElementRun.element_name, ElementRun.definition_id, ElementRun.left_at.is_(None))
    assert ("first", "first", old, False) in found
    assert [row for row in found if row[3]] == [("third", "third", new, True)]
    complete(engine, instance, "third")


def test_what_cannot_move_is_refused_with_a_remedy_and_the_others_move(engine: Engine):
    old = two_tasks(engine)
    numbers = started(engine, 5)
    complete(engine, numbers[2], "first")
    new = version(engine, user_task("first"), "s>first first>e")
    done = migrated(engine, old, new)
    assert dict(done.counts) == {"moved": 4, "refused": 1}
    (refused,) = migration(engine, done.id, status="refused", language="en").items
    assert (refused.instance_id, refused.obstacles[0].code, refused.obstacles[0].element_id) == (numbers[2], "removed", "second")
    assert "Choose" in refused.obstacles[0].remedy
    assert [(cause.element_id, count) for cause, count in done.causes] == [("second", 1)]
    with engine.database.reading() as session:
        assert session.get_one(ProcessInstance, numbers[2]).definition_id == old
    again = migrated(engine, old, new, edits={"second": "first"})
    assert (again.total, dict(again.counts)) == (1, {"moved": 1})


def test_a_dry_run_says_the_same_for_each_instance_and_changes_nothing(engine: Engine):
    old = two_tasks(engine)
    numbers = started(engine, 4)
    complete(engine, numbers[0], "first")
    new = version(engine, user_task("first") + user_task("x"), "s>x x>first first>e")
    before = rows(engine, ProcessInstance.id, ProcessInstance.version, ProcessInstance.state)
    tried = migrations.dry_run(engine, ADMIN, old, new)
    assert dict(tried.counts) == {"moves": 0, "keeps": 3, "refused": 1}
    assert [trial.result for trial in tried.trials] == ["refused", "keeps", "keeps", "keeps"]
    mended = migrations.dry_run(engine, ADMIN, old, new, {"second": "x"})
    assert (mended.trials[0].result, mended.trials[0].steps) == ("moves", (("second", "x"),))
    assert rows(engine, ProcessInstance.id, ProcessInstance.version, ProcessInstance.state) == before
    page = migrations.dry_run(engine, ADMIN, old, new, limit=3)
    assert (len(page.trials), page.next_after, page.total) == (3, numbers[2], 4)
    assert len(migrations.dry_run(engine, ADMIN, old, new, after=numbers[2]).trials) == 1


def test_the_proposal_counts_where_work_stands(engine: Engine):
    old = two_tasks(engine)
    numbers = started(engine, 3)
    complete(engine, numbers[0], "first")
    new = version(engine, user_task("first") + user_task("x"), "s>first first>x x>e")
    found = proposal(engine, ADMIN, old, new)
    lines = {line.source: (line.target, line.note, line.standing) for line in found.lines}
    assert (lines["first"], lines["second"]) == (("first", "id", 2), ("x", "structure", 1)) or lines["second"] == (None, "removed", 1)
    assert found.instances == 3


def test_only_some_instances_are_chosen_by_place_step_age_and_number(engine: Engine, clock: MovableClock):
    old = two_tasks(engine)
    numbers = started(engine, 3)
    complete(engine, numbers[1], "first")
    clock.advance(days=1)
    noon = clock.now()
    clock.advance(days=1)
    (late,) = started(engine)
    new = version(engine, user_task("first") + user_task("second") + user_task("z"), "s>first first>second second>z z>e")

    def chosen(selection: Selection) -> list[int]:
        return [trial.instance_id for trial in migrations.dry_run(engine, ADMIN, old, new, selection=selection).trials]

    assert chosen(Selection()) == [*numbers, late]
    assert chosen(Selection(element="second")) == [numbers[1]]
    assert chosen(Selection(started_before=noon)) == numbers
    assert chosen(Selection(ids=(late, 999))) == [late]
    assert chosen(Selection(org_unit=WINDOW)) == [*numbers, late]
    assert chosen(Selection(org_unit="elsewhere")) == []


def test_a_called_process_is_found_and_moved_inside_its_callers(engine: Engine):
    old = version(engine, user_task("inner"), "s>inner inner>e", key="called")
    version(engine, '<bpmn:callActivity id="c" calledElement="called" />', "s>c c>e", key="caller")
    (instance,) = started(engine, key="caller")
    new = version(engine, user_task("inner") + user_task("more"), "s>inner inner>more more>e", key="called")
    done = migrated(engine, old, new)
    assert dict(done.counts) == {"moved": 1}
    complete(engine, instance, "inner")
    assert seen(engine) == [("C-0", "more")]


def test_moving_back_to_an_older_version_is_possible(engine: Engine):
    old = two_tasks(engine)
    new = version(engine, user_task("first") + user_task("legal"), "s>first first>legal legal>e")
    started(engine)
    assert dict(migrated(engine, new, old).counts) == {"moved": 1}


def test_an_undo_takes_back_what_can_and_judges_what_has_gone_on(engine: Engine):
    old = two_tasks(engine)
    stays, goes = started(engine, 2)
    new = version(engine, user_task("first") + user_task("legal") + user_task("second"), "s>first first>legal legal>second second>e")
    forth = migrated(engine, old, new)
    complete(engine, goes, "first")  # stands at a step that the old version does not have
    back = migrations.undo_migration(engine, ADMIN, forth.id, "退回")
    work(engine)
    assert dict(migration(engine, back).counts) == {"moved": 1, "refused": 1}
    assert dict(rows(engine, ProcessInstance.id, ProcessInstance.definition_id)) == {stays: old, goes: new}


def test_ended_and_suspended_instances_are_left_alone(engine: Engine):
    old = two_tasks(engine)
    ends, rests = started(engine, 2)
    new = version(engine, user_task("first"), "s>first first>e")
    number = migrations.create_migration(engine, ADMIN, old, new)
    instances.cancel_instance(engine, ADMIN, ends, "不办了")
    with engine.database.transaction() as session:
        session.get_one(ProcessInstance, rests).status = "suspended"
        session.flush()
    work(engine)
    found = {item.instance_id: (item.status, item.obstacles[0].code) for item in migration(engine, number).items}
    assert found == {ends: ("kept", "ended"), rests: ("refused", "suspended")}


def test_a_paused_migration_moves_nothing_until_it_is_resumed_and_a_stopped_one_never(engine: Engine):
    old = two_tasks(engine)
    started(engine, 2 * moving.BATCH + 5)
    new = version(engine, user_task("first"), "s>first first>e")
    number = migrations.create_migration(engine, ADMIN, old, new)
    jobs.run_due_jobs(engine, "w")
    migrations.pause_migration(engine, ADMIN, number)
    work(engine)
    paused = migration(engine, number)
    assert (paused.status, paused.counts["moved"]) == ("paused", moving.BATCH)
    migrations.resume_migration(engine, ADMIN, number)
    jobs.run_due_jobs(engine, "w")
    migrations.stop_migration(engine, ADMIN, number)
    work(engine)
    assert dict(migration(engine, number).counts) == {"moved": 2 * moving.BATCH, "pending": 5}
    with pytest.raises(Conflict):
        migrations.resume_migration(engine, ADMIN, number)
    assert all_migrations(engine)[0].status == "stopped"
    steered = [event for (event,) in rows(engine, Evidence.event) if event.startswith("migration:")]
    assert steered == ["migration:create", "migration:pause", "migration:resume", "migration:stop"]


def test_one_instance_that_breaks_the_program_is_refused_and_the_next_ones_move(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    old = two_tasks(engine)
    numbers = started(engine, 4)
    new = version(engine, user_task("first"), "s>first first>e")
    true_store = moving.runtime.store

    def store(engine: Engine, session: object, running: moving.runtime.Running) -> None:
        true_store(engine, session, running)  # type: ignore[arg-type]
        if running.instance.id == numbers[1]:
            raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(moving.runtime, "store", store)
    done = migrated(engine, old, new)
    assert dict(done.counts) == {"moved": 3, "refused": 1}
    with engine.database.reading() as session:
        unlucky = session.get_one(ProcessInstance, numbers[1])
    assert (unlucky.definition_id, unlucky.version) == (old, 2)
    assert "disk is on fire" in migration(engine, done.id, status="refused").items[0].obstacles[0].message


def test_somebody_who_changes_an_instance_at_the_same_moment_is_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    old = two_tasks(engine)
    started(engine, 2)
    new = version(engine, user_task("first"), "s>first first>e")
    tries: list[int] = []
    true_move = moving.move_instance

    def contested(*given: object) -> object:
        tries.append(1)
        if len(tries) < moving.TRIES:
            raise Conflict("somebody else was quicker")
        return true_move(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(moving, "move_instance", contested)
    assert dict(migrated(engine, old, new).counts) == {"moved": 2}


def test_an_instance_that_ends_its_workers_is_refused_in_the_end_and_the_others_move(engine: Engine):
    old = two_tasks(engine)
    numbers = started(engine, 3)
    new = version(engine, user_task("first"), "s>first first>e")
    number = migrations.create_migration(engine, ADMIN, old, new)
    with engine.database.transaction() as session:
        session.get_one(MigrationItem, (number, numbers[0])).detail = str(moving.TRIES)
        session.flush()
    assert moving.run_batch(engine, number, True) is False
    found = {item.instance_id: item.status for item in migration(engine, number).items}
    assert found == {numbers[0]: "refused", numbers[1]: "moved", numbers[2]: "moved"}


def test_an_incident_stays_open_at_the_element_of_the_new_version(engine: Engine):
    broken = '<bpmn:exclusiveGateway id="{0}" />'
    never = '<bpmn:conditionExpression>n = "never"</bpmn:conditionExpression>'
    ways = f'<bpmn:sequenceFlow id="c" sourceRef="{{0}}" targetRef="e">{never}</bpmn:sequenceFlow>'
    old = version(engine, broken.format("x") + ways.format("x"), "s>x")
    started(engine)
    assert rows(engine, Incident.element_id, Incident.resolved_at) == [("x", None)]
    migrated(engine, old, version(engine, broken.format("y") + ways.format("y"), "s>y"), edits={"x": "y"})
    assert rows(engine, Incident.element_id, Incident.resolved_at) == [("y", None)]


def test_only_administrators_migrate_and_only_between_versions_of_one_process(engine: Engine):
    old = two_tasks(engine)
    started(engine)
    new = version(engine, user_task("first"), "s>first first>e")
    other = version(engine, user_task("first"), "s>first first>e", key="other")
    for person in (CLERK, AUDITOR):
        with pytest.raises(NotAllowed):
            migrations.create_migration(engine, person, old, new)
        with pytest.raises(NotAllowed):
            migrations.dry_run(engine, person, old, new)
        with pytest.raises(NotAllowed):
            migrations.undo_migration(engine, person, 1)
    refused: Iterable[tuple[int, int, type[Exception]]] = [(old, other, InvalidInput), (old, old, InvalidInput), (old, 10**30, NotFound)]
    for source, target, kind in refused:
        with pytest.raises(kind):
            migrations.create_migration(engine, ADMIN, source, target)
    with pytest.raises(InvalidInput):
        migrations.create_migration(engine, ADMIN, old, new, {"nobody": "first", "first": "nowhere"})
    with pytest.raises(InvalidInput):
        migrations.create_migration(engine, ADMIN, old, new, selection=Selection(ids=(999,)))
    assert rows(engine, MigrationItem.instance_id) == []


def test_instances_of_other_windows_are_not_in_reach(engine: Engine):
    old = two_tasks(engine)
    started(engine)
    new = version(engine, user_task("first"), "s>first first>e")
    stranger = Actor("far", "示例·远", frozenset({"admin"}), "440104-01", frozenset({"440104-01"}))
    assert migrations.dry_run(engine, stranger, old, new).trials == ()
