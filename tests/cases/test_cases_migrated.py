"""The centre's own cases, moved to a later version of every process they run and back: nothing is refused, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import func, select

from engine import runtime
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.commands import case_import, deployments, jobs, migrations
from engine.db.tables import Definition, ElementRun, Job, ProcessInstance, Resource, UserTask
from engine.queries.evidence import verify_evidence
from engine.queries.migrations import migration
from tests.conftest import PROJECT

NAMED = re.compile(r'(<bpmn:(?:userTask|process)\b[^>]*?\bname=")([^"]+)"')
RECORDS = PROJECT / "tests" / "data" / "cases.json"


def test_every_running_case_moves_to_the_next_version_of_its_processes_and_back(engine: Engine, actor: Callable[[str], Actor]):
    case_import.import_cases(engine, SYSTEM, case_import.read_cases(RECORDS.read_bytes(), RECORDS.name))
    before, admin = standing(engine), actor("admin")
    assert len(before) > 5
    done = []
    for old, key, file in running_definitions(engine):
        new = deployed(engine, admin, old, key, file)
        number = migrations.create_migration(engine, admin, old, new, reason="改名")
        work(engine, number)
        done.append(number)
        assert migration(engine, number).counts.keys() == {"moved"}, migration(engine, number).causes
    assert {number: [(wait[0], wait[2:]) for wait in waits] for number, waits in standing(engine).items()} == {
        number: [(wait[0], wait[2:]) for wait in waits] for number, waits in before.items()
    }
    assert all(name.endswith("（新）") for name in open_names(engine))
    for number in reversed(done):
        back = migrations.undo_migration(engine, admin, number)
        work(engine, back)
        assert migration(engine, back).counts.keys() == {"moved"}
    assert standing(engine) == before
    assert verify_evidence(engine).faults == ()


def running_definitions(engine: Engine) -> list[tuple[int, str, str]]:
    with engine.database.reading() as session:
        numbers = session.scalars(select(ElementRun.definition_id).where(ElementRun.left_at.is_(None)).distinct()).all()
        return [(row.id, row.key, row.file) for row in session.scalars(select(Definition).where(Definition.id.in_(numbers)))]


def deployed(engine: Engine, admin: Actor, old: int, key: str, file: str) -> int:
    """The same file with other names of its user tasks."""
    with engine.database.reading() as session:
        row = session.get_one(Definition, old)
        source = session.get_one(Resource, row.sha256).content.decode()
    deployments.deploy(engine, admin, {file: NAMED.sub(r'\1\2（新）"', source).encode()}, "改名")
    with engine.database.reading() as session:
        return session.scalar(select(func.max(Definition.id)).where(Definition.key == key)) or 0


def work(engine: Engine, number: int) -> None:
    """Only the migration: what else falls due is the business of other tests."""
    with engine.database.transaction() as session:
        job = next(one for one in session.scalars(select(Job).where(Job.kind == "migration")) if one.payload["migration"] == number)
        session.delete(job)
    while jobs.moving.run_batch(engine, number, False):
        pass


def standing(engine: Engine) -> dict[int, list[tuple[object, ...]]]:
    """What each running instance waits for."""
    found: dict[int, list[tuple[object, ...]]] = {}
    with engine.database.reading() as session:
        for number in session.scalars(select(ProcessInstance.id).where(ProcessInstance.status == "active")).all():
            waits = runtime.peek(engine, session, SYSTEM, number).execution.waits()
            tasks = [(wait.element_id, wait.name, wait.due_at, wait.candidate_groups, wait.token) for wait in waits.user_tasks.values()]
            timers = [(wait.element_id, "", wait.due_at, wait.token) for wait in waits.timers.values()]
            found[number] = [*tasks, *timers, *((wait.element_id, "", wait.name) for wait in waits.subscriptions.values())]
    return found


def open_names(engine: Engine) -> list[str]:
    with engine.database.reading() as session:
        return list(session.scalars(select(UserTask.name).where(UserTask.ended_at.is_(None))))
