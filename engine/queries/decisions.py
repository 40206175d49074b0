"""What tables answered in a case, in the words of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.tables import DecisionRun, Definition
from engine.deploying import BEGINNING
from engine.queries.names import groups_named, names_of

#: Longer texts are no code of a department or a post.
LONGEST_CODE = 40
#: What tables call the kind of a file: its key is a word that means other things elsewhere.
KIND = "件别"


@dataclass(frozen=True)
class DecisionView:
    """A table's answer: which row of which version hit, on which inputs, and why that version.

    ``in_force_since`` None: since ever, or the diagram names the version. ``chosen_because`` is a word of ``Reason``; empty: unknown.
    """

    decision_key: str
    name: str
    row: str
    version: int
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    decided_at: datetime
    element_id: str
    in_force_since: datetime | None
    chosen_because: str


def decisions_of(engine: Engine, session: Session, case_no: str) -> tuple[DecisionView, ...]:
    """Every decision taken in a case, oldest first."""
    rows = (
        select(DecisionRun, Definition.name)
        .join(Definition, Definition.id == DecisionRun.definition_id)
        .where(DecisionRun.business_key == case_no)
        .order_by(DecisionRun.id)
    )
    found = [(run, name) for run, name in session.execute(rows)]
    codes = {code for run, _name in found for value in (run.inputs, run.outputs) for code in _codes(value)}
    names = names_of(session, codes) | groups_named(session, codes)  # tables name posts, not people
    kinds = {key: kind.name for key, kind in engine.reference.read(session).kinds.files.items()}
    return tuple(_view(engine, session, run, name, names, kinds) for run, name in found)


def _view(
    engine: Engine, session: Session, run: DecisionRun, name: str, names: Mapping[str, str], kinds: Mapping[str, str]
) -> DecisionView:
    outputs = tuple((label, in_words(_named(value, names))) for label, value in _labelled(engine, session, run))
    inputs = tuple((label, in_words(_named(value, kinds if label == KIND else names))) for label, value in run.inputs.items())
    since = run.in_force_since if run.in_force_since and run.in_force_since > BEGINNING else None
    row = "、".join(run.hits)
    why = (since, run.chosen_because)
    return DecisionView(run.decision_key, name, row, run.version, inputs, outputs, run.decided_at, run.element_id, *why)


def _labelled(engine: Engine, session: Session, run: DecisionRun) -> Iterator[tuple[str, Any]]:
    """Outputs that have a value, each under the label of its column; those of every row that hit, where a table answers several."""
    is_several = isinstance(run.outputs, list) and all(isinstance(one, Mapping) for one in run.outputs)
    answers = run.outputs if is_several else [run.outputs]
    info = engine.definitions.decision(session, run.definition_id).decision(run.decision_key)
    labels = dict(zip(info.outputs, info.output_labels, strict=True)) if info else {}
    for answer in answers:
        for key, value in (answer if isinstance(answer, Mapping) else {"": answer}).items():
            if value is not None:
                yield labels.get(key, key), value


def _codes(value: Any) -> Iterator[str]:
    """Every short text in a value: it may be the code of a department or a post."""
    if isinstance(value, str) and len(value) <= LONGEST_CODE and value.isascii():
        yield value
    elif isinstance(value, Mapping):
        yield from (code for one in value.values() for code in _codes(one))
    elif isinstance(value, list):
        yield from (code for one in value for code in _codes(one))


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """A value with names in the place of codes."""
    if isinstance(value, Mapping):
        return {key: _named(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def in_words(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {in_words(one)}" for key, one in value.items())
    return "、".join(map(in_words, value)) if isinstance(value, list) else str(value)
