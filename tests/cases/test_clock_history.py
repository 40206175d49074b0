"""The page of a case shows its three clocks and the history of every due time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock, as_local
from engine.commands import case_actions, jobs
from engine.commands.cases import register_case
from engine.errors import NotAllowed
from engine.queries.case_clocks import case_clocks
from tests.webapp.conftest import SIMPLE_CASE

PAUSE = {"pause_reason": "待补正", "pause_request": "请补交监理合同备案证明一份。", "pause_until": "2026-12-11"}


@pytest.fixture
def paused(engine: Engine, clock: MovableClock, clerk: Actor) -> str:
    """A simple case, paused after an hour and resumed two working days later."""
    clock.move_to(as_local("2026-11-23T10:00"))
    case_no = register_case(engine, clerk, SIMPLE_CASE)
    _work(engine)
    clock.move_to(as_local("2026-11-23T11:00"))
    case_actions.act(engine, clerk, case_no, "pause", PAUSE)
    _work(engine)
    clock.move_to(as_local("2026-11-25T11:00"))
    case_actions.act(engine, clerk, case_no, "resume", {"resume_note": "申请人到窗口提交了材料"})
    _work(engine)
    return case_no


def _work(engine: Engine) -> None:
    while jobs.run_due_jobs(engine, "w"):
        pass


def test_the_history_says_what_moved_when_why_and_by_whom(engine: Engine, clerk: Actor, paused: str) -> None:
    finish = next(one for one in case_clocks(engine, clerk, paused).clocks if one.kind == "finish")
    assert (finish.title, finish.is_service, finish.state, finish.lamp) == ("办结", True, "running", "green")
    assert finish.due_at == as_local("2026-11-30T17:00")
    assert [(move.was, move.due_at, move.reason) for move in finish.moves] == [
        (as_local("2026-11-26T17:00"), None, "暂停:待补正"),
        (None, as_local("2026-11-30T17:00"), "恢复计时"),
    ]
    assert [(span.begun_at, span.ended_at) for span in finish.pauses] == [(as_local("2026-11-23T11:00"), as_local("2026-11-25T11:00"))]


def test_the_whole_clock_never_stops_and_the_matter_has_its_own_limit(engine: Engine, clerk: Actor, paused: str) -> None:
    clocks = case_clocks(engine, clerk, paused)
    assert (clocks.whole.natural_days, clocks.whole.working_days, clocks.whole.ended_at) == (2, 2, None)
    assert clocks.statutory is None or clocks.statutory.days > 0


def test_clocks_of_a_case_that_is_not_yours_stay_closed(engine: Engine, actor: Callable[[str], Actor], paused: str) -> None:
    with pytest.raises(NotAllowed):
        case_clocks(engine, actor("D20"), paused)
