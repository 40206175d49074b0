"""The standard loop marker: one activity again and again, each round by a token of its own, all with the same variables."""

from __future__ import annotations

from engine.bpmn.failures import broken
from engine.bpmn.settings import StandardLoop
from engine.bpmn.token import Token


def rounds(token: Token) -> int:
    """How many rounds are done; ``loopCounter`` during a round."""
    return int(token.loop["round"]) if token.loop is not None else 0


def is_skipped(token: Token, loop: StandardLoop) -> bool:
    """Before the first round: does the loop do nothing at all?"""
    return rounds(token) == 0 and (loop.maximum == 0 or (loop.test_before and not _goes_on(token, loop, 0)))


def judge(token: Token, loop: StandardLoop) -> None:
    """After a round, before its token completes: is there another? May break the token."""
    done = rounds(token) + 1
    token.loop = {"round": rounds(token), "again": (loop.maximum is None or done < loop.maximum) and _goes_on(token, loop, done)}


def is_again(token: Token) -> bool:
    return token.loop is not None and bool(token.loop.get("again"))


def repeat(token: Token) -> None:
    """Start the next round in place of the last; what waits at the border goes on waiting."""
    successor = Token(token.workflow, token.task_spec)
    successor.data, successor.flow, successor.phase = token.data, token.flow, "entered"
    successor.loop = {"round": rounds(token) + 1}
    successor.put_in_place_of(token)
    for child in token.child_tokens():
        child._parent = successor.id
    successor._children = token._children
    token.forget()
    token.task_spec._update(successor)


def _goes_on(token: Token, loop: StandardLoop, done: int) -> bool:
    if loop.condition is None:
        return True
    value = token.ask(loop.condition, {"loopCounter": done})
    if not isinstance(value, bool):
        raise broken("loop", value, condition=loop.condition.source)
    return value
