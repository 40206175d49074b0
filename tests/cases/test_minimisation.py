"""Three years later: what names a person leaves a file on a leader's approval, everything else and the evidence stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete, select

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock, as_local
from engine.commands import attachments, case_import, jobs, modification, user_tasks
from engine.commands.evidence import seal_evidence
from engine.commands.modification import EndInstance
from engine.db.case_tables import Case, Party
from engine.db.file_tables import Attachment
from engine.db.tables import Definition, Job, ProcessInstance, UserTask
from engine.errors import NotFound
from engine.queries.evidence import verify_evidence
from engine.services.emptying import JOB
from engine.services.minimisation import REMOVED
from engine.start_events import start_due
from tests.conftest import PROJECT

RECORDS = PROJECT / "tests" / "data" / "cases.json"


@pytest.fixture
def case_no(engine: Engine, clerk: Actor, actor: Callable[[str], Actor]) -> str:
    """A case of 2026 with a file that its applicant sent, closed."""
    (imported,) = case_import.import_cases(engine, clerk, case_import.read_cases(RECORDS.read_bytes(), RECORDS.name)[:1])
    case = _case(engine, imported.case_no)
    picture = BytesIO()
    Image.new("RGB", (2, 2)).save(picture, "PNG")
    attachments.add_as_citizen(engine, case.public_token, picture.getvalue(), "身份证.png")
    modification.end_instance(
        engine, actor("admin"), case.instance_id or 0, EndInstance("MSG-15", "applicant", {}, "已移交", "移交"), "已移交市里"
    )
    seal_evidence(engine)
    return imported.case_no


def test_after_three_years_a_file_names_nobody_on_a_leaders_approval(
    engine: Engine, clock: MovableClock, actor: Callable[[str], Actor], case_no: str
) -> None:
    before, address = _case(engine, case_no), _attachment(engine, case_no).address
    clock.move_to(as_local("2030-01-07T09:00"))
    review = _begun(engine, clock.now())
    answered(engine, actor("knowledge_keeper"), review, "review_minimisation", {"minimisation": {"keep_note": ""}})
    answered(engine, actor("bureau_leader"), review, "approve_minimisation", {"minimisation": {"decision": "批准"}})
    after = _case(engine, case_no)
    with engine.database.reading() as session:
        party = session.get_one(Party, after.applicant_id)
        assert (party.phone, party.cert_no, party.phone_index) == (None, None, None)
    assert (after.text, after.level, after.status, after.received_at) == (REMOVED, before.level, "已移交", before.received_at)
    assert verify_evidence(engine).faults == ()
    _work_off(engine)
    with pytest.raises(NotFound):
        engine.files.get(address)


def test_what_the_reviewer_still_needs_stays(engine: Engine, clock: MovableClock, actor: Callable[[str], Actor], case_no: str) -> None:
    before = _case(engine, case_no)
    clock.move_to(as_local("2030-01-07T09:00"))
    review = _begun(engine, clock.now())
    answered(engine, actor("knowledge_keeper"), review, "review_minimisation", {"minimisation": {"keep_note": f"{case_no} 行政诉讼"}})
    answered(engine, actor("bureau_leader"), review, "approve_minimisation", {"minimisation": {"decision": "批准"}})
    assert _case(engine, case_no).text == before.text


def test_what_the_leader_refuses_stays(engine: Engine, clock: MovableClock, actor: Callable[[str], Actor], case_no: str) -> None:
    before = _case(engine, case_no)
    clock.move_to(as_local("2030-01-07T09:00"))
    review = _begun(engine, clock.now())
    answered(engine, actor("knowledge_keeper"), review, "review_minimisation", {"minimisation": {"keep_note": ""}})
    answered(engine, actor("bureau_leader"), review, "approve_minimisation", {"minimisation": {"decision": "不批准"}})
    assert _case(engine, case_no).text == before.text


def test_before_three_years_there_is_nothing_to_review(engine: Engine, clock: MovableClock, case_no: str) -> None:
    clock.move_to(as_local("2029-10-08T09:00"))
    number = _begun(engine, clock.now())
    with engine.database.reading() as session:
        assert session.scalars(select(ProcessInstance.end_event).where(ProcessInstance.business_key == number)).all() == ["nothing_due"]


def answered(engine: Engine, person: Actor, case_no: str, element: str, values: Mapping[str, Any]) -> None:
    with engine.database.reading() as session:
        task = session.scalars(select(UserTask.id).where(UserTask.business_key == case_no, UserTask.element_id == element)).one()
    user_tasks.complete_task(engine, person, task, values)


def _begun(engine: Engine, now: datetime) -> str:
    """What the calendar begins each quarter, without the rest of three years; gives the number of its file."""
    with engine.database.transaction() as session:
        process = session.scalars(select(Definition.id).where(Definition.key == "P32d_minimisation")).one()
        start_due(engine, session, {"definition": process, "element": "quarter_begun"}, now)
        return session.scalars(select(Case.no).where(Case.kind == "minimisation")).one()


def _work_off(engine: Engine) -> None:
    """Only the deleting of contents: the rest of three years is not played here."""
    with engine.database.transaction() as session:
        session.execute(delete(Job).where(Job.kind != JOB))
    while jobs.run_due_jobs(engine, "w"):
        pass


def _case(engine: Engine, case_no: str) -> Case:
    with engine.database.reading() as session:
        return session.get_one(Case, case_no)


def _attachment(engine: Engine, case_no: str) -> Attachment:
    with engine.database.reading() as session:
        return session.scalars(select(Attachment).where(Attachment.case_no == case_no)).one()
