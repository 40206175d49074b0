"""The ``doudi`` command run in this process, on an installation of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from tests.conftest import TEST_KEY, Template

Doudi = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the installation."""
    return tmp_path / "data"


@pytest.fixture
def doudi(data: Path) -> Doudi:
    """``doudi("deploy", "folder")`` on an installation without tables; the result has ``exit_code``, ``stdout`` and ``stderr``."""

    def run(*arguments: object, input: str | None = None, **variables: str) -> Result:
        given = {"DOUDI_DATA": str(data), "DOUDI_SECRET_KEY": TEST_KEY, **variables}
        result = CliRunner(env=given).invoke(main, [str(argument) for argument in arguments], input=input, catch_exceptions=True)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def prepared(doudi: Doudi, data: Path, template: Template) -> Doudi:
    """The same on an installation with everything deployed and loaded."""
    shutil.copytree(template.folder, data)
    return doudi
