"""The diagrams of a file: every process that ran for it, the spine and those beside it. Moves nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.db.tables import Definition, ElementRun, ProcessInstance


@dataclass(frozen=True)
class DiagramView:
    """A diagram of the file: where its tokens stand, and which elements they have left."""

    definition_id: int
    key: str
    name: str
    version: int
    active: tuple[str, ...]
    done: tuple[str, ...]


def diagrams(engine: Engine, session: Session, actor: Actor, case_no: str) -> tuple[DiagramView, ...]:
    """Every definition the file has been in; first those in which something waits, of these the innermost and latest."""
    instances = session.scalars(select(ProcessInstance).where(ProcessInstance.business_key == case_no).order_by(ProcessInstance.id)).all()
    active: dict[str, list[str]] = {}
    for instance in instances:
        if instance.status == "active":
            for key, element_id in runtime.peek(engine, session, actor, instance.id).execution.active_elements():
                active.setdefault(key, []).append(element_id)
    return _views(session, [instance.id for instance in instances], active)


def _views(session: Session, instances: list[int], active: dict[str, list[str]]) -> tuple[DiagramView, ...]:
    done: dict[int, dict[str, None]] = {}
    latest: dict[int, tuple[int, int]] = {}
    runs = select(ElementRun).where(ElementRun.instance_id.in_(instances)).order_by(ElementRun.instance_id, ElementRun.token)
    for run in session.scalars(runs):
        elements = done.setdefault(run.definition_id, {})
        latest[run.definition_id] = (run.instance_id, run.token) if run.left_at is None else latest.get(run.definition_id, (0, 0))
        if run.outcome == "completed":
            elements[run.element_id] = None
    rows = {row.id: row for row in session.scalars(select(Definition).where(Definition.id.in_(done)))}
    views = [
        DiagramView(row.id, row.key, row.name, row.version, tuple(active.get(row.key, ())), tuple(done[number]))
        for number, row in rows.items()
    ]
    newest_first = sorted(views, key=lambda view: latest[view.definition_id], reverse=True)
    return tuple(sorted(newest_first, key=lambda view: not view.active))
