"""Expressions in the writing of Camunda 7 mean what they mean there; what has no FEEL says what to write instead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.bpmn.juel import HINTS, Untranslatable, translated
from engine.bpmn.parse import parse
from engine.errors import InvalidDefinition
from engine.feel import Feel
from tests.bpmn.conftest import Begin
from tests.bpmn.diagrams import chain, end, file_of, flow, many, message, parameters, process, script, start, straight, throw, user, xor
from tests.bpmn.diagrams import definition as event_definition

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEEL = Feel()
GIVEN: dict[str, Any] = {
    "level": 3, "case": {"no": "C-7", "odd key": 9}, "ok": True, "off": False, "nothing": None, "blank": "",
    "names": ["李", "王"], "none": [], "text": "it's",
}  # fmt: skip

MEANINGS: list[tuple[str, Any]] = [
    ("${level}", 3),
    ("#{case.no}", "C-7"),
    ("${case['odd key']}", 9),
    ("${names[0]}", "李"),
    ("${level == 3}", True),
    ("${level eq 3 and ok}", True),
    ("${level != 3 || ok}", True),
    ("${level ne 3 or off}", False),
    ("${level > 2 && !off}", True),
    ("${level ge 4 || level lt 1}", False),
    ("${!ok}", False),
    ("${not nothing}", True),
    ("${nothing && ok}", False),
    ("${empty nothing}", True),
    ("${empty blank}", True),
    ("${empty none}", True),
    ("${not empty names}", True),
    ("${empty level}", False),
    ("${level + 2 * 3 - (4 - 1)}", 6),
    ("${-level}", -3),
    ("${level % 2}", 1),
    ("${level mod 2 == 1}", True),
    ("${(level + 1) / 2}", 2),
    ("${level == 3 ? 'yes' : 'no'}", "yes"),
    ("${off ? 1 : ok ? 2 : 3}", 2),
    ("${text == 'it\\'s'}", True),
    ('${"a\\"b"}', 'a"b'),
    ("${null}", None),
    ("${1.5}", 1.5),
    ("${text.equals('x')}", False),
    ("${names.size() > 1}", True),
    ("${none.isEmpty()}", True),
    ("${execution.getVariable('level')}", 3),
    ("${execution.hasVariable('nothing')}", False),
    ("工单 ${case.no}：${level}", "工单 C-7：3"),
    ("${nothing}-${level}", "-3"),
    ("PT${level}H", "PT3H"),
    ("${names[0]},${names[1]}", "李,王"),
    ("${'}'}", "}"),
]


@pytest.mark.parametrize(("text", "value"), MEANINGS)
def test_an_expression_means_what_it_means_in_camunda(text: str, value: Any):
    assert FEEL.evaluate(translated(text), GIVEN, NOW) == value


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("${bean.find(level)}", "call"),
        ("${dateTime().plusDays(1).toDate()}", "call"),
        ("${find(level)}", "call"),
        ("${execution.processInstanceId}", "context"),
        ("${task}", "context"),
        ("${execution.setVariable('a', 1)}", "context"),
        ("${names[level]}", "index"),
        ("${level", "syntax"),
        ("${}", "syntax"),
        ("${level +}", "syntax"),
        ("${level = 3}", "syntax"),
        ("${a b}", "syntax"),
        ("${(level}", "syntax"),
        ("${level ? 1}", "syntax"),
        ("${case.}", "syntax"),
        ("${[1]}", "syntax"),
        ("${level; 1}", "syntax"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_has_no_feel_is_refused_with_what_to_do(text: str, hint: str, language: str):
    with pytest.raises(Untranslatable) as refused:
        translated(text)
    assert refused.value.hint == hint
    with pytest.raises(InvalidDefinition) as findings:
        parse(file_of(straight(user("a", assignee=text), ids=["a"])), "x.bpmn", language)  # type: ignore[arg-type]
    (finding,) = findings.value.findings
    assert (finding.code, finding.element_id) == ("juel-expression", "a")
    assert finding.remedy.endswith(HINTS[hint][language])


def test_a_deep_expression_is_refused_and_does_not_stop_the_server():
    with pytest.raises(Untranslatable):
        translated("${" + "(" * 5000 + "1" + ")" * 5000 + "}")


def test_a_diagram_in_camundas_writing_runs(begin: Begin):
    source = file_of(
        message("m", "go-${case.no}"),
        process(
            start(),
            script("s", "{owner: 'x'}".replace("'", '"')),
            xor("g"),
            user("a", assignee="${owner}", candidateGroups="${groups}", priority="${level * 10}", dueDate="PT${level}H"),
            user("b", many(collection="${names}", elementVariable="name"), parameters({"shown": "${name}!"})),
            throw("t", event_definition("message", "m")),
            end(),
            chain("start", "s", "g"),
            flow("g", "a", "${level > 2 && !off}"),
            flow("g", "b", "${level <= 2}"),
            chain("a", "b", "t", "end"),
        ),
    )
    run = begin(source, **GIVEN, groups=["x", "y"])
    (wait,) = run.waits.user_tasks.values()
    assert (wait.assignee, wait.candidate_groups, wait.priority) == ("x", ("x", "y"), 30)
    assert wait.due_at == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    run.complete("a")
    assert [run.data_at("b", number)["shown"] for number in (0, 1)] == ["李!", "王!"]
    run.complete("b", "b")
    assert [thrown.name for thrown in run.thrown()] == ["go-C-7"]
    assert run.completed
