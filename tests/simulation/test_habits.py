"""Habits name what exists: every offer is the message of an action, and questions are answered more often than offers are taken up."""

from __future__ import annotations

import csv
import random

from engine.simulation.habits import CURIOUS, OFFERS, ORDINARY
from tests.conftest import PROJECT


def test_every_offer_is_the_message_of_an_action() -> None:
    with (PROJECT / "processes" / "reference" / "case_actions.csv").open(encoding="utf-8-sig", newline="") as file:
        messages = {row["message"] for row in csv.DictReader(file)}
    assert messages >= OFFERS
    assert {*ORDINARY.inclined, *CURIOUS.inclined} <= OFFERS


def test_a_question_is_answered_more_often_than_a_case_is_withdrawn() -> None:
    chance = random.Random(1)
    answered, withdrawn = (sum(ORDINARY.answers(chance, message) for _ in range(500)) for message in ("case_rated", "case_withdrawn"))
    assert answered > 250 > 30 > withdrawn
