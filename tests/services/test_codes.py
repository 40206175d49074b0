"""Codes by national standards: which character is wrong, and what it should be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from engine.services import codes
from engine.services.codes import CREDIT_CHARACTERS, Fault


def id_number(region: str, born: date, order: int) -> str:
    number = f"{region}{born:%Y%m%d}{order:03}"
    return number + ric.calc_check_digit(number + "0")


ID_NUMBERS = st.builds(
    id_number, st.sampled_from(["440103", "110105", "650000", "500101"]), st.dates(date(1850, 1, 1), date(2026, 1, 1)), st.integers(0, 999)
)
CREDIT_CODES = st.builds(
    lambda kind, region, rest: f"{kind}{region}{rest}" + uscc.calc_check_digit(f"{kind}{region}{rest}"),
    st.sampled_from(["91", "11", "12", "52", "92"]),
    st.sampled_from(["440103", "110000", "100000"]),
    st.text(alphabet=CREDIT_CHARACTERS, min_size=9, max_size=9),
)


def said(fault: Fault | None, language: str = "zh") -> str:
    assert fault is not None
    return fault.text(language)


@given(ID_NUMBERS)
def test_every_number_with_a_right_check_digit_passes_also_one_of_the_nineteenth_century(number: str) -> None:
    assert codes.id_number_fault(number) is None
    assert codes.id_number_fault(number.lower()) is None


@given(ID_NUMBERS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: str, place: int, shift: int) -> None:
    digit = "X" if place == 17 and number[17] != "X" else str((int(number[place]) + shift) % 10) if number[place] != "X" else str(shift)
    fault = codes.id_number_fault(number[:place] + digit + number[place + 1 :])
    assert fault is not None and fault.code in ("check", "date", "region")


@given(ID_NUMBERS)
def test_a_wrong_check_digit_is_named_with_its_place_and_the_right_one(number: str) -> None:
    wrong = "0" if number[17] != "0" else "1"
    fault = codes.id_number_fault(number[:17] + wrong)
    assert fault == Fault("check", {"position": 18, "expected": number[17], "found": wrong})
    assert f"应为“{number[17]}”" in said(fault) and f"should be “{number[17]}”" in said(fault, "en")


@given(CREDIT_CODES)
def test_every_credit_code_with_a_right_check_character_passes(code: str) -> None:
    assert codes.credit_code_fault(code) is None


@given(CREDIT_CODES, st.integers(2, 16), st.sampled_from(CREDIT_CHARACTERS))
def test_one_wrong_character_of_a_credit_code_never_passes(code: str, place: int, other: str) -> None:
    changed = code[:place] + other + code[place + 1 :]
    assert (codes.credit_code_fault(changed) is None) == (changed == code)


@given(st.text(max_size=24))
def test_no_text_makes_a_check_fail_and_every_fault_is_said_in_both_languages(text: str) -> None:
    for check in (codes.id_number_fault, codes.credit_code_fault, codes.region_fault, codes.mobile_fault):
        fault = check(text)
        assert fault is None or (fault.text("zh") and fault.text("en"))


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [
        ("44010318850101001", "应为18位，现在是17位。", "It should have 18 characters but has 17."),
        ("4401O3188501010017", "第5位的“O”不能出现在这里，应为0-9。", "Character 5 cannot be “O”; it should be 0-9."),
        ("440103188502300017", "第7至14位“18850230”不是真实的出生日期。", "Characters 7 to 14, “18850230”, are no real date of birth."),
        ("990103188501010017", "第1至2位“99”不是已知的行政区划代码。", "“99” (characters 1 and 2) is no known code of a region."),
        (
            "440103188501010018",
            "第18位校验码不对：按前面的号码应为“7”，现在是“8”。请逐位核对。",
            "The check character at position 18 should be “7” after what stands before it but is “8”. Compare each.",
        ),
    ],
)
def test_the_message_says_which_digit_is_wrong(number: str, chinese: str, english: str) -> None:
    fault = codes.id_number_fault(number)
    assert (said(fault), said(fault, "en")) == (chinese, english)


def test_nobody_is_born_tomorrow() -> None:
    tomorrow = id_number("440103", date(2026, 11, 24), 1)
    assert codes.id_number_fault(tomorrow, date(2026, 11, 24)) is None
    assert said(codes.id_number_fault(tomorrow, date(2026, 11, 23))) == "第7至14位“20261124”晚于今天。"


def test_the_check_vector_of_the_standard_holds() -> None:
    assert codes.credit_code_fault("91350100M000100Y43") is None
    assert "第18位" in said(codes.credit_code_fault("91350100M000100Y4Z"))
    assert codes.credit_code_fault("91350100M000100Y44") == Fault("check", {"position": 18, "expected": "3", "found": "4"})


@pytest.mark.parametrize(
    ("code", "name"),
    [("440103", "荔湾区"), ("440100", "广州市"), ("440000", "广东省"), ("440103001001", "荔湾区"), ("110105", "朝阳区"), ("440199", None)],
)
def test_a_region_is_known_by_its_code(code: str, name: str | None) -> None:
    assert codes.region_name(code) == name
    assert (codes.region_fault(code) is None) == (name is not None)


@pytest.mark.parametrize(
    ("number", "chinese"),
    [
        ("13800001234", None),
        ("12800001234", "第2位的“2”不能出现在这里，应为3-9。"),
        ("23800001234", "第1位的“2”不能出现在这里，应为1。"),
        ("1380000123", "应为11位，现在是10位。"),
        ("1380000O234", "第8位的“O”不能出现在这里，应为0-9。"),
    ],
)
def test_a_mobile_number_is_told_apart_digit_by_digit(number: str, chinese: str | None) -> None:
    fault = codes.mobile_fault(number)
    assert (fault.text() if fault else None) == chinese
