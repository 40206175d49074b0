"""What the oracle found: each diagram that once ran wrongly runs as the standard says. Each file is named by its symptom."""

from __future__ import annotations

from pathlib import Path

from engine.bpmn.execution import Execution
from engine.bpmn.migration import Move, migrate, propose
from engine.bpmn.parse import parse
from tests.bpmn.conftest import NOON, HostDouble, Run

FOUND = Path(__file__).parent / "found"


def begun(symptom: str, **variables: object) -> Run:
    host = HostDouble(operations={"ask": lambda inputs, activity: {}})
    (host.definitions[1],) = parse((FOUND / f"{symptom}.bpmn").read_bytes(), f"{symptom}.bpmn")
    return Run(Execution.start(1, host.definitions[1], host, variables), host, reloads=True)


def test_what_an_inclusive_join_lets_go_keeps_the_next_round_waiting_if_it_can_come_back():
    run = begun("an_inclusive_join_let_two_rounds_go_at_once", again=False)
    run.complete("first", "second")
    assert run.tasks == ["third"]
    run.complete("third")
    assert run.tasks == ["work"]
    run.complete("work", again=True)
    assert run.tasks == ["work"]
    run.complete("work", again=False)
    assert run.completed


def test_a_value_that_was_corrected_is_not_overwritten_by_a_branch_that_crosses_and_has_the_older_one():
    """“look” changed nothing: by its join it descends from the fork behind “set”, where x had the value that it brings."""
    run = begun("crossing_branches_overwrite_a_later_value", x=0)
    run.complete("set", x=5)
    run.complete("beside")
    run.complete("correct", x=6)
    run.complete("look")
    assert (run.completed, run.variables, run.conflicts()) == (True, {"x": 6}, [])


def test_crossing_branches_that_both_change_a_value_are_a_conflict():
    run = begun("crossing_branches_overwrite_a_later_value", x=0)
    run.complete("set", x=5)
    run.complete("beside")
    run.complete("correct", x=6)
    run.complete("look", x=7)
    assert run.variables == {"x": 7}
    assert [(conflict.element_id, conflict.kept, conflict.dropped) for conflict in run.conflicts()] == [("join", 7, 6)]


def test_a_loop_that_did_not_run_at_all_has_nothing_to_undo():
    assert begun("a_loop_without_a_round_was_undone", done=True).completed


def test_a_loop_that_ran_twice_is_undone_twice():
    run = begun("a_loop_without_a_round_was_undone", done=False)
    run.complete("work")
    run.complete("work", done=True)
    run.complete("undo", "undo")
    assert run.completed


def test_instances_that_could_still_run_do_not_run_once_the_completion_condition_holds():
    run = begun("instances_ran_on_after_enough_were_done")
    assert (run.tasks, run.variables["answers"]) == (["look"], [0])
    assert run.path("serviceTask") == [("ask", "completed"), ("ask", "cancelled"), ("ask", "cancelled")]


def test_a_condition_on_a_disputed_variable_sees_the_value_of_the_branch_that_came_last():
    run = begun("a_condition_overlooked_who_came_last", x=0)
    run.complete("first", x=4)
    run.complete("second", x=5)
    assert run.tasks == ["look", "third"]


def test_an_instance_is_migrated_while_a_cancelled_transaction_is_being_undone():
    run = begun("a_cancelled_transaction_could_not_be_migrated")
    run.complete("fly")
    run.host.definitions[2] = run.host.definitions[1]
    plan = propose(run.host.definitions[1], run.host.definitions[2])
    migrate(run.execution, Move(1, 2, run.host.definitions[2], plan, "keep", NOON))
    run.complete("unfly", "sorry")
    assert run.completed


def test_what_an_ended_branch_has_passed_on_is_not_lost_to_a_crossing_branch_that_never_saw_it():
    """“after” knows the fork “inner” by its join, from before “short” has set x for the branches of that fork."""
    run = begun("what_an_ended_branch_passed_on_was_lost", x=0)
    run.complete("cross", "early")
    run.complete("short", x=5)
    run.complete("stay", "after")
    assert (run.completed, run.variables, run.conflicts()) == (True, {"x": 5}, [])


def test_what_is_changed_after_an_ended_branch_has_passed_on_its_value_is_newer():
    run = begun("what_an_ended_branch_passed_on_was_lost", x=0)
    run.complete("cross", "early")
    run.complete("short", x=5)
    run.complete("stay", x=6)
    run.complete("after")
    assert (run.completed, run.variables, run.conflicts()) == (True, {"x": 6}, [])


def test_every_diagram_that_was_found_has_its_test():
    named = Path(__file__).read_text("utf-8")
    assert [path.stem for path in FOUND.glob("*.bpmn") if f'"{path.stem}"' not in named] == []
