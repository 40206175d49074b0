"""Scenarios: given a case, when these things are done and time passes, then this must have come of it. Files of ``processes/scenarios/``.

``given``: ``at``, and ``case`` (what the registration form submits, with ``by``) or ``process`` with ``variables`` and ``key``.
``when``: steps, each one of ``complete``, ``complete_all``, ``send``, ``wait``, ``until``, with ``answers``, ``by``, and its own ``then``.
``then``: ``status result level ended end_event path never open notices cards rows due incidents``, each as far as it is given.
"""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from engine.clock import LOCAL_ZONE, as_local, local
from engine.errors import EngineError, Finding, InvalidDefinition, InvalidInput
from engine.trials.centre import Template
from engine.trials.playing import Player, Report

#: A Monday morning in working hours: when a scenario begins that does not say.
FIRST_MOMENT = "2026-11-23T10:00"

_GIVEN = frozenset({"at", "case", "by", "process", "variables", "key"})
_ACTIONS = ("complete", "complete_all", "send", "wait", "until")
_STEP = frozenset({*_ACTIONS, "answers", "by", "then"})
_THEN = frozenset(
    {"status", "result", "level", "ended", "end_event", "path", "never", "open", "notices", "cards", "rows", "due", "incidents"}
)
_TOP = frozenset({"title", "title_en", "given", "when", "then"})


@dataclass(frozen=True)
class Step:
    """One thing done: ``action`` of ``target`` with ``answers`` by ``person``; what must hold afterwards."""

    action: str
    target: Any
    answers: Mapping[str, Any]
    person: str | None
    then: Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """A scenario file that could be read."""

    key: str
    title: str
    at: datetime
    given: Mapping[str, Any]
    steps: tuple[Step, ...]
    then: Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """An expectation that did not hold, or a step that could not be done. ``step`` counts from 1; 0 is the end."""

    step: int
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"step {self.step}" if self.step else "the end"
        return f"{where}: Expected {self.expected} but found {self.found}."


@dataclass(frozen=True)
class Outcome:
    """How a scenario went; ``report`` is None when it could not even begin."""

    scenario: Scenario
    failures: tuple[Failure, ...]
    report: Report | None
    ended_at: datetime | None
    seconds: float = field(compare=False)

    @property
    def is_passed(self) -> bool:
        return not self.failures


def read_scenario(file: str, content: bytes) -> Scenario:
    """Raises InvalidDefinition with a finding for every key or value that means nothing."""
    try:
        read = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(file, [("", f"Expected TOML but {error}.", "Correct this place.")]) from error
    problems = list(_problems(read))
    if problems:
        raise _refused(file, problems)
    given, steps = read.get("given", {}), [_step(row) for row in read.get("when", [])]
    at = _moment(given.get("at", FIRST_MOMENT))
    return Scenario(PurePath(file).stem, str(read.get("title", "")), at, given, tuple(steps), read.get("then", {}))


def run(template: Template, scenario: Scenario) -> Outcome:
    """Play a scenario in a copy of the template; a failed step ends it, a failed expectation does not."""
    before = time.process_time()
    with template.opened(scenario.at) as centre:
        player, failures = Player(centre), list[Failure]()
        try:
            _begin(player, scenario)
        except EngineError as error:
            failures.append(Failure(0, "the scenario to begin", _words(error)))
            return Outcome(scenario, tuple(failures), None, None, time.process_time() - before)
        for number, step in enumerate(scenario.steps, start=1):
            try:
                _act(player, step)
            except EngineError as error:
                failures.append(Failure(number, f"{step.action} {step.target}", _words(error)))
                break
            failures += unmet(number, step.then, player.report())
        report = player.report()
        if not failures or failures[-1].step != len(scenario.steps):
            failures += unmet(0, {"incidents": 0, **scenario.then}, report)
        return Outcome(scenario, tuple(failures), report, centre.clock.now(), time.process_time() - before)


def play(player: Player, scenario: Scenario) -> None:
    """Begin and do every step, judging nothing. Raises what the first step raises that cannot be done."""
    _begin(player, scenario)
    for step in scenario.steps:
        _act(player, step)


def run_all(template: Template, scenarios: Iterable[Scenario]) -> tuple[Outcome, ...]:
    return tuple(run(template, scenario) for scenario in scenarios)


def unmet(step: int, then: Mapping[str, Any], report: Report) -> list[Failure]:
    """What of ``then`` does not hold for the report."""
    return [Failure(step, expected, found) for expected, found in _unmet(then, report)]


