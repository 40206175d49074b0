"""The operations of ``engine.vocabulary`` as element templates, so that a modeler offers each with its inputs. Reads no database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.findings import Language
from engine.operation_inputs import Input
from engine.queries.operation_words import CATEGORIES, word_of
from engine.vocabulary import OPERATIONS, Operation

#: The ids in diagrams: a template that is applied writes ``camunda:modelerTemplate="doudi.<operation>"``.
PREFIX = "doudi."
VERSION = 1


def element_templates(language: Language = "zh") -> list[dict[str, Any]]:
    """One template an operation, as Camunda Modeler reads them from a file or bpmn-js from an array."""
    return [_template(operation, language) for operation in OPERATIONS.values()]


def _template(operation: Operation, language: Language) -> dict[str, Any]:
    category = operation.name.partition("-")[0]
    chinese, english = CATEGORIES[category]
    return {
        "name": operation.title if language == "zh" else operation.title_en,
        "id": PREFIX + operation.name,
        "description": _description(operation, language),
        "version": VERSION,
        "category": {"id": english.lower().replace(" ", "-"), "name": chinese if language == "zh" else english},
        "appliesTo": ["bpmn:ServiceTask", "bpmn:Task"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "groups": [
            {"id": "inputs", "label": "输入" if language == "zh" else "Inputs"},
            {"id": "outputs", "label": "结果存入" if language == "zh" else "Results into"},
        ],
        "properties": list(_properties(operation, language)),
    }


def _description(operation: Operation, language: Language) -> str:
    if language == "en":
        return f"{', '.join(one.name for one in operation.inputs) or '—'} → {', '.join(operation.outputs) or '—'}"
    given, results = (
        [word_of(operation.name, name)[0] for name in names] for names in ([one.name for one in operation.inputs], operation.outputs)
    )
    return f"输入：{'、'.join(given) or '无'}；结果：{'、'.join(results) or '无'}"


def _properties(operation: Operation, language: Language) -> Iterator[dict[str, Any]]:
    yield {"type": "Hidden", "value": "external", "binding": {"type": "property", "name": "camunda:type"}}
    yield {"type": "Hidden", "value": operation.name, "binding": {"type": "property", "name": "camunda:topic"}}
    for one in operation.inputs:
        yield _input(operation, one, language)
    for name in operation.outputs:
        label = word_of(operation.name, name)[0] if language == "zh" else name.replace("_", " ")
        yield {
            "label": f"{label} ({name})",
            "type": "String",
            "group": "outputs",
            "value": name,
            "binding": {"type": "camunda:outputParameter", "source": f"={name}"},
        }


def _input(operation: Operation, one: Input, language: Language) -> dict[str, Any]:
    label, hint = word_of(operation.name, one.name) if language == "zh" else (one.name.replace("_", " "), one.description)
    shown: dict[str, Any] = {
        "label": f"{label} ({one.name})",
        "description": hint,
        "type": "String",
        "group": "inputs",
        "binding": {"type": "camunda:inputParameter", "name": one.name},
    }
    return {**shown, "constraints": {"notEmpty": True}} if one.required else {**shown, "optional": True}
