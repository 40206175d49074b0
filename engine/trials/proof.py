"""The proof that a set of files still does what the scenarios say, beside everything else that is in force. Deploys nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.deployment_checks import parse_files
from engine.errors import Finding, InvalidDefinition
from engine.queries import versions
from engine.trials.centre import template
from engine.trials.coverage import Covered, coverage
from engine.trials.scenarios import Outcome, read_scenario, run_all

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
    kept = {view.file: versions.content(engine, view.definition_id) for view in active if view.file not in replaced}
    return {**kept, **files}


def prove(engine: Engine, files: Mapping[str, bytes], language: Language = "zh") -> Proof:
    """Run every scenario in force or among ``files``. Raises InvalidDefinition when files do not parse."""
    every = with_what_is_in_force(engine, files)
    scenarios = [read_scenario(file, content) for file, content in sorted(every.items()) if PurePath(file).suffix == ".toml"]
    if not scenarios:
        return Proof((), (), ())
    with template(engine.settings, engine.feel, every) as prepared:
        outcomes = run_all(prepared, scenarios)
    findings = [finding for outcome in outcomes for finding in _findings(outcome, language)]
    return Proof(outcomes, coverage(every, outcomes), tuple(findings))


def require_proved(proof: Proof) -> None:
    """Raises InvalidDefinition when a scenario failed."""
    if proof.findings:
        failed = sum(not outcome.is_passed for outcome in proof.outcomes)
        raise InvalidDefinition(f"Expected {len(proof.outcomes)} scenarios to pass but {failed} failed.", list(proof.findings))


def _findings(outcome: Outcome, language: Language) -> list[Finding]:
    file, title = f"processes/scenarios/{outcome.scenario.key}.toml", outcome.scenario.title
    found = []
    for failure in outcome.failures:
        place = f"when {failure.step}" if failure.step else "then"
        if language == "zh":
            where = f"第{failure.step}步" if failure.step else "结束时"
            message = f"场景“{title}”{where}:应为 {failure.expected},实际 {failure.found}。"
            remedy = "请改正流程或规则;确实要改变行为的,同时修改场景。"
        else:
            message = f"Scenario “{title}”, {failure}"
            remedy = "Correct the diagram or table; if the behaviour is meant to change, change the scenario with it."
        found.append(Finding(file, None, place, title, "scenario-failed", message, remedy))
    return found
