"""Claiming, drafting and completing user tasks: who may, what happens, what stays untouched when refused."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import instances, user_tasks
from engine.db.tables import ElementRun, Evidence, InboxEntry, ProcessInstance, UserTask
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from engine.queries.tasks import task_page
from tests.commands.conftest import ADMIN, CLERK, COLLEAGUE, ELSEWHERE, HEAD


def start(engine: Engine, key: str = "two_steps") -> str:
    instance = instances.start_instance(engine, ADMIN, key, "C-1", {})
    return open_task(engine, instance)


def open_task(engine: Engine, instance: int) -> str:
    with engine.database.reading() as session:
        return session.scalars(select(UserTask.id).where(UserTask.instance_id == instance, UserTask.ended_at.is_(None))).one()


def seen_by(engine: Engine, actor: Actor) -> list[str]:
    return [item.element_id for item in inbox(engine, actor, InboxQuery()).items]


def test_a_started_process_puts_its_first_task_into_the_inbox_of_the_group(two_steps: Engine) -> None:
    start(two_steps)
    assert seen_by(two_steps, CLERK) == ["first"]
    assert seen_by(two_steps, HEAD) == []


def test_people_of_another_window_do_not_see_the_task(two_steps: Engine) -> None:
    start(two_steps)
    assert seen_by(two_steps, ELSEWHERE) == []


def test_completing_a_task_moves_the_process_to_the_next_one(two_steps: Engine) -> None:
    task_id = start(two_steps)
    completion = user_tasks.complete_task(two_steps, CLERK, task_id, {"note": "查过"})
    assert seen_by(two_steps, CLERK) == ["second"]
    assert completion.next_task_id == inbox(two_steps, CLERK, InboxQuery()).items[0].task_id


def test_what_was_submitted_reaches_the_next_task(two_steps: Engine) -> None:
    completion = user_tasks.complete_task(two_steps, CLERK, start(two_steps), {"note": "查过", "facts": {"a": 1}})
    page = task_page(two_steps, CLERK, completion.next_task_id or "")
    assert (page.variables["note"], page.variables["facts"]) == ("查过", {"a": 1})


def test_a_submitted_context_is_merged_into_the_known_one(two_steps: Engine) -> None:
    assert user_tasks.merged({"facts": {"a": 1, "b": 2}}, {"facts": {"b": 3}}) == {"facts": {"a": 1, "b": 3}}


def test_the_last_task_ends_the_instance(two_steps: Engine) -> None:
    first = user_tasks.complete_task(two_steps, CLERK, start(two_steps), {})
    user_tasks.complete_task(two_steps, CLERK, first.next_task_id or "", {})
    with two_steps.database.reading() as session:
        assert session.scalars(select(ProcessInstance.status)).all() == ["ended"]
        assert session.scalars(select(InboxEntry)).all() == []


def test_a_task_completed_twice_is_refused_and_nothing_changes(two_steps: Engine) -> None:
    task_id = start(two_steps)
    user_tasks.complete_task(two_steps, CLERK, task_id, {})
    with pytest.raises(Conflict, match="was completed"):
        user_tasks.complete_task(two_steps, CLERK, task_id, {})
    assert seen_by(two_steps, CLERK) == ["second"]


def test_an_unknown_task_is_not_found(two_steps: Engine) -> None:
    with pytest.raises(NotFound):
        user_tasks.complete_task(two_steps, CLERK, "77-1", {})


@pytest.mark.parametrize("stranger", [HEAD, ELSEWHERE], ids=["another group", "another window"])
def test_who_is_no_candidate_may_neither_claim_nor_complete(two_steps: Engine, stranger: Actor) -> None:
    task_id = start(two_steps)
    with pytest.raises(NotAllowed):
        user_tasks.claim_task(two_steps, stranger, task_id)
    with pytest.raises(NotAllowed):
        user_tasks.complete_task(two_steps, stranger, task_id, {})


def test_a_claimed_task_is_seen_by_its_assignee_only(two_steps: Engine) -> None:
    task_id = start(two_steps)
    user_tasks.claim_task(two_steps, CLERK, task_id)
    assert (seen_by(two_steps, CLERK), seen_by(two_steps, COLLEAGUE)) == (["first"], [])


def test_a_task_claimed_by_somebody_else_can_not_be_completed(two_steps: Engine) -> None:
    task_id = start(two_steps)
    user_tasks.claim_task(two_steps, CLERK, task_id)
    with pytest.raises(NotAllowed):
        user_tasks.complete_task(two_steps, COLLEAGUE, task_id, {})
    with pytest.raises(Conflict, match="somebody has claimed"):
        user_tasks.claim_task(two_steps, COLLEAGUE, task_id)


def test_an_unclaimed_task_goes_back_to_its_candidates(two_steps: Engine) -> None:
    task_id = start(two_steps)
    user_tasks.claim_task(two_steps, CLERK, task_id)
    user_tasks.unclaim_task(two_steps, CLERK, task_id)
    assert seen_by(two_steps, COLLEAGUE) == ["first"]


def test_a_stale_page_is_refused(two_steps: Engine) -> None:
    task_id = start(two_steps)
    version = task_page(two_steps, CLERK, task_id).version
    user_tasks.claim_task(two_steps, CLERK, task_id, version)
    with pytest.raises(Conflict, match="Reload"):
        user_tasks.complete_task(two_steps, CLERK, task_id, {}, version)


def test_a_draft_is_kept_and_moves_nothing(two_steps: Engine) -> None:
    task_id = start(two_steps)
    user_tasks.save_draft(two_steps, CLERK, task_id, {"note": "半句"})
    assert task_page(two_steps, CLERK, task_id).draft == {"note": "半句"}
    assert seen_by(two_steps, CLERK) == ["first"]


def test_a_draft_does_not_make_the_page_of_its_author_stale(two_steps: Engine) -> None:
    task_id = start(two_steps)
    version = task_page(two_steps, CLERK, task_id).version
    user_tasks.save_draft(two_steps, CLERK, task_id, {"note": "半句"})
    user_tasks.complete_task(two_steps, CLERK, task_id, {"note": "一整句"}, version)
    assert seen_by(two_steps, CLERK) == ["second"]


def test_only_a_head_hands_a_task_over_and_only_to_an_account(two_steps: Engine) -> None:
    task_id = start(two_steps)
    with pytest.raises(NotAllowed):
        user_tasks.reassign_task(two_steps, CLERK, task_id, "colleague")
    with pytest.raises(InvalidInput):
        user_tasks.reassign_task(two_steps, HEAD, task_id, "nobody")


def test_of_two_people_completing_at_the_same_moment_one_wins_and_one_is_told(two_steps: Engine) -> None:
    task_id = start(two_steps)
    gate, outcomes = threading.Barrier(2), []

    def complete(actor: Actor) -> None:
        gate.wait()
        try:
            user_tasks.complete_task(two_steps, actor, task_id, {})
            outcomes.append("done")
        except Conflict:
            outcomes.append("refused")

    people = [threading.Thread(target=complete, args=(actor,)) for actor in (CLERK, COLLEAGUE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert seen_by(two_steps, CLERK) == ["second"]


def test_history_says_who_left_which_element_when(two_steps: Engine) -> None:
    user_tasks.complete_task(two_steps, CLERK, start(two_steps), {})
    with two_steps.database.reading() as session:
        runs = {run.element_id: run for run in session.scalars(select(ElementRun))}
    assert (runs["first"].outcome, runs["first"].actor) == ("completed", "clerk")
    assert runs["first"].left_at == two_steps.clock.now()
    assert runs["second"].left_at is None


def test_every_step_is_in_the_evidence_and_the_chain_holds(two_steps: Engine) -> None:
    user_tasks.complete_task(two_steps, CLERK, start(two_steps), {})
    with two_steps.database.reading() as session:
        events = session.scalars(select(Evidence.event).where(Evidence.chain == "C-1").order_by(Evidence.sequence)).all()
    assert events == ["instance:start", "user_task:complete"]
    assert verify_evidence(two_steps).faults == ()
