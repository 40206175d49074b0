"""Releases: deployments approved, put in force, piloted, promoted, rolled back; processes retired and suspended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deploying
from engine.actors import Actor
from engine.assembly import Engine
from engine.db.tables import Definition, Deployment, DeploymentItem, ElementRun, OrgUnit, ProcessInstance
from engine.db.version_tables import Activation, Suspension
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services import evidence
from engine.versions import Place, is_in_force

#: Who approves, activates, takes back and suspends.
ADMINISTRATORS = ("admin",)


@dataclass(frozen=True)
class RollBack:
    """What a roll-back left: the running instances that stand in a version taken back, to be migrated."""

    started_meanwhile: tuple[int, ...]


def approve(engine: Engine, actor: Actor, deployment_id: int, note: str = "") -> None:
    """Let a checked deployment be activated. With four eyes its author may not."""
    _review(engine, actor, deployment_id, "approved", note)


def refuse(engine: Engine, actor: Actor, deployment_id: int, note: str) -> None:
    """Send a checked deployment back; its files stay as versions that were never in force."""
    if not note.strip():
        raise InvalidInput("Expected a reason for the refusal but got none.", {"note": ["请写明退回的理由。"]})
    _review(engine, actor, deployment_id, "refused", note)


def activate(
    engine: Engine,
    actor: Actor,
    deployment_id: int,
    org_units: Sequence[str] = (),
    active_from: datetime | None = None,
    reason: str = "",
    *,
    covers_open_cases: bool = False,
) -> None:
    """Put an approved deployment in force, now or from a moment on: everywhere, or as a pilot in org units and what is below them.

    Running instances stay with their version, and cases accepted before are judged by the rules of their acceptance, unless the activation
    covers open cases: better for the applicant, and the reason says why.
    Raises Conflict when it is not approved, or in force there already.
    """
    require_administrator(actor)
    if covers_open_cases and not reason.strip():
        problem = {"reason": ["请写明为什么新规则也用于在办件(例如对申请人更有利)。"]}
        raise InvalidInput("Expected a reason for judging open cases by new rules but got none.", problem)
    with engine.database.transaction() as session:
        deployment = _deployment(session, deployment_id)
        if deployment.status != "approved":
            raise Conflict(f"Expected deployment {deployment_id} to be approved but it is {deployment.status}. Approve it first.")
        now = engine.clock.now()
        if active_from is not None and active_from <= now:
            raise InvalidInput("Expected a moment to come but got one that has passed.", {"active_from": ["请选择将来的时间,或立即启用。"]})
        _require_org_units(session, org_units)
        for org_unit in org_units or ("",):
            rows = _others_in_force(session, deployment_id, Place(org_unit, active_from or now))
            if not rows:
                raise Conflict(f"Expected something of deployment {deployment_id} to activate but all of it is in force there.")
            scope = deploying.Scope(org_unit, active_from, reason, deployment_id, covers_open_cases)
            deploying.activate(engine, session, actor, rows, scope)


def promote(engine: Engine, actor: Actor, deployment_id: int, reason: str = "") -> None:
    """End a pilot by putting its versions in force everywhere. Raises Conflict when there is no pilot."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        pilots = [span for span in _open_spans(session, deployment_id) if span.org_unit]
        if not pilots:
            raise Conflict(f"Expected deployment {deployment_id} to be a pilot somewhere but it is not. Activate it instead.")
        rows = [session.get_one(Definition, found) for found in dict.fromkeys(span.definition_id for span in pilots)]
        deploying.activate(engine, session, actor, rows, deploying.Scope(reason=reason, deployment_id=deployment_id))
        deploying.end_activations(engine, session, actor, pilots, reason)


def roll_back(engine: Engine, actor: Actor, deployment_id: int, reason: str) -> RollBack:
    """Take a deployment out of force, pilots too: new work uses what was in force before, and so do cases accepted meanwhile.

    Running instances stay where they are.

    Raises Conflict when nothing of it is in force, or when a key would be left without any version.
    """
    require_administrator(actor)
    with engine.database.transaction() as session:
        spans = _open_spans(session, deployment_id)
        if not spans:
            raise Conflict(f"Expected deployment {deployment_id} to be in force or planned but it is not.")
        _require_successors(session, spans, engine.clock.now())
        for span in spans:
            span.is_taken_back = True  # a mistake judges nobody any more, not even the cases accepted under it
        deploying.end_activations(engine, session, actor, spans, reason)
        return RollBack(_running_in(session, [span.definition_id for span in spans]))


