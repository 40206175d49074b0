"""What would have been decided, and how cases would have gone, with other files in force."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from engine.assembly import Engine
from engine.clock import MovableClock
from engine.db.tables import Evidence
from engine.trials.what_if import replay_cases, replay_decisions
from tests.conftest import PROJECT

LIMITS = "processes/DT03_time_limits.dmn"
GRADES = "processes/DT02_grade.dmn"
SIMPLE = "processes/P06_simple.bpmn"


def file(name: str) -> bytes:
    return (PROJECT / name).read_bytes()


def evidence_count(engine: Engine) -> int:
    with engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Evidence)) or 0


def test_the_same_files_change_nothing(decided: Engine) -> None:
    before = evidence_count(decided)
    replay = replay_decisions(decided, {name: file(name) for name in (LIMITS, GRADES)}, 90)
    assert (replay.looked_at, replay.changes, replay.failed) == (2, (), ())
    cases = replay_cases(decided, {name: file(name) for name in (LIMITS, SIMPLE)}, 90)
    assert (cases.looked_at, cases.changes, cases.stopped) == (1, (), ())
    assert evidence_count(decided) == before


def test_a_changed_output_and_a_changed_row_are_listed_and_counted(decided: Engine) -> None:
    shorter = file(LIMITS).replace('"3个工作日"'.encode(), '"2个工作日"'.encode())
    replay = replay_decisions(decided, {LIMITS: shorter}, 90)
    (change,) = replay.changes
    assert (change.decision, change.old_rows, change.new_rows) == ("DT03", ("L1",), ("L1",))
    assert change.old_outputs["finish"] == "3个工作日" and change.new_outputs["finish"] == "2个工作日"
    assert replay.moves == (("DT03", "L1", "L1", 1),)


def test_decisions_older_than_asked_for_are_left_out(decided: Engine, clock: MovableClock) -> None:
    clock.move_to(clock.now() + timedelta(days=40))
    assert replay_decisions(decided, {LIMITS: file(LIMITS)}, 30).looked_at == 0


def test_a_case_that_would_be_due_earlier_is_found_by_playing_it_again(decided: Engine) -> None:
    shorter = file(LIMITS).replace('"3个工作日"'.encode(), '"2个工作日"'.encode())
    replay = replay_cases(decided, {LIMITS: shorter}, 90)
    (change,) = replay.changes
    assert [what for what, _old, _new in change.differences] == ["due"] and "finish" in change.differences[0][1]
    assert replay.counts == (("due", 1),) and replay.stopped == ()


def test_a_step_that_the_diagram_inserts_shows_in_the_route(decided: Engine) -> None:
    drawn = re.sub(r"<bpmn:(incoming|outgoing)>.*?</bpmn:.*?>", "", file(SIMPLE).decode())
    flow = re.search(r'<bpmn:sequenceFlow [^>]*targetRef="direct_coordination"', drawn)
    assert flow is not None
    task = '<bpmn:userTask id="legal_check" name="法制审核" camunda:candidateGroups="coordinator" />'
    on = '<bpmn:sequenceFlow id="checked" sourceRef="legal_check" targetRef="direct_coordination" />'
    changed = drawn.replace(flow[0], flow[0].replace('targetRef="direct_coordination"', 'targetRef="legal_check"'))
    changed = changed.replace("<bpmn:userTask id", task + on + "<bpmn:userTask id", 1)
    replay = replay_cases(decided, {SIMPLE: changed.encode()}, 90)
    (change,) = replay.changes
    assert "route" in [what for what, _old, _new in change.differences]
    assert replay.stopped and "legal_check" in replay.stopped[0][1]


def test_files_that_are_no_files_of_the_project_are_not_needed(decided: Engine, tmp_path: Path) -> None:
    assert replay_decisions(decided, {}, 90).looked_at == 0
