"""Draws every diagram as bpmn-js shows it; writes docs/processes.md and the table of forms. ``./dev pictures``; needs a browser.

Fails on a diagram that bpmn-js opens with a warning. Pictures whose diagram has not changed are left as they are.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from PIL import Image

from docs import form_table
from tests.chromium import BROWSERS, SWITCHES, browser_found

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "processes.md"
IMAGES = PROJECT / "docs" / "images" / "processes"
VIEWER = PROJECT / "frontend" / "node_modules" / "bpmn-js" / "dist" / "bpmn-viewer.production.min.js"
#: Pixels of the picture for one unit of the drawing, and colours kept: text stays readable, a file small.
SCALE, COLOURS = 0.75, 48
MARGIN = 12

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"

OPEN = """async ([text, margin]) => {
  const viewer = new BpmnJS({ container: '#stage' });
  const { warnings } = await viewer.importXML(text);
  const box = viewer.get('canvas').viewbox().inner;
  window.viewer = viewer;
  const [width, height] = [box.width + 2 * margin, box.height + 2 * margin];
  return { warnings: warnings.map(String), width, height, x: box.x - margin, y: box.y - margin };
}"""
SHOW = "box => { const canvas = viewer.get('canvas'); canvas.resized(); canvas.viewbox(box); }"


@dataclass(frozen=True)
class Drawing:
    """A diagram file and what its page says of it."""

    file: Path

    @property
    def key(self) -> str:
        return self.file.stem

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()[:16]

    @property
    def picture(self) -> Path:
        return IMAGES / f"{self.key}.png"

    @property
    def process(self) -> etree._Element:
        (found,) = etree.parse(self.file).iter(BPMN + "process")
        return found


def main() -> int:
    drawings = [Drawing(file) for file in sorted((PROJECT / "processes").glob("*.bpmn"))]
    known = digests()
    stale = [one for one in drawings if known.get(one.key) != one.digest or not one.picture.is_file()]
    if stale:
        draw(stale)
    for picture in IMAGES.glob("*.png"):
        if picture.stem not in {one.key for one in drawings}:
            picture.unlink()
    PAGE.write_text(page(drawings), "utf-8")
    form_table.write()
    sys.stdout.write(f"{len(drawings)} diagrams, {len(stale)} drawn anew: {PAGE.relative_to(PROJECT)}\n")
    return 0


def digests() -> dict[str, str]:
    """Of which bytes each picture was drawn, by process key, as the page says."""
    if not PAGE.is_file():
        return {}
    lines = (line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("<!-- drawn "))
    return {key: digest for _open, _drawn, key, digest, _close in (line.split() for line in lines)}


def draw(drawings: list[Drawing]) -> None:
    """Take a picture of each. Exits with the warnings of the first diagram that has some."""
    from playwright.sync_api import sync_playwright  # here, because the page alone can be written without a browser

    found = browser_found()
    if found is None:
        sys.exit(f"Expected a browser ({', '.join(BROWSERS)}) to draw with but there is none. Install chromium.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        for one in drawings:
            view = browser.new_page(device_scale_factor=1)
            view.set_content(
                '<meta charset="utf-8"><body style="margin:0;background:#fff"><div id="stage" style="width:100vw;height:100vh"></div>'
            )
            view.add_script_tag(content=VIEWER.read_text("utf-8"))
            box = view.evaluate(OPEN, [one.file.read_text("utf-8"), MARGIN])
            if warnings := box.pop("warnings"):
                sys.exit(f"Expected {one.file.name} to open without a warning but: {'; '.join(warnings)}")
            view.set_viewport_size({"width": round(box["width"] * SCALE), "height": round(box["height"] * SCALE)})
            view.evaluate(SHOW, box)
            image = Image.open(io.BytesIO(view.screenshot())).convert("RGB").quantize(COLOURS)
            image.save(one.picture, optimize=True)
            view.close()
        browser.close()


def page(drawings: list[Drawing]) -> str:
    """The page: a list of all, then a section each with picture, people, tables and calls."""
    head = [
        "# 流程图 · The processes",
        "",
        "Written by `./dev pictures` from the files of [processes/](../processes/README.md): what is drawn here is what runs.",
        "本页由 `./dev pictures` 从 [processes/](../processes/README.md) 的文件生成：图上画的，就是引擎执行的。",
        "",
        "| 流程 · Process | 名称 · Name | 人工任务 · User tasks | 规则表 · Tables | 调用 · Calls |",
        "|---|---|---|---|---|",
        *(_row(one) for one in drawings),
    ]
    return "\n".join([*head, *(line for one in drawings for line in _section(one))]) + "\n"


def _row(one: Drawing) -> str:
    process = one.process
    tasks = sum(1 for _ in process.iter(BPMN + "userTask"))
    tables, calls = (" ".join(names) or "–" for names in (_tables(process), _calls(process)))
    return f"| [{one.key}](#{one.key.lower()}) | {process.get('name')} | {tasks} | {tables} | {calls} |"


def _section(one: Drawing) -> Iterator[str]:
    process = one.process
    yield from ("", f"## {one.key}", "", f"<!-- drawn {one.key} {one.digest} -->", f"**{process.get('name')}**", "")
    if words := process.findtext(BPMN + "documentation"):
        yield from (words.strip(), "")
    yield from (f"![{process.get('name')}](images/processes/{one.key}.png)", "")
    tasks = list(process.iter(BPMN + "userTask"))
    if tasks:
        yield from ("| 人工任务 · User task | 谁 · Who | 期限 · Due | 表单 · Form |", "|---|---|---|---|")
        yield from (_task(task) for task in tasks)


def _task(task: etree._Element) -> str:
    who = task.get(CAMUNDA + "assignee") or task.get(CAMUNDA + "candidateGroups") or task.get(CAMUNDA + "candidateUsers") or "–"
    due, form = task.get(CAMUNDA + "dueDate") or "–", task.get(CAMUNDA + "formKey") or task.get(CAMUNDA + "formRef") or "–"
    form = f"[`{form}`](../forms/{form}.form)" if (PROJECT / "forms" / f"{form}.form").is_file() else "–"
    return f"| {task.get('name')} | {_code(who)} | {_code(due)} | {form} |"


def _code(text: str) -> str:
    return "–" if text == "–" else f"`{text.replace('|', '/')}`"


def _tables(process: etree._Element) -> list[str]:
    return sorted({task.get(CAMUNDA + "decisionRef", "") for task in process.iter(BPMN + "businessRuleTask")} - {""})


def _calls(process: etree._Element) -> list[str]:
    return sorted({call.get("calledElement", "").split("_")[0] for call in process.iter(BPMN + "callActivity")} - {""})


if __name__ == "__main__":
    sys.exit(main())
