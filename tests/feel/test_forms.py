"""Forms: what is refused at deployment, and what validating a submission gives."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE
from engine.errors import ExpressionFailed, InvalidDefinition
from engine.feel import Feel, FormOutcome, Limits
from tests.feel.translated import require_translated

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)
REQUIRED = {"required": True}


def field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"field_{key}", "key": key, "label": key, **more}


def form(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": "default", "id": "sample", "components": list(components)}


def checked(feel: Feel, schema: dict[str, Any], data: dict[str, Any], variables: dict[str, Any] | None = None) -> FormOutcome:
    return feel.validate_form(schema, data, NOW, variables)


def codes(feel: Feel, source: bytes) -> list[str]:
    with pytest.raises(InvalidDefinition) as caught:
        feel.parse_form(source, "sample.form")
    assert all(finding.file == "sample.form" and finding.message and finding.remedy for finding in caught.value.findings)
    with pytest.raises(InvalidDefinition) as english:
        feel.parse_form(source, "sample.form", "en")
    require_translated(caught.value, english.value)
    return [finding.code for finding in caught.value.findings]


def as_source(schema: Any) -> bytes:
    return json.dumps(schema, ensure_ascii=False, indent=2).encode()


def test_every_form_of_the_centre_is_accepted(feel: Feel) -> None:
    for file in sorted((Path(__file__).resolve().parents[2] / "forms").glob("*.form")):
        assert feel.parse_form(file.read_bytes(), file.name)["id"]


def test_an_empty_required_field_is_refused_in_chinese(feel: Feel) -> None:
    schema = form(field("textfield", "name", validate=REQUIRED))
    assert checked(feel, schema, {}).errors == {"name": ["此项必填。"]}
    assert checked(feel, schema, {"name": "  "}).errors == {"name": ["此项必填。"]}
    assert checked(feel, schema, {"name": "甲"}).errors == {}


def test_errors_are_in_english_when_asked(feel: Feel) -> None:
    schema = form(field("textfield", "name", validate=REQUIRED))
    assert feel.validate_form(schema, {}, NOW, language="en").errors == {"name": ["Field is required."]}


@pytest.mark.parametrize(
    ("component", "posted", "says"),
    [
        (field("number", "x"), "三", "请填写数字"),
        (field("number", "x", decimalDigits=0), "1.5", "请填写整数"),
        (field("number", "x", decimalDigits=2), "1.555", "最多保留 2 位小数"),
        (field("number", "x", validate={"min": 3}), "2", "不能小于 3"),
        (field("number", "x", validate={"max": 3}), 4, "不能大于 3"),
        (field("textfield", "x", validate={"minLength": 2}), "a", "至少填写 2 个字"),
        (field("textarea", "x", validate={"maxLength": 2}), "abc", "最多填写 2 个字"),
        (field("textfield", "x", validate={"pattern": "^[0-9]+$"}), "a", "格式不对"),
        (field("textfield", "x", validate={"pattern": "^[0-9]+$", "patternErrorMessage": "请填数字编号。"}), "a", "请填数字编号。"),
        (field("textfield", "x", validate={"validationType": "email"}), "a", "电子邮箱"),
        (field("select", "x", values=[{"label": "甲", "value": "a"}]), "b", "请从给出的选项中选择"),
        (field("radio", "x", values=[{"label": "甲", "value": "a"}]), "b", "请从给出的选项中选择"),
        (field("checklist", "x", values=[{"label": "甲", "value": "a"}]), ["a", "b"], "请从给出的选项中选择"),
        (field("select", "x", valuesExpression="=[1, 2]"), 3, "请从给出的选项中选择"),
        (field("datetime", "x", subtype="date"), "2026-02-31", "有效的日期"),
        (field("datetime", "x", subtype="date"), "昨天", "有效的日期"),
        (field("datetime", "x", subtype="time"), "25 点", "有效的时间"),
    ],
)
def test_a_wrong_entry_is_refused_and_not_dropped(feel: Feel, component: dict[str, Any], posted: Any, says: str) -> None:
    errors = checked(feel, form(component), {"x": posted}).errors
    assert says in errors["x"][0]


@pytest.mark.parametrize(
    ("component", "posted", "value"),
    [
        (field("number", "x"), " 3 ", 3),
        (field("number", "x"), "2.50", 2.5),
        (field("number", "x"), "", None),
        (field("number", "x", serializeToString=True), "2.50", "2.50"),
        (field("checkbox", "x"), "on", True),
        (field("checkbox", "x"), "false", False),
        (field("checklist", "x", values=[{"label": "甲", "value": "a"}]), "a", ["a"]),
        (field("radio", "x", values=[{"label": "5", "value": 5}]), "5", 5),
        (field("select", "x", values=[{"label": "是", "value": True}]), "true", True),
        (field("select", "x", valuesExpression="=options"), "b", "b"),
        (field("datetime", "x", subtype="date"), "2026-02-28", "2026-02-28"),
        (field("textarea", "x"), "一\n二", "一\n二"),
    ],
)
def test_what_a_page_posts_comes_out_typed(feel: Feel, component: dict[str, Any], posted: Any, value: Any) -> None:
    outcome = checked(feel, form(component), {"x": posted}, {"options": ["a", "b"]})
    assert outcome.errors == {}
    assert outcome.data == {"x": value}


def test_a_box_not_ticked_is_false_whatever_it_was_before(feel: Feel) -> None:
    schema = form(field("checkbox", "x", defaultValue=True))
    assert checked(feel, schema, {}, {"x": True}).data == {"x": False}


def test_a_hidden_field_is_neither_required_nor_kept(feel: Feel) -> None:
    schema = form(field("radio", "result", values=[{"label": "好", "value": "好"}, {"label": "不好", "value": "不好"}]))
    schema["components"].append(field("textfield", "why", conditional={"hide": '=result != "不好"'}, validate=REQUIRED))
    assert checked(feel, schema, {"result": "好", "why": "偷偷写的"}) == FormOutcome({"result": "好"}, {}, frozenset({"field_why"}))
    assert checked(feel, schema, {"result": "不好"}).errors == {"why": ["此项必填。"]}


def test_conditions_see_the_variables_of_the_task_and_the_given_moment(feel: Feel) -> None:
    schema = form(
        field("textfield", "a", conditional={"hide": '=level = "简单"'}, validate=REQUIRED),
        field("textfield", "b", conditional={"hide": '=date(now()) = date("2026-11-23")'}, validate=REQUIRED),
        field("number", "c", validate={"max": "=limit"}),
    )
    assert checked(feel, schema, {"c": "5"}, {"level": "简单", "limit": 4}).errors == {"c": ["不能大于 4。"]}


def test_a_condition_reads_each_time_as_the_names_of_that_task_have_it(feel: Feel) -> None:
    schema = form(field("textfield", "why", conditional={"hide": "=a-b = 1"}, validate=REQUIRED))
    for _time in range(2):
        assert checked(feel, schema, {}, {"a-b": 5}).errors.keys() == {"why"}
        assert checked(feel, schema, {}, {"a": 3, "b": 2}).errors == {}


def test_a_disabled_field_is_never_taken_from_a_submission(feel: Feel) -> None:
    schema = form(field("textfield", "shown", disabled=True), field("textfield", "x"))
    assert checked(feel, schema, {"shown": "forged", "x": "1"}, {"shown": "true one"}).data == {"x": "1"}


def test_a_field_the_form_does_not_have_is_not_taken(feel: Feel) -> None:
    assert checked(feel, form(field("textfield", "x")), {"x": "1", "grade": "简单"}).data == {"x": "1"}


def test_nested_keys_may_be_posted_flat_or_nested(feel: Feel) -> None:
    schema = form(field("textfield", "applicant.name"), {"type": "group", "id": "g", "path": "facts", "components": [field("number", "n")]})
    expected = {"applicant": {"name": "甲"}, "facts": {"n": 2}}
    assert checked(feel, schema, {"applicant.name": "甲", "facts.n": "2"}).data == expected
    assert checked(feel, schema, expected).data == expected


def test_rows_of_a_list_are_checked_one_by_one(feel: Feel) -> None:
    rows = {"type": "dynamiclist", "id": "rows", "path": "rows", "isRepeating": True, "components": [
        field("textfield", "name", validate=REQUIRED),
        field("textfield", "why", conditional={"hide": '=this.name = "甲"'}, validate=REQUIRED),
    ]}  # fmt: skip
    outcome = checked(feel, form(rows), {"rows": [{"name": "甲"}, {"name": "乙"}, {"why": "x"}]})
    assert outcome.errors == {"rows[1].why": ["此项必填。"], "rows[2].name": ["此项必填。"]}


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"{", "form.not_json"),
        (b"[]", "form.not_json"),
        (b"[" * 100_000, "form.not_json"),
        ("表单".encode("gbk"), "form.encoding"),
        (b" " * ((1 << 20) + 1), "form.too_large"),
        (as_source({"id": "a", "components": []}), "form.not_form"),
        (as_source({"type": "default", "components": [field("textfield", "x")]}), "form.no_id"),
        (as_source(form()), "form.no_components"),
        (as_source(form(field("hologram", "x"))), "form.unknown_type"),
        (as_source(form({"type": "number", "id": "n"})), "form.no_key"),
        (as_source(form(field("number", "__proto__.x y"))), "form.no_key"),
        (as_source(form(field("number", "x"), {**field("number", "x"), "id": "other"})), "form.duplicate_key"),
        (as_source(form(field("number", "x"), {**field("number", "y"), "id": "field_x"})), "form.duplicate_id"),
        (as_source(form({**field("number", "x"), "id": ["a"]})), "form.shape"),
        (as_source(form(field("number", "x", validate=[1]))), "form.shape"),
        (as_source(form(field("radio", "x", values=["a"]))), "form.shape"),
        (as_source(form({"type": ["number"], "id": "x"})), "form.unknown_type"),
        (as_source(form(field("number", "x", conditional={"hide": "=a == 1 &&"}))), "form.feel"),
        (as_source(form(field("number", "x", conditional={"hide": "a = 1"}))), "form.feel"),
        (as_source(form(field("number", "x", validate={"min": "=len(a)"}))), "form.feel"),
        (as_source(form(field("number", "x"), field("number", "x.y"))), "form.import"),
    ],
)
def test_a_form_that_cannot_work_is_refused_at_deployment(feel: Feel, source: bytes, code: str) -> None:
    assert code in codes(feel, source)


def test_a_finding_names_the_field_and_its_line(feel: Feel) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        feel.parse_form(as_source(form(field("textfield", "ok"), field("hologram", "x"))), "sample.form")
    [finding] = caught.value.findings
    assert (finding.line, finding.element_id, finding.element_name) == (13, "field_x", "x")


@pytest.mark.parametrize("entry", ["x" * 2_000_000, {"__proto__": {"polluted": 1}}, [[[]]], "\u2028</script>", {"$t": "date"}])
def test_strange_entries_do_no_harm(feel: Feel, entry: Any) -> None:
    outcome = checked(feel, form(field("textfield", "x", validate={"maxLength": 10})), {"x": entry, "__proto__": {"required": False}})
    assert set(outcome.data) <= {"x"}
    assert checked(feel, form(field("textfield", "y", validate=REQUIRED)), {}).errors == {"y": ["此项必填。"]}


def test_a_pattern_without_end_is_stopped() -> None:
    feel = Feel(Limits(cpu_seconds=0.3))
    schema = form(field("textfield", "x", validate={"pattern": "^(a+)+$"}))
    with pytest.raises(ExpressionFailed):
        checked(feel, schema, {"x": "a" * 40 + "b"})
    assert checked(feel, schema, {"x": "aa"}).errors == {}
