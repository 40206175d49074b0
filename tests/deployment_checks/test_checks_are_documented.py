"""docs/checks.md lists every finding as the code says it. Write it anew: python -m tests.deployment_checks.test_checks_are_documented."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.catalogue import ENTRIES
from engine.deployment_checks.advice_texts import SEVERITIES
from engine.deployment_checks.texts import TEXTS
from engine.feel import file_texts
from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "checks.md"
HEAD = """# Findings / 检查结果

What `doudi check`, `doudi deploy` and the studio say about diagrams, tables and forms. An **error** refuses the deployment; a
**warning** is likely a mistake; an **info** is what may well be meant. Beside errors, information is left out. “…” stands for what was
found. This page is written from the texts in the code, and a test compares them.

`doudi check`、`doudi deploy` 和工作台给出的全部检查结果。**error** 不能部署;**warning** 多半是疏漏;**info** 供参考,不影响部署。
"""
#: Codes that are more exact than the text they share.
MISSING = "missing-called-process, missing-decision, missing-form, missing-operation, missing-candidate-group"
CODES = {"missing": MISSING, "missing-near": MISSING}
USAGE = {"unset-variable": "warning", "unknown-variable": "warning", "never-meant": "warning", "sometimes-variable": "info"}

Line = tuple[str, str, tuple[str, str], tuple[str, str]]


def lines() -> Iterator[tuple[str, list[Line]]]:
    """(heading, its findings) in the order of the page."""
    own = [(code, SEVERITIES[code], TEXTS[code]["zh"], TEXTS[code]["en"]) for code in SEVERITIES]
    yield "What can run but may be improved / 能运行但可以改进", own
    rest = [
        (CODES.get(code, code), USAGE.get(code, "error"), texts["zh"], texts["en"])
        for code, texts in TEXTS.items()
        if code not in SEVERITIES
    ]
    yield "Names, variables, limits of a set / 一组文件之间", rest
    yield "Diagrams / 流程图", [(code, "error", texts["zh"], texts["en"]) for code, texts in ENTRIES.items()]
    cells = [(file_texts.code_of(key), "error", zh, en) for key, (zh, en) in file_texts.TEXTS.items()]
    yield "Decision tables and forms / 决策表与表单", cells


def page() -> str:
    parts = [HEAD]
    for heading, found in lines():
        parts.append(f"\n## {heading}\n\n| code | | 含义 → 处理 | meaning → remedy |\n|---|---|---|---|\n")
        parts += [f"| `{code}` | {severity} | {_said(zh)} | {_said(en)} |\n" for code, severity, zh, en in found]
    return "".join(parts)


def _said(texts: tuple[str, str]) -> str:
    written = " → ".join(text.replace("{{", "\0").replace("}}", "\1") for text in texts)
    return re.sub(r"\{[^{}]*\}", "…", written).replace("\0", "{").replace("\1", "}").replace("|", "\\|").replace("\n", " ")


def test_every_finding_is_listed_as_the_code_says_it() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_every_finding_says_what_to_do_in_both_languages() -> None:
    for _, found in lines():
        for code, _, zh, en in found:
            assert all(zh) and all(en), code


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
