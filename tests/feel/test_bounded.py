"""Expressions, tables and forms that would use up time or memory: each ends in an answer or a refusal, and the realm works afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine.errors import ExpressionFailed, InvalidDefinition
from engine.feel import Feel, Limits

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
STOPPED = {"TIMEOUT", "MEMORY", "TOO_DEEP", "RESULT_TOO_LARGE", "TOO_MANY_ITERATIONS", "RECURSION"}
A = "a" * 40

ENDLESS = {
    "days of all centuries": 'for d in date("0001-01-01")..date("9999-12-31") return string(d)',
    "pairs of pairs": "for a in 1..3000, b in 1..3000 return [a, b]",
    "doubling text": 'for i in 1..40 return if i = 1 then "0123456789" else string join([partial[-1], partial[-1]])',
    "doubling by replacing": 'for i in 1..30 return if i = 1 then "aaaa" else replace(partial[-1], "a", "aaaa")',
    "doubling lists": "for i in 1..40 return if i = 1 then [1, 2] else flatten([partial[-1], partial[-1]])",
    "doubling contexts": "for i in 1..40 return if i = 1 then { a: 1 } else { a: partial[-1], b: partial[-1] }",
    "tree of calls": "(function(f, n) f(f, n))(function(f, n) if n = 0 then 1 else f(f, n - 1) + f(f, n - 1), 60)",
    "call without end": "(function(f, n) f(f, n))(function(f, n) f(f, n + 1), 0)",
    "sorting by counting": "sort([3, 1, 2], function(a, b) count(for i in 1..100000000 return i) > a)",
    "distinct of many": "distinct values(for i in 1..200000 return { n: i })",
    "union of many": "union(for i in 1..100000 return { n: i }, for i in 1..100000 return { n: i })",
    "filter of filters": "{ all: for i in 1..100000 return i, few: all[count(all[item > 1]) > 5] }.few",
    "ten megabytes": "[x, x, x, x, x, x, x, x, x, x, x]",
    "ten megabytes of contexts": "for i in 1..90 return { text: x }",
    "backtracking": f'matches("{A}!", "^(a+)+$")',
    "backtracking by or": f'matches("{A}!", "^(a|a)*$")',
    "backtracking by counts": f'matches("{A}{A}!", "^(.*a){{25}}$")',
    "backtracking words": f'matches("{A}!", "^([a-zA-Z]+)*$")',
    "backtracking replace": f'replace("{A}!", "(a+)+$", "b")',
    "backtracking replace of optional": f'replace("{A}!", "^(a?){{40}}(a*)*$", "b")',
    "backtracking split": f'split("{A}!", "(a|aa)+$")',
}

ODD = (
    "10 ** 400",
    "-10 ** 400 * 0",
    "9" * 5000,
    "1e308 * 1e308",
    "0.0000001 ** 1000",
    "decimal(1.5, 100000)",
    "round up(1.5, -6111)",
    "modulo(10 ** 300, 3)",
    "string(10 ** 308)",
    "substring(\"abc\", 1, 10 ** 15)",
    "substring(\"abc\", -(10 ** 15))",
    "sublist([1, 2], 1, 10 ** 15)",
    "insert before([1], 10 ** 9, 1)",
    "list replace([1], 10 ** 9, 1)",
    "remove([1], 10 ** 9)",
    "[1][10 ** 15]",
    'duration("P999999999999999Y")',
    'duration("PT99999999999999999999S")',
    'duration("P1D") * 10 ** 300',
    'duration("P1Y") * 10 ** 300',
    'date("2026-01-01") + duration("P99999999D")',
    'date and time("2026-01-01T00:00:00") + duration("P999999999D")',
    'years and months duration(date("0001-01-01"), date("9999-12-31"))',
    "date(10 ** 9, 10 ** 9, 10 ** 9)",
    'time("99:99:99")',
    'string("\\u0000")',
    'matches("a", "(")',
    'matches("a", "' + "(" * 3000 + ")" * 3000 + '")',
    'replace("aaa", "a", "$10000000000")',
    'split("abc", "")',
    "number(\"" + "1" * 10_000 + "\")",
    "median(1..10)",
    "mode(for i in 1..1000 return i)",
)  # fmt: skip


def ends(work: Callable[[], Any]) -> str:
    """Code of the refusal, or an empty text for an answer. Anything else that comes out is a hole."""
    try:
        work()
    except ExpressionFailed as error:
        return error.code
    except InvalidDefinition as error:
        assert error.findings
        return "INVALID"
    return ""


def assert_usable(feel: Feel) -> None:
    assert feel.evaluate("count([1, 2]) + x", {"x": 1}) == 3
    assert feel.evaluate('get value({}, "polluted")', {}) is None


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_or_explosive_expression_is_stopped(attacked: Feel, name: str) -> None:
    assert ends(lambda: attacked.evaluate(ENDLESS[name], {"x": "a" * 1_000_000})) in STOPPED
    assert_usable(attacked)


@pytest.mark.parametrize("expression", ODD, ids=lambda text: text[:40])
def test_huge_numbers_and_durations_end_in_an_answer_or_a_refusal(attacked: Feel, expression: str) -> None:
    assert ends(lambda: attacked.evaluate(expression, {})) not in STOPPED
    assert_usable(attacked)


MONSTROUS = {
    "brackets": "(" * 9000 + "x" + ")" * 9000,
    "lists": "[" * 6000 + "x" + "]" * 6000,
    "contexts": "{a: " * 4000 + "x" + "}" * 4000,
    "sum": "x" + " + x" * 4500,
    "dots": "x" + ".a" * 9000,
    "conditions": "if x then " * 1500 + "1" + " else 2" * 1500,
    "names": " ".join("a" * 2 for _ in range(6000)),
    "quotes": '"' * 19_999,
}


@pytest.mark.parametrize("expression", [*MONSTROUS.values(), *ENDLESS.values()], ids=[*MONSTROUS, *ENDLESS])
def test_looking_at_an_expression_ends_too(attacked: Feel, expression: str) -> None:
    attacked.problems(expression)
    attacked.unknown_names(expression, ["y"])
    attacked.examine(expression, {"x": {"t": "number"}, "y": {"t": "string", "v": ["a"]}})
    assert_usable(attacked)


def model(*elements: str) -> bytes:
    return f'<definitions xmlns="{DMN}" id="m" name="M" namespace="urn:m">{"".join(elements)}</definitions>'.encode()


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def table(question: str, cell: str, answer: str) -> str:
    return (
        f'<decision id="d" name="d"><decisionTable id="t"><input label="x"><inputExpression><text>{escape(question)}</text>'
        f'</inputExpression></input><output name="y"/><rule id="r"><inputEntry><text>{escape(cell)}</text></inputEntry>'
        f"<outputEntry><text>{escape(answer)}</text></outputEntry></rule></decisionTable></decision>"
    )


def knowing(name: str, body: str, *knows: str) -> str:
    needs = "".join(f'<knowledgeRequirement><requiredKnowledge href="#{other}"/></knowledgeRequirement>' for other in knows)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><encapsulatedLogic><formalParameter name="n"/>{literal(body)}'
        f"</encapsulatedLogic>{needs}</businessKnowledgeModel>"
    )


def asking(body: str, knows: str) -> str:
    need = f'<knowledgeRequirement><requiredKnowledge href="#{knows}"/></knowledgeRequirement>'
    return f'<decision id="d" name="d">{need}{literal(body)}</decision>'


def iteration(source: str, body: str) -> str:
    return f'<for iteratorVariable="i"><in>{literal(source)}</in><return>{body}</return></for>'


MANY = "for n in 1..90000 return n"
LONG = "count(for i in 1..100000, j in 1..100000 return i) > 0"
TABLES = {
    "question": table(LONG, "true", "1"),
    "cell": table("x", LONG, "1"),
    "answer": table("1", "-", LONG),
    "answer of ten megabytes": table("1", "-", "for i in 1..90 return text"),
    "cell that backtracks": table("1", f'matches("{A}!", "^(a+)+$")', "1"),
    "cell that calls itself": table("1", "{ f: function(g) g(g), r: f(f) }.r = 1", "1"),
    "knowledge that calls itself": knowing("f", "f(n + 1)") + asking("f(0)", "f"),
    "knowledge that branches": knowing("f", "if n = 0 then 1 else f(n - 1) + f(n - 1)") + asking("f(40)", "f"),
    "boxed loop": f'<decision id="d" name="d">{iteration(MANY, literal(MANY))}</decision>',
    "boxed loop in a loop": f'<decision id="d" name="d">{iteration(MANY, iteration(MANY, literal("i")))}</decision>',
    "boxed loop too long": f'<decision id="d" name="d">{iteration("for n in 1..200000 return n", literal("i"))}</decision>',
}


@pytest.mark.parametrize("name", TABLES)
def test_a_decision_without_end_is_stopped(attacked: Feel, name: str) -> None:
    decisions = attacked.parse_decisions(model(TABLES[name]), "attack.dmn")
    assert ends(lambda: attacked.decide(decisions, "d", {"x": 1, "text": "a" * 1_000_000}, NOW)) in STOPPED
    assert_usable(attacked)


REFUSED_MODELS = {
    "knowledge in a circle": model(knowing("f", "g(n)", "g"), knowing("g", "f(n)", "f"), asking("f(0)", "f")),
    "entities": b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><definitions xmlns="x">&b;</definitions>',
    "deep elements": model("<decision id='d' name='d'>" + "<list>" * 5000 + "</list>" * 5000 + "</decision>"),
    "too many texts": model(*(f'<decision id="d{n}" name="d{n}">{literal(str(n))}</decision>' for n in range(6000))),
    "too large": model(f"<!-- {'x' * 4_000_000} -->"),
    "a type of itself": model('<itemDefinition name="t"><typeRef>t</typeRef></itemDefinition>', table("x", "-", "1")),
    "monstrous cell": model(table("x", "(" * 9000 + "1" + ")" * 9000, "1")),
    "cell beyond the limit": model(table("x", "1" + " + 1" * 9000, "1")),
}


@pytest.mark.parametrize("name", REFUSED_MODELS)
def test_a_hostile_model_is_refused_or_harmless(attacked: Feel, name: str) -> None:
    ends(lambda: attacked.decide(attacked.parse_decisions(REFUSED_MODELS[name], "attack.dmn"), "d", {"x": 1}, NOW))
    assert_usable(attacked)


def form(*components: dict[str, Any], **more: Any) -> bytes:
    numbered = [{"id": f"c{number}", "label": "L", **component} for number, component in enumerate(components)]
    return json.dumps({"type": "default", "id": "f", "schemaVersion": 18, "components": numbered, **more}).encode()


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "textfield", "key": "k", "id": "inner"}
    for level in range(levels):
        inner = {"type": "group", "id": f"g{level}", "label": "L", "components": [inner]}
    return inner


def deep_list(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


TEXT = {"type": "textfield", "key": "k"}
ROWS = {"type": "dynamiclist", "path": "rows", "components": [{"type": "textfield", "id": "t", "key": "k"}]}
FORMS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "condition": (form({**TEXT, "conditional": {"hide": f"={LONG}"}}), {}),
    "options": (form({"type": "select", "key": "k", "valuesExpression": "=for i in 1..100000, j in 1..100000 return i"}), {"k": "1"}),
    "longest length": (form({**TEXT, "validate": {"maxLength": f"=if {LONG} then 1 else 2"}}), {"k": "x"}),
    "pattern": (form({**TEXT, "validate": {"pattern": "^(a+)+$"}}), {"k": f"{A}!"}),
    "pattern by or": (form({**TEXT, "validate": {"pattern": "^(a|a)*$"}}), {"k": f"{A}!"}),
    "computed field": (form({"type": "expression", "key": "k", "expression": f"={LONG}"}), {}),
    "groups in groups": (form(nested(400)), {"k": "x"}),
    "groups beyond all measure": (b'{"components": [' * 50_000 + b"]}" * 50_000, {}),
    "submission beyond all depth": (form(TEXT), {"k": deep_list(800)}),
    "half a character": (form(TEXT), {"k": "\ud800"}),
    "many components": (form(*({"type": "textfield", "key": f"k{number}"} for number in range(5000))), {}),
    "many rows": (
        form({**ROWS, "defaultRepetitions": 1}),
        {"rows": [{"k": "x"}] * 50_000},
    ),
    "many rows by default": (
        form({**ROWS, "defaultRepetitions": 10**9}),
        {},
    ),
    "large submission": (form(TEXT), {"k": "x" * 4_900_000}),
    "submission beyond the limit": (form(TEXT), {"k": "x" * 5_100_000}),
    "key of the prototype": (form({**TEXT, "key": "__proto__.polluted"}), {"__proto__.polluted": "x", "__proto__": {"polluted": "x"}}),
    "key of the constructor": (form({**TEXT, "key": "constructor.prototype.polluted"}), {"constructor.prototype.polluted": "x"}),
    "submitted prototype": (form(TEXT), {"__proto__": {"k": "x"}, "constructor": {"prototype": {"polluted": "x"}}}),
    "deep submission": (form(TEXT), {"k": deep_list(200)}),
    "number without end": (form({"type": "number", "key": "k", "decimalDigits": 10**9}), {"k": "1" * 100_000}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_or_submission_ends_and_the_next_one_works(attacked: Feel, name: str) -> None:
    source, submission = FORMS[name]
    ends(lambda: attacked.validate_form(attacked.parse_form(source, "attack.form"), submission, NOW))
    good = attacked.parse_form(form({**TEXT, "validate": {"required": True}}), "good.form")
    assert attacked.validate_form(good, {"k": "x"}, NOW).data == {"k": "x"}
    assert attacked.validate_form(good, {}, NOW).errors
    assert_usable(attacked)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell the peak of a process this way")
def test_all_of_it_stays_within_64_megabytes() -> None:
    """In a process of its own, so that its peak is that of the attacks on QuickJS alone."""
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run([sys.executable, "-m", "tests.feel.test_bounded"], cwd=root, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) < 64 << 20


def _growth() -> int:
    """Bytes by which the process grew while every expression, table and form attacked it."""
    import resource  # here, since Windows has none

    feel = Feel(Limits(cpu_seconds=0.5))
    feel.evaluate("1", {})
    large = {"x": "a" * 1_000_000, "text": "a" * 1_000_000}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for expression in ENDLESS.values():
        ends(lambda expression=expression: feel.evaluate(expression, large))  # type: ignore[misc]
    for elements in TABLES.values():
        ends(lambda elements=elements: feel.decide(feel.parse_decisions(model(elements), "attack.dmn"), "d", large, NOW))  # type: ignore[misc]
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10


if __name__ == "__main__":
    sys.stdout.write(str(_growth()))
