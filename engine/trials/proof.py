"""The proof that a set of files still does what the scenarios say, beside everything else that is in force. Deploys nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.commands import change_sets as submitting
from engine.commands import deployments
from engine.deployment_checks import parse_files
from engine.errors import Finding, InvalidDefinition, InvalidInput
from engine.queries import change_sets, versions
from engine.submission import DeploymentResult, require_no_errors
from engine.trials.centre import template
from engine.trials.coverage import Covered, coverage
from engine.trials.scenario_files import Scenario, read_scenario
from engine.trials.scenarios import Failure, Outcome, Progress, run_all, silent

#: Kinds of files in force that a trial needs beside those tried out.
_STATES = ("active",)


@dataclass(frozen=True)
class Proof:
    """How the scenarios went with these files, and what they came by."""

    outcomes: tuple[Outcome, ...]
    covered: tuple[Covered, ...]
    findings: tuple[Finding, ...]

    def as_checks(self) -> dict[str, Any]:
        """What is kept with a deployment."""
        failed = [outcome.scenario.key for outcome in self.outcomes if not outcome.is_passed]
        return {"scenarios": len(self.outcomes), "failed": failed}


def with_what_is_in_force(engine: Engine, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files in force everywhere, with ``files`` in place of those that define the same."""
    parsed, _findings = parse_files(engine.feel, files)
    brought = {(kind, key) for file in parsed for kind, key, _name, _tag in file.definitions}
    active = [view for view in versions.every_version(engine) if view.state in _STATES]
    replaced = {view.file for view in active if (view.kind, view.key) in brought}
    kept = [view for view in active if view.file not in replaced]
    contents = versions.contents(engine, kept)
    return {**{view.file: contents[view.definition_id] for view in kept}, **files}


def prove(engine: Engine, files: Mapping[str, bytes], language: Language = "zh", progress: Progress = silent) -> Proof:
    """Run every scenario in force or among ``files``. Raises InvalidDefinition when files do not parse."""
    every = with_what_is_in_force(engine, files)
    return try_out(engine, every, scenarios_in(every), language, progress)


def scenarios_in(files: Mapping[str, bytes]) -> list[Scenario]:
    """The scenarios among files, by name."""
    return [read_scenario(file, content) for file, content in sorted(files.items()) if PurePath(file).suffix == ".toml"]


def try_out(
    engine: Engine, every: Mapping[str, bytes], scenarios: Iterable[Scenario], language: Language = "zh", progress: Progress = silent
) -> Proof:
    """Run these scenarios with nothing but ``every`` file in force."""
    wanted = list(scenarios)
    if not wanted:
        return Proof((), (), ())
    with template(engine.settings, engine.feel, every) as prepared:
        outcomes = run_all(prepared, wanted, progress)
    findings = [finding for outcome in outcomes for finding in _findings(outcome, language)]
    return Proof(outcomes, coverage(every, outcomes), tuple(findings))


def checks_of(engine: Engine, files: Mapping[str, bytes], language: Language = "zh") -> dict[str, Any]:
    """What is kept with a deployment of files that were checked and tried out. Raises InvalidDefinition with every finding."""
    require_no_errors(files, deployments.check(engine, files, language))
    every = with_what_is_in_force(engine, files)
    if every == with_what_is_in_force(engine, {}):
        return {}
    proof = try_out(engine, every, scenarios_in(every), language)
    require_proved(proof)
    return proof.as_checks()


def untried(reason: str) -> dict[str, Any]:
    """What is kept with a deployment that somebody wanted without trying it out."""
    if not reason.strip():
        raise InvalidInput("Expected a reason for deploying without scenarios but got none.", {"no_scenarios": ["A reason is missing."]})
    return {"no_scenarios": reason.strip()[:500]}


def lines(proof: Proof) -> Iterator[str]:
    """What a terminal shows of it."""
    for outcome in proof.outcomes:
        yield f"{'passed' if outcome.is_passed else 'FAILED'}  {outcome.scenario.key:<34} {outcome.seconds:5.2f} s {outcome.scenario.title}"
        yield from (f"        {failure}" for failure in outcome.failures)
    failed = sum(not outcome.is_passed for outcome in proof.outcomes)
    yield f"{len(proof.outcomes)} scenarios: {len(proof.outcomes) - failed} passed, {failed} failed."


def coverage_lines(proof: Proof) -> Iterator[str]:
    for one in proof.covered:
        yield f"{one.share:5.0%}  {one.key:<24} {one.name}" + (f"\n       never: {', '.join(one.gaps)}" if one.gaps else "")


