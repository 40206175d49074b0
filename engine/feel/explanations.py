"""Chooses and fills the sentence for a failure: what is wrong, what to write instead, where. Computes nothing; texts are in sentences."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from engine.feel.sentences import FOREIGN_SIGNS, HABITS, SAME, TEXTS, TYPES, VERBS, Language, say

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_FOREIGN = re.compile(f"[{re.escape(''.join(FOREIGN_SIGNS))}]")
_NEVER_MEANT = re.compile(rf"==|<>|\b(True|False|None)\b|\bnot\s+(?!\()\w|\bP(T?\d+[YMWDHS])+\b|[“”‘’「」『』＂]|{_FOREIGN.pattern}")
_WORD = re.compile(r"\b(if|else)\b")
_DURATION = re.compile(r"P(T?\d+[YMWDHS])+")
_INVALID = re.compile(r"\{?(\w[\w ]*)\(\{?from\}?\) is not a valid ")

Facts = Mapping[str, Any]


def hint(expression: str, language: Language = "zh") -> str:
    """The first habit of another language found in ``expression``, or an empty text."""
    bare = _TEXT.sub('""', expression)
    habit = next((english if language == "en" else chinese for sign, chinese, english in HABITS if sign.search(bare)), "")
    return habit or _foreign_sign(bare, language) or _missing_else(bare, language)


def _foreign_sign(bare: str, language: Language) -> str:
    found = _FOREIGN.search(bare)
    return say("foreign sign", language, found=found[0], plain=FOREIGN_SIGNS[found[0]]) if found else ""


def _missing_else(bare: str, language: Language) -> str:
    words = _WORD.findall(bare)
    return say("missing else", language) if words.count("if") > words.count("else") else ""


def habit_position(expression: str, names: Collection[str] = ()) -> int | None:
    """Where a habit stands that FEEL's grammar lets through but that never means what the author meant; not in known names."""
    bare = _TEXT.sub(lambda text: '"' + " " * (len(text[0]) - 2) + '"', expression)
    for name in names:
        bare = bare.replace(name, "x" * len(name)) if name else bare
    found = _NEVER_MEANT.search(bare)
    return found.start() if found else None


