"""Keys of partners and their moments hold on SQLite and on PostgreSQL alike; so does the training that a post asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import partners, people
from engine.commands.partner_keys import create_key, rotate_key
from engine.commands.people import NewAccount
from engine.db.case_tables import Case
from engine.db.partner_tables import Partner
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.queries import partner_keys
from engine.services import signed_requests
from engine.services.accounts import ensure_posts
from tests.commands.conftest import WINDOW
from tests.commands.test_both_databases import engine  # noqa: F401 - the fixture
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures


def is_believed(engine: Engine, key: str) -> bool:  # noqa: F811
    """Whether a request signed with the key is read at all; this one has no fields."""
    headers = signed_requests.sign(key, "12345", engine.clock.now(), "nonce-0001", b"{}")
    try:
        partners.receive_order(engine, headers, b"{}")
    except InvalidInput:
        return True
    except NotAllowed:
        return False
    raise AssertionError("Expected an order without fields to be refused.")


def test_an_old_key_is_believed_until_its_moment(engine: Engine, clock: MovableClock) -> None:  # noqa: F811
    with engine.database.transaction() as session:
        session.add(Partner(code="12345", name="示例热线", kind="渠道"))
    old = create_key(engine, SYSTEM, "12345").key
    new = rotate_key(engine, SYSTEM, "12345", timedelta(days=7)).key
    clock.advance(days=7, seconds=-1)
    assert [is_believed(engine, key) for key in (old, new, "another")] == [True, True, False]
    clock.advance(seconds=1)
    assert [is_believed(engine, key) for key in (old, new)] == [False, True]
    assert [(found.holds, found.valid_until is None) for found in partner_keys.keys(engine)] == [(False, False), (True, True)]
    with pytest.raises(Conflict):
        create_key(engine, SYSTEM, "12345")


def test_a_post_of_the_window_waits_for_the_admission(engine: Engine) -> None:  # noqa: F811
    with engine.database.transaction() as session:
        ensure_posts(session)
    people.add_account(engine, SYSTEM, NewAccount("fresh", "示例·新人", WINDOW, {}))
    with pytest.raises(InvalidInput):
        people.change_groups(engine, SYSTEM, "fresh", {"window": "A"})
    now = engine.clock.now()
    with engine.database.transaction() as session:
        file = Case(no="PX-1", kind="training", org_unit=WINDOW, region="440103", channel="系统", received_at=now, effective_at=now)
        file.title, file.text, file.status, file.public_token = "窗口专员", "示例", "在岗", "token"
        file.facts = {"account": "fresh", "rostered_on": "2026-11-23"}
        session.add(file)
    people.change_groups(engine, SYSTEM, "fresh", {"window": "A"})
