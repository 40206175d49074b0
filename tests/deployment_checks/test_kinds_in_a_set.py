"""Kinds of case files and actions in a set: what they name exists, and what their starts bring is known."""

from __future__ import annotations

import json

from engine.deployment_checks import DefinitionSet, check_set, definition_set, parse_files, variables_at
from engine.errors import Finding
from engine.feel import Feel
from tests.bpmn.diagrams import chain, element, end, file_of, process, start, user
from tests.deployment_checks.conftest import OUTPUTS, surroundings

KINDS = "kind,name,name_en,prefix,process,start_form,openers,owner_group,public,applicant,description,description_en\n"
KINDS += "case,工单,Case,BBC,spine,,,,false,required,,\nsuggestion,建议,Suggestion,SG,suggest,said,window,,false,none,,\n"
ACTIONS = "action,name,name_en,message,form,groups,kinds,statuses,public,confirm,description,description_en\n"
ACTIONS += "ask,提问,Ask,asked,question,window,suggestion,,false,false,,\n"
MESSAGE = '<bpmn:message id="m_asked" name="asked" />'


def form(key: str, *fields: str) -> bytes:
    parts = [{"type": "textfield", "id": f"field_{field}", "key": field, "label": field} for field in fields]
    return json.dumps({"type": "default", "id": key, "schemaVersion": 19, "components": parts}).encode()


def drawn(key: str, *first: str) -> str:
    return process(*(first or (start(),)), user("work"), end(), chain("start", "work", "end"), key=key)


def files(**changes: bytes) -> dict[str, bytes]:
    asked = start("start", '<bpmn:messageEventDefinition messageRef="m_asked" />')
    given = {
        "processes/spine.bpmn": file_of(drawn("spine")),
        "processes/suggest.bpmn": file_of(drawn("suggest")),
        "processes/ask.bpmn": file_of(MESSAGE, drawn("ask", asked)),
        "forms/said.form": form("said", "topic"),
        "forms/question.form": form("question", "words"),
        "processes/reference/case_kinds.csv": KINDS.encode(),
        "processes/reference/case_actions.csv": ACTIONS.encode(),
    }
    return {**given, **{f"processes/reference/{name}.csv": content for name, content in changes.items()}}


def missing(feel: Feel, **changes: bytes) -> list[Finding]:
    parsed, problems = parse_files(feel, files(**changes))
    assert problems == []
    return [finding for finding in check_set(feel, parsed, surroundings()) if finding.code.startswith("missing-") and finding.line]


def seen(feel: Feel, key: str) -> set[str]:
    found = definition_set(files(), surroundings())
    known = DefinitionSet(found.files, frozenset({"case_no"}), OUTPUTS, frozenset({"case_no", "status"}), found.beginnings)
    return set(variables_at(feel, known, key)["work"])


def test_processes_and_forms_that_exist_are_no_finding(feel: Feel) -> None:
    assert missing(feel) == []


def test_a_process_or_a_form_that_nobody_has_is_named_by_its_row_and_column(feel: Feel) -> None:
    kinds = KINDS.replace(",suggest,said,", ",sugest,sayd,").encode()
    found = missing(feel, case_kinds=kinds, case_actions=ACTIONS.replace(",question,", ",quest,").encode())
    assert [(finding.file, finding.line, finding.element_id, finding.code) for finding in found] == [
        ("processes/reference/case_kinds.csv", 3, "process", "missing-called-process"),
        ("processes/reference/case_kinds.csv", 3, "start_form", "missing-form"),
        ("processes/reference/case_actions.csv", 2, "form", "missing-form"),
    ]
    assert "suggest" in found[0].remedy and "said" in found[1].remedy


def test_the_process_of_a_kind_begins_with_the_fields_of_its_start_form(feel: Feel) -> None:
    assert seen(feel, "suggest") == {"case_no", "topic"}


def test_a_process_that_an_action_starts_begins_with_the_fields_of_its_form_and_with_the_file(feel: Feel) -> None:
    assert seen(feel, "ask") == {"case_no", "status", "words"}


def test_what_a_diagram_sends_with_a_message_is_known_where_the_message_starts(feel: Feel) -> None:
    mapped = "<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name='reason'>because</camunda:inputParameter>"
    mapped += "</camunda:inputOutput></bpmn:extensionElements>"
    sends = element("intermediateThrowEvent", "send", mapped, '<bpmn:messageEventDefinition messageRef="m_asked" />')
    asks = process(start(), sends, end(), chain("start", "send", "end"), key="asks")
    hears = drawn("hears", start("start", '<bpmn:messageEventDefinition messageRef="m_asked" />'))
    known = DefinitionSet({"a.bpmn": file_of(MESSAGE, asks), "b.bpmn": file_of(MESSAGE, hears)})
    assert variables_at(feel, known, "hears")["work"]["reason"].is_certain


def test_what_comes_with_a_message_is_known_behind_whatever_waits_for_it(feel: Feel) -> None:
    waits = element("intermediateCatchEvent", "wait", '<bpmn:messageEventDefinition messageRef="m_asked" />')
    waiting = process(start(), waits, user("work"), end(), chain("start", "wait", "work", "end"), key="suggest")
    given = {**files(), "processes/suggest.bpmn": file_of(MESSAGE, waiting)}
    assert {"topic", "words"} <= set(variables_at(feel, definition_set(given, surroundings()), "suggest")["work"])


def test_what_only_one_of_several_kinds_brings_is_not_certain_in_their_process(feel: Feel) -> None:
    both = KINDS + "letter,信件,Letter,LE,suggest,other,window,,false,none,,\n"
    given = {**files(case_kinds=both.encode()), "forms/other.form": form("other", "topic", "sender")}
    work = variables_at(feel, definition_set(given, surroundings()), "suggest")["work"]
    assert work["topic"].is_certain and not work["sender"].is_certain
