"""A new version of a data file, or a row whose day has come, changes nothing for cases accepted before; their page shows the rows."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.clock import MovableClock, as_local
from engine.commands import deployments, incidents, jobs, user_tasks
from engine.commands.cases import receive_arrival, register_case
from engine.db.case_tables import Case, Matter, SubOrder
from engine.db.tables import Evidence, Incident, UserTask
from engine.errors import InvalidDefinition, InvalidInput
from engine.queries.cases import case_page
from engine.queries.decisions import DecisionView
from engine.queries.materials import materials_of
from engine.queries.public_service import service_view
from engine.queries.reference import options
from tests.conftest import PROJECT
from tests.webapp.conftest import COMPLEX_CASE, SIMPLE_CASE

LISTS = PROJECT / "processes" / "reference"
Change = Callable[[list[str]], list[str]]


def read(name: str) -> list[str]:
    return (LISTS / f"{name}.csv").read_text("utf-8-sig").splitlines()


DUTIES = list(csv.DictReader(read("responsibilities")))
REFUSED = {**SIMPLE_CASE, "triage_facts": {**SIMPLE_CASE["triage_facts"], "negative_code": "N01"}}


def work(engine: Engine) -> None:
    while jobs.run_due_jobs(engine, "w"):
        pass


def deploy(engine: Engine, name: str, change: Callable[[list[str]], list[str]]) -> None:
    """Put a changed data file in force, as an analyst does."""
    file = f"processes/reference/{name}.csv"
    lines = change(read(name))
    deployments.deploy(engine, SYSTEM, {file: ("\n".join(lines) + "\n").encode()}, "change")


def dated(start: str, begin: str = "", end: str = "", *more: str) -> Callable[[list[str]], list[str]]:
    """Days for the rows that begin so, and rows more."""

    def change(lines: list[str]) -> list[str]:
        head, *rows = lines
        return [f"{head},valid_from,valid_to", *(f"{row},{begin},{end}" if row.startswith(start) else f"{row},," for row in rows), *more]

    return change


def decision(engine: Engine, actor: Actor, case_no: str, key: str) -> DecisionView:
    return next(view for view in case_page(engine, actor, case_no).decisions if view.decision_key == key)


def ids(engine: Engine, actor: Actor, case_no: str) -> list[str]:
    return [row.id for row in materials_of(engine, actor, case_no).rows]


def test_materials_of_a_case_are_those_of_the_file_in_force_when_it_was_accepted(engine: Engine, clock: MovableClock, clerk: Actor) -> None:
    before = register_case(engine, clerk, SIMPLE_CASE)
    asked = ids(engine, clerk, before)
    clock.move_to(as_local("2026-11-24T09:00"))
    deploy(engine, "materials", lambda lines: [line for line in lines if not line.startswith("M06-02,")])
    after = register_case(engine, clerk, SIMPLE_CASE)
    assert ids(engine, clerk, before) == asked and "M06-02" in asked
    assert ids(engine, clerk, after) == [one for one in asked if one != "M06-02"]
    assert [len(case_page(engine, clerk, number).materials) for number in (before, after)] == [len(asked), len(asked) - 1]


def test_a_row_counts_for_cases_accepted_from_its_first_day_on(engine: Engine, clock: MovableClock, clerk: Actor) -> None:
    deploy(engine, "materials", dated("M06-02,", "2026-11-25"))
    clock.move_to(as_local("2026-11-24T16:00"))
    before = register_case(engine, clerk, SIMPLE_CASE)
    clock.move_to(as_local("2026-11-25T09:00"))
    after = register_case(engine, clerk, SIMPLE_CASE)
    assert ("M06-02" in ids(engine, clerk, before), "M06-02" in ids(engine, clerk, after)) == (False, True)


def test_an_abolished_matter_is_refused_with_its_successor_and_an_old_case_goes_on(
    engine: Engine, clock: MovableClock, clerk: Actor
) -> None:
    old = register_case(engine, clerk, COMPLEX_CASE)
    matter = COMPLEX_CASE["matter"]

    def abolish(lines: list[str]) -> list[str]:
        head, *rows = lines
        ended = ",M02,,2026-11-23"
        return [f"{head},successor,valid_from,valid_to", *(row + (ended if row.startswith(f"{matter},") else ",,,") for row in rows)]

    clock.move_to(as_local("2026-11-23T12:00"))
    deploy(engine, "matters", abolish)
    assert register_case(engine, clerk, COMPLEX_CASE)
    clock.move_to(as_local("2026-11-24T09:00"))
    before = count(engine, Case)
    with pytest.raises(InvalidInput) as refused:
        register_case(engine, clerk, COMPLEX_CASE)
    (said,) = refused.value.fields["matter"]
    assert matter in said and "2026-11-24" in said and "请改选“M02" in said
    assert count(engine, Case) == before
    assert matter not in {one.value for one in options(engine, "matters")}
    work(engine)
    page = case_page(engine, clerk, old)
    assert page.incidents == () and page.departments
    with engine.database.reading() as session:
        assert session.get_one(Matter, matter).name in decision(engine, clerk, old, "responsibilities").inputs[0][1]


def test_an_entry_that_ended_judges_the_case_accepted_before_and_is_offered_to_nobody_after(
    engine: Engine, clock: MovableClock, clerk: Actor
) -> None:
    deploy(engine, "negative_list", dated("N01,", "", "2026-11-23"))
    old = register_case(engine, clerk, REFUSED)
    clock.move_to(as_local("2026-11-24T09:00"))
    work(engine)
    assert "N01" not in [one.code for one in service_view(engine).negative]
    with pytest.raises(InvalidInput) as refused:
        register_case(engine, clerk, REFUSED)
    assert "N01" in refused.value.fields["triage_facts.negative_code"][0]
    assert "2026-11-24起不再有效" in refused.value.fields["triage_facts.negative_code"][0]
    shown = decision(engine, clerk, old, "negative_list")
    assert (shown.row, shown.version, shown.chosen_because) == ("N01", 2, "acceptance")
    assert shown.inputs == (("负面清单", "N01"), ("受理日", "2026-11-23"))
    assert shown.outputs[0][0] == "N01" and shown.outputs[0][1].endswith("至2026-11-23有效")


def test_the_tables_of_people_follow_on_the_day_without_a_deployment(engine: Engine, clock: MovableClock) -> None:
    deploy(engine, "negative_list", dated("N02,", "2026-12-01"))
    for moment, is_there in (("2026-11-30T23:59", False), ("2026-12-01T00:01", True)):
        clock.move_to(as_local(moment))
        work(engine)
        assert ("N02" in [one.code for one in service_view(engine).negative]) is is_there


def test_the_responsible_departments_are_on_the_page_with_row_version_and_days(engine: Engine, clock: MovableClock, clerk: Actor) -> None:
    matter = COMPLEX_CASE["matter"]
    deploy(engine, "responsibilities", dated(f"{matter},", "2026-01-01"))
    clock.advance(minutes=1)
    number = register_case(engine, clerk, COMPLEX_CASE)
    shown = decision(engine, clerk, number, "responsibilities")
    assert shown.row.split("、")[0].startswith(f"{matter} D") and shown.version == 2 and shown.element_id == "route_departments"
    assert any("牵头" in words and words.endswith("自2026-01-01起有效") for _row, words in shown.outputs)
    with engine.database.reading() as session:
        kept = session.scalars(select(Evidence.event).where(Evidence.chain == number)).all()
    assert "reference:hit" in kept


def test_a_department_that_ended_stops_a_case_of_before_with_row_and_remedy_until_it_is_mended(
    engine: Engine, clock: MovableClock, actor: Callable[[str], Actor]
) -> None:
    """The list of the acceptance names a department that has ended when the case comes to be routed."""
    number = receive_arrival(engine, "网上大厅", SIMPLE_CASE["applicant"], "办照要跑两个部门")
    clock.move_to(as_local("2026-11-24T09:00"))
    change_both(engine, lambda lines: dated(f"{HELPER},", "", "2026-11-24")(lines), lambda lines: ending(lines, HELPER))
    clock.move_to(as_local("2026-11-25T09:00"))
    work(engine)
    register(engine, actor, number)
    with engine.database.reading() as session:
        (stopped,) = session.scalars(select(Incident).where(Incident.resolved_at.is_(None)))
        assert session.scalars(select(SubOrder.id).where(SubOrder.case_no == number)).all() == []
        assert session.get_one(Case, number).lead_department is None
    assert stopped.element_id == "route_departments"
    for words in (HELPER, "column department of responsibilities.csv (version 1, line ", "it ended on 2026-11-24", "Put its row back"):
        assert words in stopped.message
    deploy(engine, "departments", lambda lines: lines)
    incidents.retry_incident(engine, actor("admin"), stopped.id)
    work(engine)
    with engine.database.reading() as session:
        assert HELPER in session.scalars(select(SubOrder.department).where(SubOrder.case_no == number)).all()


def test_a_department_that_others_name_cannot_leave_the_table(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        deploy(engine, "departments", lambda lines: [line for line in lines if not line.startswith(f"{HELPER},")])
    assert {finding.code for finding in refused.value.findings} == {"unknown-code"}
    assert all(finding.file and finding.line and finding.remedy for finding in refused.value.findings)


LEADING = {row["department"] for row in DUTIES if row["role"] == "牵头"}
#: A department that leads nowhere, and a matter in which it helps.
MATTER, HELPER = next((row["matter"], row["department"]) for row in DUTIES if row["department"] not in LEADING)


def ending(lines: list[str], department: str) -> list[str]:
    head, *rows = lines
    ended = {True: ",,2026-11-24", False: ",,"}
    return [f"{head},valid_from,valid_to", *(row + ended[row.split(",")[1] == department] for row in rows)]


def change_both(engine: Engine, departments: Change, responsibilities: Change) -> None:
    files = {"departments": departments, "responsibilities": responsibilities}
    changed = {f"processes/reference/{name}.csv": "\n".join([*change(read(name)), ""]).encode() for name, change in files.items()}
    deployments.deploy(engine, SYSTEM, changed, "reform")


def register(engine: Engine, actor: Callable[[str], Actor], number: str) -> None:
    """The clerk whose turn it is takes the facts of the arrival down."""
    with engine.database.reading() as session:
        task = session.scalars(select(UserTask).where(UserTask.business_key == number, UserTask.ended_at.is_(None))).one()
        task_id, assignee = task.id, str(task.assignee)
    grading = {**COMPLEX_CASE["grading_facts"], "department_count": 3, "cause": "部门不协调"}
    facts = {"matter": MATTER, "triage_facts": COMPLEX_CASE["triage_facts"], "grading_facts": grading}
    user_tasks.complete_task(engine, actor(assignee), task_id, {**facts, "first_contact": {"result": "已联系"}})
    work(engine)


def count(engine: Engine, table: Any) -> int:
    with engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_entry_that_a_refusal_names_is_on_record_beside_the_one_of_the_triage(
    engine: Engine, clock: MovableClock, clerk: Actor, actor: Callable[[str], Actor]
) -> None:
    number = register_case(engine, clerk, REFUSED)
    work(engine)
    with engine.database.reading() as session:
        task = session.scalars(select(UserTask).where(UserTask.business_key == number, UserTask.ended_at.is_(None))).one()
        task_id, element, owner = task.id, task.element_id, task.assignee
    said = {"basis": "示例文件第三条", "explanation": "按现行政策,由区教育局统筹安排学位。", "remedy": "可申请复核。"}
    submission = {"refusal": {"negative_code": "N02", **said}, "review_decision": "refuse", "review_opinion": "同意不予受理。"}
    user_tasks.complete_task(engine, actor(owner or "window_head"), task_id, submission)
    clock.move_to(as_local("2026-12-02T09:00"))
    deploy(engine, "negative_list", dated("N02,", "", "2026-12-01"))
    shown = [view for view in case_page(engine, clerk, number).decisions if view.decision_key == "negative_list"]
    assert [(view.row, view.element_id) for view in shown] == [("N01", "record_triage"), ("N02", element)]
    told = [answer for entry in case_page(engine, clerk, number).timeline for answer in entry.detail if entry.element_id == element]
    assert any("缺少法律依据" in words for _label, words in told), told
