"""Cost against size, drawn as SVG from the figures of a run. Draws what was measured; a line of one point is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

matplotlib.rcParams["svg.hashsalt"] = "doudi"  # the same figures give the same file


@dataclass(frozen=True)
class Chart:
    """``lines`` are the names and the patterns of titles; the pattern's group is the size."""

    file: str
    title: str
    size: str
    unit: str
    lines: Mapping[str, str]


CHARTS = (
    Chart(
        "loop",
        "One round of a loop with table, task and boundary timer",
        "round",
        "ms CPU",
        {"load, complete, save": r"loop: ms CPU at round ([\d,]+)", "command": r"loop of commands: ms CPU at round ([\d,]+)"},
    ),
    Chart("loop-state", "Stored state in a loop", "round", "bytes", {"state": r"loop: stored bytes at round ([\d,]+)"}),
    Chart(
        "timers",
        "Pending timers: the action alone, without its commit",
        "pending",
        "ms",
        {
            "claim 16": r"timers: claim 16 without its commit, ms .*at ([\d,]+)",
            "cancel": r"timers: cancel without its commit, ms .*at ([\d,]+)",
            "idle poll": r"timers: idle poll, ms at ([\d,]+)",
        },
    ),
    Chart(
        "timers-committed",
        "Pending timers: the action with its commit, beside the commit of any row",
        "pending",
        "ms",
        {
            "claim 16": r"timers: claim 16, ms at ([\d,]+)",
            "cancel": r"timers: cancel, ms at ([\d,]+)",
            "commit of any row": r"timers: commit of any row, ms at ([\d,]+)",
        },
    ),
    Chart(
        "state-size",
        "A step by the size of its variables: load, complete, save",
        "bytes of variables",
        "ms CPU",
        {"a step": r"state size: ms CPU a step at ([\d,]+) bytes of variables"},
    ),
    Chart(
        "inbox",
        "A page of the inbox",
        "open tasks",
        "ms",
        {"p50": r"inbox p50 ms at ([\d,]+) open", "p95": r"inbox p95 ms at ([\d,]+) open"},
    ),
    Chart("memory", "Memory of a process that works off cases", "cases", "MB", {"resident": r"memory: MB after ([\d,]+) cases.*"}),
    Chart("cases", "A case, after so many", "cases worked off", "ms CPU", {"a case": r"memory: ms CPU a case up to ([\d,]+) cases"}),
    Chart("memory-steps", "Memory by the steps of one case", "steps", "MB", {"resident": r"memory: MB after ([\d,]+) further steps.*"}),
)


def draw(figures: Mapping[str, float], folder: Path) -> list[Path]:
    """The files written."""
    folder.mkdir(parents=True, exist_ok=True)
    return [path for chart in CHARTS if (path := _draw(chart, figures, folder)) is not None]


def _draw(chart: Chart, figures: Mapping[str, float], folder: Path) -> Path | None:
    lines = {name: _points(pattern, figures) for name, pattern in chart.lines.items()}
    if all(len(points) < 2 for points in lines.values()):
        return None
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    for name, points in lines.items():
        if len(points) > 1:
            axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(title=chart.title, xlabel=chart.size, ylabel=chart.unit, xscale="log")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    path = folder / f"{chart.file}.svg"
    figure.savefig(path, metadata={"Date": None})
    return path


def _points(pattern: str, figures: Mapping[str, float]) -> list[tuple[int, float]]:
    found = ((re.fullmatch(pattern, title), value) for title, value in figures.items())
    return sorted((int(match[1].replace(",", "")), value) for match, value in found if match)
