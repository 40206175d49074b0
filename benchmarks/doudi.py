"""Workload W on the product itself: real commands, real rows, a real file."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from benchmarks.spiff import ORDER, WORKLOAD
from engine.actors import Actor
from engine.assembly import Engine, build_engine
from engine.commands import deployments, instances, user_tasks
from engine.db.base import Base
from engine.db.case_tables import Case  # noqa: F401 - its tables belong to the schema
from engine.db.statements import table_of
from engine.db.tables import ElementRun, Evidence, InboxEntry, OrgUnit, ProcessInstance, UserTask
from engine.errors import Conflict
from engine.queries.inbox import InboxQuery, inbox
from engine.settings import read_settings

WINDOW = "bench"
ADMIN = Actor("bench", "基准", frozenset({"window", "admin"}), WINDOW, frozenset({WINDOW}))

OPEN_TASK = select(table_of(UserTask).c.id).where(UserTask.instance_id == bindparam("instance"), UserTask.ended_at.is_(None))


def prepared_engine(folder: Path, url: str = "") -> Engine:
    """An engine on an empty database with workload W deployed; without ``url`` a new SQLite file."""
    engine = open_engine(folder, url)
    Base.metadata.create_all(engine.database.engine)
    with engine.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="基准窗口", region="440103"))
    deployments.deploy(engine, ADMIN, {"workload.bpmn": WORKLOAD.read_bytes()}, "基准")
    return engine


def open_engine(folder: Path, url: str = "") -> Engine:
    given = {"DOUDI_DATA": str(folder), "DOUDI_SECRET_KEY": "only-for-measuring-only-for-measuring", "DOUDI_FOUR_EYES": "0"}
    return build_engine(read_settings(given | ({"DOUDI_DATABASE_URL": url} if url else {})), lives_on=True)


def one_case(engine: Engine) -> Callable[[int], None]:
    """One case from start to end: seven durable commits."""

    def run_case(number: int) -> None:
        instance = instances.start_instance(engine, ADMIN, "workload", f"W-{number}", {"amount": 150, "case_no": f"W-{number}"})
        task_id: str | None = first_task(engine, instance)
        for element in ORDER:
            assert task_id is not None
            task_id = user_tasks.complete_task(engine, ADMIN, task_id, {f"{element}_note": "checked"}).next_task_id
        assert task_id is None

    return run_case


def first_task(engine: Engine, instance: int) -> str:
    """The only task of an instance that was just started; from then on each completion names the next one."""
    with engine.database.reading() as session:
        return str(session.connection().execute(OPEN_TASK, {"instance": instance}).scalar_one())


def fill_inbox(engine: Engine, wanted: int) -> None:
    """Open instances up to ``wanted``: one is started, the database copies its rows."""
    first = instances.start_instance(engine, ADMIN, "workload", "W-template", {"amount": 150, "case_no": "W-template"})
    task = first_task(engine, first)
    with engine.database.transaction() as session:
        last = session.scalar(select(func.max(ProcessInstance.id))) or 0
        present = session.scalar(select(func.count()).select_from(ProcessInstance).where(ProcessInstance.status == "active")) or 0
        numbers, open_no = {"after": last, "last": last + wanted - present}, "'open-' || n.number"
        task_id = f"n.number || '{task.removeprefix(str(first))}'"
        if wanted > present:
            _copy(session, ProcessInstance, f"id = {first}", numbers, id="n.number", business_key=open_no)
            _copy(session, UserTask, f"id = '{task}'", numbers, id=task_id, instance_id="n.number", business_key=open_no)
            _copy(session, InboxEntry, f"task_id = '{task}'", numbers, task_id=task_id)


def _copy(session: Session, rows: type[Base], template: str, numbers: dict[str, int], **own: str) -> None:
    """Once for each number; ``own`` says in SQL what differs."""
    names = table_of(rows).columns.keys()
    values = ", ".join(own.get(name, f"t.{name}") for name in names)
    counting = "WITH RECURSIVE n(number) AS (SELECT :after + 1 UNION ALL SELECT number + 1 FROM n WHERE number < :last)"
    copied = f"SELECT {values} FROM n, (SELECT * FROM {rows.__tablename__} WHERE {template}) t"
    session.execute(text(f"{counting} INSERT INTO {rows.__tablename__} ({', '.join(names)}) {copied}"), numbers)


def inbox_page(engine: Engine) -> Callable[[int], None]:
    """The first page of the inbox, as the web layer asks for it."""

    def read(_number: int) -> None:
        assert len(inbox(engine, ADMIN, InboxQuery()).items) == 20

    return read


def bytes_per_finished_case(engine: Engine) -> dict[str, float]:
    """Stored bytes of finished cases: the state that stays, and the history rows as text."""
    with engine.database.reading() as session:
        ended = ProcessInstance.status == "ended"
        state = session.scalar(select(func.avg(func.length(ProcessInstance.state))).where(ended)) or 0
        cases = session.scalar(select(func.count()).select_from(ProcessInstance).where(ended)) or 1
        runs = session.scalar(select(func.count()).select_from(ElementRun)) or 0
        facts = session.scalar(select(func.sum(func.length(Evidence.facts))).select_from(Evidence)) or 0
    return {"state_bytes": float(state), "element_runs": runs / cases, "evidence_fact_bytes": facts / cases}


def completions_per_second(folder: Path, clients: int, seconds: float) -> float:
    """Completed user tasks a second by ``clients`` processes on one database, each running its own cases."""
    context = get_context("spawn")
    with ProcessPoolExecutor(clients, mp_context=context) as pool:
        list(pool.map(_warm_up, [(folder, client) for client in range(clients)]))
        started = time.perf_counter()
        done = sum(pool.map(_client, [(folder, client, seconds) for client in range(clients)]))
        return done / (time.perf_counter() - started)


_ENGINES: dict[Path, Engine] = {}


def _warm_up(job: tuple[Path, int]) -> None:
    folder, client = job
    _ENGINES[folder] = open_engine(folder)
    one_case(_ENGINES[folder])(10_000_000 + client)


def _client(job: tuple[Path, int, float]) -> int:
    folder, client, seconds = job
    engine = _ENGINES.setdefault(folder, open_engine(folder))
    until, number, done = time.perf_counter() + seconds, client * 1_000_000, 0
    while time.perf_counter() < until:
        number += 1
        try:
            one_case(engine)(number)
            done += len(ORDER)
        except Conflict:
            continue
    return done
