"""Posted forms read by their schema, and forms written for a page. No browser, no database."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from engine.feel import Feel
from webapp import form_text, forms
from webapp.form_view import FormWriter, initial_values


def schema(*components: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "test",
        "properties": {"title": "试", "en": "Test"},
        "components": [{"id": f"c{number}", **one} for number, one in enumerate(components)],
    }


NUMBER = {"type": "number", "key": "days", "label": "天数", "validate": {"min": 1}}
LEVEL = {"type": "radio", "key": "rating.level", "label": "等级", "values": [{"value": 5, "label": "好"}, {"value": 1, "label": "差"}]}
TAGS = {
    "type": "checklist",
    "key": "rating.tags",
    "label": "方面",
    "values": [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}],
}
REASON = {
    "type": "textarea",
    "key": "reason",
    "label": "原因",
    "conditional": {"hide": "=rating.level != 1"},
    "properties": {"en": "Reason"},
}
GROUP = {"type": "group", "label": "补充", "components": [{"id": "inner", **REASON}], "conditional": {"hide": "=days = null"}}


@pytest.fixture(scope="module")
def feel() -> Feel:
    return Feel()


@pytest.mark.parametrize(
    ("typed", "value"), [("3", 3), ("2.5", 2.5), ("", None), ("  4 ", 4), ("三", "三"), ("nan", "nan"), ("1e400", "1e400")]
)
def test_a_number_is_read_as_a_number_or_left_as_typed(typed: str, value: object) -> None:
    assert forms.read_posted(schema(NUMBER), MultiDict({"days": typed})) == {"days": value}


def test_dotted_keys_become_members_and_choices_keep_their_type() -> None:
    posted = MultiDict([("rating.level", "5"), ("rating.tags", "a"), ("rating.tags", "b")])
    assert forms.read_posted(schema(LEVEL, TAGS), posted) == {"rating": {"level": 5, "tags": ["a", "b"]}}


def test_nothing_posted_is_nothing_chosen() -> None:
    box = {"type": "checkbox", "key": "urgent", "label": "紧急"}
    assert forms.read_posted(schema(LEVEL, TAGS, box), MultiDict()) == {"rating": {"level": None, "tags": []}, "urgent": False}


def test_a_field_that_only_shows_is_never_read() -> None:
    shown = {"type": "textfield", "key": "conclusion", "label": "结论", "readonly": True}
    assert forms.read_posted(schema(shown), MultiDict({"conclusion": "forged"})) == {}


def test_a_moment_gets_the_offset_of_the_centre() -> None:
    moment = {"type": "datetime", "subtype": "datetime", "key": "at", "label": "时间"}
    assert forms.read_posted(schema(moment), MultiDict({"at": "2026-11-23T10:20"})) == {"at": "2026-11-23T10:20+08:00"}
    assert forms.read_posted(schema(moment), MultiDict({"at": "gestern"})) == {"at": "gestern"}


def test_line_ends_of_a_browser_become_plain() -> None:
    assert forms.read_posted(schema(REASON), MultiDict({"reason": "一\r\n二"})) == {"reason": "一\n二"}


def test_what_is_inside_a_hidden_group_is_hidden_too(feel: Feel) -> None:
    form = schema(NUMBER, LEVEL, GROUP)
    assert forms.hidden_components(feel, form, {"rating": {"level": 1}}) == {"c2", "reason"}
    assert forms.hidden_components(feel, form, {"rating": {"level": 1}, "days": 2}) == set()
    assert forms.hidden_components(feel, form, {"rating": {"level": 5}, "days": 2}) == {"reason"}


def test_a_condition_that_cannot_be_computed_hides_nothing(feel: Feel) -> None:
    broken = REASON | {"conditional": {"hide": "=unknown.thing = 1"}}
    assert forms.hidden_components(feel, schema(broken), {}) == set()


def test_the_page_watches_exactly_what_conditions_read(feel: Feel) -> None:
    assert forms.watched_keys(schema(NUMBER, LEVEL, GROUP), feel) == ("days", "rating.level")


def test_an_error_stands_at_its_field_and_in_the_summary(feel: Feel) -> None:
    view = FormWriter(feel, "zh").write(schema(NUMBER, LEVEL), {"days": "三"}, {"days": ["请填写数字。"], "": ["一般问题。"]})
    assert view.fields[0].errors == ("请填写数字。",) and view.fields[0].value == "三"
    assert view.errors == (("field-days", "天数", "请填写数字。"), ("", "", "一般问题。"))


def test_labels_are_english_when_asked_and_chinese_where_there_is_no_english(feel: Feel) -> None:
    view = FormWriter(feel, "en").write(schema(REASON, NUMBER), {}, {})
    assert [field.label for field in view.fields] == ["Reason", "天数"] and view.title == "Test"


def test_an_explanation_is_computed_over_the_variables(feel: Feel) -> None:
    text = {"type": "text", "text": '= "**结论** " + conclusion'}
    writer = FormWriter(feel, "zh")
    assert "<strong>结论</strong> 同意" in writer.write(schema(text), {"conclusion": "同意"}, {}).fields[0].text
    assert writer.write(schema(text), {}, {}).fields[0].text == ""


def test_explanations_are_written_as_text_whatever_they_hold() -> None:
    assert form_text.write("<b>x</b>\n- 一\n- **二**") == "<p>&lt;b&gt;x&lt;/b&gt;</p><ul><li>一</li><li><strong>二</strong></li></ul>"


def test_an_untouched_form_starts_with_its_defaults() -> None:
    assert initial_values(schema(NUMBER | {"defaultValue": 1}, REASON)) == {"days": 1}


def test_values_above_lie_over_values_below_member_by_member() -> None:
    assert forms.merged({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}}) == {"a": {"x": 1, "y": 3}, "b": 1}
