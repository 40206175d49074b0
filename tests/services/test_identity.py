"""Check digits and masks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from engine.services.identity import is_credit_code, is_id_number, is_phone, mask_name, mask_number, mask_phone, mask_text


@pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002x", "440103188501010017"])
def test_an_identity_number_with_a_right_check_digit_is_accepted(number: str) -> None:
    assert is_id_number(number)


@pytest.mark.parametrize("number", ["110105194912310021", "44010318850230001X", "4401031885010100", "", "44010318850101001A"])
def test_an_identity_number_with_a_wrong_check_digit_or_birthday_is_refused(number: str) -> None:
    assert not is_id_number(number)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91440103DEMA000136", "11440103DEMG00019G"])
def test_a_credit_code_with_a_right_check_character_is_accepted(code: str) -> None:
    assert is_credit_code(code)


@pytest.mark.parametrize("code", ["91350100M000100Y4Z", "91440103DEMA00013O", "91350100M000100Y4", ""])
def test_a_credit_code_with_a_wrong_check_character_is_refused(code: str) -> None:
    assert not is_credit_code(code)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("示例·何女士", "示例·*女士"),
        ("何女士", "*女士"),
        ("张三", "*三"),
        ("李", "*"),
        ("梁伯", "*伯"),
        ("示例·黄先生(芳村××苑3栋)", "示例·*先生"),
        ("示例·廖婆婆\uff08同楼住户\uff09", "示例·*婆婆"),
        ("", "*"),
    ],
)
def test_a_name_is_shown_without_the_surname_and_without_the_home(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_a_telephone_number_keeps_its_ends() -> None:
    assert mask_phone("13800001234") == "138****1234"
    assert mask_phone("81234567") == "******67"
    assert is_phone("020-81234567") and is_phone("13800001234") and not is_phone("123")


def test_an_identity_number_keeps_four_digits_at_each_end() -> None:
    assert mask_number("440103188501010017") == "4401**********0017"
    assert mask_number("E12345") == "E****5"
    assert mask_number("") == ""


def test_identity_and_mobile_numbers_in_free_text_are_masked() -> None:
    assert mask_text("我是440103188501010017,电话13800001234。") == "我是4401**********0017,电话138****1234。"


def test_other_numbers_in_free_text_stay() -> None:
    text = "工单BBC440103-20261123-0001,合同号20261123000000000000,金额13800001234567元"
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "written",
    [
        "138 0000 1234",
        "138-0000-1234",
        "１３８００００１２３４",
        "1 3 8 0 0 0 0 1 2 3 4",
        "+86 13800001234",
        "8613800001234",
        "138\u3000０000\u30001234",
        "4401 0318 8501 0100 17",
        "440103-18850101-0017",
        "４４０１０３１８８５０１０１００１７",
        "11010519491231002Ｘ",
        "440103 18850101 001 7",
    ],
)
def test_numbers_in_groups_and_in_wide_digits_are_masked(written: str) -> None:
    assert "****" in mask_text(f"我的号码是{written},请联系")
    assert "0000" not in mask_text(written) and "0101" not in mask_text(written)


def test_a_number_next_to_another_one_is_masked_as_well() -> None:
    assert "0001234" not in mask_text("138 0000 1390 0001234")


DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９"])
GAPS = st.sampled_from(["", " ", "-", "\u3000"])


@given(st.integers(3, 9), st.integers(0, 10**9 - 1), DIGITS, GAPS, st.integers(1, 6))
def test_no_way_of_writing_shows_a_mobile_number(second: int, rest: int, digits: str, gap: str, size: int) -> None:
    number = f"1{second}{rest:09}"
    groups = [number[start : start + size] for start in range(0, 11, size)]
    written = gap.join(groups).translate({ord(str(value)): digits[value] for value in range(10)})
    assert mask_text(f"电话{written}。") == f"电话{mask_phone(number)}。"


@given(st.dates(date(1850, 1, 1), date(2026, 1, 1)), st.integers(0, 999), DIGITS, GAPS, st.integers(2, 8))
def test_no_way_of_writing_shows_an_identity_number(born: date, order: int, digits: str, gap: str, size: int) -> None:
    number = f"440103{born:%Y%m%d}{order:03}"
    number += ric.calc_check_digit(number + "0")
    groups = [number[start : start + size] for start in range(0, 18, size)]
    written = gap.join(groups).translate({ord(str(value)): digits[value] for value in range(10)})
    assert mask_text(f"证件{written}。") == f"证件{mask_number(number)}。"


@given(st.text(alphabet="0123456789 -Xx１３八", max_size=60))
def test_masking_never_fails_and_masks_a_name_of_two_or_more_characters(name: str) -> None:
    assert "*" in mask_name(name)
    assert mask_text(mask_text(name)) == mask_text(name)
