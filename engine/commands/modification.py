"""Repairs of running instances by administrators: one at a time or many, tried before or done at once, each in its own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from sqlalchemy.orm import Session

from engine import runtime, suspension
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn import modification
from engine.bpmn.waits import Activity
from engine.db import statements
from engine.db.rows import InstanceRow
from engine.errors import EngineError, InvalidInput, NotAllowed, NotFound
from engine.host import CommandHost
from engine.queries.cursors import is_row_number
from engine.services import evidence

ADMINISTRATORS = ("admin",)
#: More at once are refused: a page shows the result of each.
MOST_AT_ONCE = 1_000

LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Place:
    """Where something is repaired: one token, or every token at an element."""

    token: int | None = None
    element: str = ""


@dataclass(frozen=True)
class MoveToken:
    """End what is done there; go on at ``target``, an element of the same scope."""

    place: Place
    target: str


@dataclass(frozen=True)
class SkipElement:
    """Go on as if it were done, with these results."""

    place: Place
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RetryElement:
    """Try again what has failed, there or wherever something has."""

    place: Place = Place()


@dataclass(frozen=True)
class EditVariables:
    """Set variables of the whole instance, or of what one place sees."""

    values: Mapping[str, Any]
    place: Place | None = None


@dataclass(frozen=True)
class EndInstance:
    """End it with everything open in it; tell somebody, and say what becomes of its case."""

    notice: str = ""
    to: str = "applicant"
    notice_values: Mapping[str, Any] = field(default_factory=dict)
    case_status: str = ""
    case_result: str = ""


@dataclass(frozen=True)
class Suspend:
    """Let it rest."""


@dataclass(frozen=True)
class Resume:
    """Let it go on."""


Change = MoveToken | SkipElement | RetryElement | EditVariables | EndInstance | Suspend | Resume


@dataclass(frozen=True)
class ChangeResult:
    """What came of one instance: where it stands now (or would), or why it was left as it is."""

    instance_id: int
    is_changed: bool
    message: str
    status: str = ""
    stands: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    #: Of the refusal that ``message`` tells.
    code: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


class _Tried(Exception):
    """Takes back a transaction that was only a trial."""


def move_token(engine: Engine, actor: Actor, instance_id: int, token: int, target: str, reason: str) -> ChangeResult:
    """Put one token elsewhere in its scope; its old work ends, it arrives there anew."""
    return change_instance(engine, actor, instance_id, MoveToken(Place(token), target), reason)


def skip_element(engine: Engine, actor: Actor, instance_id: int, token: int, outputs: Mapping[str, Any], reason: str) -> ChangeResult:
    """Complete an element without its work, with the results given."""
    return change_instance(engine, actor, instance_id, SkipElement(Place(token), outputs), reason)


def edit_variables(
    engine: Engine, actor: Actor, instance_id: int, token: int | None, values: Mapping[str, Any], reason: str
) -> ChangeResult:
    """Set variables of the instance, or only as one token sees them. Texts of a page become values by ``typed_value``."""
    return change_instance(engine, actor, instance_id, EditVariables(values, Place(token) if token is not None else None), reason)


def end_instance(engine: Engine, actor: Actor, instance_id: int, change: EndInstance, reason: str) -> ChangeResult:
    """End an instance by hand."""
    return change_instance(engine, actor, instance_id, change, reason)


def suspend_instance(engine: Engine, actor: Actor, instance_id: int, reason: str) -> ChangeResult:
    """Let an instance rest: its tasks cannot be completed, its timers wait."""
    return change_instance(engine, actor, instance_id, Suspend(), reason)


def resume_instance(engine: Engine, actor: Actor, instance_id: int, reason: str) -> ChangeResult:
    """Let it go on; what fell due meanwhile happens now."""
    return change_instance(engine, actor, instance_id, Resume(), reason)


def change_instance(engine: Engine, actor: Actor, instance_id: int, change: Change, reason: str) -> ChangeResult:
    """One change of one instance, in one transaction, with evidence. Raises what refuses it."""
    require_administrator(actor)
    require_reason(reason)
    with engine.database.transaction() as session:
        return _changed(engine, session, actor, instance_id, change, reason)


def try_change(engine: Engine, actor: Actor, instance_id: int, change: Change) -> ChangeResult:
    """What the change would come to: carried out and taken back. Raises what refuses it."""
    require_administrator(actor)
    found: list[ChangeResult] = []
    try:
        with engine.database.transaction() as session:
            found.append(_changed(engine, session, actor, instance_id, change, "-"))
            raise _Tried
    except _Tried:
        return found[0]


def change_instances(engine: Engine, actor: Actor, instance_ids: Iterable[int], change: Change, reason: str) -> tuple[ChangeResult, ...]:
    """The same change in many instances, each for itself: what refuses one does not keep the others."""
    require_reason(reason)
    return _in_bulk(actor, instance_ids, lambda number: change_instance(engine, actor, number, change, reason))


def try_changes(engine: Engine, actor: Actor, instance_ids: Iterable[int], change: Change) -> tuple[ChangeResult, ...]:
    """What ``change_instances`` would come to. Nothing is changed."""
    return _in_bulk(actor, instance_ids, lambda number: try_change(engine, actor, number, change))


def typed_value(kind: str, text: str) -> Any:
    """What somebody typed into a field of that kind: text, number, boolean, date, datetime, null, json. Raises InvalidInput."""
    try:
        return _READERS[kind](text)
    except KeyError as error:
        raise InvalidInput(f"Expected a kind of value ({', '.join(_READERS)}) but got {kind!r}.") from error
    except (ValueError, InvalidOperation) as error:
        raise InvalidInput(f"Expected a {kind} but got {text[:80]!r}.", {"value": [f"这不是{_NAMES[kind]}，请改正。"]}) from error


def require_administrator(actor: Actor) -> None:
    if not actor.has_group(*ADMINISTRATORS):
        raise NotAllowed("Expected an administrator to repair running cases but you are none.")


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("Expected a reason for the change but got none.", {"reason": ["请写明理由。"]})


# --- inside ---------------------------------------------------------------------------------------------------------------------------


def _in_bulk(actor: Actor, instance_ids: Iterable[int], change: Callable[[int], ChangeResult]) -> tuple[ChangeResult, ...]:
    require_administrator(actor)
    numbers = list(dict.fromkeys(instance_ids))
    if len(numbers) > MOST_AT_ONCE:
        raise InvalidInput(f"Expected at most {MOST_AT_ONCE} instances at once but got {len(numbers)}.").coded(
            "too-many", most=MOST_AT_ONCE
        )
    return tuple(_result_of(change, number) for number in numbers)


def _result_of(change: Callable[[int], ChangeResult], number: int) -> ChangeResult:
    try:
        return change(number)
    except EngineError as error:
        return ChangeResult(number, False, str(error), code=error.code, facts=error.facts)


def _changed(engine: Engine, session: Session, actor: Actor, instance_id: int, change: Change, reason: str) -> ChangeResult:
    instance = _require_in_scope(session, actor, instance_id)
    if isinstance(change, Suspend):
        suspension.suspend(engine, session, actor, instance_id, reason)
        return ChangeResult(instance_id, True, "", "suspended")
    if isinstance(change, Resume):
        suspension.resume(engine, session, actor, instance_id, reason)
        return ChangeResult(instance_id, True, "", "active")
    running = runtime.take_up(engine, session, actor, instance)
    _apply(engine, session, running, change, reason)
    runtime.store(engine, session, running)
    execution = running.execution
    stands = tuple(sorted({element for _, element in execution.active_elements()}))
    failures = tuple(failure.message for failure in execution.waits().failures.values())
    return ChangeResult(instance_id, True, "", "ended" if execution.completed else "active", stands, failures)


def _apply(engine: Engine, session: Session, running: runtime.Running, change: Change, reason: str) -> None:
    execution = running.execution
    match change:
        case MoveToken(place, target):
            for token in _tokens(running, place):
                element = modification.element_of(execution, token)
                modification.move(execution, token, target)
                _record(engine, session, running, element, {"move": target}, reason)
        case SkipElement(place, outputs):
            for token in _tokens(running, place):
                element = modification.element_of(execution, token)
                modification.skip(execution, token, outputs)
                _record(engine, session, running, element, {"skip": dict(outputs)}, reason)
        case RetryElement(place):
            _retry(engine, session, running, place, reason)
        case EditVariables(values, place):
            _edit(engine, session, running, values, place, reason)
        case EndInstance():
            _tell(engine, session, running, change)
            execution.cancel()
            runtime.record_cancel(engine, session, running, reason)


def _retry(engine: Engine, session: Session, running: runtime.Running, place: Place, reason: str) -> None:
    failures = running.execution.waits().failures
    wanted = [token for token, failure in failures.items() if place.token in (None, token) and place.element in ("", failure.element_id)]
    if not wanted:
        raise NotFound("Expected something that has failed but nothing has.").coded("nothing-failed")
    for token in wanted:
        element = failures[token].element_id
        running.execution.retry(token)
        _record(engine, session, running, element, {"retry": True}, reason)


def _edit(engine: Engine, session: Session, running: runtime.Running, values: Mapping[str, Any], place: Place | None, reason: str) -> None:
    if not values:
        raise InvalidInput("Expected variables to set but got none.").coded("no-variables")
    if place is None:
        running.execution.set_variables(values)
    for token in _tokens(running, place) if place is not None else ():
        modification.set_variables_at(running.execution, token, values)
    digest = evidence.digest(orjson.dumps([reason, values], default=str, option=orjson.OPT_SORT_KEYS).decode())
    facts = {"instance": running.instance.id, "names": sorted(values), "digest": digest}
    evidence.record(session, engine.clock.now(), running.actor, running.instance.chain, "variables:edit", **facts)


def _tell(engine: Engine, session: Session, running: runtime.Running, change: EndInstance) -> None:
    """The case first, so that a notice speaks of it as it is then."""
    host = CommandHost(engine, session, running.instance, running.actor)
    place = Activity(0, "", "人工终止", "", {})
    if change.case_status:
        host.call("case-set-status", {"status": change.case_status, "result": change.case_result or None}, place)
    if change.notice:
        host.call("notice-send", {"template": change.notice, "to": change.to, "values": dict(change.notice_values)}, place)


def _tokens(running: runtime.Running, place: Place) -> list[int]:
    if place.token is not None:
        return [place.token]
    found = modification.tokens_at(running.execution, place.element)
    if not found:
        raise NotFound(f"Expected work at {place.element!r} but nothing stands there.").coded("nothing-stands", element=place.element)
    return found


def _require_in_scope(session: Session, actor: Actor, instance_id: int) -> InstanceRow:
    row = statements.INSTANCE_TO_CHANGE.first(session, instance_id=instance_id) if is_row_number(instance_id) else None
    if row is None:
        raise NotFound(f"Expected process instance {instance_id} to exist but it does not.")
    instance = InstanceRow(*row)
    if instance.org_unit and instance.org_unit not in actor.scope:
        raise NotAllowed(f"Expected process instance {instance_id} to belong to your windows but it does not.")
    return instance


def _record(engine: Engine, session: Session, running: runtime.Running, element: str, change: Mapping[str, Any], reason: str) -> None:
    (kind,) = change
    digest = evidence.digest(orjson.dumps([reason, change], default=str, option=orjson.OPT_SORT_KEYS).decode())
    facts = {"instance": running.instance.id, "element": element, "change": kind, "digest": digest}
    evidence.record(session, engine.clock.now(), running.actor, running.instance.chain, "instance:modify", **facts)


def _boolean(text: str) -> bool:
    found = {"true": True, "false": False, "是": True, "否": False}.get(text.strip().lower())
    if found is None:
        raise ValueError("neither")
    return found


def _number(text: str) -> int | float:
    if len(text) > LONGEST_NUMBER or "e" in text.lower():  # a few characters with an exponent are a billion digits
        raise ValueError("more digits than anybody types")
    number = Decimal(text.strip())
    if not number.is_finite():
        raise ValueError("no number to count with")
    return int(number) if number == number.to_integral_value() and "." not in text else float(number)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "number": _number,
    "boolean": _boolean,
    "date": lambda text: date.fromisoformat(text.strip()),
    "datetime": _moment,
    "json": orjson.loads,
    "null": lambda text: None,
}
_NAMES = {"text": "文本", "number": "数字", "boolean": "是或否", "date": "日期", "datetime": "带时区的时刻", "json": "JSON", "null": "空"}
