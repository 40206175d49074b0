"""Migrations beside people and other workers, on SQLite and on PostgreSQL: each instance moves once, no completion is lost."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select

from engine.assembly import Engine
from engine.commands import jobs, migrations, modification, user_tasks
from engine.db.tables import Definition, ElementRun, Evidence, ProcessInstance, UserTask
from engine.errors import Conflict
from engine.queries.evidence import verify_evidence
from engine.queries.migrations import Selection, migration
from tests.commands.conftest import ADMIN, CLERK, START_END, deploy, diagram, user_task
from tests.commands.test_both_databases import at_the_same_moment, engine, other_process, started
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures

__all__ = ["engine", "other_process"]

CASES = 24


def versions(engine: Engine) -> tuple[int, int]:
    with engine.database.reading() as session:
        old, new = session.scalars(select(Definition.id).where(Definition.key == "p").order_by(Definition.version)).all()
        return old, new


def work(engine: Engine, name: str) -> None:
    while jobs.run_due_jobs(engine, name):
        pass


def test_people_and_two_workers_at_once_leave_each_case_whole(engine: Engine, other_process: Engine) -> None:
    deploy(engine, diagram("p", START_END + user_task("first") + user_task("second"), "s>first first>second second>e"))
    tasks = [started(engine, "p", f"C-{number}") for number in range(CASES)]
    three = START_END + user_task("first") + user_task("legal") + user_task("second")
    deploy(engine, diagram("p", three, "s>first first>legal legal>second second>e"))
    old, new = versions(engine)
    every = [int(task.split("-")[0]) for task in tasks]
    halves = [Selection(ids=tuple(every[::2])), Selection(ids=tuple(every[1::2]))]
    numbers = [migrations.create_migration(engine, ADMIN, old, new, selection=half) for half in halves]

    def people() -> None:
        for task in tasks[::-1]:
            for _ in range(20):
                try:
                    user_tasks.complete_task(engine, CLERK, task, {})
                    break
                except Conflict:
                    continue

    at_the_same_moment(people, lambda: work(engine, "a"), lambda: work(other_process, "b"))
    work(engine, "c")
    with engine.database.reading() as session:
        assert set(session.scalars(select(ProcessInstance.definition_id))) == {new}
        still_open = Counter(session.scalars(select(UserTask.element_id).where(UserTask.ended_at.is_(None))))
        assert set(still_open) <= {"legal", "second"} and sum(still_open.values()) == CASES
        moved = Counter(session.scalars(select(Evidence.chain).where(Evidence.event == "instance:migrate")))
        assert set(moved.values()) == {1} and len(moved) == CASES
        runs = select(func.count()).select_from(ElementRun).where(ElementRun.left_at.is_(None), ElementRun.definition_id == new)
        assert session.scalar(runs) == CASES
    assert {migration(engine, number).status for number in numbers} == {"done"}
    assert verify_evidence(engine).faults == ()


def test_a_repair_and_a_completion_at_the_same_moment_do_not_both_win(engine: Engine) -> None:
    deploy(engine, diagram("p", START_END + user_task("first") + user_task("second"), "s>first first>second second>e"))
    task = started(engine, "p")
    number, token = (int(part) for part in task.split("-"))
    outcomes = at_the_same_moment(
        lambda: user_tasks.complete_task(engine, CLERK, task, {}),
        lambda: modification.suspend_instance(engine, ADMIN, number, "核实"),
    )
    with engine.database.reading() as session:
        assert session.get_one(ProcessInstance, number).status == "suspended"
    assert outcomes in (["done", "done"], ["done", "refused"]) and token > 0
    assert verify_evidence(engine).faults == ()
