"""Which version a name means: the one in force, the one deployed together with the caller, or a number. Reads only.

A case is judged by what was in force when it was accepted; only a span that covers open cases reaches back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, or_, select
from sqlalchemy.orm import Session, aliased

from engine.db.prepared import Prepared
from engine.db.tables import Definition, DeploymentItem, OrgUnit
from engine.db.version_tables import Activation, Suspension
from engine.errors import Conflict, NotFound

_caller = aliased(Definition)

#: Newest first.
_latest = (
    select(Definition.id, Definition.version)
    .where(Definition.kind == bindparam("kind"), Definition.key == bindparam("key"))
    .order_by(Definition.version.desc())
    .limit(1)
)

_unit: BindParameter[str] = bindparam("org_unit")
_district = select(OrgUnit.parent_id).where(OrgUnit.id == _unit).scalar_subquery()
_outer = aliased(OrgUnit)
_city = select(_outer.parent_id).where(_outer.id == _district).scalar_subquery()
#: A pilot in a window goes before one in its district, that before the city's, that before what holds everywhere.
_nearness = case((Activation.org_unit == "", 0), (Activation.org_unit == _city, 1), (Activation.org_unit == _district, 2), else_=3)
_spans = (
    select(Definition.id, Definition.version, Activation.active_from)
    .join(Activation, Activation.definition_id == Definition.id)
    .where(
        Activation.kind == bindparam("kind"),
        Activation.key == bindparam("key"),
        or_(Activation.org_unit == "", Activation.org_unit == _unit, Activation.org_unit == _district, Activation.org_unit == _city),
    )
    .order_by(_nearness.desc(), Activation.active_from.desc(), Activation.id.desc())
    .limit(1)
)


def _holds_at(moment: str) -> ColumnElement[bool]:
    until = or_(Activation.active_until.is_(None), Activation.active_until > bindparam(moment))
    return and_(Activation.active_from <= bindparam(moment), until)


#: Asked of the database each time: another process may have activated a version meanwhile.
IN_FORCE = Prepared(_spans.where(_holds_at("now")))
_held_at_acceptance = and_(_holds_at("accepted_at"), Activation.is_taken_back.is_(False))
IN_FORCE_FOR_CASE = Prepared(_spans.where(or_(_held_at_acceptance, and_(Activation.covers_open_cases.is_(True), _holds_at("now")))))
TAGGED = Prepared(_latest.where(Definition.version_tag == bindparam("tag")))
SUSPENDED = Prepared(
    select(Suspension.id)
    .join(Definition, Definition.key == Suspension.process_key)
    .where(
        Definition.id == bindparam("definition_id"),
        Suspension.lifted_at.is_(None),
        or_(Suspension.definition_id.is_(None), Suspension.definition_id == Definition.id),
    )
    .limit(1)
)
NUMBERED = Prepared(_latest.where(Definition.version == bindparam("number")))
DEPLOYED_TOGETHER = Prepared(
    _latest.join(DeploymentItem, DeploymentItem.definition_id == Definition.id)
    .join(_caller, _caller.deployment_id == DeploymentItem.deployment_id)
    .where(_caller.id == bindparam("caller_id"))
)


#: binding: the diagram names it · now: nobody's case · acceptance: in force then · open_cases: put in force later, for open cases too ·
#: first: none was in force at the acceptance.
Reason = Literal["binding", "now", "acceptance", "open_cases", "first"]


@dataclass(frozen=True)
class Version:
    """The row number of a definition and its version; since when it is in force (None for a binding) and why it is the one."""

    id: int
    version: int
    since: datetime | None = None
    reason: Reason = "binding"


@dataclass(frozen=True)
class Place:
    """Where and when a version is asked for: pilots hold below an org unit, activations from a moment on.

    ``accepted_at`` is when the case it is asked for was accepted; None where no case is judged.
    """

    org_unit: str
    now: datetime
    accepted_at: datetime | None = None


def resolve(session: Session, kind: str, key: str, binding: str, version: int | str | None, caller_id: int | None, place: Place) -> Version:
    """The version that ``binding`` means; the bindings are Camunda's. “latest” is the one in force at ``place``, for its case.

    Raises NotFound when nothing of that kind, key and binding is deployed or in force.
    """
    if binding == "version":
        found = NUMBERED.first(session, kind=kind, key=key, number=version)
    elif binding == "versionTag":
        found = TAGGED.first(session, kind=kind, key=key, tag=version)
    elif binding == "deployment":
        found = DEPLOYED_TOGETHER.first(session, kind=kind, key=key, caller_id=caller_id)
    else:
        return _in_force(session, kind, key, place)
    if found is None:
        raise _not_in_force(kind, key, f"{binding} {version}" if version else binding)
    return Version(*found)


class NotStartable(Conflict):
    """The process rests until an administrator resumes it. Nothing was begun."""


def require_startable(session: Session, definition_id: int) -> None:
    """Raises NotStartable while the process, or this version of it, is suspended."""
    if SUSPENDED.first(session, definition_id=definition_id) is not None:
        raise NotStartable("Expected the process to be startable but an administrator has suspended it. Try again when it is resumed.")


def latest(session: Session, kind: str, key: str, place: Place) -> Version:
    """The version of a definition that is in force at ``place``."""
    return resolve(session, kind, key, "latest", None, None, place)


def is_in_force(session: Session, row: Definition, place: Place) -> bool:
    """The version is the one that new work uses at ``place``."""
    try:
        return latest(session, row.kind, row.key, place).id == row.id
    except NotFound:
        return False


def _in_force(session: Session, kind: str, key: str, place: Place) -> Version:
    given = {"kind": kind, "key": key, "org_unit": place.org_unit, "now": place.now}
    if place.accepted_at is not None:
        found = IN_FORCE_FOR_CASE.first(session, **given, accepted_at=place.accepted_at)
        if found is not None:
            number, version, since = found
            return Version(number, version, since, "acceptance" if since <= place.accepted_at else "open_cases")
    found = IN_FORCE.first(session, **given)
    if found is None:
        raise _not_in_force(kind, key, "latest")
    number, version, since = found
    return Version(number, version, since, "now" if place.accepted_at is None else "first")


def _not_in_force(kind: str, key: str, binding: str) -> NotFound:
    return NotFound(f"Expected {kind} {key!r} ({binding}) to be in force but it is not. Activate it first.")
