"""A whole installation works on PostgreSQL as it does on SQLite: files, reference data, a case, evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.actors import SYSTEM
from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands.case_import import import_cases, read_cases
from engine.commands.demo import create_demo_accounts
from engine.commands.deployments import deploy, read_folders
from engine.commands.evidence import seal_evidence
from engine.commands.jobs import run_due_jobs
from engine.commands.reference import load_reference
from engine.db.database import Database
from engine.db.revisions import upgrade
from engine.queries.accounts import account, actor_of
from engine.queries.case_report import report
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from engine.settings import Settings

CASES = Path(__file__).parent.parent / "cli" / "one_case.json"
AS_DECIDED = {
    "id": "K01",
    "triage": "T12",
    "grade": "G9",
    "level": "简单",
    "respond_by": "2026-11-23T11:20",
    "finish_by": "2026-11-26T17:00",
}


@pytest.fixture
def installation(empty_database: Database, settings: Settings, clock: MovableClock) -> Iterator[Engine]:
    """Everything deployed and loaded, with demo accounts, on the database of the test."""
    engine = build_engine(replace(settings, database_url=empty_database.url), clock)
    upgrade(engine.database)
    load_reference(engine, SYSTEM, settings.processes_folder / "reference")
    deploy(engine, SYSTEM, read_folders(settings.processes_folder, settings.forms_folder), "the project's files")
    create_demo_accounts(engine)
    yield engine
    engine.database.dispose()


def test_a_case_is_decided_listed_timed_and_proved_alike_on_both_databases(installation: Engine, clock: MovableClock):
    import_cases(installation, SYSTEM, read_cases(CASES.read_bytes(), CASES.name))
    assert report(installation, ["K01"]) == [AS_DECIDED]

    clerk = actor_of(installation, "window-a", account(installation, "window-a").session_stamp)
    assert clerk is not None
    assert inbox(installation, clerk, InboxQuery()).items

    clock.advance(days=30)
    while run_due_jobs(installation, "worker"):
        pass
    assert seal_evidence(installation)
    found = verify_evidence(installation)
    assert found.faults == ()
    assert (found.seals, found.checked > 0) == (1, True)
