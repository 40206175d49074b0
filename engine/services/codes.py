"""Codes by national standards: says which character of a code is wrong, and what it should be. Pure; keeps nothing.

Check digits and places come from python-stdnum. Its own check of a resident identity number also asks whether the county had its
code in the year of birth; that would refuse people whose county was renamed, and every number made up for a demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

from stdnum import numdb
from stdnum.cn import ric, uscc

CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_LENGTH = 18

#: The first character: by whom it was registered (1 staffing office … 9 market regulation, A and N rural affairs, Y other).
_REGISTRARS = "123456789ANY"
#: Codes of the whole country: bodies that no province registered.
_COUNTRY = "10"

#: What is wrong → how it is said, in both languages.
TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "length": ("应为{expected}位，现在是{found}位。", "It should have {expected} characters but has {found}."),
        "character": (
            "第{position}位的“{found}”不能出现在这里，应为{expected}。",
            "Character {position} cannot be “{found}”; it should be {expected}.",
        ),
        "check": (
            "第{position}位校验码不对：按前面的号码应为“{expected}”，现在是“{found}”。请逐位核对。",
            "The check character at position {position} should be “{expected}” after what stands before it but is “{found}”. Compare each.",
        ),
        "date": ("第7至14位“{found}”不是真实的出生日期。", "Characters 7 to 14, “{found}”, are no real date of birth."),
        "future": ("第7至14位“{found}”晚于今天。", "Characters 7 to 14, “{found}”, are later than today."),
        "region": ("{place}“{found}”不是已知的行政区划代码。", "“{found}”{place_en} is no known code of a region."),
    }
)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a code. ``code`` is a key of TEXTS, ``facts`` what it speaks of."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str = "zh") -> str:
        """The fault in words."""
        chinese, english = TEXTS[self.code]
        return (english if language == "en" else chinese).format_map(self.facts)


class Correction(str):
    """What to correct, in Chinese; ``english`` says the same."""

    english: str

    def __new__(cls, chinese: str, english: str) -> Correction:
        made = super().__new__(cls, chinese)
        made.english = english
        return made


def correction(title: str, title_en: str, fault: Fault) -> Correction:
    """A fault of a field as it is told beside it."""
    return Correction(f"{title}{fault.text()}", f"{title_en}: {fault.text('en')}")


def id_number_fault(text: str, today: date | None = None) -> Fault | None:
    """What is wrong with a resident identity number by GB 11643, or None: 18 characters, province, birthday, check digit (mod 11-2)."""
    number = text.upper()
    return (
        _length_fault(number)
        or next((_character_fault(number, place, "0-9") for place in range(17) if not _is_digit(number[place])), None)
        or (_character_fault(number, 17, "0-9 / X") if not (_is_digit(number[17]) or number[17] == "X") else None)
        or _region_part_fault(number, 0)
        or _birthday_fault(number[6:14], today)
        or _check_fault(number, ric.calc_check_digit(number))
    )


def credit_code_fault(text: str) -> Fault | None:
    """What is wrong with a unified social credit code by GB 32100, or None: registrar, region, alphabet, check character (mod 31)."""
    code = text.upper()
    return (
        _length_fault(code)
        or (_character_fault(code, 0, _REGISTRARS) if code[0] not in _REGISTRARS else None)
        or next((_character_fault(code, place, "0-9") for place in range(2, 8) if not _is_digit(code[place])), None)
        or next(
            (_character_fault(code, place, "0-9 A-Z (I O S V Z ×)") for place in range(18) if code[place] not in CREDIT_CHARACTERS), None
        )
        or _region_part_fault(code, 2)
        or _check_fault(code, uscc.calc_check_digit(code[:17]))
    )


def region_fault(text: str) -> Fault | None:
    """What is wrong with a region code by GB/T 2260 (6 digits; of a street 9, of a community 12), or None."""
    if len(text) not in (6, 9, 12):
        return Fault("length", {"expected": "6 / 9 / 12", "found": len(text)})
    wrong = next((_character_fault(text, place, "0-9") for place in range(len(text)) if not _is_digit(text[place])), None)
    if wrong is None and region_name(text) is None:
        return Fault("region", {"found": text[:6], "place": "", "place_en": ""})
    return wrong


def mobile_fault(text: str) -> Fault | None:
    """What is wrong with a mainland mobile number, or None."""
    if wrong := next((_character_fault(text, place, "0-9") for place in range(len(text)) if not _is_digit(text[place])), None):
        return wrong
    if len(text) != 11:
        return Fault("length", {"expected": 11, "found": len(text)})
    if text[0] != "1":
        return _character_fault(text, 0, "1")
    return _character_fault(text, 1, "3-9") if text[1] < "3" else None


def region_name(code: str) -> str | None:
    """The name of a province, city or county, as it is or once was; None when nobody knows the code."""
    return _name_of(code[:6])


@cache
def _name_of(code: str) -> str | None:
    found = {key: value for _, facts in numdb.get("cn/loc").info(code) for key, value in facts.items()}
    if code.endswith("0000"):
        return found.get("province")
    if "county" in found:
        return re.sub(r"\[[^\]]*\]", "", found["county"]).split(",")[-1]
    # A city is in the list only as the counties below it.
    return found.get("province") if code.endswith("00") and _has_county(code[:4]) else None


def _has_county(city: str) -> bool:
    return any("county" in facts for number in range(1, 100) for _, facts in numdb.get("cn/loc").info(f"{city}{number:02}"))


def _is_province(digits: str) -> bool:
    return any("province" in facts for _, facts in numdb.get("cn/loc").info(f"{digits}0000"))


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _length_fault(text: str) -> Fault | None:
    return None if len(text) == CODE_LENGTH else Fault("length", {"expected": CODE_LENGTH, "found": len(text)})


def _character_fault(text: str, place: int, expected: str) -> Fault:
    return Fault("character", {"position": place + 1, "found": text[place], "expected": expected})


def _region_part_fault(text: str, start: int) -> Fault | None:
    """Only the province: lists of counties know neither every code that there was nor those of tomorrow."""
    province = text[start : start + 2]
    if (province == _COUNTRY and start) or _is_province(province):
        return None
    place = {"place": f"第{start + 1}至{start + 2}位", "place_en": f" (characters {start + 1} and {start + 2})"}
    return Fault("region", {"found": province, **place})


def _birthday_fault(digits: str, today: date | None) -> Fault | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return Fault("date", {"found": digits})
    return Fault("future", {"found": digits}) if today is not None and born > today else None


def _check_fault(text: str, expected: str) -> Fault | None:
    if text[-1] == expected:
        return None
    return Fault("check", {"position": len(text), "expected": expected, "found": text[-1]})
