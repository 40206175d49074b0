"""A holiday notice is taken in: previewed by line, in force at once, due times follow in the background and whoever was told is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.assembly import Engine, build_engine
from engine.clock import MovableClock, as_local
from engine.commands import calendar_import, instances, jobs
from engine.commands.reference import load_reference
from engine.db.base import Base
from engine.db.case_tables import CalendarImport, Case, CaseClock, Notice
from engine.db.database import Database
from engine.db.tables import Job, OrgUnit
from engine.errors import InvalidDefinition, NotAllowed
from engine.queries import calendar_notices
from engine.queries.inbox import InboxQuery, inbox
from engine.services import parties
from engine.services.evidence import verify
from engine.settings import Settings
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, deploy, diagram, user_task
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures

START = as_local("2026-12-29T09:30")
HEADER = "date,type,source,confirmed\n"
#: As the State Council may announce it: the Monday after New Year is off, the Sunday is worked.
NOTICE = HEADER + "".join(
    f"{day},{kind},国务院办公厅通知,true\n"
    for day, kind in (
        ("2027-01-01", "法定"),
        ("2027-01-03", "调休上班"),
        ("2027-01-04", "休息"),
        ("2027-01-05", "休息"),
        ("2027-10-01", "法定"),
    )
)
WATCHED = 'camunda:candidateGroups="window" camunda:dueDate="clock:finish"'
LATE = (
    '<bpmn:boundaryEvent id="late" name="到期" attachedToRef="work"><bpmn:timerEventDefinition>'
    '<bpmn:timeDate>="clock:finish"</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
)
BEGIN = (
    '<bpmn:serviceTask id="x" name="计时" camunda:type="external" camunda:topic="clock-start"><bpmn:extensionElements>'
    '<camunda:inputOutput><camunda:inputParameter name="kind">finish</camunda:inputParameter>'
    '<camunda:inputParameter name="limit">5个工作日</camunda:inputParameter></camunda:inputOutput></bpmn:extensionElements>'
    "</bpmn:serviceTask>"
)


@pytest.fixture
def engine(empty_database: Database, settings: Settings, tmp_path: Path) -> Iterator[Engine]:  # noqa: F811 - the fixture's name
    built = build_engine(replace(settings, database_url=empty_database.url), MovableClock(START))
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    folder = tmp_path / "processes"
    for part in ("reference", "notices"):
        shutil.copytree(built.settings.processes_folder / part, folder / part)
    load_reference(built, ADMIN, folder / "reference")
    deploy(
        built,
        diagram(
            "watch", START_END + BEGIN + user_task("work", WATCHED) + LATE + user_task("after"), "s>x x>work work>e late>after after>e"
        ),
    )
    yield built
    built.database.dispose()


@pytest.fixture
def waiting(engine: Engine) -> Engine:
    """Three graded cases, each with a task due on expected days."""
    with engine.database.transaction() as session:
        given = {
            "kind": "自然人",
            "name": "示例·何女士",
            "phone": "13800001234",
            "cert_type": "居民身份证",
            "cert_no": "11010519491231002X",
        }
        party = parties.create_party(session, engine.secrets, START, given)
        for number in range(3):
            session.add(_case(f"C-{number}", party.id))
    for number in range(3):
        instances.start_instance(engine, ADMIN, "watch", f"C-{number}", {})
    return engine


def _case(number: str, applicant: int) -> Case:
    return Case(
        no=number, org_unit=WINDOW, region="440103", channel="窗口", received_at=START, effective_at=START, applicant_id=applicant,
        title="示例", text="示例", status="协调中", level="复杂", public_token=number,
    )  # fmt: skip


def due_times(engine: Engine) -> set[datetime]:
    with engine.database.reading() as session:
        return set(session.scalars(select(CaseClock.due_at).where(CaseClock.replaced_at.is_(None))))


def run_jobs(engine: Engine) -> None:
    while jobs.run_due_jobs(engine, "w"):
        pass


def refused(engine: Engine, text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(InvalidDefinition) as error:
        calendar_import.import_notice(engine, ADMIN, (HEADER + text).encode(), "")
    return [(finding.line, finding.code) for finding in error.value.findings]


def test_due_times_of_2027_rest_on_expected_days_until_the_notice_comes(waiting: Engine) -> None:
    assert due_times(waiting) == {as_local("2027-01-06T17:00")}
    with waiting.database.reading() as session:
        assert set(session.scalars(select(CaseClock.is_provisional))) == {True}


def test_a_preview_says_which_days_change_and_how_many_clocks_move_and_changes_nothing(waiting: Engine) -> None:
    preview = calendar_notices.preview(waiting, ADMIN, NOTICE.encode())
    assert preview.can_be_imported
    assert [day.day for day in preview.days if day.is_changed] == [date(2027, 1, 3), date(2027, 1, 4), date(2027, 1, 5)]
    assert (preview.cases, preview.clocks, preview.moved_by_kind) == (3, 3, (("finish", 3),))
    assert (preview.moved[0].old_at, preview.moved[0].new_at) == (as_local("2027-01-06T17:00"), as_local("2027-01-07T17:00"))
    assert due_times(waiting) == {as_local("2027-01-06T17:00")}


def test_the_notice_moves_clocks_tasks_and_timers_and_they_fire_at_the_new_moment(waiting: Engine) -> None:
    calendar_import.import_notice(waiting, ADMIN, NOTICE.encode(), "国务院办公厅通知")
    run_jobs(waiting)
    assert due_times(waiting) == {as_local("2027-01-07T17:00")}
    with waiting.database.reading() as session:
        assert set(session.scalars(select(Job.due_at).where(Job.kind == "timer"))) == {as_local("2027-01-07T17:00")}
    waiting.clock.move_to(as_local("2027-01-06T17:00"))  # type: ignore[attr-defined]  # the clock of the tests
    run_jobs(waiting)
    assert {item.element_id for item in inbox(waiting, CLERK, InboxQuery()).items} == {"work"}
    waiting.clock.move_to(as_local("2027-01-07T17:00"))  # type: ignore[attr-defined]
    run_jobs(waiting)
    assert {item.element_id for item in inbox(waiting, CLERK, InboxQuery()).items} == {"after"}


def test_citizens_are_told_once_and_the_progress_is_counted_and_kept_as_evidence(waiting: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.calendar_moving.BATCH", 2)
    calendar_import.import_notice(waiting, ADMIN, NOTICE.encode(), "国务院办公厅通知")
    assert [(one.state, one.done) for one in calendar_notices.calendar(waiting, ADMIN).imports] == [("running", 0)]
    run_jobs(waiting)
    (row,) = calendar_notices.calendar(waiting, ADMIN).imports
    assert (row.state, row.total, row.done, row.moved, row.told) == ("done", 3, 3, 3, 3)
    with waiting.database.reading() as session:
        notices = session.scalars(select(Notice).where(Notice.template == "MSG-30")).all()
        assert sorted(notice.case_no or "" for notice in notices if notice.audience == "applicant") == ["C-0", "C-1", "C-2"]
        assert "2027年1月7日" in notices[0].body
        assert verify(session, waiting.secrets).faults == ()
    assert calendar_notices.calendar(waiting, ADMIN).confirmed_to == date(2027, 12, 31)


def test_the_same_notice_again_moves_nothing(waiting: Engine) -> None:
    for _again in range(2):
        calendar_import.import_notice(waiting, ADMIN, NOTICE.encode(), "")
        run_jobs(waiting)
    with waiting.database.reading() as session:
        assert len(session.scalars(select(CalendarImport)).all()) == 1


def test_what_is_wrong_with_a_notice_is_said_by_line_and_nothing_is_changed(waiting: Engine) -> None:
    assert refused(waiting, "2027-01-04,休息,通知,true\n2027-01-04,工作,通知,true\n") == [(3, "calendar-twice")]
    assert refused(waiting, "2027-01-04,半天,通知,true\n") == [(2, "value")]
    assert refused(waiting, "2026-12-01,休息,通知,true\n") == [(2, "calendar-past")]
    assert refused(waiting, "") == [(None, "calendar-empty")]
    assert due_times(waiting) == {as_local("2027-01-06T17:00")}


def test_a_day_of_the_published_calendar_is_pointed_out(engine: Engine) -> None:
    preview = calendar_notices.preview(engine, ADMIN, (HEADER + "2026-12-31,休息,临时放假,true\n2026-12-30,工作,通知,true\n").encode())
    assert [(one.line, one.code, one.severity) for one in preview.findings] == [
        (2, "calendar-published", "warning"),
        (3, "calendar-same", "info"),
    ]
    assert preview.can_be_imported


def test_only_an_administrator_changes_the_calendar(engine: Engine) -> None:
    with pytest.raises(NotAllowed):
        calendar_import.import_notice(engine, CLERK, NOTICE.encode(), "")
    with pytest.raises(NotAllowed):
        calendar_notices.preview(engine, CLERK, NOTICE.encode())
