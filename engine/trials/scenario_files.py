"""Scenario files: what they may say, read and written. Runs none.

``given``: ``at``, and ``case`` (what the registration form submits, with ``by``; ``registered = false``: it came in by itself; ``earlier``:
another case registered just before, whose number ``EARLIER`` stands for), ``file`` (a ``kind`` and what its start form submits),
``process`` with ``variables`` and ``key``, or ``idle = true`` (nothing: timers begin by themselves).
``when``: steps, each one of ``complete``, ``complete_all``, ``action``, ``open``, ``send``, ``wait``, ``until``, ``look``, with
``answers``, ``by``, ``case`` (another file: “child:complaint”) and its own ``then``.
``then``: ``status result level owner ended end_event path never open notices cards documents children entries clocks facts rows due
incidents``, each as far as it is given.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from engine.clock import LOCAL_ZONE, as_local
from engine.errors import Finding, InvalidDefinition

#: A Monday morning in working hours: when a scenario begins that does not say.
FIRST_MOMENT = "2026-11-23T10:00"
#: Stands for the number of the case that ``earlier`` registers.
EARLIER = "EARLIER"
#: Nobody reads a longer one; what it does can be said in several files.
MOST_STEPS = 500
LARGEST_FILE = 200_000
DEEPEST = 20
#: The years in which a scenario may play: the calendar knows no others.
YEARS = range(2000, 2100)

_GIVEN = frozenset({"at", "case", "by", "process", "variables", "key", "registered", "earlier", "file", "idle"})
_BEGINNINGS = ("case", "file", "process", "idle")
ACTIONS = ("complete", "complete_all", "action", "open", "send", "wait", "until", "look")
_STEP = frozenset({*ACTIONS, "answers", "by", "case", "then"})
_PLACE = re.compile(r"(child|file):[a-z][a-z0-9_]*(/child:[a-z][a-z0-9_]*)*")
_TOP = frozenset({"title", "title_en", "given", "when", "then"})

Problem = tuple[str, str, str]


@dataclass(frozen=True)
class Step:
    """One thing done: ``action`` of ``target`` with ``answers`` by ``person``, on another file where ``case`` names one."""

    action: str
    target: Any
    answers: Mapping[str, Any]
    person: str | None
    then: Mapping[str, Any]
    case: str | None = None


@dataclass(frozen=True)
class Scenario:
    """A scenario file that could be read."""

    key: str
    title: str
    at: datetime
    given: Mapping[str, Any]
    steps: tuple[Step, ...]
    then: Mapping[str, Any]


def read_scenario(file: str, content: bytes) -> Scenario:
    """Raises InvalidDefinition with a finding for every key or value that means nothing."""
    if len(content) > LARGEST_FILE:
        raise _refused(file, [("", f"Expected at most {LARGEST_FILE:,} bytes but got {len(content):,}.", "Write several scenarios.")])
    try:
        read = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a plain ValueError
        raise _refused(file, [("", f"Expected TOML but {str(error)[:300]}.", "Correct this place.")]) from error
    problems = list(_problems(read))
    if problems:
        raise _refused(file, problems)
    given, steps = read.get("given", {}), [_step(row) for row in read.get("when", [])]
    at = moment_of(given.get("at", FIRST_MOMENT))
    return Scenario(PurePath(file).stem, read.get("title", ""), at, given, tuple(steps), read.get("then", {}))


def moment_of(value: Any) -> datetime:
    """A date and time of the file; without an offset it is the centre's wall clock. Raises ValueError."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=LOCAL_ZONE)
    else:
        moment = as_local(str(value))
    if moment.year not in YEARS:
        raise ValueError(f"Expected a year from {YEARS[0]} to {YEARS[-1]} but got {moment.year}.")
    return moment


def as_submitted(value: Any) -> Any:
    """TOML's dates as the texts that a form submits."""
    if isinstance(value, dict):
        return {key: as_submitted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_submitted(item) for item in value]
    return value.isoformat() if isinstance(value, datetime | date) else value


def _step(row: Mapping[str, Any]) -> Step:
    action = next(name for name in ACTIONS if name in row)
    return Step(action, row[action], as_submitted(row.get("answers", {})), row.get("by"), row.get("then", {}), row.get("case"))


def _problems(read: Mapping[str, Any]) -> Iterator[Problem]:
    """(place, message, remedy) of everything that is not understood."""
    yield from _unknown("", read, _TOP)
    yield from _unfit("", read, 0)
    yield from _wrong("title", read.get("title", ""), "a text", _is_text)
    yield from _given_problems(read.get("given", {}))
    yield from _then_problems("then", read.get("then", {}))
    steps = read.get("when", [])
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        yield "when", f"Expected at most {MOST_STEPS} steps.", "Write each as [[when]]; divide a long scenario."
        return
    for number, row in enumerate(steps, start=1):
        yield from _step_problems(f"when {number}", row)


