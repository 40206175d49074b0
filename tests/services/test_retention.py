"""What is archived, for how long, and what remains when that time is over."""

from __future__ import annotations

import pytest

from engine.clock import as_local
from engine.db.case_tables import Case, Party
from engine.errors import Conflict
from engine.services.retention import DESTROYED

from .conftest import World


def archived(world: World, years: int = 10) -> Case:
    world.case.status = "已办结"
    assert world.call("case-archive", years=years) == {"archived": True}
    return world.case


def test_a_finished_case_is_archived_for_its_years(world: World) -> None:
    case = archived(world)
    assert (case.status, case.facts["kept_until"]) == ("已归档", "2036-11-23")


def test_a_case_that_was_reopened_is_not_archived(world: World) -> None:
    world.case.status = "整改中"
    assert world.call("case-archive", years=10) == {"archived": False}
    assert world.case.status == "整改中"


def test_only_what_has_been_kept_long_enough_is_listed(world: World) -> None:
    case = archived(world)
    assert world.call("archive-due") == {"expired": []}
    world.now = as_local("2036-12-01T09:00")
    assert [one["no"] for one in world.call("archive-due")["expired"]] == [case.no]


def test_of_a_destroyed_file_only_its_number_remains(world: World) -> None:
    case = archived(world)
    world.now = as_local("2036-12-01T09:00")
    assert world.call("archive-destroy", cases=world.call("archive-due")["expired"], kept=None) == {"destroyed": 1}
    party = world.session.get_one(Party, case.applicant_id)
    assert (case.text, case.title, party.phone, party.cert_index) == (DESTROYED, case.no, None, None)
    assert "case:destroy" in world.events()
    assert world.call("archive-due") == {"expired": []}


def test_what_must_still_be_kept_is_not_destroyed(world: World) -> None:
    case = archived(world, years=30)
    with pytest.raises(Conflict, match="must still be kept"):
        world.call("archive-destroy", cases=[{"no": case.no}], kept=[])


def test_what_a_reviewer_keeps_is_not_destroyed(world: World) -> None:
    case = archived(world)
    world.now = as_local("2036-12-01T09:00")
    assert world.call("archive-destroy", cases=[{"no": case.no}], kept=[case.no]) == {"destroyed": 0}
    assert case.text != DESTROYED
