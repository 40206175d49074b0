"""Forms are filled in by chance with what every field accepts, and the same chance gives the same answers."""

from __future__ import annotations

import json
import random
import re
from datetime import datetime

import pytest

from engine.clock import as_local
from engine.feel import Feel
from engine.services.identity import is_credit_code, is_id_number
from engine.simulation.applicants import applicant, credit_code, identity_number
from engine.simulation.filling import Pen, references
from tests.conftest import PROJECT

FORMS = sorted((PROJECT / "forms").glob("*.form"))
#: Choices that reference data brings are not in the file; who plays adds them before.
REFERENCE = {"values": [{"value": "D01", "label": "D01"}, {"value": "M13", "label": "M13"}]}
NOW: datetime = as_local("2026-11-23T10:00")


@pytest.fixture(scope="module")
def feel() -> Feel:
    return Feel()


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_every_form_of_the_project_accepts_what_chance_fills_in(feel: Feel, file) -> None:
    schema = _with_choices(json.loads(file.read_text("utf-8")))
    pen = Pen(random.Random(file.stem))
    for _attempt in range(4):
        outcome = feel.validate_form(schema, pen.filled(schema, NOW), NOW)
        if not outcome.errors:
            return
    raise AssertionError(outcome.errors)


def test_the_same_chance_gives_the_same_answers() -> None:
    schema = json.loads((PROJECT / "forms" / "case_register.form").read_text("utf-8"))
    one, other = (Pen(random.Random(3)).filled(schema, NOW) for _ in range(2))
    assert one == other


def test_wishes_win_over_chance_and_patterns_are_kept() -> None:
    field = {"type": "textfield", "key": "code", "validate": {"required": True, "pattern": "^[A-F]{3}[0-9]{2}$"}}
    choice = {"type": "radio", "key": "way", "values": [{"value": "a"}, {"value": "b"}]}
    pen = Pen(random.Random(1), wishes={"way": [("b", 1.0)]})
    values = pen.filled({"components": [field, choice]}, NOW)
    assert values["way"] == "b" and re.fullmatch("[A-F]{3}[0-9]{2}", values["code"])


def test_a_wish_is_left_alone_where_the_form_offers_something_else_by_that_key() -> None:
    choice = {"type": "radio", "key": "way", "validate": {"required": True}, "values": [{"value": "a"}, {"value": "b"}]}
    pen = Pen(random.Random(1), wishes={"way": [("c", 9.0), ("b", 1.0)]})
    assert pen.filled({"components": [choice]}, NOW)["way"] == "b"
    assert Pen(random.Random(1), wishes={"way": [("c", 9.0)]}).filled({"components": [choice]}, NOW)["way"] in ("a", "b")


def test_fields_that_refer_to_a_case_are_named() -> None:
    field = {"type": "textfield", "key": "main", "properties": {"refers_to": "open_case"}}
    assert list(references({"components": [{"type": "group", "components": [field]}]})) == [("main", "open_case")]


def test_made_up_people_and_enterprises_pass_every_rule_and_were_born_in_the_nineteenth_century() -> None:
    chance = random.Random(2)
    for number in range(300):
        assert is_id_number(identity_number(number * 97)) and is_credit_code(credit_code(number))
    people = [applicant(chance) for _ in range(50)]
    numbers = {one["applicant.cert_no"][6:8] for one in people if one["applicant.kind"] == "自然人"}
    assert numbers == {"18"}


def _with_choices(component: dict) -> dict:
    if (component.get("properties") or {}).get("source"):
        return {**component, **REFERENCE}
    inner = component.get("components")
    return component if inner is None else {**component, "components": [_with_choices(part) for part in inner]}
