"""``doudi serve`` as a real process: it answers, it ends in good order, and without --demo it makes nothing up."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.assembly import build_engine
from engine.db.revisions import upgrade
from engine.queries.reference import options
from tests.conftest import PROJECT, TEST_KEY, settings_in

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start ``doudi …`` on the test's own data folder; whatever still runs is killed at the end."""
    children: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "DOUDI_DATA": str(tmp_path / "data"), "DOUDI_SECRET_KEY": TEST_KEY, "PYTHONUTF8": "1"}
        command = [sys.executable, "-u", "-m", "engine.cli", *arguments]
        children.append(subprocess.Popen(command, cwd=PROJECT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return children[-1]

    yield run
    for child in children:
        child.kill()
        child.communicate()


def upgraded(tmp_path: Path) -> None:
    """Tables and nothing else."""
    (tmp_path / "data").mkdir()
    engine = build_engine(settings_in(tmp_path / "data"))
    upgrade(engine.database)
    engine.database.dispose()


def read_until(child: subprocess.Popen[str], pattern: str) -> str:
    """What the child printed up to the line that matches."""
    assert child.stdout is not None
    printed = ""
    for line in child.stdout:
        printed += line
        if re.search(pattern, line):
            return printed
    raise AssertionError(f"Expected {pattern} but the program ended with:\n{printed}{child.stderr.read() if child.stderr else ''}")


def address_in(printed: str) -> str:
    found = re.search(r"http://\S+", printed)
    assert found is not None
    return found[0]


def test_a_demo_site_prints_its_address_and_log_ins_answers_and_ends_on_sigterm(start: Start):
    child = start("serve", "--demo", "--port", "0")
    printed = read_until(child, "http://")
    assert "Demo log-ins:" in printed
    assert "Demo cases: 8 new." in printed

    with urllib.request.urlopen(address_in(printed) + "login") as answer:
        assert answer.status == 200

    child.send_signal(signal.SIGTERM)
    _rest, errors = child.communicate()
    assert child.returncode == 0, errors
    assert "Traceback" not in errors


def test_a_plain_site_makes_no_accounts(start: Start, tmp_path: Path):
    upgraded(tmp_path)

    printed = read_until(start("serve", "--port", "0"), "http://")

    assert "log-ins" not in printed
    engine = build_engine(settings_in(tmp_path / "data"))
    assert options(engine, "accounts") == ()
    engine.database.dispose()


def test_a_port_in_use_is_refused_in_one_line(start: Start, tmp_path: Path):
    upgraded(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        child = start("serve", "--port", str(taken.getsockname()[1]))
        _printed, errors = child.communicate()
    assert child.returncode == 1
    assert "Choose another --host or --port" in errors
    assert "Traceback" not in errors


def test_a_lone_worker_ends_on_sigterm(start: Start, tmp_path: Path):
    upgraded(tmp_path)
    child = start("worker")
    read_until(child, "^Worker .* runs")
    child.send_signal(signal.SIGTERM)
    child.communicate()
    assert child.returncode == 0
