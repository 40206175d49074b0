"""Who sees files that are no cases: nobody one that is against him or his department; their owners, keepers and openers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine, build_engine
from engine.case_opening import open_file
from engine.clock import MovableClock
from engine.commands.case_files import open_case_file
from engine.db.base import Base
from engine.db.case_tables import Case
from engine.db.database import Database
from engine.db.tables import OrgUnit
from engine.errors import NotAllowed
from engine.queries.visibility import is_visible, require_may_see
from engine.settings import Settings
from tests.commands.conftest import WINDOW, diagram, user_task
from tests.commands.files_of_kinds import END, START, add_kind, case, deploy
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures


def person(account: str, *groups: str) -> Actor:
    return Actor(account, f"示例·{account}", frozenset(groups), WINDOW, frozenset({WINDOW}))


OFFICER = person("officer", "complaint_officer")


@pytest.fixture
def engine(empty_database: Database, settings: Settings, clock: MovableClock) -> Iterator[Engine]:  # noqa: F811 - the fixture's name
    built = build_engine(replace(settings, database_url=empty_database.url), clock)
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    add_kind(built, "complaint", "complain", name="投诉件", openers=["complaint_officer", "expert"], owner_group="finance_officer")
    deploy(built, diagram("complain", START + user_task("study") + END, "s>study study>e"))
    yield built
    built.database.dispose()


def complaint(engine: Engine, **facts: object) -> str:
    with engine.database.transaction() as session:
        return open_file(engine, session, SYSTEM, "complaint", {"title": "态度不好", **facts}).no


def sees(engine: Engine, actor: Actor, number: str) -> bool:
    with engine.database.reading() as session:
        return session.scalar(select(Case.no).where(is_visible(actor), Case.no == number)) is not None


@pytest.mark.parametrize(
    ("facts", "hidden_from"),
    [
        ({"against_person": "clerk"}, person("clerk", "window")),
        ({"against": "D02"}, person("taxes", "D02")),
        ({"against": ["D01", "D02"]}, person("chief", "D02_leader", "coordinator")),
        ({"against_person": ["officer", "clerk"]}, OFFICER),
        ({"against": "window"}, person("front", "window")),
        ({"against": "window"}, person("chief", "window_head")),
    ],
)
def test_nobody_sees_a_file_that_is_against_him_or_his_department(engine: Engine, facts: dict[str, object], hidden_from: Actor) -> None:
    number = complaint(engine, **facts)
    assert not sees(engine, hidden_from, number)
    assert sees(engine, person("other", "supervisor"), number)
    with engine.database.reading() as session, pytest.raises(NotAllowed):
        require_may_see(session, session.get_one(Case, number), hidden_from)


def test_a_file_that_only_mentions_somebody_is_hidden_from_nobody(engine: Engine) -> None:
    number = complaint(engine, against="D010", asked=["D02", "officer"], note='"against":"officer"')
    assert sees(engine, OFFICER, number)


def test_people_who_see_only_their_own_see_what_their_group_keeps_and_what_they_opened(engine: Engine) -> None:
    expert, colleague, keeper = person("x01", "expert"), person("x02", "expert"), person("money", "finance_officer")
    number = open_case_file(engine, expert, "complaint", {"title": "流程太慢"})
    assert sees(engine, expert, number) and sees(engine, keeper, number)
    assert not sees(engine, colleague, number)
    with engine.database.transaction() as session:
        session.get_one(Case, number).owner_id = "x02"
    assert sees(engine, colleague, number) and case(engine, number).owner_id == "x02"
