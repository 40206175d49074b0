"""A million pending timers: what claiming, cancelling and idling cost, and what an idle worker says to the database."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

from sqlalchemy import event, insert, update

from engine.assembly import Engine
from engine.commands import jobs
from engine.db import prepared, statements
from engine.db.statements import table_of
from engine.db.tables import Job, OrgUnit
from engine.worker import Worker

CHUNK = 20_000
BATCH = 16
FEW = 1_000
TOKEN = 7
TIMES = 200


def measure(engine: Engine, pending: int, idle_seconds: float) -> dict[str, float]:
    """Wall times of single actions, each with its durable commit unless it says so, at few and at ``pending`` timers."""
    few, many = range(FEW), range(FEW, pending)
    fill(engine, few)
    before = _all_costs(engine, few)
    fill(engine, many)
    return {
        **{f"timers: {name}, ms, at {FEW:,}": value for name, value in before.items()},
        **{f"timers: {name}, ms, at {pending:,}": value for name, value in _all_costs(engine, many).items()},
        "timers: statements/s of an idle worker (≤ 1)": idle_statements(engine, idle_seconds),
    }


def fill(engine: Engine, numbers: range) -> None:
    """One timer an instance, due one a second from tomorrow on."""
    tomorrow = engine.clock.now() + timedelta(days=1)
    for chunk in (numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)):
        with engine.database.transaction() as session:
            session.connection().execute(insert(table_of(Job)), [_timer(number, tomorrow + timedelta(seconds=number)) for number in chunk])


def idle_statements(engine: Engine, seconds: float) -> float:
    """Statements a second that reach the driver while nothing is due; opening the connection and the first seal are over by then."""
    worker = Worker(engine)
    worker.run_once()
    with counted(engine) as seen:
        thread = Thread(target=worker.run_forever)
        thread.start()
        time.sleep(seconds)
        found = len(seen)
        worker.stop()
        thread.join()
    return found / seconds


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements of this process, those of SQLAlchemy and those that run on the driver's cursor."""
    seen: list[str] = []
    original = prepared._DriverCursor.__enter__

    def entered(cursor: prepared._DriverCursor) -> object:
        seen.append("prepared")
        return original(cursor)

    def executed(*given: object) -> None:
        seen.append(str(given[2]))

    prepared._DriverCursor.__enter__ = entered  # type: ignore[method-assign, assignment]
    event.listen(engine.database.engine, "before_cursor_execute", executed)
    try:
        yield seen
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", executed)
        prepared._DriverCursor.__enter__ = original  # type: ignore[method-assign]


def _all_costs(engine: Engine, numbers: range) -> dict[str, float]:
    _add_due(engine, BATCH * (TIMES + 1))
    claim = percentiles(lambda _: _claim(engine))
    with engine.database.transaction() as session:  # what is claimed would fall due again
        session.execute(table_of(Job).delete().where(Job.owner.is_not(None)))
    spread = [numbers[number * len(numbers) // (2 * TIMES + 2)] for number in range(2 * TIMES + 2)]
    return {
        **_named("claim 16", "(≤ 5)", claim),
        **_named("cancel", "(≤ 1)", percentiles(lambda number: _cancel(engine, spread[2 * number]))),
        **_named("cancel without its commit", "", _uncommitted(engine, spread)),
        **_named("the same commit of one other row", "", percentiles(lambda number: _touch(engine, number))),
        **_named("idle poll", "", percentiles(lambda _: jobs.run_due_jobs(engine, "bench"))),
        **_named("next due", "", percentiles(lambda _: jobs.next_due(engine))),
    }


def _named(name: str, target: str, cuts: tuple[float, float]) -> dict[str, float]:
    return {f"{name} p50 {target}".strip(): cuts[0], f"{name} p95": cuts[1]}


def percentiles(action: Callable[[int], object]) -> tuple[float, float]:
    """Median and p95, wall ms."""
    action(0)
    taken = []
    for number in range(1, TIMES + 1):
        before = time.perf_counter()
        action(number)
        taken.append((time.perf_counter() - before) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def _claim(engine: Engine) -> None:
    assert len(jobs.claim_jobs(engine, f"bench-{os.getpid()}", BATCH)) == BATCH


def _cancel(engine: Engine, instance: int) -> None:
    with engine.database.transaction() as session:
        assert statements.REMOVE_JOB_OF_TOKEN.change(session, instance_id=instance, token=TOKEN) == 1


def _uncommitted(engine: Engine, spread: list[int]) -> tuple[float, float]:
    with engine.database.transaction() as session:

        def cancel(number: int) -> None:
            assert statements.REMOVE_JOB_OF_TOKEN.change(session, instance_id=spread[2 * number + 1], token=TOKEN) == 1

        return percentiles(cancel)


def _touch(engine: Engine, number: int) -> None:
    """The least that a durable change costs here."""
    with engine.database.transaction() as session:
        session.execute(update(table_of(OrgUnit)).values(name=f"基准窗口 {number}"))


def _add_due(engine: Engine, many: int) -> None:
    due = engine.clock.now() - timedelta(hours=1)
    rows = [_timer(10_000_000 + number, due + timedelta(milliseconds=number)) for number in range(many)]
    with engine.database.transaction() as session:
        session.connection().execute(insert(table_of(Job)), rows)


def _timer(number: int, due: object) -> dict[str, object]:
    """``number`` names the instance, so that the index of tokens is as wide as in life."""
    return {
        "kind": "timer", "instance_id": number, "token": TOKEN, "element_id": "review_late",
        "payload": {}, "due_at": due, "run_at": due, "attempts": 0,
    }  # fmt: skip
