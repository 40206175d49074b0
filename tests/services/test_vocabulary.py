"""The vocabulary: every operation says what it needs, and a wrong call says what was expected."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.errors import InvalidInput
from engine.vocabulary import OPERATIONS, Operation

from .conftest import World


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_is_named_in_both_languages(operation: Operation) -> None:
    assert re.search("[\u4e00-\u9fff]", operation.title) and operation.title_en.isascii()
    assert all(declared.description for declared in operation.inputs)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_refuses_an_input_it_does_not_know(world: World, operation: Operation) -> None:
    with pytest.raises(InvalidInput, match=f"Expected {operation.name} to get .* but got colour"):
        world.call(operation.name, colour="red")


REQUIRED = [(name, declared.name) for name, operation in OPERATIONS.items() for declared in operation.inputs if declared.required]


@pytest.mark.parametrize(("name", "left_out"), REQUIRED)
def test_every_operation_names_the_input_that_is_missing(world: World, name: str, left_out: str) -> None:
    given = {declared.name: _sample(declared.type) for declared in OPERATIONS[name].inputs if declared.name != left_out}
    with pytest.raises(InvalidInput, match=rf"Expected {name} to get {left_out} \(.*\) but got nothing"):
        world.call(name, **given)


def test_null_is_no_answer_where_one_is_needed(world: World) -> None:
    with pytest.raises(InvalidInput, match=r"into .* but got null"):
        world.call("case-merge", into=None)


@pytest.mark.parametrize(
    ("name", "inputs", "expected"),
    [
        ("case-set-status", {"status": 7}, "text as status"),
        ("case-record-grade", {"grade": "复杂"}, "a context as grade"),
        ("sub-orders-summarise", {"sub_orders": {}}, "a list as sub_orders"),
        ("sub-order-sign", {"sub_order": 1, "deemed": "false"}, "true or false as deemed"),
        ("rating-record", {"level": 2.5, "tags": [], "text": "", "second": False}, "a whole number as level"),
    ],
)
def test_an_input_of_another_type_is_refused(world: World, name: str, inputs: dict[str, Any], expected: str) -> None:
    with pytest.raises(InvalidInput, match=expected):
        world.call(name, **inputs)


def test_an_unknown_operation_is_refused_with_the_known_ones(world: World) -> None:
    with pytest.raises(InvalidInput, match="notice-send"):
        world.call("notice-shout")


def test_no_operation_gives_personal_data_back(world: World) -> None:
    results = [
        world.call("case-assign-owner"),
        world.call("departments-route", matter="M01"),
        world.call("sub-orders-dispatch", departments=["D01"], ask="", sign_limit="1个工作日"),
        world.call("rectification-assign"),
    ]
    assert [detail for detail in ("何女士", "440103188501010017", "13800001234", "芳村示例路") if detail in str(results)] == []


def _sample(kind: str) -> Any:
    return {"text": "x", "any": "x", "boolean": True, "whole number": 1, "context": {}, "list": []}[kind]
