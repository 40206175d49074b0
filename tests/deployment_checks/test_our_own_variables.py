"""Every variable that the project's own diagrams read is set before, and a slip of the pen in any expression is found."""

from __future__ import annotations

from dataclasses import replace

from engine.bpmn.parse import parse
from engine.deployment_checks.checks import definition_set
from engine.deployment_checks.definition_set import Flow, flow_through
from engine.deployment_checks.usage import check_usage
from engine.feel import Feel
from tests.deployment_checks.conftest import own_files, own_surroundings


def test_our_own_processes_are_quiet_and_every_misspelt_variable_in_them_is_found(feel: Feel) -> None:
    files = own_files()
    flow = flow_through(feel, definition_set(files, own_surroundings()))
    planted = 0
    for process in [process for name, content in files.items() if name.endswith(".bpmn") for process in parse(content, name)]:
        assert check_usage(feel, process, flow, "zh") == []
        for expression in process.expressions:
            for name in feel.names(expression.text):
                if _is_brought_along(flow, process.key, expression.element_id, name):
                    continue
                wrong = replace(expression, text=_misspelt(expression.text, feel.unknown_names(expression.text, ()), name))
                told = check_usage(feel, replace(process, expressions=(wrong,)), flow, "zh")
                assert [(one.severity, one.element_id) for one in told][:1] == [("warning", expression.element_id)], (expression, name)
                planted += 1
    assert planted > 200


def _is_brought_along(flow: Flow, key: str, element: str, name: str) -> bool:
    """Whether only a message whose content no file declares can have set it: any other name may be in it just as well."""
    here = flow.places[key].seen.get(element)
    return here is not None and here.is_open and name not in here.variables


def _misspelt(text: str, reads: list, name: str) -> str:
    position = next(one.position for one in reads if one.facts["name"] == name)
    return f"{text[:position]}{name}q{text[position + len(name) :]}"
