"""What a changed table would have decided: decisions of the last days, asked again with what the old table saw. Changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.tables import DecisionRun, Definition, Resource
from engine.deployment_checks.differences import inputs_of
from engine.errors import EngineError
from engine.feel import DecisionModel

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")

#: Gives what an instance knows; nothing when it is gone.
Knowledge = Callable[[int], Mapping[str, Any]]


@dataclass(frozen=True)
class DecisionChange:
    """One decision of a case that would have been another."""

    case_no: str
    decision: str
    decided_at: datetime
    old_rows: tuple[str, ...]
    new_rows: tuple[str, ...]
    old_outputs: Any
    new_outputs: Any


@dataclass(frozen=True)
class Failure:
    """A decision that the changed table cannot take, and why."""

    case_no: str
    decision: str
    problem: str


def runs_since(session: Session, keys: Sequence[str], since: datetime, most: int) -> Sequence[DecisionRun]:
    """The decisions of these tables, the newest first."""
    wanted = select(DecisionRun).where(DecisionRun.decided_at >= since, DecisionRun.decision_key.in_(keys))
    return session.scalars(wanted.order_by(DecisionRun.id.desc()).limit(most)).all()


def count_since(session: Session, keys: Sequence[str], since: datetime) -> int:
    """How many decisions these tables took."""
    wanted = select(func.count()).select_from(DecisionRun)
    return session.scalar(wanted.where(DecisionRun.decided_at >= since, DecisionRun.decision_key.in_(keys))) or 0


def asked_again(
    engine: Engine, session: Session, runs: Sequence[DecisionRun], models: Mapping[str, DecisionModel], known: Knowledge
) -> Iterator[DecisionChange | Failure | None]:
    """For each decision: how it would have changed, why it cannot be taken, or None when it stays."""
    columns: dict[tuple[int, str], Mapping[str, str]] = {}
    for run in runs:
        seen = (run.definition_id, run.decision_key)
        if seen not in columns:
            columns[seen] = inputs_of(_content(session, run.definition_id)).get(run.decision_key, {})
        try:
            yield _asked(engine, run, models[run.decision_key], columns[seen], known)
        except EngineError as error:
            yield Failure(run.business_key, run.decision_key, str(error))


def _asked(engine: Engine, run: DecisionRun, model: DecisionModel, columns: Mapping[str, str], known: Knowledge) -> DecisionChange | None:
    outcome = engine.feel.decide(model, run.decision_key, _variables(run, columns, known), run.decided_at)
    if tuple(run.hits) == outcome.hits and plain(run.outputs) == plain(outcome.value):
        return None
    outputs = (plain(run.outputs), plain(outcome.value))
    return DecisionChange(run.business_key, run.decision_key, run.decided_at, tuple(run.hits), outcome.hits, *outputs)


def _variables(run: DecisionRun, columns: Mapping[str, str], known: Knowledge) -> dict[str, Any]:
    """What the case knows, with what the old table saw put where its columns read it."""
    variables = deepcopy(dict(known(run.instance_id)))
    for label, value in run.inputs.items():
        expression = columns.get(label, label)
        if _PATH.fullmatch(expression):
            _put(variables, expression.split("."), value)
    return variables


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = target.get(name)
        target[name] = inner if isinstance(inner, dict) else {}
        target = target[name]
    target[path[-1]] = value


def plain(value: Any) -> Any:
    """FEEL keeps whole numbers as numbers and dates as texts: compare what is written."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _content(session: Session, definition_id: int) -> bytes:
    return session.get_one(Resource, session.get_one(Definition, definition_id).sha256).content
