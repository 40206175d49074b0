"""The public face of execution: one instance, loaded for one command. State in, state out; no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.bpmn import clock_references, codec
from engine.bpmn.catching import WaitingNode
from engine.bpmn.data import Variables, copied, owned_variables
from engine.bpmn.gateways import Join
from engine.bpmn.host import Host
from engine.bpmn.model import ProcessDefinition
from engine.bpmn.process import Process
from engine.bpmn.standing import waits_of
from engine.bpmn.token import Token
from engine.bpmn.waits import Activity, ElementRun, MergeConflict, Thrown, Waits
from engine.errors import InvalidInput, NotFound

__all__ = ["Activity", "Execution", "Host"]


class Execution:
    """A running instance. Every method that changes something runs on until all tokens wait."""

    def __init__(self, process: Process):
        self._process = process

    def __del__(self) -> None:
        """Instance and tokens point at each other; let go, they cost the garbage collector nothing."""
        self._process.let_go()

    @classmethod
    def start(
        cls, definition_id: int, definition: ProcessDefinition, host: Host, variables: Mapping[str, Any], at: str | None = None
    ) -> Execution:
        """A new instance from its none start event, or from the message, signal or timer start event ``at``."""
        spec = definition._spec
        entry = spec.entry if at is None else spec.task_specs.get(at)
        if entry is None or entry.element.type != "startEvent" or entry in spec.events:
            raise InvalidInput(f"Expected a start event {at or ''} in process {definition.key} but there is none.")
        process = Process(spec, definition_id, host)
        process.begin(entry, owned_variables(variables))
        process.do_engine_steps()
        return cls(process)

    @classmethod
    def load(cls, state: bytes, host: Host) -> Execution:
        return cls(codec.load(state, host))

    def dump(self) -> bytes:
        """The state to store."""
        return codec.dump(self._process)

    # --- commands -------------------------------------------------------------------------------------------------------

    def complete(self, token: int, variables: Mapping[str, Any]) -> None:
        """A person has done the user task, or somebody has answered the receive task."""
        waiting = self._waiting(token, "user_task", "message")
        given = owned_variables(variables)
        if isinstance(waiting.task_spec, WaitingNode):
            waiting.task_spec.occurred(waiting, given)
        else:
            waiting.receive(given)
            waiting.phase = "leaving"
            waiting.wake()
        self._process.do_engine_steps()

    def fire_timer(self, token: int) -> None:
        """Exactly this timer, whatever the clock says."""
        self._occur(self._waiting(token, "timer"), {})

    def deliver(self, token: int, variables: Mapping[str, Any]) -> None:
        """Exactly this message or signal subscription."""
        self._occur(self._waiting(token, "message", "signal"), variables)

    def resume(self, token: int) -> None:
        """The asynchronous continuation runs now."""
        self._waiting(token, "continuation").wake()
        self._process.do_engine_steps()

    def retry(self, token: int) -> None:
        """A failed element again, from the point where it failed."""
        failed = self._waiting(token, "failure")
        self._process.history.resume(failed)
        if isinstance(failed.task_spec, WaitingNode) and failed.entered_at is None:
            failed.task_spec.watch_again(failed)
        elif isinstance(failed.task_spec, Join) and failed.phase == "arrived":
            failed.hold(failed.task_spec.waits_as)
        else:
            failed.wake()
        self._process.do_engine_steps()

    def set_variables(self, variables: Mapping[str, Any]) -> None:
        """Set variables of the top level, for every branch; own values of instances stay."""
        given = owned_variables(variables)
        for child in self._process.task_tree.child_tokens():
            child.spread(given, last_wins_at=None)
        if self._process.completed:
            self._process.data.update(given)
        self._process.do_engine_steps()

    def follow_clocks(self) -> bool:
        """Bring the moments that clocks of the case give up to date; True when one of them has moved."""
        return clock_references.follow(self._process)

    def reschedule(self, token: int, due_at: datetime) -> None:
        """Another moment for a running timer, or another due date for an open user task; it follows no clock from then on."""
        if due_at.tzinfo is None:
            raise InvalidInput(f"Expected a moment with time zone but found {due_at}.")
        waiting = self._waiting(token, "timer", "user_task")
        assert waiting.wait is not None
        waiting.wait = {**clock_references.unfollowed(waiting.wait), "due": due_at.isoformat()}

    def cancel(self) -> None:
        """End the whole instance."""
        data = self.variables
        self._process.clear()
        self._process.finish(data)

    # --- questions ------------------------------------------------------------------------------------------------------

    @property
    def completed(self) -> bool:
        return bool(self._process.completed)

    @property
    def end_events(self) -> tuple[str, ...]:
        """The end events reached at the top level, each once, in the order of the first time."""
        return tuple(self._process.end_events)

    @property
    def variables(self) -> dict[str, Any]:
        """The top-level data: of the finished instance, or as if all branches joined now."""
        variables: Variables = copied(self._process.data if self._process.completed else self._process.view())
        return variables

    def waits(self) -> Waits:
        """Everything it waits for, by token."""
        return waits_of(self._process)

    def variables_of(self, token: int) -> dict[str, Any]:
        """The data that the waiting element sees, with its input parameters."""
        found = self._process.index.get(token)
        if found is None:
            raise NotFound(f"Expected a token {token} but there is none.")
        variables: Variables = copied(found.variables)
        return variables

    def element_runs(self) -> list[ElementRun]:
        """The runs entered, left or failed since this object was made."""
        return self._process.history.runs()

    def thrown(self) -> list[Thrown]:
        """Messages and signals thrown since this object was made; the runtime delivers them."""
        return list(self._process.thrown)

    def conflicts(self) -> list[MergeConflict]:
        """Variables changed differently in two branches that joined since this object was made."""
        return list(self._process.conflicts)

    def active_elements(self) -> list[tuple[str, str]]:
        """(process key, element id) of every element where a token stands."""
        tokens = (token for token in self._process.index.values() if token.is_open and token.entered_at is not None)
        return list(dict.fromkeys((token.workflow.spec.process_key, token.task_spec.name) for token in tokens))

    # --- inside ---------------------------------------------------------------------------------------------------------

    def _waiting(self, token: int, *kinds: str) -> Token:
        found = self._process.index.get(token)
        kind = found.wait["kind"] if found is not None and found.wait is not None else "nothing"
        if found is None or kind not in kinds:
            raise NotFound(f"Expected token {token} to wait for {' or '.join(kinds)} but it waits for {kind}.")
        return found

    def _occur(self, token: Token, variables: Mapping[str, Any]) -> None:
        given = owned_variables(variables)
        assert isinstance(token.task_spec, WaitingNode)
        token.task_spec.occurred(token, given)
        self._process.do_engine_steps()
