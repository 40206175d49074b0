"""A case played through the diagrams with the real tables and expressions; operations and calendar are stand-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.bpmn.execution import Activity, Execution
from engine.bpmn.model import CalledElement, DecisionRef, ProcessDefinition
from engine.bpmn.parse import parse
from engine.feel import DecisionModel, Feel
from engine.vocabulary import OPERATIONS

from .drawn import DIAGRAMS, PROJECT

NOW = datetime(2026, 11, 23, 2, 20, tzinfo=UTC)
Values = dict[str, Any]


@dataclass
class Stage:
    """Definitions and tables, read once; serves as the host of an execution."""

    feel: Feel
    definitions: dict[int, ProcessDefinition] = field(default_factory=dict)
    tables: dict[str, DecisionModel] = field(default_factory=dict)
    calls: list[tuple[str, Values]] = field(default_factory=list)
    reopened: int = 0
    coordinated: int = 0

    def __post_init__(self) -> None:
        for number, file in enumerate(DIAGRAMS.values()):
            (self.definitions[number],) = parse(file.read_bytes(), file.name)
        for file in (PROJECT / "processes").glob("*.dmn"):
            model = self.feel.parse_decisions(file.read_bytes(), file.name)
            self.tables.update({decision.id: model for decision in model.decisions})

    def now(self) -> datetime:
        return NOW

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self.feel.evaluate(expression, variables, NOW)

    def decide(self, ref: DecisionRef, variables: Mapping[str, Any], caller_id: int) -> Any:
        outcome = self.feel.decide(self.tables[ref.key], ref.key, variables, NOW)
        self.calls.append((ref.key, {"hits": outcome.hits}))
        return outcome.value

    def due_at(self, value: Any, start: datetime) -> datetime:
        assert value, "a due time needs a limit or a moment"
        return start + timedelta(days=1)

    def clock_moments(self, references: Sequence[str]) -> Mapping[str, datetime | None]:
        return {reference: NOW + timedelta(days=1) for reference in references}

    def called_definition(self, ref: CalledElement, caller_id: int) -> tuple[int, ProcessDefinition]:
        return next((number, found) for number, found in self.definitions.items() if found.key == ref.key)

    def definition(self, definition_id: int) -> ProcessDefinition:
        return self.definitions[definition_id]

    def call(self, topic: str, inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        taken = OPERATIONS[topic].inputs
        nulls = {one.name for one in taken if one.required and not one.nullable and inputs.get(one.name) is None}
        assert nulls == set(), (activity.element_id, topic)
        self.calls.append((topic, dict(inputs)))
        return self._result(topic, inputs)

    def _result(self, topic: str, given: Mapping[str, Any]) -> Values:
        due = (NOW + timedelta(days=3)).isoformat()
        if topic == "departments-route":
            return {"departments": [department("D07"), department("D08")], "lead_candidates": candidates(issuer="D07")}
        if topic == "departments-set-lead":
            return {"departments": given["departments"], "lead_department": given["lead_department"]}
        if topic == "grade-clocks-start":
            return {"due": {"start": due, "conclude": due, "finish": due}}
        if topic == "sub-orders-dispatch":
            return {"sub_orders": [sub_order(number, one, due) for number, one in enumerate(given["departments"])]}
        if topic == "sub-orders-summarise":
            replies = [call["opinion"] for name, call in self.calls if name == "sub-order-reply"][-len(given["sub_orders"]) :]
            return {"summary": {"all_agreed": all(reply in ("同意", "已办结") for reply in replies), "opinions": []}}
        if topic == "coordination-count":
            self.coordinated += 1
            return {"coordination_count": self.coordinated}
        if topic == "case-reopen":
            self.reopened += 1
            return {"reopen_count": self.reopened, "due_at": due}
        if topic == "reply-check":
            good = len(given["text"]) > 5
            return {"reply_ok": good, "reply_problems": "" if good else "答复太短"}
        results: Values = {
            "meeting_id": 1,
            "absent_count": self._absences(given),
            "owner": "clerk2",
            "person": "rectifier1",
            "due_at": due,
            "was": NOW.isoformat(),
            "lookup": {"known_before": 0, "duplicate": None},
            "duplicate_of": given.get("main"),
            "document": 1,
            "document_no": "荔政办复〔2026〕1号",
            "opened": "TS440103-20261123-0001",
            "entry": 1,
            "count": 1,
            "partner": None,
            "letter_sent_at": NOW.isoformat(),
            "cancelled_departments": [],
        }
        return {name: results[name] for name in OPERATIONS[topic].outputs if name in results}

    def _absences(self, given: Mapping[str, Any]) -> int:
        """How often the department that stayed away now has done so."""
        records = [call["record"] for name, call in self.calls if name == "meeting-record"]
        away = given.get("record", {}).get("absent_department")
        return sum(record.get("absent_department") == away for record in records) if away else 0


class Rehearsal:
    """One case, moved by what people do."""

    def __init__(self, stage: Stage, **start: Any):
        self.stage = stage
        stage.calls.clear()
        stage.reopened = stage.coordinated = 0
        spine = next(number for number, found in stage.definitions.items() if found.key == "P00_case_spine")
        self.execution = Execution.start(spine, stage.definitions[spine], stage, case_of(**start))
        self.require_no_failure()

    def waiting(self) -> list[str]:
        """Ids of the user tasks that are open."""
        return sorted(wait.element_id for wait in self.execution.waits().user_tasks.values())

    def answer(self, element_id: str, **values: Any) -> None:
        """Everybody who has this task open completes it with ``values``; contexts are merged member by member."""
        tokens = [token for token, wait in self.execution.waits().user_tasks.items() if wait.element_id == element_id]
        assert tokens, f"{element_id} is not open but {self.waiting()}"
        for token in tokens:
            before = self.execution.variables_of(token)
            merged = {name: {**(before.get(name) or {}), **value} if isinstance(value, dict) else value for name, value in values.items()}
            self.execution.complete(token, merged)
            self.require_no_failure()
        self.execution = Execution.load(self.execution.dump(), self.stage)

    def receive(self, message: str, **values: Any) -> None:
        (token,) = [token for token, wait in self.execution.waits().subscriptions.items() if wait.name == message]
        self.execution.deliver(token, values)
        self.require_no_failure()

    def let_pass(self, element_id: str) -> None:
        """The timer ``element_id`` fires, once for each that runs."""
        tokens = [token for token, wait in self.execution.waits().timers.items() if wait.element_id == element_id]
        assert tokens, f"{element_id} is not running"
        for token in tokens:
            self.execution.fire_timer(token)
            self.require_no_failure()

    def answer_and_rate(self, level: int) -> None:
        """The closed loop up to the first rating."""
        self.answer("draft_reply", reply={"text": "经核实,已协调解决。", "result": "协调解决"})
        self.answer("confirm_reply", reply={"answered_by": "电话"})
        self.receive("case_confirmed", confirmation="已解决")
        self.receive("case_rated", rating={"level": level})

    def hits(self, table: str) -> list[str]:
        """Row ids that ``table`` hit, in order."""
        return [hit for name, call in self.stage.calls if name == table for hit in call["hits"]]

    def inputs(self, topic: str, name: str) -> list[Any]:
        """What operation ``topic`` was given as ``name``, call by call."""
        return [call[name] for called, call in self.stage.calls if called == topic]

    def require_no_failure(self) -> None:
        failed = {failure.element_id: failure.message for failure in self.execution.waits().failures.values()}
        assert failed == {}, failed


def case_of(**changed: Any) -> Values:
    """Start variables of an ordinary case: material missing, one department, registered at the window."""
    triage = {"emergency": False, "nature": "办事", "has_open_case": False, "closed_no_new_fact": False, "negative_code": "-"}
    triage |= {"in_jurisdiction": True, "tried_regular": True, "has_policy_room": True, "department_count": 1, "cause": "材料不齐全"}
    grading = {"government_levels": 1, "mass_or_safety": False, "department_count": 1, "cross_region": "否", "legacy": False}
    start = {"case_no": "BBC440103-20261123-0001", "channel": "现场", "received_at": NOW.isoformat(), "effective_at": NOW.isoformat()}
    start |= {"applicant_kind": "企业", "matter": "M06", "matter_name": "施工许可", "org_unit": "440103", "registered": True}
    start |= {"owner": "clerk1", "duplicate_of": None, "returned_from": None}
    triage |= changed.pop("triage_facts", {})
    grading |= {"cause": triage["cause"]} | changed.pop("grading_facts", {})
    return {**start, "triage_facts": triage, "grading_facts": grading, **changed}


def department(code: str) -> Values:
    return {"code": code, "name": f"{code}局", "role": "牵头" if code == "D07" else "协办", "group": code}


def candidates(**known: str) -> Values:
    return {"responsibility": None, "one_thing": None, "issuer": None, "first_received": None, "supervisor": None, **known}


def sub_order(number: int, one: Values, due: str) -> Values:
    order = {"id": number, "department": one["code"], "name": one["name"], "role": one["role"], "group": one["group"]}
    return order | {"ask": "请提出意见", "sign_due": due, "opinion_due": due, "silence_counts": False, "is_binding": False}
