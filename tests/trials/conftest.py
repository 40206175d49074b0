"""A prepared throw-away installation with the project's own files, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.commands.deployments import read_folders
from engine.feel import Feel
from engine.settings import read_settings
from engine.trials.centre import Template, template
from tests.conftest import PROJECT


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    return read_folders(PROJECT / "processes", PROJECT / "forms")


@pytest.fixture(scope="session")
def prepared(files: dict[str, bytes]) -> Iterator[Template]:
    with template(read_settings({}), Feel(), files) as made:
        yield made
