"""What FEEL expressions give, and what analysts read when they do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.clock import LOCAL_ZONE
from engine.errors import ExpressionFailed
from engine.feel import Feel, FeelFailed

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("expression", "variables", "value"),
    [
        ('tier = "complex" and count(departments) > 2', {"tier": "complex", "departments": ["a", "b", "c"]}, True),
        ("= 1 + 2", {}, 3),
        ("金额 * 2", {"金额": 1.5}, 3),
        ('if level = "重大" then 15 else 5', {"level": "重大"}, 15),
        ("{ total: sum(fees), most: max(fees) }", {"fees": [1, 2.5]}, {"total": 3.5, "most": 2.5}),
        ('opinions[result = "同意"]', {"opinions": [{"result": "同意"}, {"result": "不同意"}]}, [{"result": "同意"}]),
        ("some o in opinions satisfies o.late", {"opinions": [{"late": False}, {"late": True}]}, True),
        ("for d in departments return d.name", {"departments": [{"name": "消防"}]}, ["消防"]),
        ('string join(["甲", "乙"], "、")', {}, "甲、乙"),
        ("Base fee * 2", {"Base fee": 21}, 42),
        ('duration("P1Y2M")', {}, "P1Y2M"),
        ('get value(facts, "note")', {"facts": {}}, None),
        ("fee", {"fee": Decimal("12.50")}, 12.5),
    ],
)
def test_an_expression_gives_its_value(feel: Feel, expression: str, variables: dict[str, Any], value: Any) -> None:
    assert feel.evaluate(expression, variables) == value


def test_sums_of_money_come_out_as_on_paper(feel: Feel) -> None:
    assert feel.evaluate("100 * 1.15 = 115", {}) is True
    assert feel.evaluate("0.1 + 0.2", {}) == 0.3
    assert feel.evaluate("sum([0.1, 0.2, 0.3])", {}) == 0.6


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1e3", 1000),
        ("median([9, 10, 100])", 10),
        ("mean([0.1, 0.2, 0.3])", 0.2),
        ('max([date("2026-01-01"), date("2026-02-01")])', date(2026, 2, 1)),
        ('min("乙", "甲", "丙")', "丙"),
        ('duration("PT4H") * 2', timedelta(hours=8)),
        ('duration("PT4H") / 2', timedelta(hours=2)),
        ('duration("PT4H") / duration("PT30M")', 8),
        ('-duration("P1D")', timedelta(days=-1)),
        ('duration("P1Y") * 1.5', "P1Y6M"),
        ('years and months duration(date("2024-01-01"), date("2026-11-23"))', "P2Y10M"),
        ("during(5, [1..10])", True),
        ("during([4..6], (4..6])", False),
        ("starts([1..3], [1..8])", True),
        ("started by([1..8], 1)", True),
        ("finishes([3..8], [1..8])", True),
        ("finished by([1..8), 8)", False),
        ("coincides([1..8], [1..8))", False),
        ("overlaps before([1..5], [3..8])", True),
        ("overlaps after([1..5], [3..8])", False),
        ('for day in date("2026-11-30")..date("2026-12-01") return day.day', [30, 1]),
        ('for day in date("2026-12-01")..date("2026-11-30") return day.day', [1, 30]),
        ("decimal(1 / 3, 2.9)", 0.33),
    ],
)
def test_what_feelin_would_get_wrong_is_right_here(feel: Feel, expression: str, value: Any) -> None:
    assert feel.evaluate(expression, {}) == value


def test_whole_numbers_come_back_as_int(feel: Feel) -> None:
    assert type(feel.evaluate("4 / 2", {})) is int


def test_an_existing_variable_may_be_compared_with_null(feel: Feel) -> None:
    assert feel.evaluate("x = null", {"x": None}) is True
    assert feel.evaluate("x != null", {"x": 3}) is True


def test_a_guard_against_null_keeps_the_rest_from_being_evaluated(feel: Feel) -> None:
    assert feel.evaluate("x != null and x > 3", {"x": None}) is False
    assert feel.evaluate("x = null or x > 3", {"x": None}) is True


def test_now_and_today_are_the_given_moment_in_the_centres_zone(feel: Feel) -> None:
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    assert feel.evaluate("now()", {}, late) == late
    assert feel.evaluate("now().hour", {}, late) == 1
    assert feel.evaluate("today()", {}, late) == date(2026, 11, 23)


def test_now_without_a_given_moment_is_an_error(feel: Feel) -> None:
    feel.evaluate("now()", {}, NOW)
    with pytest.raises(ExpressionFailed, match="没有给出当前时间"):
        feel.evaluate("now()", {})


def test_a_date_and_time_without_a_zone_is_the_centres_wall_clock(feel: Feel) -> None:
    assert feel.evaluate('date and time("2026-11-23T09:59:00") < now()', {}, NOW) is True
    assert feel.evaluate('date and time("2026-11-23T10:01:00") < now()', {}, NOW) is False
    assert feel.evaluate('date and time("2026-11-23T10:00:00") = now()', {}, NOW) is True
    assert feel.evaluate('date and time("2026-11-23T02:00:00Z") = now()', {}, NOW) is True
    assert feel.evaluate('now() - date and time("2026-11-23T08:00:00")', {}, NOW) == timedelta(hours=2)
    assert feel.evaluate('date and time("2026-11-23T17:30:00")', {}) == datetime(2026, 11, 23, 17, 30, tzinfo=LOCAL_ZONE)


def test_a_day_plus_hours_is_a_moment_of_the_centres_wall_clock(feel: Feel) -> None:
    assert feel.evaluate('today() + duration("PT17H")', {}, NOW) == datetime(2026, 11, 23, 17, 0, tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 2, 28),
        time(8, 30),
        datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=LOCAL_ZONE),
        datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
        datetime(2026, 7, 1, 12, 0, tzinfo=ZoneInfo("Europe/Paris")),
        timedelta(days=2, hours=3, seconds=1, microseconds=500_000),
        -timedelta(hours=36),
        timedelta(0),
        [date(2026, 1, 1), {"at": datetime(2026, 1, 1, tzinfo=UTC)}],
    ],
)
def test_dates_and_times_go_in_and_come_back_the_same(feel: Feel, value: Any) -> None:
    assert feel.evaluate("x", {"x": value}) == value


def test_a_naive_datetime_comes_back_with_the_centres_zone(feel: Feel) -> None:
    assert feel.evaluate("x", {"x": NOW.replace(tzinfo=None)}) == NOW


def test_iso_text_stays_text_until_it_is_converted(feel: Feel) -> None:
    received = {"received": "2026-11-23T10:00:00+08:00"}
    assert feel.evaluate("received", received) == "2026-11-23T10:00:00+08:00"
    assert feel.evaluate('date and time(received) + duration("PT1H")', received) == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("expression", "variables", "code", "says"),
    [
        ("nofee > 3", {"fee": 1}, "NO_VARIABLE_FOUND", "找不到变量“nofee”。你是不是想写“fee”"),
        ("x > 3", {"x": None}, "INVALID_COMPARISON", "不能比较空值 与数字 3"),
        ("x = 5", {"x": "5"}, "INVALID_COMPARISON", "number(x)"),
        ("facts.note", {"facts": {}}, "NO_CONTEXT_ENTRY_FOUND", "get value"),
        ("facts.note", {"facts": None}, "NO_PROPERTY_FOUND", "空值"),
        ('tier == "a"', {"tier": "a"}, "INVALID_COMPARISON", "一个等号"),
        ("tier = 'a'", {"tier": "a"}, "SYNTAX", "双引号"),
        ("a && b", {"a": True, "b": True}, "SYNTAX", "“and”"),
        ("a = True", {"a": True}, "NO_VARIABLE_FOUND", "小写的 true"),
        ("len(a)", {"a": [1]}, "NO_VARIABLE_FOUND", "count(列表)"),
        ("strng(5)", {}, "NO_VARIABLE_FOUND", "“string”"),
        ("a and b", {"a": True, "b": None}, "NOT_BOOLEAN", "空值"),
        ("if a then 1 else 2", {"a": "x"}, "NOT_BOOLEAN", "真假值"),
        ("some x in a satisfies x", {"a": ["x"]}, "NOT_BOOLEAN", "真假值"),
        ("every x in a satisfies x", {"a": ["x"]}, "NOT_BOOLEAN", "真假值"),
        ('time("10:00:00+19:00")', {}, "INVALID_ARGUMENTS", "不是有效的时间"),
        ('date and time("2026-01-01T10:00:00Z@Europe/Paris")', {}, "INVALID_ARGUMENTS", "不是有效的日期时间"),
        ("round up(1.5, 7000)", {}, "INVALID_ARGUMENTS", "round up"),
        ("1 / 0", {}, "DIVISION_BY_ZERO", "除数是零"),
        ('date("abc")', {}, "INVALID_ARGUMENTS", "不是有效的日期"),
        ("x > [1, 2]", {"x": 1}, "ERROR", "列表或结构"),
        ("count(x)", {"x": None}, "INVALID_ARGUMENTS", "count(x)"),
        ('"a" + 1', {}, "INVALID_TYPE", "不能把文本 \"a\" 与数字 1 相加"),
        ("function(x) x", {}, "BAD_RESULT", "函数"),
        ("2 ** 2000", {}, "NOT_A_NUMBER", "有限的数字"),
        ("x", {"x": 2**60}, "BAD_DATA", "证件号"),
        ("  ", {}, "EMPTY", "空的"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_that_says_what_to_write(
    failure: Any, expression: str, variables: dict[str, Any], code: str, says: str
) -> None:
    error = failure(expression, variables)
    assert error.code == code
    assert says in str(error)


def test_an_error_gives_the_position_in_the_expression_as_written(failure: Any) -> None:
    assert failure("=  1 + nofee").position == 7


@pytest.mark.parametrize(
    "expression", ['tier = "a" and count(x) > 2', "金额 > 3", '@"2026-01-01"', "{ a: 1, b: a + 1 }", "function(a) a + 1"]
)
def test_check_finds_nothing_in_good_expressions(feel: Feel, expression: str) -> None:
    assert feel.check(expression) == []


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ('tier == "a"', "一个等号"),
        ("tier = 'a'", "双引号"),
        ("a && b", "and"),
        ("x = None", "null"),
        ("len(x) > 2", "没有函数“len”"),
        ("cuont(x) > 2", "“count”"),
        ("if x then", "语法不对"),
        ("金额 ＞ 3", "改为英文的"),
        ("now() + PT5M", "duration("),
        ("", "空的"),
        ("1 + " * 10_000 + "1", "超过上限"),
    ],
)
def test_check_says_what_is_wrong_and_what_to_write(feel: Feel, expression: str, says: str) -> None:
    problems = feel.check(expression)
    assert problems
    assert says in problems[0]


def test_check_knows_names_with_spaces_when_told(feel: Feel) -> None:
    assert feel.check("Base fee * 2", ["Base fee"]) == []


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('tier = "a" and count(x) > 2', {"tier", "x"}),
        ("for i in list return i * k", {"list", "k"}),
        ("some d in ds satisfies d.x > limit", {"ds", "limit"}),
        ("{ a: 1, b: a + c }", {"c"}),
        ("function(a) a + b", {"b"}),
        ("facts.a.b", {"facts"}),
        ("opinions[result = wanted]", {"opinions"}),
        ("today()", set()),
    ],
)
def test_names_lists_the_variables_an_expression_reads(feel: Feel, expression: str, names: set[str]) -> None:
    assert feel.names(expression) == names


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("for i in 3..0 return i", [3, 2, 1, 0]),
        ("for i in [1..3] return i", [1, 2, 3]),
        ("3[true]", [3]),
        ("(function(a: number, b) a + b)(1, 2)", 3),
        ("2 in (< 3)", True),
    ],
)
def test_ranges_filters_and_typed_parameters(feel: Feel, expression: str, value: Any) -> None:
    assert feel.evaluate(expression, {}) == value


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ('for i in "a".."c" return i', "NOT_COUNTABLE"),
        ("for i in [3..1] return i", "NOT_COUNTABLE"),
        ("2 in [1..null]", "INVALID_COMPARISON"),
        ('(function(a: number) a)("x")', "INVALID_ARGUMENTS"),
    ],
)
def test_ranges_without_an_end_and_arguments_of_another_type_are_mistakes(feel: Feel, expression: str, code: str) -> None:
    with pytest.raises(FeelFailed) as caught:
        feel.evaluate(expression, {})
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("expression", "position", "plain"),
    [
        ("count（x）", 5, "("), ("a，b", 1, ","), ("a ＝ 1", 2, "="), ("a ≥ 3", 2, ">="), ("a《3", 1, "<"), ("facts．x", 5, "."),
        ("a ＋ 1", 2, "+"), ("a － 1", 2, "-"), ("a ×2", 2, "*"), ("【1】", 0, "["), ("a、b", 1, ","),
    ],
)  # fmt: skip
def test_signs_of_chinese_input_methods_are_named_with_what_to_type(feel: Feel, expression: str, position: int, plain: str) -> None:
    [problem] = feel.problems(expression)
    assert problem.position == position
    assert f"“{expression[position]}”" in problem.text() and f"“{plain}”" in problem.text()
    assert f"“{expression[position]}”" in problem.text("en") and f"“{plain}”" in problem.text("en")


@pytest.mark.parametrize("quoted", ["“重大”", "「重大」", "‘重大’", '"重大”', "『重大』"])
def test_foreign_quotes_are_told_at_their_place(feel: Feel, quoted: str) -> None:
    [problem] = feel.problems(f"level = {quoted}")
    assert "英文双引号" in problem.text() and "double quotes" in problem.text("en")
    assert problem.position == 8


@pytest.mark.parametrize(
    ("expression", "says"), [("if a then 1", "needs an else"), ("a <> b", "!="), ("not a", "not(…)"), ("Count(a)", "“count”")]
)
def test_what_other_languages_write_is_told_with_what_to_write(feel: Feel, expression: str, says: str) -> None:
    assert says in feel.check(expression, language="en")[0]


def test_chinese_punctuation_in_texts_and_known_names_is_left_alone(feel: Feel) -> None:
    assert feel.check('level = "重大（一级），特急"') == []
    assert feel.check("是否（重大） = true", names=["是否（重大）"]) == []
