"""Which version a name means: latest, the one deployed together with the caller, or a number. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from engine.db.prepared import Prepared
from engine.db.tables import Definition, DeploymentItem
from engine.errors import NotFound

_caller = aliased(Definition)

#: Newest first. Asked of the database each time: another process may have deployed meanwhile.
_latest = (
    select(Definition.id, Definition.version)
    .where(Definition.kind == bindparam("kind"), Definition.key == bindparam("key"))
    .order_by(Definition.version.desc())
    .limit(1)
)
LATEST = Prepared(_latest)
NUMBERED = Prepared(_latest.where(Definition.version == bindparam("number")))
DEPLOYED_TOGETHER = Prepared(
    _latest.join(DeploymentItem, DeploymentItem.definition_id == Definition.id)
    .join(_caller, _caller.deployment_id == DeploymentItem.deployment_id)
    .where(_caller.id == bindparam("caller_id"))
)


@dataclass(frozen=True)
class Version:
    """The row number of a definition and its version."""

    id: int
    version: int


def resolve(session: Session, kind: str, key: str, binding: str, version: int | None, caller_id: int | None) -> Version:
    """The version that ``binding`` means; the bindings are Camunda's.

    Raises NotFound when nothing of that kind, key and binding is deployed.
    """
    if binding == "version":
        found = NUMBERED.first(session, kind=kind, key=key, number=version)
    elif binding == "deployment":
        found = DEPLOYED_TOGETHER.first(session, kind=kind, key=key, caller_id=caller_id)
    else:
        found = LATEST.first(session, kind=kind, key=key)
    if found is None:
        raise NotFound(
            f"Expected {kind} {key!r} ({binding}{f' {version}' if version else ''}) to be deployed but it is not. Deploy it first."
        )
    return Version(*found)


def latest(session: Session, kind: str, key: str) -> Version:
    """The newest version of a definition."""
    return resolve(session, kind, key, "latest", None, None)
