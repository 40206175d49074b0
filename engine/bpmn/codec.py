"""State to bytes and back: only open tokens and forks, data as differences. No definitions, no history."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import orjson

from engine.bpmn.data import TAG
from engine.bpmn.host import Host
from engine.bpmn.process import Level, Process
from engine.bpmn.token import Token
from engine.errors import Conflict

#: Raised when a stored state of an older program can no longer be read as it is.
FORMAT = 1

_TAG_BYTES, _UNTAGGED = f'"{TAG}"'.encode(), b" "
_PHASES = ("arrived", "entered", "leaving", "left", "begun")
_depth = attrgetter("depth")
Row = list[Any]


def dump(process: Process) -> bytes:
    """The state as JSON: the process and, under the token of its activity, each inner level.

    A leading space says that no value is tagged, so that nobody need look for tags.
    """
    state = {
        "format": FORMAT,
        "definition": process.definition_id,
        "next": process.next_id,
        "ends": process.end_events,
        "done": process.completed,
        "data": process.data if process.completed else None,
        "tokens": _rows(process),
        "levels": [_level_row(level) for level in _inner_levels(process)],
    }
    if process.compensable:
        state["compensable"] = process.compensable
    if bases := _bases(process):
        state["bases"] = bases
    is_tagged = False

    def tagged(value: Any) -> Any:
        nonlocal is_tagged
        is_tagged = True
        return _tagged(value)

    text = orjson.dumps(state, default=tagged, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return text if is_tagged else _UNTAGGED + text


def load(state: bytes, host: Host) -> Process:
    """The instance as it was. Raises Conflict when the state and its definition do not fit together."""
    stored = orjson.loads(state)
    if stored.get("format") != FORMAT:
        raise Conflict(f"Expected a state of format {FORMAT} but found {stored.get('format')!r}.")
    if not state.startswith(_UNTAGGED) and _TAG_BYTES in state:
        stored = _restored(stored)
    process = Process(host.definition(stored["definition"])._spec, stored["definition"], host)
    process.next_id, process.end_events, process.completed = stored["next"], stored["ends"], stored["done"]
    process.data, process.compensable = stored["data"] or {}, stored.get("compensable", [])
    _plant_rows(process, stored["tokens"])
    for activity_id, name, definition_id, is_isolated, rows, *compensable in stored["levels"]:
        spec = host.definition(definition_id)._spec.levels[name]
        level = Level(spec, process.index[activity_id], definition_id, is_isolated)
        level.compensable = compensable[0] if compensable else []
        _plant_rows(level, rows)
    for activity_id, fork, data, line in stored.get("bases", ()):
        crossed = process.subprocesses[activity_id] if activity_id else process
        crossed.bases[fork] = (data, frozenset(line))
    return process


def _bases(process: Process) -> list[Row]:
    """The forks that levels keep for branches that cross, with the activity of the level, 0 for the process."""
    levels = ((0, process), *process.subprocesses.items())
    return [[owner, fork, data, sorted(line)] for owner, level in levels for fork, (data, line) in level.bases.items()]


def _level_row(level: Level) -> Row:
    row: Row = [level.activity.id, level.spec.name, level.definition_id, level.is_isolated, _rows(level)]
    return [*row, level.compensable] if level.compensable else row


def _inner_levels(process: Process) -> list[Level]:
    """Outer levels before inner ones, because a level hangs on a token of the one outside."""
    return sorted(process.subprocesses.values(), key=_depth)


def _rows(level: Process | Level) -> list[Row]:
    """Parents before their children, in the order of the tree, then what waits beside it."""
    tasks, rows = level.tasks, []
    todo = level.task_tree._children[::-1]
    while todo:
        token = tasks[todo.pop()]
        rows.append(_row(token))
        if token._children:
            todo += token._children[::-1]
    if level._watch_tree is not None:
        rows += [_row(token) for token in level.watchers()]
    return rows


def _row(token: Token) -> Row:
    wait, entered_at = token.wait, token.entered_at
    waits_beside = entered_at is None and wait is not None  # an event of another token's, without data of its own
    delta, absent = ({}, ()) if waits_beside else token.stored()
    row: Row = [
        token.id,
        token._parent,
        token.task_spec.name,
        token._state,
        _PHASES.index(token.phase),
        token.flow,
        entered_at,
        wait,
        dict(token.local) if token.local else None,
        token.loop,
        token.is_instance,
        token.returned,
        delta or None,
    ]
    if token.met:
        return [*row, sorted(absent), sorted(token.met)]
    return [*row, sorted(absent)] if absent else row


def _plant_rows(level: Process | Level, rows: list[Row]) -> None:
    """Sets only what differs from the defaults of the class: this runs for each token in each command."""
    tasks, conditional, root = level.tasks, level.top_workflow.conditional, level.task_tree if level.is_isolated else None
    for row in rows:
        number, above, name, state, phase, flow, entered_at, wait, local, loop, is_instance, returned, delta, *rare = row
        parent = tasks[above] if above >= 0 else level.watch_tree
        token = Token(level, _node(level, name), parent, id=number)
        token._state = state
        if parent is root:
            token._data = delta or {}
        else:
            token._data, token.delta = None, delta or {}
        token.flow, token.entered_at, token.wait = flow, entered_at, wait
        if phase:
            token.phase = _PHASES[phase]  # type: ignore[assignment]  # one of the four
        if wait is not None and wait["kind"] == "condition":
            conditional.add(number)
        if local:
            token.local = local
        if is_instance:
            token.is_instance = True
        if loop is not None or returned is not None:
            token.loop, token.returned = loop, returned
        if rare:
            token.absent = tuple(rare[0])
        if len(rare) > 1:
            token.met, level.is_crossed = frozenset(rare[1]), True


def _node(level: Process | Level, name: str) -> Any:
    node = level.spec.task_specs.get(name) or level.spec.node(name)
    if node is None:
        raise Conflict(f"Expected element {name} in process {level.spec.process_key} but its definition has none.")
    return node


def _tagged(value: Any) -> Any:
    """Values that JSON lacks, as ``{"$t": kind, "v": text}``."""
    match value:
        case datetime():
            return {TAG: "datetime", "v": value.isoformat()}
        case date():
            return {TAG: "date", "v": value.isoformat()}
        case time():
            return {TAG: "time", "v": value.isoformat()}
        case timedelta():
            return {TAG: "timedelta", "v": [value.days, value.seconds, value.microseconds]}
        case Decimal():
            return {TAG: "decimal", "v": str(value)}
    raise TypeError(f"Expected a value that can be stored but found {type(value).__name__}.")


_KINDS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "decimal": Decimal,
}


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        if TAG in value:
            return _KINDS[value[TAG]](value["v"])
        return {key: _restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item) for item in value]
    return value
