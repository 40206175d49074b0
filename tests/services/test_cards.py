"""Cards start their supervision, and count until they are withdrawn."""

from __future__ import annotations

import pytest

from engine.db.case_tables import Card
from engine.errors import Conflict

from .conftest import MONDAY, World

YELLOW, RED = {"code": "yellow", "lamp": "黄牌"}, {"code": "red", "lamp": "红牌"}


@pytest.mark.parametrize("code", ["green", "warning", "yellow_step"])
def test_a_lamp_that_is_no_card_starts_no_supervision(world: World, code: str) -> None:
    world.call("card-issue", lamp={"code": code}, against="D01", reason="催办")
    assert world.jobs == []


def test_a_yellow_or_red_card_starts_its_supervision_and_says_how_many_red_ones_there_are_this_month(world: World) -> None:
    for lamp in (YELLOW, RED, RED):
        world.call("card-issue", lamp=lamp, against="D01", reason="办结超期")
    sent = [payload for kind, payload, _at in world.jobs if kind == "message"]
    assert {(one["name"], one["key"]) for one in sent} == {("card_issued", world.case.no)}
    assert [(one["variables"]["code"], one["variables"]["red_cards"]) for one in sent] == [("yellow", 0), ("red", 1), ("red", 2)]


def test_a_withdrawn_card_counts_no_more_and_the_one_before_it_is_the_latest(world: World) -> None:
    for lamp in (YELLOW, RED):
        world.call("card-issue", lamp=lamp, against="D01", reason="办结超期")
    latest = world.call("card-read")
    assert (latest["code"], latest["against"], latest["issued_at"]) == ("red", "D01", "2026-11-23T10:20:00+08:00")
    assert world.call("card-revoke", reason="系统故障") == {"card": latest["card"]}
    assert world.call("card-read")["code"] == "yellow"
    assert [(card.code, card.revoked_at) for card in world.rows(Card)] == [("yellow", None), ("red", MONDAY)]
    assert "card:revoke" in world.events()


def test_without_a_card_there_is_nothing_to_withdraw(world: World) -> None:
    assert world.call("card-read")["card"] is None
    with pytest.raises(Conflict, match="but there is none"):
        world.call("card-revoke", reason="系统故障")
