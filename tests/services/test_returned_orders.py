"""Sub-orders that a department returns, that go elsewhere, or that nobody needs any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.clock import as_local
from engine.db.case_tables import CaseEntry, Responsibility, SubOrder
from engine.errors import Conflict, NotFound

from .conftest import World


def order_of(world: World) -> dict[str, Any]:
    world.call("clock-start", kind="finish", limit="7个工作日")
    sent = world.call("sub-orders-dispatch", departments=["D01"], ask="请提出意见", sign_limit="1个工作日")["sub_orders"]
    return dict(sent[0])


def facts(world: World, order: dict[str, Any], **given: Any) -> dict[str, Any]:
    return dict(world.call("sub-order-return", sub_order=order["id"], basis="权责清单", suggested="D02", **given)["return_facts"])


def test_a_return_tells_the_table_what_it_decides_on(world: World) -> None:
    order = order_of(world)
    assert facts(world, order) == {"in_sign_window": True, "return_count": 1, "has_basis": True, "has_suggestion": True}
    assert facts(world, order)["return_count"] == 2


def test_a_return_after_the_sign_in_is_out_of_its_window(world: World) -> None:
    order = order_of(world)
    world.call("sub-order-sign", sub_order=order["id"], deemed=False)
    assert facts(world, order)["in_sign_window"] is False


def test_the_ledger_says_which_department_returned_what(world: World) -> None:
    order = order_of(world)
    facts(world, order)
    (line,) = [row for row in world.rows(CaseEntry) if row.kind == "退单"]
    assert (line.facts["department"], line.facts["suggested"]) == ("D01", "D02")


def test_a_reassigned_sub_order_is_signed_anew_by_the_other_department(world: World) -> None:
    order = order_of(world)
    world.now += timedelta(days=1)
    moved = world.call("sub-order-reassign", sub_order=order["id"], department="D02", binding=False)["sub_order"]
    assert (moved["department"], moved["group"], moved["opinion_due"]) == ("D02", "D02", order["opinion_due"])
    assert moved["sign_due"] > order["sign_due"]


def test_the_new_sign_in_is_counted_on_the_working_calendar(world: World) -> None:
    order = order_of(world)
    world.now = as_local("2026-11-27T14:00")
    moved = world.call("sub-order-reassign", sub_order=order["id"], department="D02", binding=False)["sub_order"]
    assert moved["sign_due"] == "2026-11-30T17:00:00+08:00"


def test_a_sign_in_with_a_fixed_moment_begins_anew_with_the_same_working_time(world: World) -> None:
    world.call("clock-start", kind="finish", limit="15个工作日")
    sent = world.call("sub-orders-dispatch", departments=["D01"], ask="请提出意见", sign_limit="2026-11-23T15:20:00+08:00")["sub_orders"]
    world.now = as_local("2026-11-27T16:00")
    moved = world.call("sub-order-reassign", sub_order=sent[0]["id"], department="D02", binding=False)["sub_order"]
    assert moved["sign_due"] == "2026-11-30T12:00:00+08:00"


def test_a_ruling_cannot_be_returned(world: World) -> None:
    order = order_of(world)
    world.call("sub-order-reassign", sub_order=order["id"], department="D02", binding=True)
    with pytest.raises(Conflict, match="was ruled on"):
        facts(world, order)


def test_an_unknown_department_is_refused(world: World) -> None:
    order = order_of(world)
    with pytest.raises(NotFound, match="D99"):
        world.call("sub-order-reassign", sub_order=order["id"], department="D99", binding=False)


def test_what_is_cancelled_waits_for_nobody_and_names_whom_to_tell(world: World) -> None:
    order = order_of(world)
    assert world.call("sub-orders-cancel", reason="申请人撤回") == {"cancelled_departments": ["D01"]}
    assert world.session.get_one(SubOrder, order["id"]).cancelled_at == world.now
    assert world.clock("opinion").stopped_at == world.now
    assert world.call("sub-orders-cancel", reason="申请人撤回") == {"cancelled_departments": []}


def test_silence_counts_only_where_a_department_just_gives_its_opinion(world: World) -> None:
    assert order_of(world)["silence_counts"] is False
    row = world.session.get_one(Responsibility, ("M01", "D01"))
    row.review = "协调意见"
    assert order_of(world)["silence_counts"] is True
    row.review = "消防"
    assert order_of(world)["silence_counts"] is False
