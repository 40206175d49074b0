"""A running instance goes on in another version of its process: what it was doing is kept, what is new takes effect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    conditional,
    correlation,
    definition,
    end,
    event_sub,
    file_of,
    flow,
    inclusive,
    message,
    parallel,
    process,
    service,
    start,
    straight,
    throw,
    timer,
    undoing,
    user,
    xor,
)
from tests.bpmn.migrating import moved, obstacles

TWO = file_of(straight(user("a", candidateGroups="window"), user("b"), ids=["a", "b"]))


def line(*parts: str, ids: str) -> bytes:
    return file_of(message("m_go", "go"), straight(*parts, ids=ids.split()))


def test_a_task_keeps_its_token_and_takes_name_and_candidates_of_the_new_version(begin: Begin):
    run = begin(TWO)
    token, created = run.task("a"), run.waits.user_tasks[run.task("a")].created_at
    run.host.advance(hours=2)
    moved(run, line(user("a", candidateGroups="legal", formKey="f").replace("<bpmn:userTask", '<bpmn:userTask name="新名"'), ids="a"))
    task = run.waits.user_tasks[token]
    assert (task.name, task.candidate_groups, task.form_key, task.created_at) == ("新名", ("legal",), "f", created)


def test_what_the_new_version_says_alike_stays_as_it_was_evaluated(begin: Begin):
    run = begin(line(user("a", candidateGroups="= g", dueDate="PT2H"), ids="a"), g="one")
    run.set_variables(g="two")
    run.host.advance(hours=1)
    moved(run, line(user("a", candidateGroups="= g", dueDate="PT2H", priority="70"), ids="a"), timers="recompute")
    task = run.waits.user_tasks[run.task("a")]
    assert (task.candidate_groups, task.due_at, task.priority) == (("one",), NOON + timedelta(hours=2), 70)


@pytest.mark.parametrize(("timers", "hours"), [("keep", 7), ("recompute", 5)])
def test_due_dates_and_timers_that_run_are_kept_or_counted_again_from_their_beginning(begin: Begin, timers: Any, hours: int):
    def limits(number: int) -> bytes:
        return line(
            user("a", dueDate=f"PT{number}H"), boundary("late", "a", timer("timeDuration", f"PT{number}H"), interrupting=False), end("e2"),
            flow("late", "e2"), ids="a",
        )  # fmt: skip

    run = begin(limits(7))
    run.host.advance(hours=1)
    moved(run, limits(5), timers=timers)
    (task,), (late,) = run.waits.user_tasks.values(), run.waits.timers.values()
    assert (task.due_at, late.due_at) == (NOON + timedelta(hours=hours), NOON + timedelta(hours=hours))


def test_a_step_inserted_behind_the_token_is_done(begin: Begin):
    run = begin(TWO)
    moved(run, line(user("a"), user("legal"), user("b"), ids="a legal b"))
    run.complete("a", "legal", "b")
    assert run.completed


def test_a_step_inserted_before_the_token_is_not_done_any_more(begin: Begin):
    run = begin(TWO)
    run.complete("a")
    moved(run, line(user("a"), user("legal"), user("b"), ids="a legal b"))
    assert run.tasks == ["b"]


def test_a_removed_element_with_a_token_is_an_obstacle_and_without_one_is_none(begin: Begin):
    run = begin(TWO)
    assert obstacles(run, line(user("b"), ids="b")) == [("removed", "a")]
    run.complete("a")
    assert obstacles(run, line(user("b"), ids="b")) == []


def test_a_removed_element_may_be_mapped_to_the_next_one_and_the_work_goes_on_there(begin: Begin):
    run = begin(TWO)
    token = run.task("a")
    found = moved(run, line(user("b"), ids="b"), a="b")
    assert [(step.token, step.source, step.target) for step in found.moved] == [(token, "a", "b")]
    assert run.task("b") == token
    run.complete("b")
    assert run.completed


def test_a_task_mapped_by_choice_to_a_gateway_goes_on_there(begin: Begin):
    gateway = [xor("x", default="fb"), user("b"), user("c"), end("e2")]
    target = file_of(process(start(), end(), *gateway, flow("start", "x"), flow("x", "b", id="fb"), flow("x", "c", "n = 1"),
                             chain("b", "end"),
                             chain("c", "e2")))  # fmt: skip
    run = begin(TWO, n=1)
    assert obstacles(run, target) == [("removed", "a")]
    found = moved(run, target, a="x")
    assert [step.target for step in found.restarted] == ["x"]
    assert run.tasks == ["c"]


def test_a_task_that_became_a_gateway_under_its_own_id_is_an_obstacle(begin: Begin):
    run = begin(TWO)
    target = file_of(process(start(), end(), xor("a", default="f"), flow("start", "a"), flow("a", "end", id="f")))
    assert obstacles(run, target) == [("retyped", "a")]


def test_nothing_can_be_sent_to_a_join_of_several_branches(begin: Begin):
    body = [user("b"), user("c"), parallel("fork"), parallel("join")]
    target = file_of(process(start(), end(), *body, chain("start", "fork", "b", "join", "end"), chain("fork", "c", "join")))
    assert obstacles(begin(TWO), target, a="join") == [("arrival", "join")]


def test_a_deleted_element_with_three_tokens_names_each_of_them(begin: Begin):
    body = [parallel("fork"), xor("merge"), user("a")]
    drawn = process(start(), end(), *body, chain("start", "fork", "merge", "a", "end"), *(flow("fork", "merge") for _ in range(2)))
    run = begin(file_of(drawn))
    assert run.tasks == ["a", "a", "a"]
    assert obstacles(run, line(user("b"), ids="b")) == [("removed", "a")] * 3
    moved(run, line(user("b"), ids="b"), a="b")
    assert run.tasks == ["b", "b", "b"]


def test_boundary_events_of_the_new_version_watch_work_that_runs_already(begin: Begin):
    run = begin(TWO)
    run.host.advance(hours=1)
    target = line(user("a"), boundary("late", "a", timer("timeDuration", "PT3H")), user("chase"), chain("late", "chase", "end"), ids="a")
    assert moved(run, target).armed == ["late"]
    assert run.waits.timers.popitem()[1].due_at == NOON + timedelta(hours=4)
    run.fire("late")
    assert run.tasks == ["chase"]


def test_boundary_events_that_are_gone_watch_no_more(begin: Begin):
    run = begin(line(user("a"), boundary("late", "a", timer("timeDuration", "PT3H")), end("e2"), flow("late", "e2"), ids="a"))
    assert moved(run, TWO).disarmed == ["late"]
    assert run.timers == []
    run.complete("a", "b")
    assert run.completed


def test_a_boundary_event_that_has_occurred_for_the_last_time_is_not_armed_again(begin: Begin):
    parts = [
        user("a"),
        boundary("once", "a", timer("timeDuration", "PT3H"), interrupting=False),
        user("chase"),
        chain("once", "chase", "end"),
    ]
    run = begin(line(*parts, ids="a"))
    run.fire("once")
    moved(run, line(*parts, user("b"), ids="a b"))
    assert run.timers == []
    run.complete("chase", "a", "b")
    assert run.completed


def test_a_message_is_awaited_under_its_new_name_and_key(begin: Begin):
    old = file_of(message("m", "old"), straight(catch("c", correlation("= k"), definition("message", "m")), ids=["c"]))
    new = file_of(message("m", "new"), straight(catch("c", correlation("= n"), definition("message", "m")), ids=["c"]))
    run = begin(old, k="K", n="N")
    moved(run, new)
    (wait,) = run.waits.subscriptions.values()
    assert (wait.name, wait.correlation_key) == ("new", "N")


def test_a_timer_that_became_a_message_waits_for_the_message(begin: Begin):
    run = begin(line(catch("c", timer("timeDuration", "PT3H")), ids="c"))
    moved(run, line(catch("c", definition("message", "m_go")), ids="c"))
    assert (run.timers, run.subscriptions) == ([], ["c"])


def test_a_join_keeps_the_branch_that_has_arrived(begin: Begin):
    def drawn(*more: str, last: str) -> bytes:
        body = [parallel("fork"), parallel("join"), user("a"), user("b"), *more]
        ways = [chain("start", "fork", "a", "join"), chain("fork", "b", "join"), chain("join", *last.split(), "end")]
        return file_of(process(start(), end(), *body, *ways))

    run = begin(drawn(last=""))
    run.complete("a", x=1)
    moved(run, drawn(user("c"), last="c"))
    run.complete("b", y=2)
    assert run.data_at("c") == {"x": 1, "y": 2}


def test_a_join_opens_when_the_branch_it_waits_for_is_taken_away(begin: Begin):
    def drawn(*others: str) -> bytes:
        body = [parallel("fork"), parallel("join"), user("a"), user("last"), *map(user, others)]
        ways = [chain("fork", other, "join") for other in others]
        return file_of(process(start(), end(), *body, chain("start", "fork", "a", "join", "last", "end"), *ways))

    run = begin(drawn("b", "c"))
    run.complete("a", "b")
    moved(run, drawn("b"), c="last")
    assert run.tasks == ["last", "last"]


def test_a_join_that_would_wait_for_a_branch_nobody_is_in_is_an_obstacle(begin: Begin):
    body = [parallel("fork"), parallel("join"), user("a"), user("b")]
    both = file_of(process(start(), end(), *body, chain("start", "fork", "a", "join", "end"), chain("fork", "b", "join")))
    run = begin(TWO)
    assert obstacles(run, both) == [("starved", "join")]
    moved(run, both, a="fork")
    assert run.tasks == ["a", "b"]


def test_inclusive_joins_wait_only_for_who_can_still_come(begin: Begin):
    def drawn(*more: str) -> bytes:
        body = [inclusive("or", default="fd"), inclusive("join"), user("a"), user("b"), user("last")]
        ways = [
            flow("or", "a", "1 = 1"),
            flow("or", "b", "1 = 1"),
            flow("or", "join", id="fd"),
            chain("a", *more, "join"),
            flow("b", "join"),
        ]
        return file_of(process(start(), end(), *body, *map(user, more), flow("start", "or"), *ways, chain("join", "last", "end")))

    run = begin(drawn())
    run.complete("b")
    moved(run, drawn("review"))
    run.complete("a", "review")
    assert run.tasks == ["last"]


def test_new_event_sub_processes_wait_in_scopes_that_run_already(begin: Begin):
    run = begin(TWO)
    withdrawn = event_sub("w", definition("message", "m_go"), user("farewell"))
    assert moved(run, line(user("a"), user("b"), withdrawn, ids="a b")).armed == ["w_s"]
    run.deliver("w_s", why="moved")
    assert (run.tasks, run.data_at("farewell")) == (["farewell"], {"why": "moved"})


def test_event_sub_processes_that_are_gone_wait_no_more(begin: Begin):
    run = begin(line(user("a"), event_sub("w", definition("message", "m_go"), user("farewell")), ids="a"))
    assert moved(run, TWO).disarmed == ["w_s"]
    assert run.subscriptions == []


def test_nothing_new_waits_beside_a_scope_that_an_event_sub_process_has_interrupted(begin: Begin):
    first = event_sub("w", definition("message", "m_go"), user("farewell"))
    run = begin(line(user("a"), first, ids="a"))
    run.deliver("w_s")
    assert moved(run, line(user("a"), first, event_sub("t", timer("timeDuration", "PT1H"), user("hurry")), ids="a")).armed == []
    assert (run.tasks, run.timers) == (["farewell"], [])


def test_a_conditional_event_that_is_true_already_occurs_when_it_comes_with_the_new_version(begin: Begin):
    run = begin(TWO, n=5)
    moved(run, line(user("a"), user("b"), event_sub("w", conditional("n > 3"), user("check"), interrupting=False), ids="a b"))
    assert run.tasks == ["a", "check"]


def test_what_was_done_can_still_be_undone_in_the_new_version(begin: Begin):
    def drawn(undo: str, last: str) -> bytes:
        undone = throw("back", "<bpmn:compensateEventDefinition/>")
        return line(user("pay"), undoing("pay", user(undo)), user(last), undone, ids=f"pay {last} back")

    run = begin(drawn("refund", "check"))
    run.complete("pay")
    moved(run, drawn("refund2", "check"))
    run.complete("check")
    assert run.tasks == ["refund2"]


def test_losing_what_undoes_a_completed_step_is_an_obstacle_until_somebody_gives_it_up(begin: Begin):
    undone = throw("back", "<bpmn:compensateEventDefinition/>")
    run = begin(line(user("pay"), undoing("pay", user("refund")), user("check"), undone, ids="pay check back"))
    run.complete("pay")
    target = line(user("check"), ids="check")
    assert obstacles(run, target) == [("undo", "pay")]
    moved(run, target, pay=None)
    run.complete("check")
    assert run.completed


def test_a_failed_step_moves_and_is_retried_as_the_new_version_says(begin: Begin, host: HostDouble):
    host.operations["new"] = lambda inputs, activity: {"done": True}
    run = begin(line(service("s", "old"), ids="s"))
    assert list(run.failures) == ["s"]
    moved(run, line(service("s", "new"), ids="s"))
    assert list(run.failures) == ["s"]
    run.retry()
    assert run.variables == {"done": True}


def test_events_behind_an_event_based_gateway_are_renewed_one_by_one(begin: Begin):
    def race(*events: tuple[str, str]) -> bytes:
        drawn = [catch(name, trigger) + flow("g", name) + flow(name, "end") for name, trigger in events]
        return file_of(message("m_go", "go"), process(start(), end(), '<bpmn:eventBasedGateway id="g"/>', flow("start", "g"), *drawn))

    run = begin(race(("t", timer("timeDuration", "PT2H")), ("m", definition("message", "m_go"))))
    moved(run, race(("t", timer("timeDuration", "PT1H")), ("c", conditional("n = 1")), ("d", timer("timeDuration", "PT9H"))))
    assert (run.timers, run.subscriptions) == (["d", "t"], [])
    run.set_variables(n=1)
    assert run.completed


def test_input_parameters_that_changed_are_evaluated_again_and_the_others_kept(begin: Begin):
    from tests.bpmn.diagrams import parameters

    run = begin(line(user("a", parameters({"x": "= n", "y": "= n"})), ids="a"), n=1)
    run.set_variables(n=2)
    moved(run, line(user("a", parameters({"x": "= n", "y": "= n + 10", "z": "= n"})), ids="a"))
    assert run.data_at("a") == {"n": 2, "x": 1, "y": 12, "z": 2}


def test_an_expression_that_gives_nothing_usable_is_an_obstacle_with_its_reason(begin: Begin):
    run = begin(TWO)
    assert obstacles(run, line(user("a", dueDate="= 5"), ids="a")) == [("evaluation", "a")]


def test_an_ended_instance_and_one_of_another_version_are_left_alone(begin: Begin):
    run = begin(TWO)
    run.complete("a", "b")
    assert obstacles(run, TWO) == [("ended", "")]
    other = begin(TWO)
    moved(other, TWO)
    assert obstacles(other, TWO) == [("elsewhere", "")]
