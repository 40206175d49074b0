"""Closed files that nobody has used for years name nobody any more; figures, ledger and evidence stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.clock import as_local
from engine.db.case_tables import Case, Notice, Party, Rating
from engine.db.file_tables import Attachment
from engine.errors import Conflict, NotFound
from engine.services import attachments, emptying, evidence
from engine.services.files import FileStore
from engine.services.minimisation import REMOVED

from .conftest import SECRETS, World

LATER = as_local("2029-11-24T09:00")


def closed(world: World) -> Case:
    world.context().record("case:reopen", count=1, due_at="2026-11-23T10:20:00+08:00")  # something that was done with it
    world.call("case-set-status", status="已告知")
    return world.case


def due(world: World) -> list[str]:
    return [str(one["no"]) for one in world.call("personal-due", years=3)["idle"]]


def removed(world: World, *numbers: str, kept: list[str] | None = None) -> int:
    cases = [{"no": number} for number in numbers]
    return int(world.call("personal-remove", cases=cases, kept=kept, years=3)["minimised"])


def test_a_closed_file_is_due_when_nobody_has_used_it_for_three_years(world: World) -> None:
    case = closed(world)
    assert due(world) == []
    world.now = as_local("2029-11-22T09:00")
    assert due(world) == []
    world.now = LATER
    assert due(world) == [case.no]


def test_an_open_file_is_never_due_nor_any_other_of_the_same_person(world: World) -> None:
    case = closed(world)
    other = world.new_case()
    other.applicant_id = case.applicant_id
    world.now = LATER
    assert due(world) == []


def test_whoever_looks_into_a_file_again_uses_it(world: World) -> None:
    closed(world)
    world.now = as_local("2028-01-10T09:00")
    world.call("case-entry", kind="查阅", facts={})
    world.now = LATER
    assert due(world) == []


def test_name_number_words_and_attachments_go_while_figures_and_evidence_stay(world: World, tmp_path: Path) -> None:
    case, store = closed(world), FileStore(tmp_path, SECRETS)
    address = store.put(b"a copy of the identity card")
    row = Attachment(case_no=case.no, address=address, digest="0" * 64, media_type="image/png", size=3, uploaded_by="clerk-a")
    row.name, row.uploaded_at = SECRETS.encrypt("示例·何女士.png", attachments.PURPOSE), world.now
    rating = Rating(case_no=case.no, level=4, text="谢谢示例·何女士", rated_at=world.now)
    world.session.add_all([row, rating])
    world.call("notice-send", template="MSG-17", to="applicant", values={"摘要": "已办结"})
    level, received, facts = case.level, case.received_at, dict(case.facts)
    world.now = LATER
    assert removed(world, case.no) == 1
    party = world.session.get_one(Party, case.applicant_id)
    assert (SECRETS.decrypt(party.name, "party.name"), party.phone, party.cert_no, party.address) == (REMOVED, None, None, None)
    assert (party.phone_index, party.cert_index) == (None, None)
    assert (case.text, case.tried, case.level, case.received_at) == (REMOVED, [], level, received)
    assert "何女士" not in case.title and facts.items() <= case.facts.items()
    assert (rating.level, rating.text, row.address) == (4, "", "") and row.removed_at is not None
    assert {notice.body for notice in world.rows(Notice)} == {REMOVED}
    assert world.jobs[-1][:2] == (emptying.JOB, {"addresses": [address]})
    emptying.discard(world.session, store, [address])
    with pytest.raises(NotFound):
        store.get(address)
    assert "case:minimise" in world.events() and evidence.verify(world.session, SECRETS).faults == ()
    assert due(world) == []


def test_a_content_that_another_file_holds_is_not_deleted(world: World, tmp_path: Path) -> None:
    store = FileStore(tmp_path, SECRETS)
    address = store.put(b"shared")
    row = Attachment(case_no=world.case.no, address=address, digest="0" * 64, media_type="image/png", size=3, uploaded_by="clerk-a")
    row.name, row.uploaded_at = SECRETS.encrypt("a.png", attachments.PURPOSE), world.now
    world.session.add(row)
    world.session.flush()
    emptying.discard(world.session, store, [address])
    assert store.get(address) == b"shared"


def test_what_a_reviewer_keeps_stays_as_it_is(world: World) -> None:
    case = closed(world)
    world.now = LATER
    assert removed(world, case.no, kept=[case.no]) == 0
    assert case.text != REMOVED


def test_what_was_used_meanwhile_is_refused(world: World) -> None:
    case = closed(world)
    with pytest.raises(Conflict, match="are in use"):
        removed(world, case.no)
