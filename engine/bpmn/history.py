"""Which elements ran: entered, left and failed since the state was loaded. Older runs are the runtime's rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.bpmn.waits import ElementRun, Outcome

if TYPE_CHECKING:
    from engine.bpmn.host import Host
    from engine.bpmn.token import Token

#: The type under which the body of a multi-instance activity is recorded; its instances carry the element's own type.
BODY = "multiInstanceBody"


class History:
    """The runs touched since load, in the order in which they were entered."""

    def __init__(self, host: Host):
        self._host = host
        self._runs: dict[int, tuple[Token, datetime | None, Outcome]] = {}
        self._now: tuple[datetime, str] | None = None

    def enter(self, token: Token) -> None:
        token.entered_at = self._now_text()
        self._runs[token.id] = (token, None, "waiting")

    def leave(self, token: Token, outcome: Outcome) -> None:
        """The first word counts: an element that threw an error has completed, though its token is cancelled then."""
        known = self._runs.get(token.id)
        if token.entered_at is not None and (known is None or known[1] is None):
            self._runs[token.id] = (token, self._host.now(), outcome)

    def fail(self, token: Token) -> None:
        if token.entered_at is not None:
            self._runs[token.id] = (token, None, "failed")

    def resume(self, token: Token) -> None:
        """A failed token tries again."""
        if token.entered_at is not None:
            self._runs[token.id] = (token, None, "waiting")

    def runs(self) -> list[ElementRun]:
        return [_run(token, left_at, outcome) for token, left_at, outcome in self._runs.values()]

    def _now_text(self) -> str:
        """Within a command it is always the same moment."""
        now = self._host.now()
        if self._now is None or self._now[0] is not now:
            self._now = now, now.isoformat()
        return self._now[1]


def _run(token: Token, left_at: datetime | None, outcome: Outcome) -> ElementRun:
    element = token.task_spec.element
    is_body = token.task_spec.common.multi_instance is not None and not token.is_instance
    assert token.entered_at is not None
    return ElementRun(
        token=token.id,
        element_id=element.id,
        element_name=element.name,
        type=BODY if is_body else element.type,
        process_key=token.workflow.spec.process_key,
        definition_id=token.workflow.definition_id,
        entered_at=datetime.fromisoformat(token.entered_at),
        left_at=left_at,
        outcome=outcome,
    )
