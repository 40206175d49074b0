"""The forms: readable in two languages, accepted by form-js, and telling a clerk what is wrong."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from engine.clock import as_local
from engine.feel import Feel
from engine.simulation.filling import Pen

from .conftest import FORMS, SOURCES, START_FORMS, components, fields, filled, schema
from .samples import SAMPLES

TYPES = {"textfield", "textarea", "number", "checkbox", "radio", "select", "checklist", "datetime", "text", "group", "separator"}
CHINESE = re.compile(r"[一-鿿]")
NOW = as_local("2026-11-23T10:00")
PERSONAL = {"name", "cert_type", "cert_no", "phone", "address"}

#: Forms with hand-made submissions; the others are filled in by chance.
sampled = pytest.mark.parametrize("form", sorted(SAMPLES))
every_form = pytest.mark.parametrize("form", FORMS)


def test_every_sample_is_of_a_form_that_is_there() -> None:
    assert set(SAMPLES) <= set(FORMS)


@every_form
def test_a_form_carries_its_key_and_a_title_in_both_languages(form: str) -> None:
    document = schema(form)
    assert document["id"] == form
    assert CHINESE.search(document["properties"]["title"])
    assert re.fullmatch(r"[\x20-\x7e]+", document["properties"]["en"])


@every_form
def test_a_form_uses_only_what_the_server_renders(form: str) -> None:
    assert {component["type"] for component in components(schema(form))} <= TYPES


@every_form
def test_no_id_and_no_key_is_used_twice(form: str) -> None:
    everything = list(components(schema(form)))
    ids = Counter(component["id"] for component in everything)
    keys = Counter(component["key"] for component in everything if "key" in component)
    assert [name for name, times in (ids + keys).items() if times > 1 and (ids[name] > 1 or keys[name] > 1)] == []


@every_form
def test_no_key_is_both_a_value_and_a_context(form: str) -> None:
    keys = {field["key"] for field in fields(form)}
    assert [key for key in keys if any(other.startswith(f"{key}.") for other in keys)] == []


@every_form
def test_every_label_is_there_in_both_languages(form: str) -> None:
    for component in components(schema(form)):
        chinese = component.get("label") or component["text"]
        assert CHINESE.search(chinese), component["id"]
        assert component["properties"]["en"], component["id"]
        assert bool(component.get("description")) == bool(component["properties"].get("en_description")), component["id"]


@every_form
def test_every_option_is_there_in_both_languages(form: str) -> None:
    options = [option for field in fields(form) for option in field.get("values", [])]
    assert [option for option in options if not (option["label"] and option["en"] and option["value"] is not None)] == []


@every_form
def test_every_choice_has_options_or_a_known_source(form: str) -> None:
    choices = [field for field in fields(form) if field["type"] in ("select", "radio", "checklist")]
    assert [field["key"] for field in choices if not field["values"] and field["properties"].get("source") not in SOURCES] == []


@every_form
def test_every_text_a_person_types_has_an_end(form: str) -> None:
    typed = [field for field in fields(form) if field["type"] in ("textfield", "textarea") and not field.get("disabled")]
    assert [field["key"] for field in typed if "maxLength" not in field["validate"]] == []


@every_form
def test_a_field_that_only_shows_is_never_submitted(form: str) -> None:
    assert [field["key"] for field in fields(form) if bool(field.get("readonly")) != bool(field.get("disabled"))] == []


@every_form
def test_personal_data_is_asked_at_registration_only(form: str) -> None:
    asked = {field["key"] for field in fields(form) if field["key"].partition(".")[0] in PERSONAL | {"applicant"}}
    assert asked == set() or form in {*START_FORMS, "citizen_report"}


@every_form
def test_every_condition_is_an_expression(feel: Feel, form: str) -> None:
    for component in components(schema(form)):
        hide = component.get("conditional", {}).get("hide", "=true")
        assert (component["id"], hide[0], feel.check(hide)) == (component["id"], "=", [])


@every_form
def test_every_computed_text_is_an_expression(feel: Feel, form: str) -> None:
    texts = [component for component in components(schema(form)) if component["type"] == "text"]
    computed = [text for component in texts for text in (component["text"], component["properties"]["en"]) if text.startswith("=")]
    assert [feel.check(text) for text in computed if feel.check(text)] == []


@every_form
def test_a_form_file_is_accepted(feel: Feel, form: str) -> None:
    assert feel.parse_form(FORMS[form].read_bytes(), FORMS[form].name)


@sampled
def test_a_good_submission_passes(feel: Feel, form: str) -> None:
    outcome = feel.validate_form(feel.parse_form(filled(form), form), SAMPLES[form].good)
    assert outcome.errors == {}
    assert {key: value for key, value in SAMPLES[form].good.items() if reached(outcome.data, key) != value} == {}


@sampled
def test_a_bad_submission_is_refused_at_the_fields_to_mend(feel: Feel, form: str) -> None:
    sample = SAMPLES[form]
    outcome = feel.validate_form(feel.parse_form(filled(form), form), sample.good | sample.bad)
    assert set(outcome.errors) == sample.wrong


@every_form
def test_what_chance_fills_in_passes_and_each_field_asked_for_is_missed(feel: Feel, form: str) -> None:
    document = json.loads(filled(form))
    values = _accepted(feel, document, random.Random(form))
    for field in (field for field in components(document) if field.get("validate", {}).get("required") and field["key"] in values):
        outcome = feel.validate_form(document, {key: value for key, value in values.items() if key != field["key"]}, NOW)
        assert outcome.errors == {} or field["key"] in outcome.errors
        assert outcome.errors or field["id"] in outcome.hidden or _is_in_hidden(document, field["id"], outcome.hidden)


def _accepted(feel: Feel, document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """What chance filled in and the form accepted; rules between fields may take a few attempts."""
    for _attempt in range(12):
        values = Pen(chance, left_empty=0.2).filled(document, NOW)
        outcome = feel.validate_form(document, values, NOW)
        if not outcome.errors:
            return values
    raise AssertionError(outcome.errors)


def _is_in_hidden(parent: Mapping[str, Any], sought: str, hidden: frozenset[str]) -> bool:
    """Whether a group around the component is hidden."""
    groups = [part for part in components(parent) if part["id"] in hidden]
    return any(inner["id"] == sought for group in groups for inner in components(group))


@every_form
def test_an_empty_submission_is_refused_where_something_is_required(feel: Feel, form: str) -> None:
    asks = any(field.get("validate", {}).get("required") for field in fields(form))
    assert asks == bool(feel.validate_form(feel.parse_form(filled(form), form), {}).errors)


def test_the_opinions_of_the_departments_are_shown_to_the_lead(feel: Feel) -> None:
    opinions = [
        {"department": "D06", "name": "区住房和城乡建设局", "opinion": "同意", "basis": None, "reply": "可以先受理"},
        {"department": "D11", "name": "区消防救援大队", "opinion": None, "basis": None, "reply": None},
        {"department": "D10", "name": "区城管局", "opinion": "不同意", "basis": "示例条例", "reply": "占道"},
    ]
    text = next(component["text"] for component in components(schema("lead_conclusion")) if component["id"] == "text_opinions")
    lines = feel.evaluate(text, {"summary": {"opinions": opinions}}).splitlines()
    assert lines == [
        "**各部门意见**",
        "",
        "- 区住房和城乡建设局:同意。可以先受理",
        "- 区消防救援大队:未答复",
        "- 区城管局:不同意。占道(依据:示例条例)",
    ]


def test_a_basis_is_asked_unless_the_department_agrees(feel: Feel) -> None:
    form = feel.parse_form(filled("opinion"), "opinion.form")
    wrong = {
        opinion: set(feel.validate_form(form, {"opinion": opinion, "reply": "意见如下"}).errors)
        for opinion in ("同意", "不同意", "需补充", "已办结")
    }
    assert wrong == {"同意": set(), "不同意": {"basis"}, "需补充": {"basis"}, "已办结": {"basis"}}


def test_a_complaint_needs_no_facts_for_grading(feel: Feel) -> None:
    facts = {key: value for key, value in SAMPLES["case_register"].good.items() if not key.startswith("grading_facts")}
    outcome = feel.validate_form(feel.parse_form(filled("case_register"), "case_register.form"), facts | {"triage_facts.nature": "投诉"})
    assert outcome.errors == {}
    assert "grading_facts" not in outcome.data


def test_a_posted_rating_becomes_a_number(feel: Feel) -> None:
    outcome = feel.validate_form(feel.parse_form(filled("citizen_rating"), "citizen_rating.form"), {"rating.level": "2"})
    assert outcome.data["rating"]["level"] == 2


def test_minutes_name_a_last_day_whatever_the_leading_group_decides(feel: Feel) -> None:
    form = feel.parse_form(filled("record_minutes"), "record_minutes.form")
    answer = {"minutes.resolution": SAMPLES["record_minutes"].good["minutes.resolution"]}
    wrong = {decided: set(feel.validate_form(form, answer | {"minutes.disposition": decided}).errors) for decided in ("上报", "依法不能")}
    assert wrong == {"上报": {"minutes.due"}, "依法不能": {"minutes.due"}}


def reached(data: Mapping[str, Any], key: str) -> Any:
    """The value at the dotted ``key`` of nested ``data``."""
    value: Any = data
    for name in key.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