def contents(engine: Engine, change_set_id: int) -> dict[str, bytes]:
    """The drafts of a change set, by file."""
    drafts = change_sets.change_set(engine, change_set_id).files
    return {view.file: change_sets.draft(engine, view.id).content for view in drafts}


def require_submittable(engine: Engine, actor: Actor, change_set_id: int, language: Language = "zh") -> None:
    """What can be said before any scenario is played: the change set has files, they are sound, and one of them changes something."""
    submitting.require_author(actor)
    files = contents(engine, change_set_id)
    if not files:
        raise InvalidInput("Expected at least one file to submit but the change set is empty. Add a file.", {"files": ["empty"]})
    require_no_errors(files, change_sets.checked(engine, change_set_id, language))
    if with_what_is_in_force(engine, files) == with_what_is_in_force(engine, {}):
        raise InvalidInput("Expected at least one changed file but all of them are in force already.", {"files": ["unchanged"]})


def submit_proved(
    engine: Engine, actor: Actor, change_set_id: int, language: Language = "zh", progress: Progress = silent
) -> DeploymentResult:
    """Check a change set, run the scenarios over it, and submit it. Raises InvalidDefinition with every finding; nothing is kept then."""
    require_submittable(engine, actor, change_set_id, language)
    files = contents(engine, change_set_id)
    every = with_what_is_in_force(engine, files)
    proof = try_out(engine, every, scenarios_in(every), language, progress)
    require_proved(proof)
    checks = {**proof.as_checks(), submitting.PROVED: submitting.digest(files)}
    return submitting.submit(engine, actor, change_set_id, checks, language)


def require_proved(proof: Proof) -> None:
    """Raises InvalidDefinition when a scenario failed."""
    if proof.findings:
        failed = sum(not outcome.is_passed for outcome in proof.outcomes)
        raise InvalidDefinition(f"Expected {len(proof.outcomes)} scenarios to pass but {failed} failed.", list(proof.findings))


#: What is expected, for a Chinese reader; {wanted} is its value.
_CHINESE = {
    "begin": "场景应能开始",
    "complete": "应能办结任务 {wanted}",
    "complete_all": "应能办结任务 {wanted}",
    "action": "应能办理操作 {wanted}",
    "open_file": "应能发起 {wanted}",
    "look": "应能查看",
    "send": "应能送达消息 {wanted}",
    "wait": "应能等待 {wanted}",
    "until": "应能等到 {wanted}",
    "status": "状态应为“{wanted}”",
    "result": "结果应为“{wanted}”",
    "level": "等级应为“{wanted}”",
    "ended": "是否结束应为 {wanted}",
    "end_event": "应结束于 {wanted}",
    "path": "路径应按顺序经过 {wanted}",
    "never": "路径不应经过 {wanted}",
    "open": "待办应为 {wanted}",
    "notices": "还应发出通知 {wanted}",
    "cards": "还应发牌 {wanted}",
    "owner": "承办人应为 {wanted}",
    "children": "还应立案卷 {wanted}",
    "documents": "还应出具文书 {wanted}",
    "entries": "台账条数应为 {wanted}",
    "clocks": "时钟状态应为 {wanted}",
    "facts": "要点应为 {wanted}",
    "rows": "应命中决策表行 {wanted}",
    "due": "期限应为 {wanted}",
    "incidents": "异常个数应为 {wanted}",
}
_LONGEST = 300


def told(failure: Failure, language: Language) -> tuple[str, str]:
    """(what was expected, what was found) for a reader of this language; a long path keeps its end."""
    found = failure.found if len(failure.found) <= _LONGEST else "… " + failure.found[-_LONGEST:]
    if language == "en" or failure.about not in _CHINESE:
        return failure.expected, found
    return _CHINESE[failure.about].format(wanted=failure.wanted or "无"), failure.in_chinese or found


def _findings(outcome: Outcome, language: Language) -> list[Finding]:
    file, title = f"processes/scenarios/{outcome.scenario.key}.toml", outcome.scenario.title
    found = []
    for failure in outcome.failures:
        place = f"when {failure.step}" if failure.step else "then"
        expected, instead = told(failure, language)
        if language == "zh":
            where = f"第{failure.step}步" if failure.step else "结束时"
            message = f"场景“{title}”{where}:{expected},实际 {instead}"
            remedy = "请改正流程或规则;确实要改变行为的,同时修改场景。"
        else:
            message = f"Scenario “{title}”, {place}: Expected {expected} but found {instead}."
            remedy = "Correct the diagram or table; if the behaviour is meant to change, change the scenario with it."
        found.append(Finding(file, None, place, title, "scenario-failed", message, remedy))
    return found
