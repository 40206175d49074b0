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
    return tuple(_view(engine, session, run, name) for run, name in session.execute(rows))


def _view(engine: Engine, session: Session, run: DecisionRun, name: str) -> DecisionView:
    outputs = tuple(_labelled(engine, session, run))
    inputs = tuple((label, in_words(value)) for label, value in run.inputs.items())
    since = run.in_force_since if run.in_force_since and run.in_force_since > BEGINNING else None
    row = "、".join(run.hits)
    why = (since, run.chosen_because)
    return DecisionView(run.decision_key, name, row, run.version, inputs, outputs, run.decided_at, run.element_id, *why)


def _labelled(engine: Engine, session: Session, run: DecisionRun) -> Iterator[tuple[str, str]]:
    """Outputs that have a value, each under the label of its column."""
    answer: Mapping[str, Any] = run.outputs if isinstance(run.outputs, dict) else {"": run.outputs}
    info = engine.definitions.decision(session, run.definition_id).decision(run.decision_key)
    labels = dict(zip(info.outputs, info.output_labels, strict=True)) if info else {}
    for key, value in answer.items():
        if value is not None:
            yield labels.get(key, key), in_words(value)


def in_words(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