def _given_problems(given: Any) -> Iterator[Problem]:
    if not isinstance(given, dict) or sum(name in given for name in _BEGINNINGS) != 1:
        remedy = "Write [given.case], [given.file], process = “key” or idle = true below [given]."
        yield "given", "Expected either a case, a file, a process or idle to begin with.", remedy
        return
    yield from _unknown("given", given, _GIVEN)
    yield from _wrong_moment("given.at", given.get("at", FIRST_MOMENT))
    for name in ("case", "file", "variables", "earlier"):
        yield from _wrong(f"given.{name}", given.get(name, {}), "a table", _is_table)
    for name in ("process", "key", "by"):
        yield from _wrong(f"given.{name}", given.get(name, ""), "a text", _is_text)
    for name in ("registered", "idle"):
        yield from _wrong(f"given.{name}", given.get(name, True), "true or false", _is_bool)
    if isinstance(file := given.get("file", {"kind": ""}), dict):
        yield from _wrong("given.file.kind", file.get("kind"), "a text", _is_text)


def _step_problems(place: str, row: Any) -> Iterator[Problem]:
    yield from _unknown(place, row, _STEP)
    if not isinstance(row, dict):
        return
    if sum(action in row for action in ACTIONS) != 1:
        yield place, "Expected exactly one action.", f"Write one of {', '.join(ACTIONS)}."
    if "until" in row:
        yield from _wrong_moment(f"{place}.until", row["until"])
    if "case" in row and not (_is_text(row["case"]) and _PLACE.fullmatch(row["case"])):
        yield (
            f"{place}.case",
            f"Expected a place such as child:complaint but got {ascii(row['case'])[:80]}.",
            "Write child: or file: and a kind.",
        )
    yield from _wrong(f"{place}.look", row.get("look", True), "true or false", _is_bool)
    for name in ("complete", "complete_all", "action", "open", "send", "wait", "by"):
        yield from _wrong(f"{place}.{name}", row.get(name, ""), "a text", _is_text)
    yield from _wrong(f"{place}.answers", row.get("answers", {}), "a table", _is_table)
    yield from _then_problems(f"{place}.then", row.get("then", {}))


def _then_problems(place: str, then: Any) -> Iterator[Problem]:
    yield from _unknown(place, then, frozenset(_THEN))
    if not isinstance(then, dict):
        return
    for name in then.keys() & _THEN.keys():
        yield from _wrong(f"{place}.{name}", then[name], *_THEN[name])
    due = then.get("due")
    for name, moment in due.items() if isinstance(due, dict) else ():
        yield from _wrong_moment(f"{place}.due.{name}", moment)


def _unknown(place: str, table: Any, known: frozenset[str]) -> Iterator[Problem]:
    if not isinstance(table, dict):
        yield place, "Expected a table but got another value.", "Write it in [brackets]."
        return
    remedy = f"Write one of {', '.join(sorted(known))}."
    for name in sorted(table.keys() - known):
        yield f"{place}.{name}".strip("."), f"Expected a key that means something but got {ascii(name)[:80]}.", remedy


def _unfit(place: str, value: Any, depth: int) -> Iterator[Problem]:
    """Numbers that are none, NUL characters, towers of brackets: nothing that a form could submit."""
    if depth > DEEPEST:
        yield place, f"Expected at most {DEEPEST} levels of tables and lists.", "Write fewer levels."
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _unfit(f"{place}.{name}".strip("."), item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _unfit(place, item, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        yield place, "Expected a number but got one without a size.", "Write an ordinary number."
    elif isinstance(value, int) and abs(value) > 2**53:
        yield place, "Expected a number that can be counted with.", "Write a smaller number, or a text."
    elif isinstance(value, str) and "\0" in value:
        yield place, "Expected text but got a NUL character.", "Remove it."


def _wrong(place: str, value: Any, expected: str, is_right: Callable[[Any], bool]) -> Iterator[Problem]:
    if not is_right(value):
        yield place, f"Expected {expected} but got {ascii(value)[:80]}.", f"Write {expected}."


def _wrong_moment(place: str, value: Any) -> Iterator[Problem]:
    try:
        moment_of(value)
    except (ValueError, OverflowError):
        yield place, f"Expected a date and time but got {ascii(value)[:80]}.", "Write it as 2026-11-23T10:00."


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_rows(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _are_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_count, value.values()))


def _are_states(value: Any) -> bool:
    return isinstance(value, dict) and set(value.values()) <= {"running", "resting", "stopped", "none"}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


#: Expectation → (what it must be, whether it is).
_THEN: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("status", "result", "level", "end_event", "owner"), ("a text", _is_text)),
    **dict.fromkeys(("path", "never", "open", "notices", "cards", "children", "documents"), ("a list of texts", _are_texts)),
    "entries": ("a table of numbers", _are_counts),
    "clocks": ("a table of running, resting, stopped or none", _are_states),
    "facts": ("a table", _is_table),
    "ended": ("true or false", _is_bool),
    "rows": ("a table of texts", _are_rows),
    "due": ("a table of moments", _is_table),
    "incidents": ("a number", _is_count),
}


def _refused(file: str, problems: Iterable[Problem]) -> InvalidDefinition:
    findings = [Finding(file, None, place or None, None, "scenario", message, remedy) for place, message, remedy in problems]
    return InvalidDefinition(f"Expected a scenario in {file} but {len(findings)} places are wrong.", findings)
