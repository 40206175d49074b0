"""Accounts of others, one-time codes, leave: who may change what, and where the work lies meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import accounts, instances, jobs, people, user_tasks
from engine.commands.people import NewAccount
from engine.db.tables import Account, Evidence, UserTask
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries import people as queries
from engine.queries.inbox import InboxQuery, inbox
from engine.services.accounts import ensure_posts
from engine.services.leave import Wish
from tests.commands.conftest import ADMIN, START_END, WINDOW, deploy, diagram, user_task

GROUPS = {"clerk": "window", "colleague": "window", "head": "window_head", "admin": "admin", "admin-2": "admin"}
TODAY = date(2026, 11, 23)
PASSWORD = "a long enough word"


@pytest.fixture
def centre(engine: Engine, clock: MovableClock) -> Engine:
    """A window with two clerks, a head and two administrators; a process whose task is for the clerk by name."""
    clock.move_to(clock.now().replace(year=2026, month=11, day=23, hour=2))
    with engine.database.transaction() as session:
        ensure_posts(session)
    for account, group in GROUPS.items():
        people.add_account(engine, SYSTEM, NewAccount(account, f"示例·{account}", WINDOW, {group: "A"}, exception="测试用账号"))
    mine = user_task("mine", 'camunda:assignee="clerk"')
    deploy(engine, diagram("own_work", START_END + mine + user_task("after", 'camunda:assignee="clerk"'), "s>mine mine>after after>e"))
    return engine


def actor(account: str) -> Actor:
    return Actor(account, f"示例·{account}", frozenset({GROUPS[account]}), WINDOW, frozenset({WINDOW}))


def begin(engine: Engine, case: str = "C-1") -> None:
    instances.start_instance(engine, ADMIN, "own_work", case, {})


def holders(engine: Engine) -> list[str | None]:
    with engine.database.reading() as session:
        return list(session.scalars(select(UserTask.assignee).where(UserTask.ended_at.is_(None)).order_by(UserTask.id)))


def seen_by(engine: Engine, account: str) -> list[str]:
    return [item.case_no for item in inbox(engine, actor(account), InboxQuery()).items]


def leave(engine: Engine, days: int = 2, start: date = TODAY, **changes: object) -> int:
    wish = {"account_id": "clerk", "deputy_id": "colleague", "from_on": start, "to_on": start + timedelta(days), "reason": "年假"} | changes
    return people.ask_leave(engine, actor("clerk"), Wish(**wish))  # type: ignore[arg-type]


def pass_days(engine: Engine, clock: MovableClock, days: int) -> None:
    clock.advance(days=days)
    while jobs.run_due_jobs(engine, "worker"):
        pass


# ── leave ───────────────────────────────────────────────────────────────────


def test_nothing_moves_until_the_deputy_accepts(centre: Engine) -> None:
    begin(centre)
    leave(centre)
    assert holders(centre) == ["clerk"]


def test_open_work_goes_to_the_deputy_who_accepts_and_comes_back_at_the_end(centre: Engine, clock: MovableClock) -> None:
    begin(centre)
    people.accept_leave(centre, actor("colleague"), leave(centre))
    assert holders(centre) == ["colleague"] and seen_by(centre, "colleague") == ["C-1"] and seen_by(centre, "clerk") == []
    pass_days(centre, clock, 3)
    assert holders(centre) == ["clerk"] and seen_by(centre, "clerk") == ["C-1"]


def test_new_work_goes_to_the_deputy_while_the_leave_lasts(centre: Engine, clock: MovableClock) -> None:
    people.accept_leave(centre, actor("colleague"), leave(centre))
    begin(centre)
    assert holders(centre) == ["colleague"]
    pass_days(centre, clock, 3)
    begin(centre, "C-2")
    assert holders(centre) == ["clerk", "clerk"]


def test_the_deputy_does_the_work_and_the_record_says_so(centre: Engine) -> None:
    people.accept_leave(centre, actor("colleague"), leave(centre))
    begin(centre)
    task = inbox(centre, actor("colleague"), InboxQuery()).items[0].task_id
    user_tasks.complete_task(centre, actor("colleague"), task, {})
    with centre.database.reading() as session:
        assert session.get_one(UserTask, task).completed_by == "colleague"
    assert holders(centre) == ["colleague"]


def test_work_that_is_to_stay_stays_with_the_deputy(centre: Engine, clock: MovableClock) -> None:
    begin(centre)
    people.accept_leave(centre, actor("colleague"), leave(centre, has_return=False))
    pass_days(centre, clock, 3)
    assert holders(centre) == ["colleague"]


def test_a_leave_of_later_days_begins_by_itself(centre: Engine, clock: MovableClock) -> None:
    begin(centre)
    people.accept_leave(centre, actor("colleague"), leave(centre, start=TODAY + timedelta(7)))
    assert holders(centre) == ["clerk"]
    pass_days(centre, clock, 7)
    assert holders(centre) == ["colleague"]
    pass_days(centre, clock, 3)
    assert holders(centre) == ["clerk"]


def test_who_is_back_early_ends_the_leave(centre: Engine) -> None:
    begin(centre)
    number = leave(centre)
    people.accept_leave(centre, actor("colleague"), number)
    people.cancel_leave(centre, actor("clerk"), number)
    assert holders(centre) == ["clerk"]
    with pytest.raises(Conflict):
        people.cancel_leave(centre, actor("clerk"), number)


def test_only_the_deputy_answers_and_only_once(centre: Engine) -> None:
    number = leave(centre)
    for stranger in ("clerk", "head", "admin"):
        with pytest.raises(NotAllowed):
            people.accept_leave(centre, actor(stranger), number)
    people.decline_leave(centre, actor("colleague"), number)
    with pytest.raises(Conflict):
        people.accept_leave(centre, actor("colleague"), number)
    with pytest.raises(NotFound):
        people.accept_leave(centre, actor("colleague"), 999)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"deputy_id": "clerk"}, "deputy"),
        ({"deputy_id": "nobody"}, "deputy"),
        ({"to_on": TODAY - timedelta(1), "from_on": TODAY - timedelta(3)}, "to_on"),
        ({"to_on": TODAY + timedelta(400)}, "to_on"),
        ({"reason": "长" * 201}, "reason"),
    ],
)
def test_a_leave_that_cannot_take_place_is_refused_beside_its_field(centre: Engine, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        leave(centre, **changes)
    assert list(refused.value.fields) == [field]


def test_nobody_is_on_leave_twice_on_one_day(centre: Engine) -> None:
    leave(centre)
    with pytest.raises(InvalidInput) as refused:
        leave(centre, start=TODAY + timedelta(1))
    assert list(refused.value.fields) == ["from_on"]


def test_a_clerk_asks_leave_for_himself_only_and_a_head_for_the_window(centre: Engine) -> None:
    wish = Wish("clerk", "colleague", TODAY, TODAY)
    with pytest.raises(NotAllowed):
        people.ask_leave(centre, actor("colleague"), wish)
    assert people.ask_leave(centre, actor("head"), wish)
    assert [view.state for view in queries.leaves(centre, actor("head"))] == ["asked"]
    assert queries.leaves(centre, actor("colleague"))[0].can_answer
    assert queries.leaves(centre, actor("admin-2"))[0].can_cancel


def test_who_stands_in_today_is_on_the_list(centre: Engine) -> None:
    people.accept_leave(centre, actor("colleague"), leave(centre))
    shown = {person.id: person.deputy_name for person in queries.people(centre, actor("head")).people}
    assert shown["clerk"] == "示例·colleague" and shown["head"] is None


# ── accounts ────────────────────────────────────────────────────────────────


def test_a_new_account_opens_by_its_one_time_code_only_and_once(centre: Engine) -> None:
    code = people.add_account(centre, actor("admin"), NewAccount("fresh", "示例·新人", WINDOW, {"window": "B"}, exception="先上岗后补训"))
    for password in (code, "", "none"):
        with pytest.raises(NotAllowed):
            accounts.authenticate(centre, "fresh", password)
    people.set_password(centre, "fresh", f" {code[:4]}-{code[4:].lower()} ", PASSWORD)
    assert accounts.authenticate(centre, "fresh", PASSWORD).groups == {"window"}
    with pytest.raises(NotAllowed):
        people.set_password(centre, "fresh", code, "another long word")


def test_an_exception_from_training_is_kept_as_evidence(centre: Engine) -> None:
    people.add_account(centre, actor("admin"), NewAccount("fresh", "示例·新人", WINDOW, {}))
    with pytest.raises(InvalidInput):
        people.change_groups(centre, actor("admin"), "fresh", {"window": "A"})
    people.change_groups(centre, actor("admin"), "fresh", {"window": "A"}, "月底前补训")
    with centre.database.reading() as session:
        kept = session.scalars(select(Evidence).where(Evidence.event == "account:untrained").order_by(Evidence.id)).all()[-1]
    assert (kept.actor, json.loads(kept.facts)) == ("admin", {"account": "fresh", "groups": ["window"], "reason": "月底前补训"})


def test_a_code_is_good_for_a_day_and_for_its_own_account(centre: Engine, clock: MovableClock) -> None:
    code = people.reset_password(centre, actor("admin"), "clerk")
    with pytest.raises(NotAllowed):
        people.set_password(centre, "colleague", code, PASSWORD)
    clock.advance(hours=25)
    with pytest.raises(NotAllowed):
        people.set_password(centre, "clerk", code, PASSWORD)


def test_a_weak_password_does_not_spend_the_code(centre: Engine) -> None:
    code = people.reset_password(centre, actor("admin"), "clerk")
    with pytest.raises(InvalidInput):
        people.set_password(centre, "clerk", code, "short")
    people.set_password(centre, "clerk", code, PASSWORD)


def test_a_reset_takes_the_old_password_and_every_session_away(centre: Engine) -> None:
    people.set_password(centre, "clerk", people.reset_password(centre, actor("admin"), "clerk"), PASSWORD)
    with centre.database.reading() as session:
        stamp = session.get_one(Account, "clerk").session_stamp
    people.reset_password(centre, actor("admin"), "clerk")
    with pytest.raises(NotAllowed):
        accounts.authenticate(centre, "clerk", PASSWORD)
    with centre.database.reading() as session:
        assert session.get_one(Account, "clerk").session_stamp > stamp


def test_an_account_with_open_work_is_not_closed(centre: Engine) -> None:
    begin(centre)
    with pytest.raises(Conflict) as refused:
        people.close_account(centre, actor("admin"), "clerk")
    assert refused.value.code == "open-work"
    assert people.hand_over_work(centre, actor("head"), "clerk", "colleague") == (1, 0)
    people.close_account(centre, actor("admin"), "clerk")
    assert holders(centre) == ["colleague"]
    with centre.database.reading() as session:
        assert not session.get_one(Account, "clerk").is_active


def test_a_closed_account_takes_no_code_until_it_is_opened_again(centre: Engine) -> None:
    people.close_account(centre, actor("admin"), "clerk")
    with pytest.raises(Conflict):
        people.reset_password(centre, actor("admin"), "clerk")
    people.set_password(centre, "clerk", people.open_account(centre, actor("admin"), "clerk"), PASSWORD)
    assert accounts.authenticate(centre, "clerk", PASSWORD).id == "clerk"


def test_nobody_raises_or_closes_himself(centre: Engine) -> None:
    for attempt in (
        lambda: people.change_groups(centre, actor("admin"), "admin", {"admin": "A", "auditor": "A"}),
        lambda: people.close_account(centre, actor("admin"), "admin"),
        lambda: people.reset_password(centre, actor("admin"), "admin"),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.code == "own-account"


def test_the_last_administrator_stays_one(centre: Engine) -> None:
    people.change_groups(centre, actor("admin"), "admin-2", {"coordinator": "A"})
    with pytest.raises(Conflict) as refused:
        people.change_groups(centre, SYSTEM, "admin", {})
    assert refused.value.code == "last-administrator"
    with pytest.raises(Conflict):
        people.close_account(centre, SYSTEM, "admin")


@pytest.mark.parametrize(
    "attempt",
    [
        lambda engine, who: people.add_account(engine, who, NewAccount("x", "示例", WINDOW, {})),
        lambda engine, who: people.change_groups(engine, who, "colleague", {"admin": "A"}),
        lambda engine, who: people.close_account(engine, who, "colleague"),
        lambda engine, who: people.reset_password(engine, who, "colleague"),
    ],
)
def test_only_administrators_change_accounts(centre: Engine, attempt: Callable[[Engine, Actor], object]) -> None:
    for account in ("clerk", "head"):
        with pytest.raises(NotAllowed):
            attempt(centre, actor(account))


def test_an_administrator_of_another_place_reaches_nobody_here(centre: Engine) -> None:
    far = Actor("far", "示例·远", frozenset({"admin"}), "440104-01", frozenset({"440104-01"}))
    for attempt in (
        lambda: people.add_account(centre, far, NewAccount("x", "示例", WINDOW, {})),
        lambda: people.change_groups(centre, far, "clerk", {}),
        lambda: people.close_account(centre, far, "clerk"),
        lambda: people.reset_password(centre, far, "clerk"),
        lambda: people.change_contact(centre, far, "clerk", "13800001234", ""),
        lambda: people.hand_over_work(centre, far, "clerk", "colleague"),
        lambda: queries.person(centre, far, "clerk"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert queries.people(centre, far).people == ()
    with pytest.raises(NotAllowed):
        queries.people(centre, actor("clerk"))


def test_telephone_and_e_mail_are_kept_encrypted(centre: Engine) -> None:
    people.change_contact(centre, actor("clerk"), "clerk", "１３８ 0000 1234", "clerk@example.gov.cn")
    with centre.database.reading() as session:
        account = session.get_one(Account, "clerk")
        assert b"138" not in (account.phone or b"") and b"example" not in (account.email or b"")
    assert queries.person(centre, actor("clerk"), "clerk").phone == "13800001234"
    assert queries.person(centre, actor("head"), "clerk").phone == "138****1234"
    with pytest.raises(InvalidInput) as refused:
        people.change_contact(centre, actor("clerk"), "clerk", "12", "nowhere")
    assert sorted(refused.value.fields) == ["email", "phone"]
