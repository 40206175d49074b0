"""Whom to consult: on duty first, else by turns, never with an interest, never without a licence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.db.case_tables import Expert

from .conftest import APPLICANT, World

TYPES = [{"expert_type": "律师", "mode": "远程"}]


@pytest.fixture
def roster(world: World) -> World:
    for number, details in enumerate(({}, {"duty": ["1"], "account": "x02"}, {}), start=1):
        world.session.add(Expert(id=f"X0{number}", name=f"示例·{number}", type="律师", domains="合同;法律", mode="远程", details=details))
    world.session.flush()
    return world


def pick(world: World, *tried: str, **given: Any) -> str | None:
    expert = world.call("expert-pick", **{"types": TYPES, "domain": "合同", "tried": list(tried), "most": 3, **given})["expert"]
    return expert and expert["id"]


def test_who_is_on_duty_today_is_asked_first(roster: World) -> None:
    assert pick(roster) == "X02"


def test_then_whoever_was_not_asked_for_longest(roster: World) -> None:
    assert [pick(roster, "X02"), pick(roster, "X02"), pick(roster, "X02")] == ["X01", "X03", "X01"]


def test_nobody_is_asked_after_the_third(roster: World) -> None:
    assert pick(roster, "X01", "X02", "X03") is None


def test_nobody_is_asked_about_what_nobody_knows(roster: World) -> None:
    assert pick(roster, domain="环保") is None
    assert pick(roster, types=[]) is None


def test_who_has_an_interest_or_no_licence_is_left_out(roster: World) -> None:
    roster.session.get_one(Expert, "X02").details = {"duty": ["1"], "conflicts": [APPLICANT["name"]]}
    roster.session.get_one(Expert, "X01").valid_to = date(2026, 11, 1)
    assert pick(roster) == "X03"


def test_the_pack_names_nobody_unless_the_applicant_agrees(roster: World) -> None:
    roster.case.text = f"{APPLICANT['name']}的合同有争议,电话13800001234。"
    hidden = roster.call("expert-pack", consent=False)["pack"]
    assert APPLICANT["name"] not in hidden and "13800001234" not in hidden
    assert APPLICANT["name"] in roster.call("expert-pack", consent=True)["pack"]