def nearest_names(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names most like ``name``, at most two."""
    by_small = {one.lower(): one for one in known}
    return tuple(by_small[small] for small in difflib.get_close_matches(name.lower(), list(by_small), n=2, cutoff=0.6))


def sentence(code: str, facts: Facts, known: Collection[str], language: Language) -> str:
    """What is wrong, and what to write instead."""
    key = SAME.get(code, code)
    if key in _CHOOSERS:
        return _CHOOSERS[key](facts, known, language)
    if key not in TEXTS:
        return say("ERROR", language, detail=facts.get("detail") or facts.get("template") or code)
    parts = {
        "nearest": _nearest(str(facts.get("name") or facts.get("id") or ""), facts.get("values") or facts.get("entries") or known, language)
    }
    if "values" in facts or "elements" in facts:
        facts = {**facts, **{key: _listed(facts[key], language) for key in ("values", "elements") if key in facts}}
    return say(key, language, **{**_DEFAULTS, **facts, **parts})


_DEFAULTS: dict[str, Any] = dict.fromkeys(("name", "id", "value", "allowed", "expected", "limit", "found", "characters"), "")


def quoted(expression: str, position: int | None, language: Language) -> str:
    """The expression, around the position when it is long, and the position."""
    if not expression.strip():
        return ""
    start = 0 if len(expression) <= 120 or position is None else max(0, position - 50)
    text = " ".join(expression[start : start + 500].split())
    shown = ("…" if start else "") + (text if len(text) <= 120 else text[:117] + "…")
    return say("expression", language, text=shown) + ("" if position is None else _position(expression, position, language))


def places(found: Iterable[Mapping[str, Any]], language: Language) -> str:
    """Where in a decision it happened: “决策“分级”，规则 G1（第 1 行），输入 2“层级数””."""
    return say("comma", language).join(filter(None, (_place(single, language) for single in found)))


def _position(expression: str, position: int, language: Language) -> str:
    before = expression[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    key = "line" if "\n" in expression.strip() else "character"
    return ("" if language == "zh" else " ") + say(key, language, line=line, column=column)


def _nearest(name: str, known: Collection[str], language: Language) -> str:
    found = nearest_names(name, known)
    return say("nearest", language, names=TEXTS["or"][language == "en"].join(f"“{one}”" for one in found)) if found else ""


def _listed(values: Collection[str], language: Language) -> str:
    shown = ("、" if language == "zh" else ", ").join(list(values)[:8])
    return shown + ("…" if len(values) > 8 else "")


def _type(name: str, language: Language) -> str:
    return TYPES[name][language == "en"] if name in TYPES else name


def _value(fact: Any, language: Language) -> str:
    if not isinstance(fact, dict):
        return str(fact)
    kind = _type(fact["type"], language)
    return kind if fact["type"] == "Null" or fact["text"] in ("", fact["type"]) else f"{kind} {fact['text']}"


def _sides(facts: Facts) -> tuple[Any, Any]:
    return facts.get("left") or {"type": "Null", "text": ""}, facts.get("right") or {"type": "Null", "text": ""}


def _variable(facts: Facts, known: Collection[str], language: Language) -> str:
    match = re.match(r"Variable '(.*)' not found", facts.get("template", ""))
    name = match.group(1) if match else str(facts.get("source", ""))
    if _DURATION.fullmatch(name):
        return say("duration", language, name=name)
    return say("NO_VARIABLE_FOUND", language, name=name, nearest=_nearest(name, known, language))


def _entry(facts: Facts, known: Collection[str], language: Language) -> str:
    key = "null entry" if (facts.get("target") or {}).get("type") == "Null" else "NO_CONTEXT_ENTRY_FOUND"
    return say(key, language, name=facts.get("source", ""))


def _operation(facts: Facts, known: Collection[str], language: Language) -> str:
    verb = next((word for word in VERBS if word and f"Can't {word} " in facts.get("template", "")), "")
    left, right = (_value(side, language) for side in _sides(facts))
    return say("INVALID_TYPE", language, left=left, right=right, verb=VERBS[verb][language == "en"])


def _comparison(facts: Facts, known: Collection[str], language: Language) -> str:
    sides = _sides(facts)
    key = "null comparison" if any(side.get("type") == "Null" for side in sides) else "INVALID_COMPARISON"
    return say(key, language, left=_value(sides[0], language), right=_value(sides[1], language))


def _boolean(facts: Facts, known: Collection[str], language: Language) -> str:
    sides = [facts.get("left") or {}, facts.get("right") or {}]
    found = next((_value(side, language) for side in sides if side and side["type"] != "boolean"), say("anything", language))
    return say("NOT_BOOLEAN", language, found=found)


def _function(facts: Facts, known: Collection[str], language: Language) -> str:
    name = str(facts.get("name") or facts.get("source", "").split("(")[0]).strip()
    return say("NO_FUNCTION_FOUND", language, name=name, nearest=_nearest(name, known, language))


def _arguments(facts: Facts, known: Collection[str], language: Language) -> str:
    source, template = facts.get("source", ""), facts.get("template", "")
    invalid = _INVALID.match(template)
    if invalid and "from" in facts:
        value, kind = _value(facts["from"], language), _type(invalid.group(1).strip(), language)
        return say("invalid value", language, value=value, type=kind, source=source)
    # The engine's own template speaks of its insides unless it names the function.
    detail = "" if template == "ARGUMENT_TYPES" or "{" in template or not template else f" ({template})"
    return say("INVALID_ARGUMENTS", language, source=source, detail=detail)


def _syntax(facts: Facts, known: Collection[str], language: Language) -> str:
    token = str(facts.get("token", "")).strip()
    return say("SYNTAX", language, token=token[:40]) if token else say("unfinished", language)


def _other(facts: Facts, known: Collection[str], language: Language) -> str:
    detail = str(facts.get("detail", ""))
    return say("range of lists", language) if detail.startswith("unsupported range") else say("ERROR", language, detail=detail)


def _result(facts: Facts, known: Collection[str], language: Language) -> str:
    return say("BAD_RESULT", language, type=_type(facts.get("type", "other"), language))


def _data(facts: Facts, known: Collection[str], language: Language) -> str:
    return say(facts["reason"], language, detail=facts.get("detail", ""))


def _rules(key: str) -> Callable[[Facts, Collection[str], Language], str]:
    def write(facts: Facts, known: Collection[str], language: Language) -> str:
        comma = say("comma", language)
        shown = comma.join(f"{label} = {value}" for label, value in facts.get("inputs", ()))
        rules = ("、" if language == "zh" else ", ").join(facts.get("rules", ()))
        gap = " " if shown and language == "en" else ""
        return say(key, language, rules=rules, inputs=(say("inputs", language, inputs=shown) + gap) if shown else "")

    return write


_CHOOSERS: dict[str, Callable[[Facts, Collection[str], Language], str]] = {
    "NO_VARIABLE_FOUND": _variable,
    "NO_CONTEXT_ENTRY_FOUND": _entry,
    "NO_FUNCTION_FOUND": _function,
    "INVALID_TYPE": _operation,
    "INVALID_COMPARISON": _comparison,
    "NOT_BOOLEAN": _boolean,
    "INVALID_ARGUMENTS": _arguments,
    "SYNTAX": _syntax,
    "ERROR": _other,
    "BAD_RESULT": _result,
    "BAD_DATA": _data,
    "NO_RULE": _rules("NO_RULE"),
    "NOT_UNIQUE": _rules("NOT_UNIQUE"),
    "NOT_ANY": _rules("NOT_ANY"),
}


def _place(single: Mapping[str, Any], language: Language) -> str:
    parts = []
    if "decision" in single:
        parts.append(say("decision", language, name=single["name"] or single["decision"], id=single["decision"]))
    if "rule" in single:
        parts.append(say("rule", language, rule=single["rule"], row=single["row"]))
    for key in ("input", "output"):
        if key in single:
            parts.append(say(key, language, number=single[key], label=single.get("label") or ""))
    for key in ("entry", "variable"):
        if key in single:
            parts.append(say(key, language, name=single[key]))
    return say("comma", language).join(parts)
