"""A case whose process an administrator ends: the applicant is told, the case says how it ended, its clocks stop."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import case_import, modification
from engine.commands.modification import EndInstance
from engine.db.case_tables import Case, CaseClock, Notice
from tests.conftest import PROJECT

RECORDS = PROJECT / "tests" / "data" / "cases.json"


def test_ending_a_case_by_hand_tells_the_applicant_and_closes_it(engine: Engine, clerk: Actor, actor: Callable[[str], Actor]):
    (imported,) = case_import.import_cases(engine, clerk, case_import.read_cases(RECORDS.read_bytes(), RECORDS.name)[:1])
    with engine.database.reading() as session:
        number = session.get_one(Case, imported.case_no).instance_id
    assert number is not None
    change = EndInstance("MSG-15", "applicant", {}, "已移交", "移交其他机关")
    found = modification.end_instance(engine, actor("admin"), number, change, "已由市里直接办理")
    assert found.status == "ended"
    with engine.database.reading() as session:
        case = session.get_one(Case, imported.case_no)
        assert (case.status, case.result) == ("已移交", "移交其他机关")
        assert "MSG-15" in session.scalars(select(Notice.template).where(Notice.case_no == case.no)).all()
        assert (
            session.scalars(
                select(CaseClock).where(CaseClock.case_no == case.no, CaseClock.stopped_at.is_(None), CaseClock.replaced_at.is_(None))
            ).all()
            == []
        )
