"""Migrations that would meet: an instance is given to one at a time, and what has nothing left to move says so."""

from __future__ import annotations

import pytest

from engine import moving
from engine.assembly import Engine
from engine.bpmn.migration import Obstacle, Obstacles
from engine.commands import migrations
from engine.errors import Conflict
from engine.queries.migrations import Selection, migration
from tests.commands.conftest import ADMIN, user_task
from tests.commands.test_migrations import migrated, started, two_tasks, version, work


def test_instances_that_one_migration_is_to_move_are_not_given_to_another(engine: Engine):
    old = two_tasks(engine)
    numbers = started(engine, 3)
    new = version(engine, user_task("first"), "s>first first>e")
    first = migrations.create_migration(engine, ADMIN, old, new, selection=Selection(ids=tuple(numbers[:2])))
    with pytest.raises(Conflict, match=f"migration {first}"):
        migrations.create_migration(engine, ADMIN, old, new)
    others = migrations.create_migration(engine, ADMIN, old, new, selection=Selection(ids=(numbers[2],)))
    work(engine)
    assert [dict(migration(engine, number).counts) for number in (first, others)] == [{"moved": 2}, {"moved": 1}]
    back = migrations.undo_migration(engine, ADMIN, first)
    with pytest.raises(Conflict, match=f"migration {back}"):
        migrations.undo_migration(engine, ADMIN, first)
    work(engine)
    assert dict(migration(engine, back).counts) == {"moved": 2}


def test_what_has_nothing_left_to_move_is_kept_in_the_trial_as_in_the_run(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    old = two_tasks(engine)
    started(engine)
    new = version(engine, user_task("first"), "s>first first>e")

    def elsewhere(*_given: object) -> None:
        raise Obstacles([Obstacle("elsewhere")])

    monkeypatch.setattr(moving, "look_ahead", elsewhere)
    monkeypatch.setattr(moving, "_moved", elsewhere)
    tried = migrations.dry_run(engine, ADMIN, old, new)
    assert dict(tried.counts) == {"moves": 0, "keeps": 1, "refused": 0}
    assert tried.trials[0].obstacles[0].code == "elsewhere"
    assert dict(migrated(engine, old, new).counts) == {"kept": 1}
