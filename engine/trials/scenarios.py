"""Scenarios: given a case, when these things are done and time passes, then this must have come of it. Reads no files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.case_opening import CaseIntake
from engine.clock import local
from engine.errors import EngineError, InvalidInput
from engine.trials.centre import Template
from engine.trials.playing import Player, Stuck
from engine.trials.reporting import Report
from engine.trials.scenario_files import EARLIER, Scenario, Step, as_submitted, moment_of, read_scenario

__all__ = ["Failure", "Outcome", "Scenario", "Step", "judge", "play", "read_scenario", "run", "run_all", "silent", "unmet"]

#: Called before each scenario with how many are done, of how many; what it raises ends the run.
Progress = Callable[[int, int], None]


def silent(_done: int, _all: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Failure:
    """An expectation that did not hold, or a step that could not be done. ``step`` counts from 1; 0 is the end.

    ``about`` names the expectation or the action, ``wanted`` its value; ``in_chinese`` is what ``found`` is for a Chinese reader.
    """

    step: int
    expected: str
    found: str
    about: str = ""
    wanted: str = ""
    in_chinese: str = ""

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


def run(template: Template, scenario: Scenario) -> Outcome:
    """Play a scenario in a copy of the template; a failed step ends it, a failed expectation does not."""
    before = time.thread_time()
    with template.opened(scenario.at) as centre:
        player = Player(centre)
        failures, report = judge(player, scenario)
        ended_at = centre.clock.now() if report is not None else None
        return Outcome(scenario, tuple(failures), report, ended_at, time.thread_time() - before)


def judge(player: Player, scenario: Scenario) -> tuple[list[Failure], Report | None]:
    """Begin, do every step and judge the end; what did not hold, and what came of it: None where the scenario could not begin."""
    failures = list[Failure]()
    try:
        _begin(player, scenario)
    except EngineError as error:
        return [Failure(0, "the scenario to begin", _words(error), "begin", "", _chinese(error))], None
    is_through = _do_steps(player, scenario, failures)
    report = player.report()
    if is_through:
        failures += unmet(0, {"incidents": 0, **scenario.then}, report)
    return failures, report


def play(player: Player, scenario: Scenario) -> None:
    """Begin and do every step, judging nothing. Raises what the first step raises that cannot be done."""
    _begin(player, scenario)
    for step in scenario.steps:
        _act(player, step)


def run_all(template: Template, scenarios: Iterable[Scenario], progress: Progress = silent) -> tuple[Outcome, ...]:
    wanted, outcomes = list(scenarios), list[Outcome]()
    for scenario in wanted:
        progress(len(outcomes), len(wanted))
        outcomes.append(run(template, scenario))
    return tuple(outcomes)


def unmet(step: int, then: Mapping[str, Any], report: Report) -> list[Failure]:
    """What of ``then`` does not hold for the report."""
    return [Failure(step, expected, found, about, wanted) for about, wanted, expected, found in _unmet(then, report)]


def _unmet(then: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str, str, str]]:
    """(about, wanted, expected, found) of everything that does not hold."""
    plain = {name: getattr(report, name) for name in ("status", "result", "level", "end_event", "owner")} | {"ended": report.is_ended}
    for name, found in plain.items():
        if name in then and then[name] != found:
            yield name, str(then[name]), f"{name} {then[name]!r}", repr(found)
    path = report.path()
    missing = _first_missing(then.get("path", []), path)
    if missing is not None:
        yield "path", missing, f"the path to come to {missing!r} after {then['path'][: then['path'].index(missing)]}", " → ".join(path)
    for element in then.get("never", []):
        if element in path:
            yield "never", element, f"the path never to come to {element!r}", " → ".join(path)
    if "open" in then and sorted(then["open"]) != report.open_tasks():
        yield "open", ", ".join(sorted(then["open"])), f"open tasks {sorted(then['open'])}", str(report.open_tasks())
    yield from _unmet_counts("notices", then, [template for template, _audience, _at in report.notices])
    yield from _unmet_counts("cards", then, list(report.cards))
    yield from _unmet_counts("children", then, list(report.children))
    yield from _unmet_counts("documents", then, list(report.documents))
    yield from _unmet_values("entries", then, report.entries, 0)
    yield from _unmet_values("clocks", then, report.clock_states, "none")
    yield from _unmet_values("facts", then, report.facts, None)
    yield from _unmet_rows(then.get("rows", {}), report)
    yield from _unmet_due(then.get("due", {}), report)
    if "incidents" in then and then["incidents"] != len(report.incidents):
        yield "incidents", str(then["incidents"]), f"{then['incidents']} incidents", "; ".join(report.incidents) or "none"


def _unmet_counts(name: str, then: Mapping[str, Any], found: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Each named one as often as it is named; others may be there too."""
    lacking = Counter(then.get(name, [])) - Counter(found)
    if lacking:
        yield name, ", ".join(sorted(lacking.elements())), f"{name} {sorted(lacking.elements())}", str(found)


