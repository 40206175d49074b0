"""What is deployed: list, diagram bytes, form schemas."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import forms
from engine.assembly import Engine
from engine.db.tables import Definition, Deployment, Resource
from engine.errors import NotFound
from engine.queries.cursors import is_row_number


@dataclass(frozen=True)
class DefinitionView:
    """One definition version."""

    definition_id: int
    kind: str
    key: str
    name: str
    version: int
    file: str
    deployed_at: datetime
    deployed_by: str


def deployed(engine: Engine) -> tuple[DefinitionView, ...]:
    """Every version of every definition, newest version first within a key."""
    rows = (
        select(Definition, Deployment.created_by)
        .join(Deployment, Deployment.id == Definition.deployment_id)
        .order_by(Definition.kind.desc(), Definition.key, Definition.version.desc())
    )
    with engine.database.reading() as session:
        return tuple(_view(row, by) for row, by in session.execute(rows))


def bpmn_xml(engine: Engine, definition_id: int) -> bytes:
    """The diagram exactly as it was deployed."""
    with engine.database.reading() as session:
        row = session.get(Definition, definition_id) if is_row_number(definition_id) else None
        if row is None or row.kind != "process":
            raise NotFound(f"Expected process definition {definition_id} to be deployed but it is not.")
        return session.get_one(Resource, row.sha256).content


def form_schema(engine: Engine, form_key: str, org_unit: str = "") -> dict[str, Any]:
    """The version of a form that is in force, with the choices that come from reference data."""
    with engine.database.reading() as session:
        return forms.latest_form(engine, session, form_key, org_unit)


def _view(row: Definition, by: str) -> DefinitionView:
    return DefinitionView(row.id, row.kind, row.key, row.name, row.version, row.file, row.created_at, by)
