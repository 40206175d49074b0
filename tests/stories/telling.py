"""A story told to its end: the steps of its scenario, and everything that came of it in the order in which it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.clock import local
from engine.trials.centre import Template
from engine.trials.playing import Player
from engine.trials.reporting import Report
from engine.trials.scenarios import judge, read_scenario

FOLDER = Path(__file__).parent
STORIES = {file.stem: file for file in sorted(FOLDER.glob("K*.toml"))}
ENDINGS = FOLDER / "endings.json"


def told(template: Template, story: str) -> tuple[list[str], dict[str, Any]]:
    """Play the story in an installation of its own; gives what did not hold, and what came of the case and of the files it led to."""
    file = STORIES[story]
    scenario = read_scenario(file.name, file.read_bytes())
    with template.opened(scenario.at) as centre:
        player = Player(centre)
        failures, report = judge(player, scenario)
        if failures or report is None:
            return [str(failure) for failure in failures], {}
        found = ending(report)
        for kind in sorted(set(report.children)):
            with player.at(f"child:{kind}"):
                found[kind] = ending(player.report())
        return [], found


def ending(report: Report) -> dict[str, Any]:
    """Every notice, lamp and due time, and the end state. Times are the centre's."""
    return {
        "status": report.status,
        "result": report.result,
        "level": report.level,
        "ended": report.is_ended,
        "open": report.open_tasks(),
        "notices": [f"{local(at):%m-%d %H:%M} {template} {audience}" for template, audience, at in report.notices],
        "cards": list(report.cards),
        "due": {kind: f"{local(due):%Y-%m-%d %H:%M}" for kind, due in sorted(report.clocks.items())},
        "documents": sorted(report.documents),
        "children": sorted(report.children),
        "rows": [f"{decision} {'+'.join(rows)}" for decision, _version, rows in report.decisions],
    }


def endings() -> Mapping[str, Any]:
    """What must come of each story."""
    return json.loads(ENDINGS.read_text("utf-8")) if ENDINGS.is_file() else {}
