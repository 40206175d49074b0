"""Evidence: chained, sealed, and telling when somebody touched it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from engine.db.tables import Evidence, EvidenceSeal
from engine.errors import Conflict
from engine.services import evidence
from engine.services.secrets import Secrets

from .conftest import CLERK, MONDAY, SECRETS, World


def fill(world: World, count: int = 5) -> None:
    for number in range(count):
        evidence.record(world.session, MONDAY, CLERK, "case-1", "case:coordination", count=number)
    evidence.record(world.session, MONDAY, CLERK, "case-2", "case:close", result="协调解决")


def faults(world: World, secrets: Secrets = SECRETS) -> tuple[str, ...]:
    world.session.flush()
    return evidence.verify(world.session, secrets).faults


def test_untouched_evidence_verifies(world: World) -> None:
    fill(world)
    assert evidence.seal(world.session, SECRETS, MONDAY)
    report = evidence.verify(world.session, SECRETS)
    assert (report.checked, report.chains, report.seals, report.faults) == (6, 2, 1, ())


def test_only_chains_that_have_grown_since_are_read_on_request(world: World) -> None:
    fill(world)
    evidence.seal(world.session, SECRETS, MONDAY)
    evidence.record(world.session, MONDAY + timedelta(days=1), CLERK, "case-2", "case:close", result=None)
    report = evidence.verify(world.session, SECRETS, MONDAY + timedelta(hours=1))
    assert (report.checked, report.chains, report.faults) == (2, 1, ())


def test_a_change_in_an_old_row_of_a_chain_that_has_grown_is_found_without_reading_all(world: World) -> None:
    fill(world)
    evidence.seal(world.session, SECRETS, MONDAY)
    evidence.record(world.session, MONDAY, CLERK, "case-1", "case:close", result=None)
    world.session.execute(update(Evidence).where(Evidence.id.in_([2, 6])).values(actor="somebody"))
    recent = evidence.verify(world.session, SECRETS, MONDAY + timedelta(hours=1)).faults
    assert [fault.split(":")[0] for fault in recent] == ["case-1 #2"]
    assert [fault.split(":")[0] for fault in faults(world)] == ["case-1 #2", "case-2 #1"]


def test_a_seal_made_since_is_compared_with_its_rows(world: World) -> None:
    fill(world)
    evidence.seal(world.session, SECRETS, MONDAY)
    world.session.execute(delete(Evidence).where(Evidence.chain == "case-2"))
    assert any("after it was sealed" in fault for fault in evidence.verify(world.session, SECRETS, MONDAY - timedelta(days=1)).faults)
    assert evidence.verify(world.session, SECRETS, MONDAY + timedelta(days=1)).faults == ()


def test_each_chain_counts_from_one_and_points_back(world: World) -> None:
    fill(world, 2)
    rows = [row for row in world.rows(Evidence) if row.chain == "case-1"]
    assert [row.sequence for row in rows] == [1, 2]
    assert rows[0].previous_hash == evidence.NO_HASH and rows[1].previous_hash == rows[0].hash


def test_the_digest_is_sm3() -> None:
    assert evidence.digest("abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert evidence.digest({"b": 1, "a": 2}) == evidence.digest({"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (update(Evidence).where(Evidence.id == 2).values(facts='{"count":9}'), "case-1 #2: its content was changed"),
        (update(Evidence).where(Evidence.id == 2).values(actor="somebody"), "case-1 #2: its content was changed"),
        (delete(Evidence).where(Evidence.id == 2), "rows are missing"),
        (update(Evidence).where(Evidence.id == 3).values(previous_hash="1" * 64), "case-1 #3: does not follow"),
    ],
)
def test_a_changed_or_removed_row_is_named(world: World, statement: object, fault: str) -> None:
    fill(world)
    world.session.execute(statement)  # type: ignore[call-overload]
    assert any(fault in found for found in faults(world))


def test_a_removed_end_of_a_chain_is_found_by_its_seal(world: World) -> None:
    fill(world)
    evidence.seal(world.session, SECRETS, MONDAY)
    world.session.execute(delete(Evidence).where(Evidence.chain == "case-2"))
    assert any("after it was sealed" in fault for fault in faults(world))


def test_a_row_put_in_after_sealing_is_found_by_its_seal(world: World) -> None:
    fill(world)
    evidence.seal(world.session, SECRETS, MONDAY)
    world.session.execute(delete(Evidence).where(Evidence.id == 6))
    content = ("case-3", 1, "case:close", "x", "{}", "2026", evidence.NO_HASH)
    names = ("chain", "sequence", "event", "actor", "facts", "recorded_at", "previous_hash")
    forged = dict(zip(names, content, strict=True)) | {"id": 6, "hash": evidence.row_hash(*content)}
    world.session.execute(insert(Evidence).values(**forged))
    assert any("after it was sealed" in fault for fault in faults(world))


def test_a_seal_covers_only_what_came_since_the_last_one(world: World) -> None:
    fill(world)
    first = evidence.seal(world.session, SECRETS, MONDAY)
    assert evidence.seal(world.session, SECRETS, MONDAY) is None
    evidence.record(world.session, MONDAY, CLERK, "case-2", "case:close", result=None)
    second = evidence.seal(world.session, SECRETS, MONDAY)
    assert first and second
    assert (second.first_id, second.last_id, second.previous_root) == (first.last_id + 1, first.last_id + 1, first.root)
    assert faults(world) == ()


def test_nothing_to_seal_makes_no_seal(world: World) -> None:
    assert evidence.seal(world.session, SECRETS, MONDAY) is None


def test_a_forged_seal_is_named(world: World) -> None:
    fill(world)
    evidence.seal(world.session, SECRETS, MONDAY)
    world.session.execute(update(EvidenceSeal).values(signature=b"0" * 64))
    assert any("signature is not valid" in fault for fault in faults(world))


def test_a_removed_seal_is_named(world: World) -> None:
    fill(world)
    first = evidence.seal(world.session, SECRETS, MONDAY)
    evidence.record(world.session, MONDAY, CLERK, "case-2", "case:close", result=None)
    evidence.seal(world.session, SECRETS, MONDAY)
    assert first
    world.session.execute(delete(EvidenceSeal).where(EvidenceSeal.id == first.id))
    assert any("does not follow the seal before it" in fault for fault in faults(world))


def test_a_seal_of_another_key_is_named(world: World) -> None:
    fill(world)
    evidence.seal(world.session, SECRETS, MONDAY)
    assert any("it was signed with" in fault for fault in faults(world, Secrets(b"some other key of the tests")))


def test_an_undeclared_event_or_fact_is_a_bug(world: World) -> None:
    with pytest.raises(ValueError, match="declared event"):
        evidence.record(world.session, MONDAY, CLERK, "case-1", "case:unknown")
    with pytest.raises(ValueError, match="case:close to carry"):
        evidence.record(world.session, MONDAY, CLERK, "case-1", "case:close", result="", name="示例")
    with pytest.raises(ValueError, match="case:close to carry"):
        evidence.record(world.session, MONDAY, CLERK, "case-1", "case:close")


def test_two_writers_at_the_same_place_of_a_chain_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, 1)
    real_hash = evidence.row_hash

    def slow_hash(*content: Any) -> str:
        """Between reading the head and writing the row, somebody else writes."""
        monkeypatch.setattr(evidence, "row_hash", real_hash)
        evidence.record(world.session, MONDAY, CLERK, "case-1", "case:close", result="解释说明")
        return real_hash(*content)

    monkeypatch.setattr(evidence, "row_hash", slow_hash)
    with pytest.raises(Conflict, match="same time"):
        evidence.record(world.session, MONDAY, CLERK, "case-1", "case:close", result=None)


def test_every_event_is_a_noun_and_a_verb() -> None:
    assert [event for event in evidence.EVENTS if not re.fullmatch(r"[a-z_]+:[a-z_]+", event)] == []


def test_the_merkle_root_tells_every_order_and_number_of_rows_apart() -> None:
    leaves = [evidence.digest(str(number)) for number in range(9)]
    roots = {evidence.merkle_root(leaves[:count]) for count in range(10)} | {evidence.merkle_root(leaves[::-1])}
    assert len(roots) == 11
