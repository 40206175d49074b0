"""Which version a name means: latest, the one deployed together with the caller, or a number. Reads only."""

from __future__ import annotations

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from engine.db.tables import Definition, DeploymentItem
from engine.errors import NotFound

_caller = aliased(Definition)

#: Every kind of version, newest first. Asked of the database each time: another process may have deployed meanwhile.
LATEST: Select[tuple[Definition]] = (
    select(Definition)
    .where(Definition.kind == bindparam("kind"), Definition.key == bindparam("key"))
    .order_by(Definition.version.desc())
    .limit(1)
)
NUMBERED = LATEST.where(Definition.version == bindparam("version"))
DEPLOYED_TOGETHER = (
    LATEST.join(DeploymentItem, DeploymentItem.definition_id == Definition.id)
    .join(_caller, _caller.deployment_id == DeploymentItem.deployment_id)
    .where(_caller.id == bindparam("caller_id"))
)


def resolve(session: Session, kind: str, key: str, binding: str, version: int | None, caller_id: int | None) -> Definition:
    """The definition row that ``binding`` means; the bindings are Camunda's.

    Raises NotFound when nothing of that kind, key and binding is deployed.
    """
    wanted = {"version": NUMBERED, "deployment": DEPLOYED_TOGETHER}.get(binding, LATEST)
    found = session.scalar(wanted, {"kind": kind, "key": key, "version": version, "caller_id": caller_id})
    if found is None:
        raise NotFound(
            f"Expected {kind} {key!r} ({binding}{f' {version}' if version else ''}) to be deployed but it is not. Deploy it first."
        )
    return found


def latest(session: Session, kind: str, key: str) -> Definition:
    """The newest version of a definition."""
    return resolve(session, kind, key, "latest", None, None)
