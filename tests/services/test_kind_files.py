"""The files of kinds: what an analyst may write there, and what is said when it does not hold together."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Finding, InvalidDefinition
from engine.services import reference
from engine.services.case_kinds import read_kinds

from .conftest import MONDAY, World

TODAY = MONDAY.date()
FILES = reference.files_in(Path(__file__).resolve().parents[2] / "processes" / "reference")
KINDS = "case_kinds.csv"
ACTIONS = "case_actions.csv"
STATUSES = "case_statuses.csv"
COMPLAINT = "complaint,投诉件,Complaint,TS,P18_complaint,complaint,window,complaint_officer,true,required,,\n"
SIGNAL = "signal,信号件,Signal,XH,P00_case_spine,,,complaint_officer,false,none,,\n"
WITHDRAW = "withdraw,撤回,Withdraw,withdrawn,,window,case,,true,true,,\n"
CASE_ROW = "case,工单,Case,BBC,P00_case_spine,case_register,window,window,false,required,,\n"
HEADERS = {name: FILES[name].decode().splitlines(keepends=True)[0] for name in (KINDS, ACTIONS, STATUSES)}


def files(**rows: str) -> dict[str, bytes]:
    """The shipped files with these rows in place of the rows of kinds and actions."""
    given = {KINDS: CASE_ROW, ACTIONS: ""} | {f"{name}.csv": text for name, text in rows.items()}
    return {**FILES, **{name: (HEADERS[name] + text).encode() for name, text in given.items()}}


def findings(world: World, **rows: str) -> list[Finding]:
    with pytest.raises(InvalidDefinition) as refused:
        reference.load(world.session, files(**rows), TODAY)
    return list(refused.value.findings)


def test_a_kind_and_an_action_that_are_written_in_the_files_exist(world: World) -> None:
    reference.load(world.session, files(case_kinds=CASE_ROW + COMPLAINT, case_actions=WITHDRAW), TODAY)
    kinds = read_kinds(world.session)
    complaint, withdraw = kinds.kind("complaint"), kinds.action("withdraw")
    assert (complaint.name, complaint.prefix, complaint.is_public, complaint.owner_group) == ("投诉件", "TS", True, "complaint_officer")
    assert kinds.by_process["P18_complaint"] is complaint
    assert (withdraw.message, withdraw.form, withdraw.kinds, withdraw.is_confirmed) == ("withdrawn", None, {"case"}, True)
    assert list(kinds.files) == ["case", "complaint"]


def test_installations_without_these_files_keep_the_kinds_they_have(world: World) -> None:
    before = read_kinds(world.session)
    reference.load(world.session, {name: content for name, content in FILES.items() if name not in (KINDS, ACTIONS, STATUSES)}, TODAY)
    assert read_kinds(world.session).statuses == before.statuses and before.statuses["已归档"].is_closing


@pytest.mark.parametrize(
    ("rows", "place", "code"),
    [
        ({"case_kinds": CASE_ROW + COMPLAINT.replace("complaint_officer", "nobody")}, (KINDS, 3, "owner_group"), "unknown-code"),
        ({"case_kinds": CASE_ROW + COMPLAINT.replace(",window,", ",window;D99,")}, (KINDS, 3, "openers"), "unknown-code"),
        ({"case_kinds": CASE_ROW + COMPLAINT.replace(",TS,", ",BBC,")}, (KINDS, 3, "prefix"), "duplicate"),
        ({"case_kinds": CASE_ROW + SIGNAL}, (KINDS, 3, "process"), "duplicate"),
        ({"case_kinds": CASE_ROW + COMPLAINT.replace(",TS,", ",ts,")}, (KINDS, 3, "prefix"), "value"),
        ({"case_kinds": CASE_ROW + COMPLAINT.replace("P18_complaint,complaint", "P18_complaint,")}, (KINDS, 3, "start_form"), "start-form"),
        ({"case_kinds": COMPLAINT}, (KINDS, None, "kind"), "missing-row"),
        ({"case_actions": WITHDRAW.replace(",case,", ",cases,")}, (ACTIONS, 2, "kinds"), "unknown-code"),
        ({"case_actions": WITHDRAW.replace("case,,true", "case,已飞走,true")}, (ACTIONS, 2, "statuses"), "unknown-code"),
        ({"case_actions": WITHDRAW.replace("window,case,,true", ",case,,false")}, (ACTIONS, 2, "groups"), "nobody"),
        ({"case_statuses": "已归档,Archived,true\n"}, (STATUSES, None, "status"), "missing-row"),
    ],
)
def test_what_does_not_hold_together_is_named_by_file_line_and_column(
    world: World, rows: dict[str, str], place: tuple[str, int | None, str], code: str
) -> None:
    found = findings(world, **rows)
    assert (found[0].file, found[0].line, found[0].element_id, found[0].code) == (*place, code)


def test_the_shipped_kinds_hold_together(world: World) -> None:
    counts = reference.load(world.session, FILES, TODAY)
    kinds = read_kinds(world.session)
    assert counts["case_kinds"] == len(kinds.files) and counts["case_actions"] == len(kinds.actions)
    assert kinds.kind("case").process == "P00_case_spine"
