"""docs/dmn-tck.md: every case of the compatibility kit that fails, under its reason. ``python -m tests.feel.tck_list`` rewrites it.

Reasons are written by people, in the file itself; rewriting keeps them and puts new failures under “Not yet explained”.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from engine.feel import Feel
from tests.feel import tck

LIST = Path(__file__).resolve().parents[2] / "docs" / "dmn-tck.md"
LEVELS = ("level-2", "level-3")
UNEXPLAINED = "Not yet explained"

_TITLE = re.compile(r"## (.+)")
_ENTRY = re.compile(r"- `([^`]+)`: (.+)")


def listed() -> dict[str, dict[str, str]]:
    """Folder of the kit → case → reason, as the document says."""
    reasons: dict[str, dict[str, str]] = defaultdict(dict)
    title = ""
    for line in LIST.read_text("utf-8").splitlines() if LIST.is_file() else ():
        if match := _TITLE.fullmatch(line):
            title = match.group(1)
        elif match := _ENTRY.fullmatch(line):
            reasons[match.group(1)].update(dict.fromkeys(match.group(2).split(", "), title))
    return dict(reasons)


def figures(failing: Mapping[str, int]) -> str:
    """The table of the document: for each level its cases, and how many of them fail."""
    rows = ["| level | files | cases | passed | % |", "|---|---|---|---|---|"]
    for level in LEVELS:
        found = tck.files(level)
        cases = sum(map(tck.case_count, found))
        passed = cases - failing[level]
        rows.append(f"| {level} | {len(found)} | {cases} | {passed} | {100 * passed / cases:.1f} |")
    return "\n".join(rows)


def failures() -> tuple[dict[str, int], dict[str, list[str]]]:
    """How many cases of each level fail, and which of each folder."""
    feel = tck.kit_feel()
    counts, cases = dict.fromkeys(LEVELS, 0), {}
    for level in LEVELS:
        for file in tck.files(level):
            wrong = failing_cases(feel, file)
            counts[level] += len(wrong)
            cases[file.parent.name] = wrong
    return counts, cases


def failing_cases(feel: Feel, file: Path) -> list[str]:
    return [outcome.case for outcome in tck.outcomes(feel, file) if not outcome.passed]


def document() -> str:
    """The text of the document for what fails now."""
    known = listed()
    counts, failing = failures()
    reasons: dict[str, list[str]] = defaultdict(list)
    for folder, cases in failing.items():
        by_reason: dict[str, list[str]] = defaultdict(list)
        for case in cases:
            by_reason[known.get(folder, {}).get(case, UNEXPLAINED)].append(case)
        for reason, found in by_reason.items():
            reasons[reason].append(f"- `{folder}`: {', '.join(found)}")
    parts = [HEAD, figures(counts)]
    parts += [f"## {reason}\n\n" + "\n".join(entries) for reason, entries in sorted(reasons.items())]
    return "\n\n".join(parts) + "\n"


HEAD = """# DMN compatibility kit

The part of the OMG's Technology Compatibility Kit (Apache 2.0) that lies beside the project in `../shared/tck`, run by
`tests/feel/test_dmn_tck.py`. The figures are of that part and not to be compared with published ones of the whole kit. The kit takes a
mistake for null; the product stops at it and says why, so these cases run with `Feel(mistakes="null")`.

Written by `.venv/bin/python -m tests.feel.tck_list`, which keeps the reasons below. A case that begins to fail or to pass breaks the
test until this list says so."""


if __name__ == "__main__":
    LIST.write_text(document(), "utf-8")
