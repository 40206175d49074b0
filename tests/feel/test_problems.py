"""What analysts read about a mistake: what, where in the expression, what to write; in Chinese and in English."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest

from engine.feel import Feel, FeelFailed, file_texts
from engine.feel.sentences import HABITS, TEXTS, TYPES

CHINESE = re.compile(r"[\u4e00-\u9fff，。：（）]")


@pytest.mark.parametrize(
    ("expression", "variables", "position", "says"),
    [
        ("nofee > 3", {"fee": 1}, 0, "Variable “nofee” does not exist. Did you mean “fee”?"),
        ("1 + fee > x", {"fee": 1, "x": None}, 0, "Cannot compare number 2 with null. First ask x != null"),
        ('= fee = "5"', {"fee": 5}, 2, "Cannot compare number 5 with text"),
        ("facts.note", {"facts": {}}, 6, "get value(context, “note”)".replace("“", '"').replace("”", '"')),
        ('tier == "a"', {"tier": "a"}, 0, "write = for =="),
        ("tier = 'a'", {"tier": "a"}, 7, "double quotes"),
        ("a && b", {"a": True}, 2, "Write and for &&"),
        ("if a then 1 else 2", {"a": "x"}, 0, 'Expected true or false here but got text "x"'),
        ("1 / 0", {}, 2, "Division by zero"),
        ('"\U0001f600" + nofee', {"fee": 1}, 6, "(character 7)"),
        ("1 +\n  nofee", {"fee": 1}, 6, "(line 2, character 3)"),
        ('date("abc")', {}, 0, "is no valid date"),
        ("function(x) x", {}, None, "The result is a function"),
        ("x", {"x": 2**60}, None, "would lose digits"),
        ("x", {"x": object()}, None, "something no expression can use"),
        ("1 +" * 9000, {}, None, "the limit is 20000"),
    ],
)
def test_a_mistake_is_said_in_english_with_its_position(
    failure: Any, expression: str, variables: dict[str, Any], position: int | None, says: str
) -> None:
    error = failure(expression, variables)
    assert isinstance(error, FeelFailed)
    assert says in error.text("en")
    assert error.position == position
    assert not CHINESE.search(error.text("en"))
    assert CHINESE.search(error.text("zh"))
    assert str(error) == error.text()


def test_check_answers_in_both_languages(feel: Feel) -> None:
    assert feel.check("cuont(x) > 2", language="en")[0].startswith("There is no function “cuont”. Did you mean “count”")
    assert feel.check("cuont(x) > 2")[0].startswith("没有函数“cuont”。你是不是想写“count”")
    assert [(problem.code, problem.position) for problem in feel.problems('= tier == "a"')] == [("HABIT", 7)]


def test_variables_that_nobody_sets_are_named_with_the_nearest_that_exists(feel: Feel) -> None:
    known = ["tier", "departments", "Base fee", "facts"]
    [first, second] = feel.unknown_names('= teir = "a" and count(departments) > limit and Base fee > facts.x', known)
    assert (first.code, first.position, second.position) == ("NEVER_SET", 2, 38)
    assert first.text().startswith("变量“teir”没有在任何地方赋值。你是不是想写“tier”？")
    assert first.text("en").startswith("Variable “teir” is never set. Did you mean “tier”?")
    assert "mean" not in second.text("en")


@pytest.mark.parametrize(
    "expression", ["", "1 +", "for i in list return i", "list[late = true]", "{ a: 1, b: a }", "today()", "some x in list satisfies x > 1"]
)
def test_names_of_the_expression_itself_are_not_unknown(feel: Feel, expression: str) -> None:
    assert feel.unknown_names(expression, {"list"}) == []


def test_every_sentence_has_the_same_parts_in_both_languages() -> None:
    for key, (chinese, english) in TEXTS.items():
        assert parts(chinese) == parts(english), key
        assert not CHINESE.search(english), key
    assert not [english for _, _, english in HABITS if CHINESE.search(english)]
    assert not [english for _, english in TYPES.values() if CHINESE.search(english)]


def parts(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_finding_of_a_file_has_the_same_parts_in_both_languages() -> None:
    for key, (chinese, english) in file_texts.TEXTS.items():
        assert parts("".join(chinese)) == parts("".join(english)), key
        assert not CHINESE.search("".join(english)), key
    for key, (text, translated) in file_texts.PLACES.items():
        assert parts(text) == parts(translated), key
        assert not CHINESE.search(translated), key
