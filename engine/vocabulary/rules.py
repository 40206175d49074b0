"""What a change of rules would do, its coming into force, how rules are applied, and whether the evidence holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from engine.activations import Scope, add_span
from engine.clock import local
from engine.db.case_tables import Case
from engine.db.tables import Definition, Deployment, DeploymentItem
from engine.errors import Conflict, InvalidInput, NotFound
from engine.operation_inputs import Input, Values
from engine.services import evidence
from engine.services.context import OperationContext
from engine.services.working_time import limit_or_moment
from engine.versions import Place, is_in_force
from engine.vocabulary.operation import Operation

#: What a change of rules may bring: tables and data files. Diagrams and forms go the way of releases.
KINDS = ("decision", "reference", "notice")
DAYS = 90


def _impact(context: OperationContext, values: Values) -> Mapping[str, Any]:
    rows = [] if values["deployment"] is None else _proposed(context, _number(values["deployment"]))
    if context.rules is None:
        raise Conflict("Expected a running program behind the operation but there is none to replay decisions with.")
    return context.rules.replay([row.id for row in rows], int(values["days"] or DAYS))


def _activate(context: OperationContext, values: Values) -> Mapping[str, Any]:
    """Approve the deployment in the name of who decided, and plan its span."""
    moment = _moment(context, values["effective_at"])
    if values["deployment"] is None:
        return {"effective_at": local(moment).isoformat()}
    deployment = _deployment(context, _number(values["deployment"]))
    approver = values["approved_by"]
    if deployment.created_by == approver:
        raise Conflict(f"Expected somebody else than its author to approve deployment {deployment.id} but {approver} made it.")
    if deployment.status == "refused":
        raise Conflict(f"Expected deployment {deployment.id} to be good but it was refused.")
    if deployment.status == "checked":
        deployment.status, deployment.review = "approved", context.case_no
        deployment.reviewed_at, deployment.reviewed_by = context.now, approver
        facts = {"deployment": deployment.id, "verdict": "approved"}
        evidence.record(context.session, context.now, context.actor, "deployments", "deployment:review", **facts)
    scope = Scope("", moment, f"{context.case_no} {values['reason']}"[:200], deployment.id, bool(values["covers_open_cases"]))
    for row in _proposed(context, deployment.id):
        if not is_in_force(context.session, row, Place("", moment)):
            add_span(context.session, context.now, context.actor, row, scope)
    return {"effective_at": local(moment).isoformat()}


def _sample(context: OperationContext, values: Values) -> Mapping[str, Any]:
    """Ended cases of the last days, drawn by chance but the same again for the same file."""
    since = context.now - timedelta(days=int(values["days"] or 31))
    ended = select(Case.no).where(Case.kind == "case", Case.closed_at >= since, Case.org_unit == context.case().org_unit)
    numbers = list(context.session.scalars(ended.order_by(Case.no)))
    drawn = Random(context.case_no).sample(numbers, min(int(values["count"]), len(numbers)))
    return {"sample": sorted(drawn)}


def _verify(context: OperationContext, values: Values) -> Mapping[str, Any]:
    since = None if values["days"] is None else context.now - timedelta(days=int(values["days"]))
    report = evidence.verify(context.session, context.secrets, since)
    faults = "\n".join(report.faults[:20])
    return {"verified": report.checked, "chains": report.chains, "seals": report.seals, "broken": len(report.faults), "faults": faults}


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"Expected the number of a deployment but got {value!r}.", {"deployment": ["请填写发布编号。"]}) from error


def _deployment(context: OperationContext, number: int) -> Deployment:
    row = context.session.get(Deployment, number)
    if row is None:
        raise NotFound(f"Expected deployment {number} to exist but it does not.")
    return row


def _proposed(context: OperationContext, number: int) -> list[Definition]:
    """The tables and data files of a deployment; raises Conflict when it holds anything else, or nothing."""
    _deployment(context, number)
    held = select(Definition).join(DeploymentItem, DeploymentItem.definition_id == Definition.id)
    rows = list(context.session.scalars(held.where(DeploymentItem.deployment_id == number).order_by(Definition.id)))
    others = [row.key for row in rows if row.kind not in KINDS]
    if others or not rows:
        found = ", ".join(others) or "nothing"
        raise Conflict(f"Expected deployment {number} to hold tables and data files only but it holds {found}.")
    return rows


def _moment(context: OperationContext, value: Any) -> datetime:
    """Now, when the day has come already: jobs of this moment run next."""
    wanted = limit_or_moment(context.calendar, value, context.now)
    return max(wanted, context.now)


_DEPLOYMENT = Input("deployment", True, "the deployment that holds the proposed version; null when no table changes", "any", nullable=True)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "rules-impact",
        "规则变更影响分析",
        "What a change of rules would have done",
        (_DEPLOYMENT, Input("days", False, "how many days back; 90 if left out", "whole number")),
        ("flips", "flip_count", "moves", "replayed", "left_out", "failed"),
        _impact,
    ),
    Operation(
        "rules-activate",
        "按生效日启用规则",
        "Put approved rules in force from a day on",
        (
            _DEPLOYMENT,
            Input("effective_at", True, "a day or moment; at once when it has passed", "any"),
            Input("approved_by", True, "the account that approved the change"),
            Input("reason", True, "why"),
            Input("covers_open_cases", False, "true: better for the applicant, cases accepted before are judged by it too", "boolean"),
        ),
        ("effective_at",),
        _activate,
    ),
    Operation(
        "cases-sample",
        "抽取工单",
        "Draw cases by chance",
        (
            Input("count", True, "how many", "whole number"),
            Input("days", False, "ended in the last so many days; 31 if left out", "whole number"),
        ),
        ("sample",),
        _sample,
    ),
    Operation(
        "evidence-verify",
        "核验存证",
        "Verify the evidence",
        (Input("days", False, "only what has grown in so many days; everything if left out", "whole number"),),
        ("verified", "chains", "seals", "broken", "faults"),
        _verify,
    ),
)
