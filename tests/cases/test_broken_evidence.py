"""Evidence that somebody changed is found at night, told to those who watch over it, and examined within a working day."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock, as_local
from engine.commands import jobs, user_tasks
from engine.commands.evidence import seal_evidence
from engine.db.case_tables import Case, Notice
from engine.db.tables import Evidence, UserTask

EXAMINED = {"breach.cause": "有人绕过系统改了数据库", "breach.measures": "已封存现场并恢复备份"}


@pytest.fixture
def broken(engine: Engine, clock: MovableClock) -> Engine:
    """A centre whose evidence of last week was sealed, and changed on Saturday."""
    clock.move_to(as_local("2026-11-25T18:00"))
    seal_evidence(engine)
    clock.move_to(as_local("2026-11-28T10:00"))
    _work(engine)
    with engine.database.transaction() as session:
        session.execute(update(Evidence).where(Evidence.chain == "deployments", Evidence.sequence == 1).values(actor="somebody else"))
    return engine


def test_a_change_in_an_old_chain_is_found_on_sunday_and_examined(
    broken: Engine, clock: MovableClock, actor: Callable[[str], Actor]
) -> None:
    clock.move_to(as_local("2026-11-29T03:00"))
    _work(broken)
    file, task = _examination(broken)
    assert (file.status, file.facts["broken"], task.candidate_groups) == ("存证异常", 1, ["auditor"])
    assert _told(broken, file) == ["group:admin", "group:auditor"]
    user_tasks.complete_task(broken, actor("auditor"), task.id, EXAMINED)
    assert _file(broken, file.no).status == "已整改"


def test_who_does_not_examine_within_a_working_day_is_reported(broken: Engine, clock: MovableClock) -> None:
    clock.move_to(as_local("2026-11-29T03:00"))
    _work(broken)
    file, task = _examination(broken)
    clock.move_to(as_local("2026-12-01T18:00"))
    _work(broken)
    assert _told(broken, file) == ["group:admin", "group:auditor", "group:leading_group_office"]
    assert _examination(broken)[1].id == task.id


def _examination(engine: Engine) -> tuple[Case, UserTask]:
    with engine.database.reading() as session:
        task = session.scalars(select(UserTask).where(UserTask.element_id == "examine_break").order_by(UserTask.created_at)).one()
        return session.get_one(Case, task.business_key), task


def _file(engine: Engine, no: str) -> Case:
    with engine.database.reading() as session:
        return session.get_one(Case, no)


def _told(engine: Engine, file: Case) -> list[str]:
    with engine.database.reading() as session:
        return sorted(set(session.scalars(select(Notice.audience).where(Notice.case_no == file.no, Notice.template == "MSG-104"))))


def _work(engine: Engine) -> None:
    while jobs.run_due_jobs(engine, "w"):
        pass
