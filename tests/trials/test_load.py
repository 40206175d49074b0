"""The load of another version, from what really happened here."""

from __future__ import annotations

import re

import pytest

from engine.assembly import Engine
from engine.errors import InvalidInput
from engine.trials.load import compare_load
from tests.conftest import PROJECT

SIMPLE = "processes/P06_simple.bpmn"


def with_a_check() -> bytes:
    """The simple process with one task more before the first."""
    drawn = re.sub(r"<bpmn:(incoming|outgoing)>.*?</bpmn:.*?>", "", (PROJECT / SIMPLE).read_text("utf-8"))
    flow = re.search(r'<bpmn:sequenceFlow [^>]*targetRef="direct_coordination"', drawn)
    assert flow is not None
    task = '<bpmn:userTask id="legal_check" name="法制审核" camunda:candidateGroups="coordinator" />'
    on = '<bpmn:sequenceFlow id="checked" sourceRef="legal_check" targetRef="direct_coordination" />'
    changed = drawn.replace(flow[0], flow[0].replace('targetRef="direct_coordination"', 'targetRef="legal_check"'))
    return changed.replace("<bpmn:userTask id", task + on + "<bpmn:userTask id", 1).encode()


def test_a_step_more_brings_work_to_those_who_do_it_and_time_to_the_case(decided: Engine) -> None:
    found = compare_load(decided, {SIMPLE: with_a_check()}, 90, 30)
    assert found.cases == 1 and found.per_day == pytest.approx(1 / 7)  # it came seven working days ago
    before, after = ({load.group: load for load in side.groups} for side in (found.old, found.new))
    assert "coordinator" not in before and after["coordinator"].tasks == pytest.approx(found.new.arrivals, abs=1)
    assert before["window"].tasks <= after["window"].tasks + 3
    assert found.new.mean_time > found.old.mean_time
    assert found.handling["direct_coordination"] == 180.0  # 10 to 14 without the lunch break


def test_the_same_files_bring_the_same_load_and_twice_the_arrivals_more(decided: Engine) -> None:
    found = compare_load(decided, {}, 90, 30)
    assert found.old == found.new
    double = compare_load(decided, {}, 90, 30, factor=2.0)
    assert double.old.arrivals > found.old.arrivals


def test_without_history_there_is_nothing_to_learn_from(engine: Engine) -> None:
    with pytest.raises(InvalidInput):
        compare_load(engine, {}, 90, 30)
