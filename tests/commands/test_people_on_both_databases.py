"""Leave, four eyes and the outbox hold on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import threading
from datetime import date

from sqlalchemy import select

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances, jobs, people, user_tasks
from engine.commands.people import NewAccount
from engine.db.case_tables import Notice
from engine.db.tables import UserTask
from engine.queries import notices
from engine.queries import people as queries
from engine.queries.inbox import InboxQuery, inbox
from engine.services import outbox
from engine.services.accounts import ensure_posts
from engine.services.leave import Wish
from tests.commands.conftest import ADMIN, CLERK, COLLEAGUE, HEAD, START_END, WINDOW, deploy, diagram, user_task
from tests.commands.test_both_databases import engine  # noqa: F401 - the fixture
from tests.commands.test_separation import kept_apart
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures


def holders(engine: Engine) -> list[str | None]:  # noqa: F811
    with engine.database.reading() as session:
        return list(session.scalars(select(UserTask.assignee).where(UserTask.ended_at.is_(None)).order_by(UserTask.id)))


def test_a_leave_moves_old_and_new_work_and_brings_it_back(engine: Engine, clock: MovableClock) -> None:  # noqa: F811
    clock.move_to(clock.now().replace(year=2026, month=11, day=23, hour=2))
    with engine.database.transaction() as session:
        ensure_posts(session)
    for account in ("clerk", "colleague"):
        people.add_account(engine, SYSTEM, NewAccount(account, account, WINDOW, {"window": "A"}, exception="测试用账号"))
    body = START_END + user_task("mine", 'camunda:assignee="clerk"')
    deploy(engine, diagram("own_work", body, "s>mine mine>e"))
    instances.start_instance(engine, ADMIN, "own_work", "C-1", {})
    people.accept_leave(
        engine, COLLEAGUE, people.ask_leave(engine, CLERK, Wish("clerk", "colleague", date(2026, 11, 23), date(2026, 11, 24)))
    )
    instances.start_instance(engine, ADMIN, "own_work", "C-2", {})
    assert holders(engine) == ["colleague", "colleague"]
    assert [person.deputy_name for person in queries.people(engine, HEAD).people] == ["colleague", None]
    clock.advance(days=2)
    while jobs.run_due_jobs(engine, "worker"):
        pass
    assert holders(engine) == ["clerk", "clerk"]


def test_who_proposed_does_not_approve(engine: Engine) -> None:  # noqa: F811
    body = START_END + user_task("propose") + kept_apart("approve", "propose")
    deploy(engine, diagram("four_eyes", body, "s>propose propose>approve approve>e"))
    instances.start_instance(engine, ADMIN, "four_eyes", "C-1", {})
    user_tasks.complete_task(engine, CLERK, inbox(engine, CLERK, InboxQuery()).items[0].task_id, {})
    assert [inbox(engine, who, InboxQuery()).items[0].can_claim for who in (CLERK, COLLEAGUE)] == [False, True]


def test_two_postmen_never_hold_the_same_message(engine: Engine) -> None:  # noqa: F811
    with engine.database.transaction() as session:
        for _ in range(20):
            row = Notice(template="MSG-01", audience="applicant", body="x", created_at=engine.clock.now(), channel="sms")
            row.next_attempt_at = engine.clock.now()
            session.add(row)
    held: list[int] = []

    def take() -> None:
        for _ in range(10):
            with engine.database.transaction() as session:
                held.extend(one.notice_id for one in outbox.take(session, engine.secrets, engine.clock.now(), "sms", 3))

    postmen = [threading.Thread(target=take) for _ in range(3)]
    for postman in postmen:
        postman.start()
    for postman in postmen:
        postman.join()
    assert sorted(held) == sorted(set(held)) and len(held) == 20
    person = Actor("clerk", "", frozenset({"window"}), WINDOW, frozenset({WINDOW}))
    assert notices.unread(engine, person) == 0 and notices.outbox(engine, person).items == ()
