"""Which version a name means: latest, the one deployed together with the caller, or a number. Reads only."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.tables import Definition, DeploymentItem
from engine.errors import NotFound


def resolve(session: Session, kind: str, key: str, binding: str, version: int | None, caller_id: int | None) -> Definition:
    """The definition row that ``binding`` means; the bindings are Camunda's.

    Raises NotFound when nothing of that kind, key and binding is deployed.
    """
    wanted = select(Definition).where(Definition.kind == kind, Definition.key == key)
    if binding == "version":
        wanted = wanted.where(Definition.version == version)
    elif binding == "deployment":
        caller = select(Definition.deployment_id).where(Definition.id == caller_id).scalar_subquery()
        wanted = wanted.join(DeploymentItem).where(DeploymentItem.deployment_id == caller)
    found = session.scalar(wanted.order_by(Definition.version.desc()).limit(1))
    if found is None:
        raise NotFound(f"Expected {kind} {key!r} ({binding}{f' {version}' if version else ''}) to be deployed but it is not. Deploy it first.")
    return found


def latest(session: Session, kind: str, key: str) -> Definition:
    """The newest version of a definition."""
    return resolve(session, kind, key, "latest", None, None)
