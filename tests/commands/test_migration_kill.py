"""Workers that are killed in the middle of a batch: each instance is moved once, none is moved half."""

from __future__ import annotations

import random
import time
from collections import Counter

from sqlalchemy import func, select

from engine.assembly import Engine
from engine.commands import instances, migrations
from engine.db.tables import Definition, ElementRun, Evidence, Job, ProcessInstance, UserTask
from engine.queries.evidence import verify_evidence
from engine.queries.migrations import migration
from tests.commands.conftest import ADMIN, START_END, deploy, diagram, user_task
from tests.commands.test_kill import Lives, real_time, victim

__all__ = ["real_time"]

#: Enough that a fast machine does not move them all before the first worker is killed.
CASES = 1200


def test_a_migration_goes_on_where_killed_workers_left_it_and_moves_each_instance_once(real_time: Engine) -> None:
    deploy(real_time, diagram("p", START_END + user_task("first") + user_task("second"), "s>first first>second second>e"))
    numbers = [instances.start_instance(real_time, ADMIN, "p", f"C-{number}", {}) for number in range(CASES)]
    deploy(real_time, diagram("p", START_END + user_task("first") + user_task("legal"), "s>first first>legal legal>e"))
    with real_time.database.reading() as session:
        old, new = session.scalars(select(Definition.id).order_by(Definition.id)).all()
    number = migrations.create_migration(real_time, ADMIN, old, new, {"first": "legal"})
    chance, kills = random.Random(20261123), 0
    lives, deadline = Lives(chance, CASES), time.monotonic() + 240
    while (now := migration(real_time, number, limit=1)).status == "running" and time.monotonic() < deadline:
        worker = victim(real_time, "worker")
        time.sleep(lives.seconds(now.counts.get("pending", 0)))
        worker.kill()
        worker.communicate()
        kills += 1
    done = migration(real_time, number, limit=1)
    assert (done.status, dict(done.counts)) == ("done", {"moved": CASES})
    assert kills > 2, "Expected the workers to be killed before the migration was done."
    with real_time.database.reading() as session:
        moved = Counter(session.scalars(select(Evidence.chain).where(Evidence.event == "instance:migrate")))
        versions = session.execute(
            select(ProcessInstance.definition_id, ProcessInstance.version, func.count()).group_by("definition_id", "version")
        )
        assert [tuple(row) for row in versions] == [(new, 3, CASES)]
        assert set(session.scalars(select(UserTask.element_id))) == {"legal"}
        open_runs = select(ElementRun.instance_id, ElementRun.element_id, ElementRun.definition_id).where(ElementRun.left_at.is_(None))
        assert {tuple(row) for row in session.execute(open_runs)} == {(instance, "legal", new) for instance in numbers}
        assert session.scalar(select(func.count()).select_from(Job)) == 0
    assert set(moved.values()) == {1} and len(moved) == CASES
    assert verify_evidence(real_time).faults == ()
