"""What a running execution may ask of the outside: expressions, tables, operations, the calendar, other versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import vocabulary
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.bpmn.execution import Execution
from engine.bpmn.model import CalledElement, DecisionRef, ProcessDefinition
from engine.bpmn.waits import Activity
from engine.clock import local
from engine.db import statements
from engine.db.driver import at_once
from engine.db.rows import InstanceRow
from engine.db.tables import Definition, Resource
from engine.errors import ExpressionFailed
from engine.feel import DecisionOutcome
from engine.rule_book import RulesInForce
from engine.services import clock_references
from engine.services.context import OperationContext, TemplateVersion
from engine.services.working_time import limit_or_moment
from engine.versions import Place, Version, latest, resolve


@dataclass
class CommandHost:
    """Serves one execution inside one transaction; implements ``engine.bpmn.execution.Host``."""

    engine: Engine
    session: Session
    instance: InstanceRow
    actor: Actor
    _now: datetime = field(init=False)
    _acceptance: tuple[datetime | None] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._now = self.engine.clock.now()

    @property
    def _place(self) -> Place:
        return Place(self.instance.org_unit, self._now)

    @property
    def _place_of_case(self) -> Place:
        """Where and when, and for a case accepted when: its rules are those of that moment."""
        if self._acceptance is None:
            self._acceptance = statements.ACCEPTANCE.first(self.session, case_no=self.instance.business_key) or (None,)
        return Place(self.instance.org_unit, self._now, *self._acceptance)

    def now(self) -> datetime:
        return self._now

    def starter(self) -> str | None:
        return self.actor.id if self.actor is not SYSTEM else None

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self.engine.feel.evaluate(expression, variables, self._now)

    def decide(self, ref: DecisionRef, variables: Mapping[str, Any], caller_id: int) -> Any:
        """Ask a table, keep what it saw and answered, and give the answer in the shape the diagram wants."""
        row = resolve(self.session, "decision", ref.key, ref.binding, ref.version, caller_id, self._place_of_case)
        model = self.engine.definitions.decision(self.session, row.id)
        outcome = self.engine.feel.decide(model, ref.key, variables, self._now)
        statements.ADD_DECISION_RUN.change(self.session, **self._decision_run(ref, row, outcome))
        return _shaped(ref, outcome)

    def call(self, topic: str, inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        """Run a domain operation; what it wrote before failing is undone, the rest of the command stands."""
        with at_once(self.session), self.session.begin_nested():
            result = vocabulary.call(self._operation_context(activity), topic, inputs)
            self.session.flush()
        return result

    def due_at(self, value: Any, start: datetime) -> datetime:
        return limit_or_moment(self.engine.reference.read(self.session).calendar, value, start)

    def clock_moments(self, references: Sequence[str]) -> Mapping[str, datetime | None]:
        calendar = self.engine.reference.read(self.session).calendar
        return clock_references.moments(self.session, calendar, self.instance.business_key, references)

    def called_definition(self, ref: CalledElement, caller_id: int) -> tuple[int, ProcessDefinition]:
        row = resolve(self.session, "process", ref.key, ref.binding, ref.version, caller_id, self._place)
        return row.id, self.definition(row.id)

    def definition(self, definition_id: int) -> ProcessDefinition:
        return self.engine.definitions.process(self.session, definition_id)

    def _operation_context(self, activity: Activity) -> OperationContext:
        known = self.engine.reference.read(self.session)
        return OperationContext(
            session=self.session,
            now=self._now,
            calendar=known.calendar,
            kinds=known.kinds,
            files=self.engine.files,
            template=self._template,
            secrets=self.engine.secrets,
            actor=self.actor,
            instance_id=self.instance.id,
            case_no=self.instance.business_key,
            element_id=activity.element_id,
            element_name=activity.element_name,
            variables=activity.variables,
            schedule=self._schedule,
            public_url=self.engine.settings.public_url,
            channels=self.engine.settings.channels.names,
            rules=RulesInForce(self.engine, self.session, self._place_of_case, self._known),
        )

    def _template(self, key: str) -> TemplateVersion:
        return template_in_force(self.session, key, self._place)

    def _known(self, instance_id: int) -> Mapping[str, Any]:
        """What an instance knows, whether it still runs or not."""
        row = statements.INSTANCE.first(self.session, instance_id=instance_id)
        if row is None:
            return {}
        found = InstanceRow(*row)
        return Execution.load(found.state, CommandHost(self.engine, self.session, found, self.actor)).variables

    def _schedule(self, kind: str, payload: dict[str, Any], run_at: datetime | None) -> None:
        due_at = run_at or self._now
        job = {"kind": kind, "instance_id": self.instance.id, "payload": payload, "due_at": due_at, "run_at": due_at, "attempts": 0}
        statements.ADD_JOB.change(self.session, **job)

    def _decision_run(self, ref: DecisionRef, row: Version, outcome: DecisionOutcome) -> dict[str, Any]:
        return {
            "instance_id": self.instance.id,
            "business_key": self.instance.business_key,
            "element_id": ref.element_id,
            "decision_key": ref.key,
            "definition_id": row.id,
            "version": row.version,
            "hits": list(outcome.hits),
            "inputs": as_json(outcome.inputs),
            "outputs": as_json(outcome.value),
            "decided_at": self._now,
            "in_force_since": row.since,
            "chosen_because": row.reason,
        }


def template_in_force(session: Session, key: str, place: Place) -> TemplateVersion:
    """The template of a document that holds at a place. Raises NotFound."""
    row = latest(session, "document", key, place)
    definition = session.get_one(Definition, row.id)
    return TemplateVersion(row.id, session.get_one(Resource, definition.sha256).content)


def as_json(value: Any) -> Any:
    """FEEL values as JSON: dates and times become ISO text of the centre's wall clock."""
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return (local(value) if value.tzinfo else value).isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _shaped(ref: DecisionRef, outcome: DecisionOutcome) -> Any:
    """The result as ``camunda:mapDecisionResult`` asks; a single result also names the row that hit as ``rule``."""
    value = as_json(outcome.value)
    if ref.map_result == "resultList":
        return value if isinstance(value, list) else [value]
    if ref.map_result == "collectEntries":
        rows = value if isinstance(value, list) else [value]
        return [next(iter(row.values())) if isinstance(row, dict) else row for row in rows]
    if isinstance(value, list) and len(value) > 1:
        raise ExpressionFailed(f"Expected decision {ref.key} to give one result but {len(value)} rows hit: {', '.join(outcome.hits)}.")
    single = value[0] if isinstance(value, list) and value else value
    if ref.map_result == "singleEntry":
        return next(iter(single.values())) if isinstance(single, dict) else single
    return {**single, "rule": outcome.hits[0]} if isinstance(single, dict) and outcome.hits else single