def _unmet_values(name: str, then: Mapping[str, Any], found: Mapping[str, Any], otherwise: object) -> Iterator[tuple[str, str, str, str]]:
    """Each named one has its value; others may have any."""
    for key, wanted in then.get(name, {}).items():
        if found.get(key, otherwise) != as_submitted(wanted):
            yield name, f"{key} {wanted}", f"{name} {key} = {wanted!r}", repr(found.get(key, otherwise))


def _unmet_rows(rows: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str, str, str]]:
    for decision, row in rows.items():
        hits = [hit for key, _version, found in report.decisions if key == decision for hit in found]
        if row not in hits:
            yield "rows", f"{decision} {row}", f"row {row!r} of {decision}", str(hits)


def _unmet_due(due: Mapping[str, Any], report: Report) -> Iterator[tuple[str, str, str, str]]:
    known: dict[str, datetime] = {task.element_id: task.due_at for task in report.tasks if task.due_at is not None}
    known |= report.clocks
    for name, text in due.items():
        found = known.get(name)
        if found is None or found != moment_of(text):
            yield "due", f"{name} {text}", f"{name} due at {text}", local(found).isoformat(timespec="minutes") if found else "no due time"


def _first_missing(wanted: list[str], path: list[str]) -> str | None:
    rest = iter(path)
    return next((element for element in wanted if element not in rest), None)


def _do_steps(player: Player, scenario: Scenario, failures: list[Failure]) -> bool:
    """Whether every step could be done; adds to ``failures`` what went otherwise."""
    for number, step in enumerate(scenario.steps, start=1):
        try:
            _act(player, step)
            if step.then:
                failures += unmet(number, step.then, _seen(player, step))
        except EngineError as error:
            about = "open_file" if step.action == "open" else step.action  # “open” among the expectations are open tasks
            failures.append(Failure(number, f"{step.action} {step.target}", _words(error), about, str(step.target), _chinese(error)))
            return False
    return True


def _begin(player: Player, scenario: Scenario) -> None:
    given, person = scenario.given, str(scenario.given.get("by", "window"))
    case = as_submitted(given.get("case", {}))
    if "earlier" in given:
        player.register(as_submitted(given["earlier"]), person)
        case = {name: player.key if value == EARLIER else value for name, value in case.items()}
    if "case" in given and given.get("registered", True) is False:
        player.open(_arrival(case, scenario.at), person)
    elif "case" in given:
        player.register(case, person)
    elif "file" in given:
        said = as_submitted(given["file"])
        player.open_file(str(said.pop("kind")), said, given.get("by"))
    elif "process" in given:
        player.start(str(given["process"]), as_submitted(given.get("variables", {})), str(given.get("key", "S-1")))


def _arrival(given: Mapping[str, Any], at: datetime) -> CaseIntake:
    """A case that came in by itself: a clerk has to call and register it."""
    return CaseIntake(
        applicant=given.get("applicant", {}),
        channel=str(given.get("channel", "网上大厅")),
        text=str(given.get("text", "")),
        received_at=at,
        matter_code=given.get("matter"),
        triage_facts=given.get("triage_facts", {}),
        grading_facts=given.get("grading_facts", {}),
        is_registered=False,
    )


def _seen(player: Player, step: Step) -> Report:
    if step.case is None:
        return player.report()
    with player.at(step.case):
        return player.report()


def _act(player: Player, step: Step) -> None:
    if step.case is None:
        _do(player, step)
        return
    with player.at(step.case):
        _do(player, step)


def _do(player: Player, step: Step) -> None:
    if step.action == "action":
        player.act(step.target, step.answers, step.person)
    elif step.action == "open":
        player.open_file(step.target, step.answers, step.person)
    elif step.action == "look":
        player.settle()
    elif step.action == "complete":
        player.complete(step.target, step.answers, step.person)
    elif step.action == "complete_all":
        player.complete_all(step.target, step.answers)
    elif step.action == "send":
        player.send(step.target, step.answers)
    elif step.action == "wait":
        player.wait(step.target)
    else:
        player.wait_until(moment_of(step.target))


def _words(error: EngineError) -> str:
    if isinstance(error, InvalidInput) and error.fields:
        return f"{error} " + "; ".join(f"{key}: {' '.join(texts)}" for key, texts in error.fields.items())
    return str(error)


def _chinese(error: EngineError) -> str:
    if isinstance(error, Stuck):
        return error.in_chinese
    if isinstance(error, InvalidInput) and error.fields:
        return "表单没有通过:" + ";".join(f"{key} {' '.join(texts)}" for key, texts in error.fields.items())
    return ""
