"""Case files of any kind: opened by hand, by a diagram, by a message, a signal or a timer, each with its number, owner and process."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import runtime
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands.case_files import open_case_file
from engine.commands.instances import start_instance
from engine.commands.messages import correlate_message
from engine.commands.releases import resume_definition, suspend_definition
from engine.commands.user_tasks import complete_task
from engine.db.tables import Incident
from engine.errors import InvalidInput, NotAllowed, NotFound
from tests.commands.conftest import ADMIN, CLERK, HEAD, diagram, user_task
from tests.commands.files_of_kinds import (
    BY_MESSAGE,
    BY_SIGNAL,
    END,
    START,
    add_kind,
    add_people,
    case,
    children,
    deploy,
    entries,
    instances,
    run_jobs,
    service,
    tasks,
)

SAID = {"title": "少跑一趟", "text": "窗口与部门共用一张表。联系13800001234。", "benefit": "每年少跑1000趟"}


@pytest.fixture
def suggestions(engine: Engine) -> Engine:
    """A kind whose process waits for a clerk."""
    add_kind(engine, "suggestion", "suggest")
    deploy(engine, diagram("suggest", START + user_task("study") + END, "s>study study>e"))
    return engine


def variables(engine: Engine, case_no: str) -> dict[str, object]:
    with engine.database.reading() as session:
        return dict(runtime.peek(engine, session, SYSTEM, instances(engine, case_no)[-1].id).execution.variables)


def test_a_file_that_is_opened_by_hand_has_the_number_and_the_process_of_its_kind(suggestions: Engine) -> None:
    number = open_case_file(suggestions, CLERK, "suggestion", SAID)
    assert number == "SU440103-20261123-0001"
    found = case(suggestions, number)
    assert (found.kind, found.title, found.status, found.owner_id) == ("suggestion", "少跑一趟", "办理中", CLERK.id)
    assert [(item.case_no, item.element_id) for item in tasks(suggestions)] == [(number, "study")]


def test_what_a_form_says_beyond_title_text_and_applicant_are_the_facts_of_the_file(suggestions: Engine) -> None:
    number = open_case_file(suggestions, CLERK, "suggestion", SAID)
    assert case(suggestions, number).facts == {"benefit": "每年少跑1000趟"}
    known = variables(suggestions, number)
    assert known["benefit"] == "每年少跑1000趟" and known["facts"] == {"benefit": "每年少跑1000趟"}
    assert (known["case_no"], known["kind"], known["parent"], known["owner"]) == (number, "suggestion", None, CLERK.id)


def test_neither_the_file_nor_its_process_holds_what_names_the_applicant(engine: Engine) -> None:
    add_kind(engine, "suggestion", "suggest", applicant="optional")
    deploy(engine, diagram("suggest", START + user_task("study") + END, "s>study study>e"))
    said = {**SAID, "benefit": "省得何女士再跑", "applicant": {"name": "何女士", "phone": "13800001234"}}
    number = open_case_file(engine, CLERK, "suggestion", said)
    found = case(engine, number)
    assert found.applicant_id is not None
    assert all(
        "何女士" not in str(text) and "13800001234" not in str(text) for text in (found.text, found.facts, variables(engine, number))
    )


def test_a_kind_that_needs_an_applicant_says_so(engine: Engine) -> None:
    add_kind(engine, "suggestion", "suggest", applicant="required")
    deploy(engine, diagram("suggest", START + user_task("study") + END, "s>study study>e"))
    with pytest.raises(InvalidInput) as refused:
        open_case_file(engine, CLERK, "suggestion", SAID)
    assert list(refused.value.fields) == ["applicant.name"]
    assert instances(engine, "SU440103-20261123-0001") == []


def test_only_the_groups_of_a_kind_open_its_files(suggestions: Engine) -> None:
    with pytest.raises(NotAllowed, match="Expected one of window to open a suggestion"):
        open_case_file(suggestions, HEAD, "suggestion", SAID)
    with pytest.raises(NotFound, match="Expected a kind of case file"):
        open_case_file(suggestions, CLERK, "letter", SAID)


def test_a_kind_without_a_form_is_opened_by_diagrams_only(engine: Engine) -> None:
    add_kind(engine, "suggestion", "suggest", start_form=None)
    with pytest.raises(NotAllowed):
        open_case_file(engine, CLERK, "suggestion", SAID)


def test_files_of_a_kind_are_owned_by_its_group_in_turn(engine: Engine, clock: MovableClock) -> None:
    add_kind(engine, "suggestion", "suggest", owner_group="researcher")
    add_people(engine, "researcher", "r1", "r2")
    deploy(engine, diagram("suggest", START + user_task("study") + END, "s>study study>e"))
    owners = []
    for _ in range(3):
        clock.advance(hours=1)
        owners.append(case(engine, open_case_file(engine, CLERK, "suggestion", SAID)).owner_id)
    assert owners == ["r1", "r2", "r1"]


def test_a_diagram_opens_a_file_whose_parent_is_its_own(suggestions: Engine) -> None:
    opens = service("open", "case-open", kind="suggestion", title="=title", facts="={tag: &quot;来自个案&quot;}")
    add_kind(suggestions, "letter", "letters", prefix="LE")
    deploy(suggestions, diagram("letters", START + opens + user_task("rest") + END, "s>open open>rest rest>e"))
    parent = open_case_file(suggestions, CLERK, "letter", SAID)
    (child,) = children(suggestions, parent)
    assert (child.kind, child.parent_no, child.facts, child.applicant_id) == ("suggestion", parent, {"tag": "来自个案"}, None)
    assert variables(suggestions, parent)["opened"] == child.no
    assert instances(suggestions, child.no) == []
    run_jobs(suggestions)
    assert {item.element_id for item in tasks(suggestions)} == {"rest", "study"}
    assert variables(suggestions, child.no)["parent"] == parent


def test_facts_and_the_ledger_are_kept_with_the_file_and_hold_no_number_of_a_person(suggestions: Engine) -> None:
    facts = service("facts", "case-facts", facts="={benefit: &quot;大&quot;, adopted: true}")
    first = service("first", "case-entry", kind="延期", facts="={reason: &quot;等13800001234回话&quot;}")
    again = service("again", "case-entry", kind="延期", facts="={reason: &quot;再等&quot;}")
    read = service("read", "case-entries", kind="延期")
    body = START + facts + first + again + read + user_task("rest") + END
    deploy(suggestions, diagram("suggest", body, "s>facts facts>first first>again again>read read>rest rest>e"))
    number = open_case_file(suggestions, CLERK, "suggestion", SAID)
    assert case(suggestions, number).facts == {"benefit": "大", "adopted": True}
    assert [kind for kind, _ in entries(suggestions, number)] == ["延期", "延期"]
    assert "13800001234" not in str(entries(suggestions, number))
    known = variables(suggestions, number)
    assert known["count"] == 2 and [entry["reason"] for entry in known["entries"]][1] == "再等"  # type: ignore[attr-defined]


def test_a_file_changes_its_owner_by_turn_or_by_name(suggestions: Engine) -> None:
    add_people(suggestions, "researcher", "r1")
    add_people(suggestions, "window", "w1")
    by_turn = service("by_turn", "case-own", group="researcher")
    by_name = service("by_name", "case-own", owner="w1")
    deploy(
        suggestions,
        diagram("suggest", START + by_turn + user_task("rest") + by_name + END, "s>by_turn by_turn>rest rest>by_name by_name>e"),
    )
    number = open_case_file(suggestions, CLERK, "suggestion", SAID)
    found = case(suggestions, number)
    assert (found.owner_id, found.first_owner_id) == ("r1", CLERK.id)


def test_a_process_of_a_kind_that_a_message_starts_opens_its_file(engine: Engine) -> None:
    add_kind(engine, "suggestion", "suggest", start_form=None)
    deploy(engine, diagram("suggest", BY_MESSAGE + user_task("study") + END, "s>study study>e"))
    correlate_message(engine, ADMIN, "go", "无此件", {"topic": "取号", "case_no": "X"})
    (item,) = tasks(engine)
    found = case(engine, str(item.case_no))
    assert (found.title, found.parent_no, found.facts) == ("建议件 2026-11-23", None, {"topic": "取号"})
    assert variables(engine, found.no)["case_no"] == found.no and found.instance_id == instances(engine, found.no)[0].id


def test_a_message_that_names_a_file_starts_the_process_on_a_child_of_it(suggestions: Engine) -> None:
    parent = open_case_file(suggestions, CLERK, "suggestion", SAID)
    add_kind(suggestions, "letter", "letters", prefix="LE", start_form=None)
    deploy(suggestions, diagram("letters", BY_MESSAGE + user_task("write") + END, "s>write write>e"))
    correlate_message(suggestions, ADMIN, "go", parent, {"title": "一封信"})
    (child,) = children(suggestions, parent)
    assert (child.kind, child.title, child.facts) == ("letter", "一封信", {})


def test_a_process_of_no_kind_runs_beside_the_file_that_the_message_names(suggestions: Engine) -> None:
    number = open_case_file(suggestions, CLERK, "suggestion", SAID)
    deploy(suggestions, diagram("ask", BY_MESSAGE + user_task("answer") + END, "s>answer answer>e"))
    correlate_message(suggestions, ADMIN, "go", number, {"question": "为什么?", "org_unit": "别处"})
    spine, beside = instances(suggestions, number)
    assert spine.org_unit == beside.org_unit == case(suggestions, number).org_unit
    known = variables(suggestions, number)
    assert (known["question"], known["case_no"], known["kind"], known["status"]) == ("为什么?", number, "suggestion", "办理中")
    assert known["due"] == {} and known["departments"] == [] and known["matter_name"] == "少跑一趟"


def test_a_signal_that_carries_the_number_of_a_file_starts_processes_beside_it(suggestions: Engine) -> None:
    sent = (
        '<bpmn:endEvent id="e" name="完"><bpmn:signalEventDefinition signalRef="g_heard"><bpmn:extensionElements>'
        '<camunda:in source="case_no" target="case_no" /></bpmn:extensionElements></bpmn:signalEventDefinition></bpmn:endEvent>'
    )
    heard = b'<bpmn:signal id="g_heard" name="heard" /><bpmn:process'
    body = START + user_task("study") + sent
    tells = diagram("suggest", body, "s>study study>e").replace(b"<bpmn:process", heard)
    hears = diagram("listen", BY_SIGNAL + user_task("select") + END, "s>select select>e").replace(b"<bpmn:process", heard)
    deploy(suggestions, tells, hears)
    number = open_case_file(suggestions, CLERK, "suggestion", SAID)
    complete_task(suggestions, CLERK, tasks(suggestions)[0].task_id, {})
    run_jobs(suggestions)
    assert [(item.case_no, item.element_id) for item in tasks(suggestions)] == [(number, "select")]


def test_a_case_that_a_diagram_opens_waits_to_be_registered(suggestions: Engine) -> None:
    add_kind(suggestions, "case", "P00_case_spine", prefix="BBC", start_form="said")
    facts = "={channel: &quot;12345&quot;, triage_facts: {nature: &quot;投诉&quot;}, hotline_no: &quot;H-1&quot;}"
    opens = service("open", "case-open", kind="case", title="=title", text="来电反映办不成事", facts=facts)
    deploy(
        suggestions,
        diagram("suggest", START + opens + END, "s>open open>e"),
        diagram("P00_case_spine", START + user_task("register") + END, "s>register register>e"),
    )
    (child,) = children(suggestions, open_case_file(suggestions, CLERK, "suggestion", SAID))
    run_jobs(suggestions)
    known = variables(suggestions, child.no)
    assert child.no.startswith("BBC") and (child.channel, child.status) == ("12345", "待研判")
    assert (known["registered"], known["channel"], known["hotline_no"], known["parent"]) == (False, "12345", "H-1", child.parent_no)
    assert known["triage_facts"]["nature"] == "投诉" and known["triage_facts"]["cause"] == "其他"  # type: ignore[index]


def test_a_diagram_that_runs_on_no_file_opens_none(suggestions: Engine) -> None:
    opens = service("open", "case-open", kind="suggestion", title="少跑一趟")
    deploy(suggestions, diagram("loose", START + opens + END, "s>open open>e"))
    start_instance(suggestions, ADMIN, "loose", "X-1", {})
    with suggestions.database.reading() as session:
        (incident,) = session.scalars(select(Incident)).all()
    assert "to run on a case file when it opens a suggestion" in incident.message


def test_a_file_whose_process_is_suspended_waits_and_begins_when_it_is_resumed(suggestions: Engine, clock: MovableClock) -> None:
    add_kind(suggestions, "letter", "letters", prefix="LE")
    opens = service("open", "case-open", kind="suggestion", title="=title")
    deploy(suggestions, diagram("letters", START + opens + user_task("rest") + END, "s>open open>rest rest>e"))
    suspend_definition(suggestions, ADMIN, "suggest", None, "停一停")
    (child,) = children(suggestions, open_case_file(suggestions, CLERK, "letter", SAID))
    run_jobs(suggestions)  # comes to an end
    assert instances(suggestions, child.no) == []
    resume_definition(suggestions, ADMIN, "suggest", None)
    clock.advance(minutes=1)
    run_jobs(suggestions)
    assert len(instances(suggestions, child.no)) == 1
