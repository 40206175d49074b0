"""Actions on case files (件上操作): which are possible on a file now, and for whom. Sends nothing."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db.case_tables import Case
from engine.db.tables import StartEvent, Subscription
from engine.errors import Conflict, NotAllowed
from engine.services.case_kinds import Action, Kinds
from engine.services.kind_files import CLOSED, DEPARTMENTS, OWNER

#: The code of a department, not of its leaders.
_DEPARTMENT = re.compile(r"D\d{2,4}")


def for_staff(session: Session, kinds: Kinds, case: Case, actor: Actor) -> tuple[Action, ...]:
    """What this person may do on the file now, in the order of the reference file."""
    return tuple(action for action in _possible(session, kinds, case) if may(action, case, actor))


def for_applicant(session: Session, kinds: Kinds, case: Case) -> tuple[Action, ...]:
    """What the applicant may do on the file now."""
    return tuple(action for action in _possible(session, kinds, case) if action.is_public)


def may(action: Action, case: Case, actor: Actor) -> bool:
    """Whether the person belongs to one of the groups; ``owner`` is whoever owns the file, ``departments`` every department."""
    if actor.has_group(*action.groups) or (OWNER in action.groups and actor.id == case.owner_id):
        return True
    return DEPARTMENTS in action.groups and any(map(_DEPARTMENT.fullmatch, actor.groups))


def require_may(action: Action, case: Case, actor: Actor) -> None:
    """Raises NotAllowed."""
    if not may(action, case, actor):
        raise NotAllowed(f"Expected one of {', '.join(sorted(action.groups)) or 'nobody'} to {action.action} but you are none of them.")


def require_public(action: Action) -> None:
    """Raises NotAllowed."""
    if not action.is_public:
        raise NotAllowed(f"Expected an action for applicants but {action.action} is for the staff only.")


def require_possible(session: Session, action: Action, case: Case) -> None:
    """Raises Conflict when the file is of another kind or at another status, or when nothing waits for the action any more."""
    if not is_at_hand(action, case):
        reason = f"Expected case {case.no} to be at a status for “{action.name}” but it is {case.status}."
        raise Conflict(reason).coded("case-action-status", action=action.name, status=case.status)
    if action.message not in _awaited(session, case.no, {action.message}):
        raise gone(action, case)


def gone(action: Action, case: Case) -> Conflict:
    """Nothing waits for the action, or not any more."""
    reason = f"Expected case {case.no} to wait for “{action.name}” but it does not, or not any more."
    return Conflict(reason).coded("case-action-gone", action=action.name)


def is_at_hand(action: Action, case: Case) -> bool:
    """Whether kind and status of the file allow it: while it is open unless statuses are named; closed only where they say so."""
    if case.kind not in action.kinds:
        return False
    named = action.statuses - {CLOSED}
    if case.closed_at is None:
        return not named or case.status in named
    return CLOSED in action.statuses or case.status in named


def _possible(session: Session, kinds: Kinds, case: Case) -> list[Action]:
    at_hand = [action for action in kinds.actions.values() if is_at_hand(action, case)]
    awaited = _awaited(session, case.no, {action.message for action in at_hand})
    return [action for action in at_hand if action.message in awaited]


def _awaited(session: Session, case_no: str, names: set[str]) -> set[str]:
    """Of these messages, those that something of the case waits for, or that a process begins with."""
    if not names:
        return set()
    waiting = select(Subscription.name).where(Subscription.kind == "message", Subscription.name.in_(names))
    waiting = waiting.where(Subscription.correlation_key == case_no)
    starting = select(StartEvent.name).where(StartEvent.kind == "message", StartEvent.name.in_(names))
    return {*session.scalars(waiting), *session.scalars(starting)}