def retire(engine: Engine, actor: Actor, kind: str, key: str, reason: str) -> None:
    """Put no version of a key in force any more: nothing new begins with it, what runs goes on."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        open_now = (Activation.kind == kind, Activation.key == key, Activation.active_until.is_(None))
        spans = list(session.scalars(select(Activation).where(*open_now)))
        if not spans:
            raise NotFound(f"Expected {kind} {key!r} to be in force but no version of it is.")
        if kind in deploying.TABLE_KINDS:
            raise Conflict(
                "Expected reference data and notices to stay in force but they would be gone. Deploy a table without rows instead."
            )
        deploying.end_activations(engine, session, actor, spans, reason)


def suspend_definition(engine: Engine, actor: Actor, process_key: str, definition_id: int | None, reason: str) -> None:
    """Let no instance of a process start, of one version or of all, until it is resumed. What runs goes on."""
    require_administrator(actor)
    if not reason.strip():
        raise InvalidInput("Expected a reason for the suspension but got none.", {"reason": ["请写明暂停的理由。"]})
    with engine.database.transaction() as session:
        if session.scalar(select(Definition.id).where(Definition.kind == "process", Definition.key == process_key).limit(1)) is None:
            raise NotFound(f"Expected process {process_key!r} to be deployed but it is not.")
        if _suspension(session, process_key, definition_id) is not None:
            raise Conflict(f"Expected process {process_key!r} to be startable but it is suspended already.")
        row = Suspension(process_key=process_key, definition_id=definition_id, reason=reason)
        row.suspended_at, row.suspended_by = engine.clock.now(), actor.id
        session.add(row)
        facts = {"process": process_key, "definition": definition_id}
        evidence.record(session, engine.clock.now(), actor, "deployments", "definition:suspend", **facts)


def resume_definition(engine: Engine, actor: Actor, process_key: str, definition_id: int | None) -> None:
    """Let a suspended process start again."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        row = _suspension(session, process_key, definition_id)
        if row is None:
            raise Conflict(f"Expected process {process_key!r} to be suspended but it is not.")
        row.lifted_at, row.lifted_by = engine.clock.now(), actor.id
        facts = {"process": process_key, "definition": definition_id}
        evidence.record(session, engine.clock.now(), actor, "deployments", "definition:resume", **facts)


def _review(engine: Engine, actor: Actor, deployment_id: int, verdict: str, note: str) -> None:
    require_administrator(actor)
    with engine.database.transaction() as session:
        deployment = _deployment(session, deployment_id)
        if deployment.status != "checked":
            raise Conflict(f"Expected deployment {deployment_id} to wait for a review but it is {deployment.status}.")
        if engine.settings.four_eyes and deployment.created_by == actor.id and verdict == "approved":
            raise NotAllowed("Expected a second person to approve the deployment but you made it. Ask another administrator.")
        deployment.status, deployment.review = verdict, note
        deployment.reviewed_at, deployment.reviewed_by = engine.clock.now(), actor.id
        facts = {"deployment": deployment_id, "verdict": verdict}
        evidence.record(session, engine.clock.now(), actor, "deployments", "deployment:review", **facts)


def require_administrator(actor: Actor) -> None:
    if not actor.has_group(*ADMINISTRATORS):
        raise NotAllowed("Expected an administrator to change what is in force but you are not one.")


def _deployment(session: Session, deployment_id: int) -> Deployment:
    row = session.get(Deployment, deployment_id)
    if row is None:
        raise NotFound(f"Expected deployment {deployment_id} to exist but it does not.")
    return row


def _require_org_units(session: Session, org_units: Sequence[str]) -> None:
    unknown = [unit for unit in org_units if session.get(OrgUnit, unit) is None]
    if unknown:
        problem = {"org_units": [f"没有这个窗口或区划:{unknown[0]}。请从列表中选择。"]}
        raise InvalidInput(f"Expected org units that exist but {', '.join(unknown)} do not.", problem)


def _others_in_force(session: Session, deployment_id: int, place: Place) -> list[Definition]:
    """What the deployment holds and is not what ``place`` uses."""
    held = select(Definition).join(DeploymentItem, DeploymentItem.definition_id == Definition.id)
    rows = session.scalars(held.where(DeploymentItem.deployment_id == deployment_id).order_by(Definition.id))
    return [row for row in rows if not is_in_force(session, row, place)]


def _open_spans(session: Session, deployment_id: int) -> list[Activation]:
    open_ones = (Activation.deployment_id == deployment_id, Activation.active_until.is_(None))
    return list(session.scalars(select(Activation).where(*open_ones).order_by(Activation.id)))


def _require_successors(session: Session, spans: Iterable[Activation], now: datetime) -> None:
    """Without the spans each key still has a version in force; one that was only piloted or planned needs none."""
    given = list(spans)
    ending = {span.id for span in given}
    for span in given:
        if span.org_unit or span.active_from > now:
            continue
        same = (Activation.kind == span.kind, Activation.key == span.key, Activation.org_unit == "", Activation.active_until.is_(None))
        if not set(session.scalars(select(Activation.id).where(*same, Activation.active_from <= now))) - ending:
            raise Conflict(f"Expected an earlier version of {span.kind} {span.key!r} to go back to but there is none. Retire it instead.")


def _running_in(session: Session, definition_ids: Sequence[int]) -> tuple[int, ...]:
    """Running instances that stand in one of the versions, themselves or in a process they called."""
    is_running = ProcessInstance.status.in_(("active", "suspended"))
    started = select(ProcessInstance.id).where(ProcessInstance.definition_id.in_(definition_ids), is_running)
    calling = (
        select(ElementRun.instance_id)
        .join(ProcessInstance, ProcessInstance.id == ElementRun.instance_id)
        .where(ElementRun.definition_id.in_(definition_ids), ElementRun.left_at.is_(None), is_running)
    )
    return tuple(sorted({*session.scalars(started), *session.scalars(calling)}))


def _suspension(session: Session, process_key: str, definition_id: int | None) -> Suspension | None:
    same = (Suspension.process_key == process_key, Suspension.definition_id.is_not_distinct_from(definition_id))
    return session.scalar(select(Suspension).where(*same, Suspension.lifted_at.is_(None)))
