"""Ten years in the archive are over: on a leader's approval words and names are destroyed; number, ledger and evidence stay (P32b)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock, as_local
from engine.commands import case_import, modification, user_tasks
from engine.commands.modification import EndInstance
from engine.db.case_tables import Case, CaseEntry, Party
from engine.db.tables import Definition, ProcessInstance, UserTask
from engine.desk import at_desk
from engine.errors import NotAllowed
from engine.queries.evidence import verify_evidence
from engine.services import parties, retention
from engine.services.retention import DESTROYED
from engine.start_events import start_due
from tests.conftest import PROJECT

Persons = Callable[[str], Actor]
RECORDS = PROJECT / "tests" / "data" / "cases.json"
DAY = as_local("2037-01-05T09:00")


@pytest.fixture
def archived(engine: Engine, clerk: Actor, actor: Persons) -> list[str]:
    """Two cases of 2026, closed and in the archive for ten years."""
    imported = case_import.import_cases(engine, clerk, case_import.read_cases(RECORDS.read_bytes(), RECORDS.name)[:2])
    for case in (_case(engine, one.case_no) for one in imported):
        end = EndInstance("MSG-15", "applicant", {}, "已移交", "移交")
        modification.end_instance(engine, actor("admin"), case.instance_id or 0, end, "已移交市里")
    with engine.database.transaction() as session:
        for one in imported:
            assert retention.archive(at_desk(engine, session, actor("admin"), session.get_one(Case, one.case_no)), 10)
    return [one.case_no for one in imported]


def test_of_a_file_kept_long_enough_only_number_ledger_and_evidence_remain(
    engine: Engine, clock: MovableClock, actor: Persons, archived: list[str]
) -> None:
    before = _case(engine, archived[0])
    _reviewed(engine, clock, actor, "", "批准")
    after = _case(engine, archived[0])
    with engine.database.reading() as session:
        party = session.get_one(Party, after.applicant_id)
        assert (parties.revealed(engine.secrets, party)["name"], party.phone, party.cert_no) == (DESTROYED, None, None)
    assert (after.title, after.text, after.status, after.received_at) == (after.no, DESTROYED, before.status, before.received_at)
    assert verify_evidence(engine).faults == () and _ended(engine) == ["destroyed"]


def test_what_the_reviewer_names_is_kept_and_the_rest_destroyed(
    engine: Engine, clock: MovableClock, actor: Persons, archived: list[str]
) -> None:
    kept, gone = archived
    _reviewed(engine, clock, actor, f"{kept} 有历史价值", "批准")
    assert _case(engine, kept).text != DESTROYED and _case(engine, gone).text == DESTROYED
    with engine.database.reading() as session:
        (line,) = session.scalars(select(CaseEntry).where(CaseEntry.kind == "销毁"))
        assert line.facts == {"destroyed": 1, "kept": [kept]}


def test_what_the_leader_does_not_approve_is_kept(engine: Engine, clock: MovableClock, actor: Persons, archived: list[str]) -> None:
    _reviewed(engine, clock, actor, "", "不批准")
    assert DESTROYED not in {_case(engine, number).text for number in archived} and _ended(engine) == ["not_destroyed"]


def test_whoever_reviewed_the_list_does_not_approve_it(engine: Engine, clock: MovableClock, actor: Persons, archived: list[str]) -> None:
    keeper = actor("knowledge_keeper")
    file = _begun(engine, clock, DAY)
    _answered(engine, keeper, file, "review_destruction", {"destruction": {"keep_note": ""}})
    with pytest.raises(NotAllowed):
        _answered(engine, keeper, file, "approve_destruction", {"destruction": {"decision": "批准"}})


def test_before_ten_years_there_is_nothing_to_review(engine: Engine, clock: MovableClock, archived: list[str]) -> None:
    _begun(engine, clock, as_local("2036-01-07T09:00"))
    assert _ended(engine) == ["nothing_due"]


def _reviewed(engine: Engine, clock: MovableClock, actor: Persons, keep_note: str, decision: str) -> None:
    file = _begun(engine, clock, DAY)
    _answered(engine, actor("knowledge_keeper"), file, "review_destruction", {"destruction": {"keep_note": keep_note}})
    _answered(engine, actor("bureau_leader"), file, "approve_destruction", {"destruction": {"decision": decision}})


def _begun(engine: Engine, clock: MovableClock, now: datetime) -> str:
    """What the calendar begins each January, without the rest of ten years; gives the number of its file."""
    clock.move_to(now)
    with engine.database.transaction() as session:
        process = session.scalars(select(Definition.id).where(Definition.key == "P32b_destruction")).one()
        start_due(engine, session, {"definition": process, "element": "year_begun"}, now)
        return session.scalars(select(Case.no).where(Case.kind == "destruction")).one()


def _answered(engine: Engine, person: Actor, case_no: str, element: str, values: Mapping[str, Any]) -> None:
    with engine.database.reading() as session:
        task = session.scalars(select(UserTask.id).where(UserTask.business_key == case_no, UserTask.element_id == element)).one()
    user_tasks.complete_task(engine, person, task, values)


def _ended(engine: Engine) -> list[str | None]:
    with engine.database.reading() as session:
        ended = select(ProcessInstance.end_event).join(Case, Case.no == ProcessInstance.business_key).where(Case.kind == "destruction")
        return list(session.scalars(ended))


def _case(engine: Engine, case_no: str) -> Case:
    with engine.database.reading() as session:
        return session.get_one(Case, case_no)
