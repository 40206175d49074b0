"""The ``./dev`` script: what it says when something is wrong, and that it does nothing twice."""

from __future__ import annotations

import runpy
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import PROJECT


@pytest.fixture
def dev() -> dict[str, Any]:
    """The script's own names; changing one changes what its functions see."""
    names = runpy.run_path(str(PROJECT / "dev"))
    return names["main"].__globals__


def failing(*_arguments: object, **_options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], 1, stdout="ensurepip is not available", stderr="")


def test_without_arguments_it_explains_every_command(dev: dict[str, Any], capsys: pytest.CaptureFixture[str]):
    assert dev["main"]([]) == 0
    shown = capsys.readouterr().out
    assert [name for name in dev["COMMANDS"] if f"./dev {name}" not in shown] == []


def test_an_unknown_command_is_refused_with_the_known_ones(dev: dict[str, Any], capsys: pytest.CaptureFixture[str]):
    assert dev["main"](["start"]) == 2
    assert "Expected one of run, test, setup" in capsys.readouterr().err


def test_a_python_without_venv_is_told_which_package_to_install(dev: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subprocess, "run", failing)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        dev["make_environment"]()


def test_an_old_python_without_a_newer_one_says_which_is_needed(dev: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(dev, "NEWER_NAMES", ())
    monkeypatch.setitem(dev, "OLDEST", (99, 0))
    with pytest.raises(SystemExit, match=r"Expected Python 3\.11 or newer"):
        dev["require_python"]()


def test_an_installed_environment_is_not_installed_again(dev: dict[str, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(dev, "PYTHON", type(tmp_path)(sys.executable))
    monkeypatch.setitem(dev, "STAMP", tmp_path / "stamp")
    assert not dev["is_installed"]()
    (tmp_path / "stamp").write_text(dev["wanted_stamp"]())
    assert dev["is_installed"]()


def test_what_would_send_pip_elsewhere_is_not_passed_on(dev: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert {"PIP_USER", "PYTHONPATH"}.isdisjoint(dev["environment"]())
