"""Routing, sub-orders, meetings and cards: the window and the departments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.actors import Actor
from engine.clock import as_local
from engine.db.case_tables import Card, Matter, Meeting, Responsibility, SubOrder
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import routing

from .conftest import MONDAY, WINDOW, World

LIAISON = Actor("d01", "示例·周敏", frozenset({"D01"}))
RED = {"lamp": "红牌", "code": "red", "action": "督办单+主要领导"}


def dispatch(world: World, **inputs: Any) -> list[dict[str, Any]]:
    given = {"departments": ["D01", "D02"], "ask": "请提出意见", "sign_limit": "1个工作日"} | inputs
    sent: list[dict[str, Any]] = world.call("sub-orders-dispatch", **given)["sub_orders"]
    return sent


def reply(world: World, order: dict[str, Any], opinion: str, basis: str | None = "条例第3条") -> None:
    world.call("sub-order-reply", sub_order=order["id"], opinion=opinion, basis=basis, reply="可以并联办理")


# ---- routing ---------------------------------------------------------------


def test_the_departments_of_a_matter_come_with_the_lead_first(world: World) -> None:
    routed = world.call("departments-route", matter="M01")
    assert [(entry["code"], entry["role"], entry["group"]) for entry in routed["departments"]] == [
        ("D01", "牵头", "D01"),
        ("D02", "协办", "D02"),
    ]
    candidates = {"responsibility": "D01", "one_thing": "D01", "issuer": None, "first_received": None, "supervisor": None}
    assert routed["lead_candidates"] == candidates


@pytest.mark.parametrize(
    ("basis", "key"),
    [("发证部门", "issuer"), ("首接部门", "first_received"), ("行业主管部门", "supervisor"), ("市政府令191号", "responsibility")],
)
def test_the_basis_of_the_lead_says_which_question_it_answers(world: World, basis: str, key: str) -> None:
    world.session.add(Matter(code="M02", name="事项", promise_days=1))
    world.session.flush()
    world.session.add(Responsibility(matter_code="M02", department="D03", role="牵头", basis=basis))
    found = world.call("departments-route", matter="M02")["lead_candidates"]
    assert {name: code for name, code in found.items() if code} == {key: "D03"}


def test_a_case_without_a_matter_has_no_departments_yet(world: World) -> None:
    routed = world.call("departments-route", matter=None)
    assert routed["departments"] == [] and set(routed["lead_candidates"].values()) == {None}


def test_an_unknown_matter_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="M99"):
        world.call("departments-route", matter="M99")


def test_the_chosen_lead_comes_first_and_everybody_else_helps(world: World) -> None:
    departments = world.call("departments-route", matter="M01")["departments"]
    chosen = world.call("departments-set-lead", departments=departments, lead_department="D02")
    assert [(entry["code"], entry["role"]) for entry in chosen["departments"]] == [("D02", "牵头"), ("D01", "协办")]
    assert world.case.lead_department == "D02"


def test_a_lead_from_outside_the_list_joins_it(world: World) -> None:
    chosen = world.call("departments-set-lead", departments=[], lead_department="D03")
    assert chosen["departments"] == [{"code": "D03", "name": "公安分局", "role": "牵头", "group": "D03"}]


def test_without_a_lead_everybody_only_helps(world: World) -> None:
    departments = world.call("departments-route", matter="M01")["departments"]
    chosen = world.call("departments-set-lead", departments=departments, lead_department=None)
    assert chosen["lead_department"] is None and {entry["role"] for entry in chosen["departments"]} == {"协办"}
    assert world.case.lead_department is None


def test_an_unknown_lead_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="D99"):
        world.call("departments-set-lead", departments=[], lead_department="D99")


# ---- sub-orders ------------------------------------------------------------


def test_each_department_gets_a_sub_order_with_its_due_times(world: World) -> None:
    world.call("clock-start", kind="finish", limit="7个工作日")
    first, second = dispatch(world, departments=[{"code": "D01", "role": "牵头"}, "D02"])
    assert first == {
        "id": first["id"],
        "department": "D01",
        "name": "市场监督管理局",
        "role": "牵头",
        "group": "D01",
        "ask": "请提出意见",
        "sign_due": "2026-11-24T17:00:00+08:00",
        "opinion_due": "2026-12-01T17:00:00+08:00",
        "silence_counts": False,
        "is_binding": False,
    }
    assert (second["role"], second["group"]) == ("协办", "D02")


def test_an_opinion_is_never_due_before_the_sign_in(world: World) -> None:
    world.call("clock-start", kind="finish", limit="1个工作日")
    assert {order["opinion_due"] for order in dispatch(world)} == {"2026-11-24T17:00:00+08:00"}
    assert {order["opinion_due"] for order in dispatch(world, opinion_due="2026-11-23T12:00:00+08:00")} == {"2026-11-24T17:00:00+08:00"}


def test_a_stated_due_time_for_opinions_is_taken(world: World) -> None:
    assert dispatch(world, opinion_due="2026-11-30")[0]["opinion_due"] == "2026-11-30T17:00:00+08:00"
    assert dispatch(world, opinion_due="2个工作日")[0]["opinion_due"] == "2026-11-25T17:00:00+08:00"


def test_a_department_named_twice_is_asked_once(world: World) -> None:
    assert len(dispatch(world, departments=["D01", {"code": "D01"}])) == 1


def test_nobody_to_ask_gives_no_sub_orders(world: World) -> None:
    assert dispatch(world, departments=[]) == []


@pytest.mark.parametrize(("departments", "error"), [(["D99"], NotFound), ([7], InvalidInput), ([{"name": "税务局"}], InvalidInput)])
def test_a_sub_order_for_nobody_in_particular_is_refused(world: World, departments: list[Any], error: type[Exception]) -> None:
    with pytest.raises(error, match="department"):
        dispatch(world, departments=departments)


def test_a_department_signs_in(world: World) -> None:
    world.actor = LIAISON
    order = dispatch(world)[0]
    world.call("sub-order-sign", sub_order=order, deemed=False)
    row = world.rows(SubOrder)[0]
    assert (row.signed_at, row.signed_by, row.is_deemed_signed) == (MONDAY, "d01", False)


def test_silence_counts_as_signing_in(world: World) -> None:
    order = dispatch(world)[0]
    world.call("sub-order-sign", sub_order=order["id"], deemed=True)
    row = world.rows(SubOrder)[0]
    assert (row.signed_at, row.signed_by, row.is_deemed_signed) == (MONDAY, None, True)


def test_a_department_signs_in_once(world: World) -> None:
    order = dispatch(world)[0]
    world.call("sub-order-sign", sub_order=order, deemed=True)
    with pytest.raises(Conflict, match="has signed"):
        world.call("sub-order-sign", sub_order=order, deemed=False)


@pytest.mark.parametrize("opinion", ["不同意", "需补充"])
def test_an_opinion_that_does_not_agree_needs_a_basis(world: World, opinion: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        reply(world, dispatch(world)[0], opinion, basis=None)
    assert list(refused.value.fields) == ["basis"]


def test_an_unknown_opinion_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="不同意"):
        reply(world, dispatch(world)[0], "再说")


def test_a_department_replies_once(world: World) -> None:
    order = dispatch(world)[0]
    reply(world, order, "同意", basis=None)
    with pytest.raises(Conflict, match="has replied"):
        reply(world, order, "同意")


@pytest.mark.parametrize("sub_order", [999, {"id": 999}, {"id": None}, "1", True, 1.5, None])
def test_an_unknown_sub_order_is_refused(world: World, sub_order: object) -> None:
    with pytest.raises((NotFound, InvalidInput), match="sub"):
        world.call("sub-order-sign", sub_order=sub_order, deemed=False)


def test_a_sub_order_of_another_case_is_not_found(world: World) -> None:
    order = dispatch(world)[0]
    world.case = world.new_case()
    with pytest.raises(NotFound, match="sub-order"):
        world.call("sub-order-sign", sub_order=order, deemed=False)
    with pytest.raises(NotFound, match="sub-orders"):
        world.call("sub-orders-summarise", sub_orders=[order])


def test_opinions_are_summarised_side_by_side(world: World) -> None:
    orders = dispatch(world)
    reply(world, orders[0], "同意", basis="")
    reply(world, orders[1], "不同意")
    summary = world.call("sub-orders-summarise", sub_orders=orders)["summary"]
    assert (summary["all_agreed"], summary["replied"], summary["agreed"], summary["disagreed"]) == (False, 2, 1, 1)
    assert summary["opinions"][1] == {
        "department": "D02",
        "name": "税务局",
        "opinion": "不同意",
        "basis": "条例第3条",
        "reply": "可以并联办理",
    }


def test_all_agree_once_everybody_replied_without_objecting(world: World) -> None:
    orders = dispatch(world)
    reply(world, orders[0], "同意")
    assert not world.call("sub-orders-summarise", sub_orders=orders)["summary"]["all_agreed"]
    reply(world, orders[1], "已办结")
    assert world.call("sub-orders-summarise", sub_orders=orders)["summary"]["all_agreed"]


def test_personal_numbers_in_an_opinion_are_masked(world: World) -> None:
    order = dispatch(world, ask="核实440103188501010017的户籍")[0]
    assert "440103188501010017" not in order["ask"]
    world.call("sub-order-reply", sub_order=order, opinion="同意", basis=None, reply="440103188501010017户籍属实")
    assert "440103188501010017" not in str(world.call("sub-orders-summarise", sub_orders=[order]))


# ---- meetings and cards ----------------------------------------------------


def test_a_meeting_is_recorded_with_who_stayed_away(world: World) -> None:
    result = world.call("meeting-record", kind="联席会议", record={"resolution": "并联办理", "absent": ["D02"]})
    row = world.rows(Meeting)[0]
    assert result == {"meeting_id": row.id, "absent_count": 1}
    assert (row.record["resolution"], row.absent_count) == ("并联办理", 1)


def test_the_second_absence_of_a_department_is_counted_over_all_meetings_of_the_case(world: World) -> None:
    world.call("meeting-record", kind="联席会议", record={"absent": ["D02", "D03"]})
    assert world.call("meeting-record", kind="联席会议", record={"absent_department": "D02"})["absent_count"] == 2
    assert world.call("meeting-record", kind="联席会议", record={})["absent_count"] == 0


def test_absence_is_read_from_a_list_of_attendance_too(world: World) -> None:
    attendance = [{"department": "D01", "present": True}, {"department": "D02", "attendance": "缺席"}, {"code": "D03", "present": False}]
    assert world.call("meeting-record", kind="领导小组", record={"attendance": attendance})["absent_count"] == 1
    assert world.rows(Meeting)[0].absent_count == 2


def test_attendance_in_words_counts_nobody_as_absent(world: World) -> None:
    record = {"attendance": "市场监管、税务到会", "absent_department": None}
    assert world.call("meeting-record", kind="联席会议", record=record)["absent_count"] == 0


def test_an_unknown_kind_of_meeting_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="联席会议"):
        world.call("meeting-record", kind="茶话会", record={})


def test_a_card_is_issued_as_the_table_decided(world: World) -> None:
    world.now = as_local("2026-11-25T10:00")
    world.call("card-issue", lamp=RED, against="D02", reason="两次缺席")
    card = world.rows(Card)[0]
    assert (card.lamp, card.code, card.against, card.reason, card.element_id, card.issued_at) == (
        "红牌", "red", "D02", "两次缺席", "step", world.now,
    )  # fmt: skip


def test_a_green_lamp_is_no_card(world: World) -> None:
    world.call("card-issue", lamp={"lamp": "绿灯", "code": "green"}, against="D02", reason="按时")
    assert world.rows(Card) == []


@pytest.mark.parametrize("lamp", [{"lamp": "紫牌", "code": "purple"}, {}])
def test_a_card_without_a_known_lamp_is_refused(world: World, lamp: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="result of DT08"):
        world.call("card-issue", lamp=lamp, against="D02", reason="")


def test_a_card_about_a_case_nobody_owns_is_issued_against_the_window(world: World) -> None:
    world.call("card-issue", lamp=RED, against=None, reason="首次响应超时")
    assert world.rows(Card)[0].against == WINDOW


def test_a_responsibility_counts_only_on_its_days(world: World):
    row = world.session.get(Responsibility, ("M01", "D02"))
    for begin, end, counts in (
        (None, MONDAY.date(), True),
        (None, MONDAY.date() - timedelta(days=1), False),
        (MONDAY.date() + timedelta(days=1), None, False),
    ):
        row.valid_from, row.valid_to = begin, end
        departments, _ = routing.departments_of(world.context(), "M01")
        assert ("D02" in [entry["code"] for entry in departments]) == counts
