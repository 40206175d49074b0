"""Element templates: every operation is offered with all of its inputs and outputs, in both languages."""

from __future__ import annotations

import re

import pytest

from engine.queries.element_templates import element_templates
from engine.queries.operation_words import CATEGORIES, WORDS
from engine.vocabulary import OPERATIONS

HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_operation_has_a_template_with_its_topic_inputs_and_outputs(language: str) -> None:
    templates = {one["id"].removeprefix("doudi."): one for one in element_templates(language)}
    assert set(templates) == set(OPERATIONS)
    for name, operation in OPERATIONS.items():
        bindings = [one["binding"] for one in templates[name]["properties"]]
        assert [one["name"] for one in bindings if one["type"] == "camunda:inputParameter"] == [one.name for one in operation.inputs]
        assert [one["source"] for one in bindings if one["type"] == "camunda:outputParameter"] == [f"={one}" for one in operation.outputs]
        assert templates[name]["properties"][1]["value"] == name


def test_required_inputs_must_be_filled_and_others_may_stay_away() -> None:
    for template in element_templates():
        operation = OPERATIONS[template["id"].removeprefix("doudi.")]
        shown = [one for one in template["properties"] if one["binding"]["type"] == "camunda:inputParameter"]
        assert [bool(one.get("constraints")) for one in shown] == [one.required for one in operation.inputs]
        assert [bool(one.get("optional")) for one in shown] == [not one.required for one in operation.inputs]


def test_chinese_templates_are_chinese_and_english_ones_english() -> None:
    for template in element_templates("zh"):
        labels = [template["name"], template["category"]["name"], *(one["label"] for one in template["properties"] if "label" in one)]
        assert all(HAN.search(label) for label in labels), template["id"]
    for template in element_templates("en"):
        assert not HAN.search(template["name"] + template["category"]["name"]), template["id"]


def test_no_word_is_kept_for_an_input_that_no_operation_has() -> None:
    names = {one.name for operation in OPERATIONS.values() for one in operation.inputs}
    names |= {name for operation in OPERATIONS.values() for name in operation.outputs}
    assert {word.rpartition(".")[2] for word in WORDS} - names == set()


def test_every_operation_has_a_category_and_every_input_and_output_a_chinese_word() -> None:
    assert [name for name in OPERATIONS if name.partition("-")[0] not in CATEGORIES] == []
    named = [(one.name, name) for one in OPERATIONS.values() for name in (*(given.name for given in one.inputs), *one.outputs)]
    assert [f"{operation}.{name}" for operation, name in named if f"{operation}.{name}" not in WORDS and name not in WORDS] == []
