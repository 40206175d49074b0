"""Where a decision that was stopped may have run on: its name, and the expression if only one of them computes. Computes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.feel.decisions import DecisionInfo, DecisionModel

Place = Mapping[str, Any]
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
#: Only calls and iterations take long: an operator looks at what is there once.
_COMPUTES = re.compile(r"\w\s*\(|\)\s*\(|\b(for|some|every)\b")


def suspected(model: DecisionModel, decision_id: str) -> tuple[tuple[Place, ...], str]:
    """The places to name, and the expression; an empty one when several could be meant or the logic is no table."""
    asked = model.decision(decision_id)
    if asked is None:
        return ({"decision": decision_id, "name": ""},), ""
    decisions = list(_with_required(model, asked))
    found = [(decision, place, text) for decision in decisions for place, text in _expressions(decision) if _computes(text)]
    if len(found) != 1 or any(decision.hit_policy is None for decision in decisions):
        return (_named(asked),), ""
    decision, place, text = found[0]
    outer = () if decision is asked else (_named(asked),)
    return (*outer, _named(decision), place), text


def _with_required(model: DecisionModel, asked: DecisionInfo) -> Iterator[DecisionInfo]:
    seen, todo = set(), [asked]
    while todo:
        decision = todo.pop()
        if decision.id not in seen:
            seen.add(decision.id)
            yield decision
            todo += filter(None, map(model.decision, decision.requires))


def _expressions(decision: DecisionInfo) -> Iterator[tuple[Place, str]]:
    for column, (label, text) in enumerate(decision.inputs, start=1):
        yield {"input": column, "label": label}, text
    labels = {"input": [label for label, _ in decision.inputs], "output": list(decision.output_labels or decision.outputs)}
    for row, rule in enumerate(decision.rules, start=1):
        for kind, texts in (("input", rule.inputs), ("output", rule.outputs)):
            for column, text in enumerate(texts, start=1):
                label = labels[kind][column - 1] if column <= len(labels[kind]) else ""
                yield {"rule": rule.id, "row": row, kind: column, "label": label}, text


def _computes(text: str) -> bool:
    return _COMPUTES.search(_TEXT.sub('""', text)) is not None


def _named(decision: DecisionInfo) -> Place:
    return {"decision": decision.id, "name": decision.name}
