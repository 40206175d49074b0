"""Messages from outside by name and correlation key: to the token that waits for it, else to the process that begins with it.

In the caller's transaction. Refuses what nobody waits for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import runtime, start_events
from engine.actors import Actor
from engine.assembly import Engine
from engine.db import statements
from engine.errors import NotFound
from engine.services import evidence


def correlate(engine: Engine, session: Session, actor: Actor, name: str, key: str, variables: Mapping[str, Any]) -> int:
    """Deliver, or start; gives the number of the instance. Raises NotFound when nothing waits for this name and key."""
    receiver = statements.MESSAGE_RECEIVER.first(session, event=name, correlation_key=key)
    if receiver is None:
        return _start(engine, session, actor, name, key, variables)
    instance_id, token, element_id = receiver
    running = runtime.load(engine, session, actor, instance_id)
    facts = {"instance": instance_id, "element": element_id, "message": name}
    evidence.record(session, engine.clock.now(), actor, key, "message:correlate", **facts)
    running.execution.deliver(token, variables)
    runtime.store(engine, session, running)
    return int(instance_id)


def require_receivable(engine: Engine, session: Session, name: str, key: str) -> None:
    """Raises Conflict when nothing waits for the message and the process that begins with it runs already, and only once at a time."""
    if statements.MESSAGE_RECEIVER.first(session, event=name, correlation_key=key) is None:
        start_events.require_free(engine, session, name, key)


def _start(engine: Engine, session: Session, actor: Actor, name: str, key: str, variables: Mapping[str, Any]) -> int:
    """Nobody waits for the message: a process may begin with it."""
    started = start_events.started_by_message(engine, session, actor, name, key, variables)
    if started is None:
        raise NotFound(f"Expected a process to wait for message {name!r} with key {key!r} but none does.")
    return started
