"""A played history: through the real engine, ending now, only in an empty installation."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.assembly import build_engine
from engine.clock import MovableClock, as_local
from engine.commands.deployments import read_folders
from engine.db.case_tables import Case
from engine.db.revisions import upgrade
from engine.db.tables import Incident, UserTask
from engine.errors import Conflict, InvalidInput
from engine.queries.evidence import verify_evidence
from engine.settings import read_settings
from engine.simulation.demonstration import play_history
from tests.conftest import PROJECT, TEST_KEY

NOW = as_local("2026-11-23T12:00")


def test_a_history_is_played_up_to_now_and_leaves_closed_and_open_cases_and_sound_evidence(tmp_path: Path) -> None:
    settings = read_settings({"DOUDI_DATA": str(tmp_path), "DOUDI_SECRET_KEY": TEST_KEY})
    engine = build_engine(settings, MovableClock(NOW))
    upgrade(engine.database)
    files = read_folders(PROJECT / "processes", PROJECT / "forms")
    seen = []
    history = play_history(engine, files, days=21, count=25, seed=4, progress=seen.append)
    with engine.database.reading() as session:
        closed = session.scalar(select(func.count()).select_from(Case).where(Case.closed_at.is_not(None))) or 0
        done = session.scalar(select(func.count()).select_from(UserTask).where(UserTask.outcome == "completed")) or 0
        assert session.scalar(select(func.count()).select_from(Incident)) == 0
        latest = session.scalar(select(func.max(UserTask.ended_at)))
    assert history.tally.troubles == []
    assert history.cases >= 20 and closed > 5 and done > 40
    assert latest is not None and latest <= NOW and seen == sorted(seen)
    assert verify_evidence(engine).faults == ()
    with pytest.raises(Conflict, match="empty installation"):
        play_history(engine, files, days=21, count=25, seed=4, progress=seen.append)
    engine.database.dispose()


@pytest.mark.parametrize(("days", "count"), [(0, 1), (10_000, 1), (5, 1_000_000)])
def test_histories_too_long_or_too_large_are_refused(tmp_path: Path, days: int, count: int) -> None:
    engine = build_engine(read_settings({"DOUDI_DATA": str(tmp_path), "DOUDI_SECRET_KEY": TEST_KEY}), MovableClock(NOW))
    with pytest.raises(InvalidInput):
        play_history(engine, {}, days, count, 1, lambda moment: None)
    engine.database.dispose()
