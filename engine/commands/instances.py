"""Start and cancel process instances of any definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.errors import NotAllowed

#: Groups that may start and end processes by hand.
OPERATORS = ("admin", "coordinator")


def start_instance(engine: Engine, actor: Actor, process_key: str, business_key: str, variables: Mapping[str, Any]) -> int:
    """Start the latest version of a process; returns the number of the instance."""
    require_operator(actor)
    values = {"org_unit": actor.org_unit, **variables}
    with engine.database.transaction_after_reading() as work:
        runtime.get_ready(engine, work.session, process_key, str(values["org_unit"]))
        work.start_writing()
        return runtime.start(engine, work.session, actor, process_key, business_key, values).id


def cancel_instance(engine: Engine, actor: Actor, instance_id: int, reason: str) -> None:
    """End a running instance with everything open in it."""
    require_operator(actor)
    with engine.database.transaction() as session:
        running = runtime.load(engine, session, actor, instance_id)
        running.execution.cancel()
        runtime.record_cancel(engine, session, running, reason)
        runtime.store(engine, session, running)


def require_operator(actor: Actor) -> None:
    if not actor.has_group(*OPERATORS):
        raise NotAllowed("Expected an operator to start or end processes by hand but you are not one.")
