"""What a diagram may not contain: each refusal with its code, element, line and remedy; all at once; hostile files too."""

from __future__ import annotations

import pytest

from engine.bpmn.catalogue import ENTRIES
from engine.bpmn.parse import parse
from engine.errors import Finding, InvalidDefinition
from tests.bpmn.diagrams import HEAD, chain, element, end, file_of, process, start, straight, user
from tests.bpmn.refused import HOSTILE, REFUSED, task


def findings_of(source: bytes, file: str = "broken.bpmn") -> tuple[Finding, ...]:
    with pytest.raises(InvalidDefinition) as refused:
        parse(source, file)
    return refused.value.findings


@pytest.mark.parametrize(
    ("code", "place", "source"), REFUSED, ids=[f"{code} at {place} {number}" for number, (code, place, _) in enumerate(REFUSED)]
)
def test_a_diagram_that_would_run_wrongly_is_refused_with_place_and_remedy(code: str, place: str, source: bytes):
    found = [finding for finding in findings_of(source) if finding.code == code and finding.element_id == place]
    assert found, [str(finding) for finding in findings_of(source)]
    assert found[0].file == "broken.bpmn"
    assert found[0].line is not None
    assert found[0].line > 1
    assert found[0].message
    assert found[0].remedy


@pytest.mark.parametrize(("code", "source"), HOSTILE, ids=[f"{code} {number}" for number, (code, _) in enumerate(HOSTILE)])
def test_a_hostile_or_broken_file_is_refused_with_one_finding(code: str, source: bytes):
    (finding,) = findings_of(source)
    assert finding.code == code
    assert finding.remedy
    assert "root:" not in finding.message


def test_every_entry_of_the_catalogue_is_proven_by_a_refusal():
    assert set(ENTRIES) - {code for code, _, _ in REFUSED} - {code for code, _ in HOSTILE} == set()


def test_every_entry_of_the_catalogue_speaks_chinese_and_english():
    for texts in ENTRIES.values():
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in texts["zh"])
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in texts["en"][0])


def test_findings_can_be_had_in_english():
    with pytest.raises(InvalidDefinition) as refused:
        parse(task("serviceTask"), "x.bpmn", language="en")
    assert "topic" in refused.value.findings[0].message


def test_all_findings_of_a_file_come_at_once_in_the_order_of_its_lines():
    parts = [
        start(),
        start("two"),
        element("task", "t"),
        user("a", assignee="${x()}"),
        user("lonely"),
        end(),
        chain("start", "t", "a", "end"),
        chain("two", "a"),
    ]
    found = findings_of(file_of(process(*parts), process(user("b"), key="Q")))
    assert {"start-duplicate", "unsupported-element", "juel-expression", "node-unreachable", "start-missing", "end-missing"} <= {
        finding.code for finding in found
    }
    assert [finding.line for finding in found] == sorted(finding.line or 0 for finding in found)


def test_a_finding_names_the_line_and_the_name_of_its_element():
    source = file_of(
        process(
            start(),
            user("a").replace("<bpmn:userTask ", '<bpmn:userTask name="登记" camunda:assignee="${x()}" '),
            end(),
            chain("start", "a", "end"),
        )
    )
    (finding,) = findings_of(source, "登记.bpmn")
    line = source.decode().splitlines().index(next(line for line in source.decode().splitlines() if "登记" in line)) + 1
    assert (finding.file, finding.element_name, finding.line) == ("登记.bpmn", "登记", line)


def test_a_utf_16_file_is_read_like_any_other():
    text = HEAD.replace("UTF-8", "UTF-16") + straight(user("a"), ids=["a"]) + "</bpmn:definitions>"
    assert parse(text.encode("utf-16"), "x.bpmn")[0].key == "P"