def _unmet(then: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str]]:
    plain = {name: getattr(report, name) for name in ("status", "result", "level", "end_event")} | {"ended": report.is_ended}
    for name, found in plain.items():
        if name in then and then[name] != found:
            yield f"{name} {then[name]!r}", repr(found)
    path = report.path()
    missing = _first_missing(then.get("path", []), path)
    if missing is not None:
        yield f"the path to come to {missing!r} after {then['path'][: then['path'].index(missing)]}", " → ".join(path)
    for element in then.get("never", []):
        if element in path:
            yield f"the path never to come to {element!r}", " → ".join(path)
    if "open" in then and sorted(then["open"]) != report.open_tasks():
        yield f"open tasks {sorted(then['open'])}", str(report.open_tasks())
    yield from _unmet_counts("notices", then, [template for template, _audience, _at in report.notices])
    yield from _unmet_counts("cards", then, list(report.cards))
    yield from _unmet_rows(then.get("rows", {}), report)
    yield from _unmet_due(then.get("due", {}), report)
    if "incidents" in then and then["incidents"] != len(report.incidents):
        yield f"{then['incidents']} incidents", "; ".join(report.incidents) or "none"


def _unmet_counts(name: str, then: Mapping[str, Any], found: list[str]) -> Iterator[tuple[str, str]]:
    """Each named one as often as it is named; others may be there too."""
    lacking = Counter(then.get(name, [])) - Counter(found)
    if lacking:
        yield f"{name} {sorted(lacking.elements())}", str(found)


def _unmet_rows(rows: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str]]:
    for decision, row in rows.items():
        hits = [hit for key, _version, found in report.decisions if key == decision for hit in found]
        if row not in hits:
            yield f"row {row!r} of {decision}", str(hits)


def _unmet_due(due: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str]]:
    known: dict[str, datetime] = {task.element_id: task.due_at for task in report.tasks if task.due_at is not None}
    known |= report.clocks
    for name, text in due.items():
        found = known.get(name)
        if found is None or found != _moment(text):
            yield f"{name} due at {text}", local(found).isoformat(timespec="minutes") if found else "no due time"


def _first_missing(wanted: list[str], path: list[str]) -> str | None:
    rest = iter(path)
    return next((element for element in wanted if element not in rest), None)


def _begin(player: Player, scenario: Scenario) -> None:
    given = scenario.given
    if "case" in given:
        player.register(_plain(given["case"]), str(given.get("by", "window")))
    else:
        player.start(str(given["process"]), _plain(given.get("variables", {})), str(given.get("key", "S-1")))


def _act(player: Player, step: Step) -> None:
    if step.action == "complete":
        player.complete(step.target, step.answers, step.person)
    elif step.action == "complete_all":
        player.complete_all(step.target, step.answers)
    elif step.action == "send":
        player.send(step.target, step.answers)
    elif step.action == "wait":
        player.wait(step.target)
    else:
        player.wait_until(_moment(step.target))


def _step(row: Mapping[str, Any]) -> Step:
    action = next(name for name in _ACTIONS if name in row)
    return Step(action, row[action], _plain(row.get("answers", {})), row.get("by"), row.get("then", {}))


def _problems(read: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(place, message, remedy) of everything that is not understood."""
    yield from _unknown("", read, _TOP)
    given = read.get("given", {})
    if not isinstance(given, dict) or ("case" in given) == ("process" in given):
        yield "given", "Expected either a case or a process to begin with.", "Write [given.case] or process = “key” below [given]."
        return
    yield from _unknown("given", given, _GIVEN)
    yield from _wrong_moment("given.at", given.get("at", FIRST_MOMENT))
    yield from _unknown("then", read.get("then", {}), _THEN)
    steps = read.get("when", [])
    for number, row in enumerate(steps if isinstance(steps, list) else [], start=1):
        place = f"when {number}"
        yield from _unknown(place, row, _STEP)
        yield from _unknown(f"{place}.then", row.get("then", {}), _THEN)
        if sum(action in row for action in _ACTIONS) != 1:
            yield place, "Expected exactly one action.", f"Write one of {', '.join(_ACTIONS)}."
        if "until" in row:
            yield from _wrong_moment(f"{place}.until", row["until"])


def _unknown(place: str, table: Any, known: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    if not isinstance(table, dict):
        yield place, "Expected a table but got another value.", "Write it in [brackets]."
        return
    remedy = f"Write one of {', '.join(sorted(known))}."
    for name in sorted(table.keys() - known):
        yield f"{place}.{name}".strip("."), f"Expected a key that means something but got {name!r}.", remedy


def _wrong_moment(place: str, value: Any) -> Iterator[tuple[str, str, str]]:
    try:
        _moment(value)
    except ValueError:
        yield place, f"Expected a date and time but got {value!r}.", "Write it as 2026-11-23T10:00."


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=LOCAL_ZONE)
    return as_local(str(value))


def _plain(value: Any) -> Any:
    """TOML's dates as the texts that a form submits."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime | date) else value


def _words(error: EngineError) -> str:
    if isinstance(error, InvalidInput) and error.fields:
        return f"{error} " + "; ".join(f"{key}: {' '.join(texts)}" for key, texts in error.fields.items())
    return str(error)


def _refused(file: str, problems: Iterable[tuple[str, str, str]]) -> InvalidDefinition:
    findings = [Finding(file, None, place or None, None, "scenario", message, remedy) for place, message, remedy in problems]
    return InvalidDefinition(f"Expected a scenario in {file} but {len(findings)} places are wrong.", findings)
