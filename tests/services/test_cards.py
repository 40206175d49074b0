"""Cards start their supervision, and count until they are withdrawn."""

from __future__ import annotations

import pytest

from engine.db.case_tables import Card, Notice, NoticeTemplate
from engine.db.tables import CandidateGroup
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


@pytest.fixture
def leaders(world: World) -> World:
    """The centre has leaders, and a notice for them."""
    world.session.add(CandidateGroup(id="D01_leader", name="部门领导", kind="department"))
    text = "工单{工单号}{剩余或超期}{天数}个工作日,已发{标识},请{动作}。"
    world.session.add(NoticeTemplate(id="MSG-22", event="灯牌", text=text, audience="领导"))
    return world


@pytest.mark.parametrize("code", ["yellow_step", "yellow", "red"])
@pytest.mark.parametrize(("against", "told"), [("D01", "group:D01_leader"), ("clerk-a", "group:window_head")])
def test_a_card_is_told_to_who_leads_the_department_or_the_window(leaders: World, code: str, against: str, told: str) -> None:
    leaders.call("clock-start", kind="finish", limit="3个工作日")
    leaders.call("card-issue", lamp={"code": code, "lamp": "黄牌", "action": "限期纠正"}, against=against, reason="协办意见超时")
    (notice,) = leaders.rows(Notice)
    assert notice.audience == told
    assert notice.body == f"工单{leaders.case.no}协办意见超时,剩余3个工作日,已发黄牌,请限期纠正。"


def test_a_card_on_a_case_without_a_running_limit_says_that_the_step_is_late(leaders: World) -> None:
    leaders.call("card-issue", lamp={"code": "yellow_step", "lamp": "黄牌(环节)"}, against="D01", reason="签收超时")
    (notice,) = leaders.rows(Notice)
    assert "签收超时,超期不足1个工作日" in notice.body


@pytest.mark.parametrize(("code", "against"), [("warning", "D01"), ("red", "officer-1"), ("red", "D02")])
def test_a_warning_or_a_card_against_somebody_without_such_a_leader_tells_nobody(leaders: World, code: str, against: str) -> None:
    leaders.call("card-issue", lamp={"code": code, "lamp": "红牌"}, against=against, reason="办结超期")
    assert leaders.rows(Notice) == []


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


def test_a_card_that_two_appeals_are_granted_against_is_withdrawn_once(world: World) -> None:
    world.call("card-issue", against="D07", lamp={"lamp": "红牌", "code": "red"}, reason="超期2个工作日")
    card = world.call("card-read")["card"]
    assert (
        world.call("card-revoke", card=card, reason="系统故障") == world.call("card-revoke", card=card, reason="不可抗力") == {"card": card}
    )
    assert world.events().count("card:revoke") == 1
