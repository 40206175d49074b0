"""Accounts, passwords and candidate groups."""

from __future__ import annotations

import pytest

from engine.db.case_tables import Department
from engine.db.tables import Account, CandidateGroup
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services import accounts
from engine.services.posts import leader_group
from engine.vocabulary import CANDIDATE_GROUPS

from .conftest import WINDOW, World, add_account

PASSWORD = "a long enough word"


@pytest.fixture
def clerk(world: World) -> World:
    accounts.create_account(world.session, "new-clerk", "示例·新人", PASSWORD, WINDOW, ("window", "window_head"))
    return world


def test_the_right_password_opens_the_account(clerk: World) -> None:
    assert accounts.authenticate(clerk.session, "new-clerk", PASSWORD).name == "示例·新人"
    assert accounts.groups_of(clerk.session, "new-clerk") == {"window", "window_head"}


def test_a_wrong_password_an_unknown_account_and_a_closed_one_get_the_same_answer(clerk: World) -> None:
    messages = set()
    for account_id, password in (("new-clerk", "another word"), ("nobody", PASSWORD)):
        with pytest.raises(NotAllowed) as refused:
            accounts.authenticate(clerk.session, account_id, password)
        messages.add(str(refused.value))
    clerk.session.get_one(Account, "new-clerk").is_active = False
    with pytest.raises(NotAllowed) as refused:
        accounts.authenticate(clerk.session, "new-clerk", PASSWORD)
    assert messages == {str(refused.value)}


def test_a_password_is_kept_as_a_hash_only(clerk: World) -> None:
    stored = clerk.session.get_one(Account, "new-clerk").password_hash
    assert stored.startswith("$argon2id$") and PASSWORD not in stored


def test_an_account_without_a_usable_hash_opens_for_nobody(world: World) -> None:
    with pytest.raises(NotAllowed):
        accounts.authenticate(world.session, "clerk-a", "none")


def test_a_new_password_ends_every_session(clerk: World) -> None:
    accounts.change_password(clerk.session, "new-clerk", PASSWORD, "another long word")
    assert accounts.authenticate(clerk.session, "new-clerk", "another long word").session_stamp == 1


def test_the_present_password_is_asked_before_a_change(clerk: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        accounts.change_password(clerk.session, "new-clerk", "wrong", "another long word")
    assert list(refused.value.fields) == ["old"]


@pytest.mark.parametrize("password", ["short", "", "x" * 201, "my new-clerk word", "my NEW-CLERK word"])
def test_a_weak_password_is_refused(clerk: World, password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        accounts.change_password(clerk.session, "new-clerk", PASSWORD, password)
    assert list(refused.value.fields) == ["password"]


def test_a_taken_account_id_is_refused(clerk: World) -> None:
    with pytest.raises(Conflict, match="taken"):
        accounts.create_account(clerk.session, "new-clerk", "示例", PASSWORD, WINDOW, ())


def test_an_unknown_unit_group_or_account_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="org unit"):
        accounts.create_account(world.session, "x", "示例", PASSWORD, "999999-01", ())
    with pytest.raises(NotFound, match="nobody"):
        accounts.create_account(world.session, "x", "示例", PASSWORD, WINDOW, ("window", "nobody"))
    with pytest.raises(NotFound, match="'x'"):
        accounts.get_account(world.session, "x")


def test_every_post_of_the_vocabulary_is_a_candidate_group(world: World) -> None:
    known = {row.id: row.name for row in world.rows(CandidateGroup) if row.kind == "post"}
    assert known == {post.id: post.name for post in CANDIDATE_GROUPS.values()}


def test_an_existing_unit_keeps_its_name(world: World) -> None:
    accounts.ensure_org_unit(world.session, WINDOW, "440103", "另一个名字")
    accounts.ensure_org_unit(world.session, "440104-01", "440104")
    assert [account.id for account in accounts.members(world.session, "window", WINDOW)] == ["clerk-a", "clerk-b"]


def test_members_may_be_asked_by_their_role(world: World) -> None:
    assert [account.id for account in accounts.members(world.session, "window", WINDOW, role="B")] == ["clerk-b"]


def test_the_demonstration_has_somebody_at_every_post_and_in_every_department(world: World) -> None:
    created = accounts.create_demo_accounts(world.session, WINDOW)
    departments = {row.code for row in world.rows(Department)}
    leaders = {leader_group(department) for department in departments}
    assert {group for demo in created for group in demo.groups} == set(CANDIDATE_GROUPS) | departments | leaders
    assert {demo.role for demo in created if demo.groups == ("window",)} == {"A", "B"}
    assert accounts.authenticate(world.session, "d01", accounts.DEMO_PASSWORD).name == "示例·周敏"


def test_making_demo_accounts_again_changes_nothing(world: World) -> None:
    add_account(world.session, "d01", "D01")
    first = accounts.create_demo_accounts(world.session, WINDOW)
    assert accounts.create_demo_accounts(world.session, WINDOW) == first
    assert world.session.get_one(Account, "d01").password_hash == "none"
