"""Pending timers, few to a million: what claiming, cancelling and idling cost, and what an idle worker says to the database.

A durable commit costs what the disk costs. Each round therefore takes the statement alone, the whole action, and the durable change of any
one row in turn, and gives the action as a multiple of that change.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

from sqlalchemy import event, insert, update
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.commands import jobs
from engine.db import statements
from engine.db.prepared import Prepared
from engine.db.statements import table_of
from engine.db.tables import Job, OrgUnit
from engine.worker import Worker

CHUNK = 20_000
BATCH = 16
SIZES = (1_000, 30_000, 1_000_000)
TOKEN = 7
#: The instances of the timers to claim begin here.
DUE_NOW = 10_000_000
ROUNDS = 5
TIMES = 30
#: How often a round does anything that it cancels or claims: alone, as a whole, and once to warm up.
ACTIONS = ROUNDS * (2 * TIMES + 1)


def measure(engine: Engine, pending: int, idle_seconds: float) -> dict[str, float]:
    """Medians of five rounds, wall ms, at each size up to ``pending``."""
    figures, present = dict[str, float](), 0
    for size in [*(size for size in SIZES if size < pending), pending]:
        fill(engine, range(present, size))
        figures |= {f"timers: {name} at {size:,}": value for name, value in costs(engine, range(present, size)).items()}
        present = size
    return figures | {"timers: statements/s of an idle worker (≤ 1)": idle_statements(engine, idle_seconds)}


def fill(engine: Engine, numbers: range) -> None:
    """One timer an instance, due one a second from tomorrow on."""
    tomorrow = engine.clock.now() + timedelta(days=1)
    for chunk in (numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)):
        with engine.database.transaction() as session:
            session.connection().execute(insert(table_of(Job)), [_timer(number, tomorrow + timedelta(seconds=number)) for number in chunk])


def costs(engine: Engine, numbers: range) -> dict[str, float]:
    """By title; ``numbers`` are the timers that may be cancelled."""
    _add_due(engine, BATCH * ACTIONS)
    instances = iter(numbers[place * len(numbers) // ACTIONS] for place in range(ACTIONS))
    rounds = [_round(engine, instances) for _ in range(ROUNDS)]
    with engine.database.transaction() as session:  # what is claimed would fall due again
        session.execute(table_of(Job).delete().where(Job.instance_id >= DUE_NOW))
    middle = {name: statistics.median(taken[name] for taken in rounds) for name in rounds[0]}
    over = {f"{name} / commit of any row": middle[f"{name}, ms"] / middle["commit of any row, ms"] for name in ("claim 16", "cancel")}
    polls = [_median(lambda: jobs.next_due(engine)) for _ in range(ROUNDS)]
    looks = [_median(lambda: jobs.shorten_waits(engine), 1) for _ in range(ROUNDS)]
    return {
        **middle,
        **over,
        "idle poll, ms": statistics.median(polls),
        "look for waits of a clock set back, ms": statistics.median(looks),
    }


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
    original = Prepared._text

    def asked(statement: Prepared, *given: Any) -> Any:
        seen.append("prepared")
        return original(statement, *given)

    def executed(*given: object) -> None:
        seen.append(str(given[2]))

    Prepared._text = asked  # type: ignore[method-assign, assignment]
    event.listen(engine.database.engine, "before_cursor_execute", executed)
    try:
        yield seen
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", executed)
        Prepared._text = original  # type: ignore[method-assign]


def _round(engine: Engine, instances: Iterator[int]) -> dict[str, float]:
    """Median wall ms of each action; the whole actions take turns with the commit that they are compared with."""
    claims, cancels, commits = list[float](), list[float](), list[float]()
    _cancel(engine, next(instances))
    for number in range(TIMES):
        claims.append(_ms(lambda: _claim(engine)))
        cancels.append(_ms(lambda: _cancel(engine, next(instances))))
        commits.append(_ms(lambda: _touch(engine, number)))  # noqa: B023 - called at once
    with engine.database.transaction() as session:
        return {
            "claim 16 without its commit, ms (≤ 5)": _median(lambda: _claim_in(engine, session)),
            "cancel without its commit, ms (≤ 1)": _median(lambda: _cancel_in(session, next(instances))),
            "claim 16, ms": statistics.median(claims),
            "cancel, ms": statistics.median(cancels),
            "commit of any row, ms": statistics.median(commits),
        }


def _median(action: Callable[[], object], times: int = TIMES) -> float:
    return statistics.median(_ms(action) for _ in range(times))


def _ms(action: Callable[[], object]) -> float:
    before = time.perf_counter()
    action()
    return (time.perf_counter() - before) * 1000


def _claim(engine: Engine) -> None:
    assert len(jobs.claim_jobs(engine, f"bench-{os.getpid()}", BATCH)) == BATCH


def _claim_in(engine: Engine, session: Session) -> None:
    now = engine.clock.now()
    until = now + timedelta(seconds=engine.settings.lease_seconds)
    assert len(statements.CLAIM_JOBS.all(session, now=now, most=BATCH, until=until, worker="bench")) == BATCH


def _cancel(engine: Engine, instance: int) -> None:
    with engine.database.transaction() as session:
        _cancel_in(session, instance)


def _cancel_in(session: Session, instance: int) -> None:
    assert statements.REMOVE_JOB_OF_TOKEN.change(session, instance_id=instance, token=TOKEN) == 1


def _touch(engine: Engine, number: int) -> None:
    """The least that a durable change costs here."""
    with engine.database.transaction() as session:
        session.execute(update(table_of(OrgUnit)).values(name=f"基准窗口 {number}"))


def _add_due(engine: Engine, many: int) -> None:
    due = engine.clock.now() - timedelta(hours=1)
    rows = [_timer(DUE_NOW + number, due + timedelta(milliseconds=number)) for number in range(many)]
    with engine.database.transaction() as session:
        session.connection().execute(insert(table_of(Job)), rows)


def _timer(number: int, due: datetime) -> dict[str, object]:
    """``number`` names the instance, so that the index of tokens is as wide as in life."""
    return {
        "kind": "timer", "instance_id": number, "token": TOKEN, "element_id": "review_late",
        "payload": {}, "due_at": due, "run_at": due, "attempts": 0,
    }  # fmt: skip
