"""Repairs by hand: a token put elsewhere in its scope, an element skipped, variables set where one token stands. Knows no rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.calling import SubProcessNode
from engine.bpmn.catching import AttachedEvent, EventGateway, WaitingNode
from engine.bpmn.compensation import MARKS
from engine.bpmn.data import owned_variables
from engine.bpmn.execution import Execution
from engine.bpmn.gateways import ExclusiveGateway, Join
from engine.bpmn.migration.scopes import put_afresh
from engine.bpmn.specs import Node
from engine.bpmn.token import Token
from engine.errors import InvalidInput, NotFound


def tokens_at(execution: Execution, element: str) -> list[int]:
    """The tokens that stand at an element, in any level: those of several instances, not the body that holds them."""
    found = [token for token in execution._process.index.values() if _stands(token) and token.task_spec.name == element]
    return sorted(token.id for token in found if not any(child.is_instance for child in token.child_tokens()))


def element_of(execution: Execution, token: int) -> str:
    """The element at which a token stands. Raises NotFound."""
    return str(_standing(execution, token).task_spec.name)


def move(execution: Execution, token: int, target: str) -> None:
    """End what the token is doing and let it arrive at another element of the same scope, with the variables it has."""
    standing = _standing(execution, token)
    node = standing.workflow.spec.task_specs.get(target)
    if not isinstance(node, Node):
        refused = InvalidInput(f"Expected an element of the same scope as {standing.task_spec.name} but {target!r} is none.")
        raise refused.coded("other-scope", element=standing.task_spec.name, target=target)
    _require_arrival(node)
    if standing.is_instance or standing.flow in MARKS:
        refused = InvalidInput(f"Expected a step of its own but {standing.task_spec.name} is one of several instances.")
        raise refused.coded("one-of-several", element=standing.task_spec.name)
    put_afresh(standing, node)
    execution._process.do_engine_steps()


def skip(execution: Execution, token: int, outputs: Mapping[str, Any]) -> None:
    """Go on behind the element as if its work were done, with ``outputs`` as its result. What runs inside it ends."""
    standing = _standing(execution, token)
    node, given = standing.task_spec, owned_variables(outputs)
    if isinstance(node, ExclusiveGateway | Join | EventGateway):
        refused = InvalidInput(f"Expected an activity or event to skip but {node.name} is a gateway. Move the token to where it should go.")
        raise refused.coded("skips-gateway", element=node.name)
    level = standing.top.subprocesses.get(standing.id)
    if level is not None and not level.is_isolated:
        standing.data = dict(level.view())
    if level is not None:
        level.clear()
        standing.top.subprocesses.pop(standing.id)
    standing.prune()
    standing.receive(given)
    standing.top.history.resume(standing)
    # An instance of several still has to be counted; anything else leaves without mapping results that it does not have.
    standing.phase = "leaving" if standing.is_instance else "left"
    standing.loop = standing.loop if standing.is_instance else None
    standing.wake()
    execution._process.do_engine_steps()


def set_variables_at(execution: Execution, token: int, variables: Mapping[str, Any]) -> None:
    """Set variables as this token sees them, and all that hangs on it; other branches keep theirs until they join."""
    standing = _standing(execution, token)
    given = owned_variables(variables)
    if standing.local:
        standing.local = {name: given.pop(name, value) for name, value in standing.local.items()}
    standing.spread(given, last_wins_at=None)
    execution._process.is_changed = True
    execution._process.do_engine_steps()


def _require_arrival(node: Node) -> None:
    if isinstance(node, AttachedEvent) or node.element.type == "startEvent":
        refused = InvalidInput(f"Expected an element at which a token can arrive but {node.name} waits or begins by itself.")
        raise refused.coded("begins-by-itself", element=node.name)
    if isinstance(node, Join) and len(node.incoming) > 1:
        refused = InvalidInput(f"Expected an element before or behind the join but {node.name} waits for several branches.")
        raise refused.coded("waits-for-branches", element=node.name)
    if isinstance(node, SubProcessNode) and any(event.target is node for event in node._wf_spec.events):
        raise InvalidInput(f"Expected an element of the flow but {node.name} is begun by its event only.").coded(
            "begun-by-event", element=node.name
        )


def _standing(execution: Execution, token: int) -> Token:
    found = execution._process.index.get(token)
    if found is None or not _stands(found):
        raise NotFound(f"Expected a token {token} that stands at an element but there is none.").coded("no-token", token=token)
    return found


def _stands(token: Token) -> bool:
    """At work or waiting, and not only an event that waits for another token."""
    waits_beside = token.entered_at is None and isinstance(token.task_spec, WaitingNode)
    return token.is_open and token.id > 0 and not waits_beside
