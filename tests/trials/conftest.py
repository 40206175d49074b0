"""A prepared throw-away installation with the project's own files, made once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands.deployments import read_folders
from engine.feel import Feel
from engine.queries.accounts import account, actor_of
from engine.settings import read_settings
from engine.trials import scenarios
from engine.trials.centre import Centre, Template
from engine.trials.centre import template as make_template
from engine.trials.playing import Player
from tests.conftest import PROJECT
from tests.conftest import Template as Installation


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    return read_folders(PROJECT / "processes", PROJECT / "forms")


@pytest.fixture(scope="session")
def prepared(files: dict[str, bytes]) -> Iterator[Template]:
    with make_template(read_settings({}), Feel(), files) as made:
        yield made


@pytest.fixture
def decided(engine: Engine, clock: MovableClock, template: Installation) -> Iterator[Engine]:
    """A real installation in which one simple case was solved and rated."""
    people = {}
    for one in template.accounts:
        actor = actor_of(engine, one.id, account(engine, one.id).session_stamp)
        assert actor is not None
        people[one.id] = actor
    path = PROJECT / "processes" / "scenarios" / "simple_case_solved.toml"
    scenario = scenarios.read_scenario(path.name, path.read_bytes())
    player = Player(Centre(engine, clock, people))
    scenarios.play(player, scenario)
    assert player.report().is_ended
    clock.advance(days=1)
    yield engine
