"""What is archived, for how long, and what remains when that time is over."""

from __future__ import annotations

import pytest

from engine.clock import as_local
from engine.db.case_tables import Case, Party, Rating
from engine.db.file_tables import Attachment, Document
from engine.errors import Conflict
from engine.services import emptying
from engine.services.retention import DESTROYED

from .conftest import World


def archived(world: World, years: int = 10) -> Case:
    world.case.status = "已办结"
    assert world.call("case-archive", years=years) == {"archived": True}
    return world.case


def test_a_finished_case_is_archived_for_its_years(world: World) -> None:
    case = archived(world)
    assert (case.status, case.facts["kept_until"]) == ("已归档", "2036-11-23")


@pytest.mark.parametrize("status", ["已告知", "已引导", "已移交", "已分流"])
def test_a_case_that_ended_on_the_way_is_archived_and_keeps_the_status_that_says_how(world: World, status: str) -> None:
    world.call("case-set-status", status=status)
    assert world.call("case-archive", years=10) == {"archived": True}
    assert (world.case.status, world.case.facts["kept_until"]) == (status, "2036-11-23")
    world.now = as_local("2036-12-01T09:00")
    assert [one["no"] for one in world.call("archive-due")["expired"]] == [world.case.no]


def test_a_merged_case_follows_its_main_case_into_the_archive(world: World) -> None:
    world.case.status, world.case.closed_at = "已并案", world.now
    assert world.call("case-archive", years=10) == {"archived": False}


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
    file = Attachment(case_no=case.no, address="a" * 64, digest="0" * 64, media_type="image/png", size=3, uploaded_by="clerk-a")
    file.name, file.uploaded_at = b"", world.now
    paper = Document(
        case_no=case.no, template="reply", number="示例〔2026〕1号", title="答复", content=b"", issued_by="clerk-a", address="b" * 64
    )
    paper.issued_at = world.now
    world.session.add_all([file, paper, Rating(case_no=case.no, level=4, text="谢谢", rated_at=world.now)])
    world.session.flush()
    world.now = as_local("2036-12-01T09:00")
    assert world.call("archive-destroy", cases=world.call("archive-due")["expired"], kept=None) == {"destroyed": 1}
    party = world.session.get_one(Party, case.applicant_id)
    assert (case.text, case.title, party.phone, party.cert_index) == (DESTROYED, case.no, None, None)
    assert "case:destroy" in world.events()
    assert (world.rows(Attachment), world.rows(Document), [rating.text for rating in world.rows(Rating)]) == ([], [], [""])
    assert world.jobs[-1][:2] == (emptying.JOB, {"addresses": ["a" * 64, "b" * 64]})
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
