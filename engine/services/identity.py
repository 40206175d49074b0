"""Identity numbers: check digits, and how personal details look when masked. Pure; keeps nothing."""

from __future__ import annotations

import re
from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
_MOBILE_IN_TEXT = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_PHONE = re.compile(r"1[3-9]\d{9}|(0\d{2,3}-?)?[1-9]\d{6,7}(-\d{1,6})?")
#: Marks a name as made up, in demonstration data; stays readable.
_SAMPLE = "示例·"


def is_id_number(text: str) -> bool:
    """Whether it is a resident identity number: 18 characters, a real birthday, check digit by GB 11643 (mod 11-2)."""
    number = text.upper()
    if not re.fullmatch(r"\d{17}[0-9X]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == number[17]


def is_credit_code(text: str) -> bool:
    """Whether it is a unified social credit code: 18 characters, check character by GB 32100 (weights 3^i mod 31)."""
    code = text.upper()
    if not re.fullmatch(f"[{_CREDIT_CHARACTERS}]{{18}}", code):
        return False
    total = sum(_CREDIT_CHARACTERS.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    return _CREDIT_CHARACTERS[(31 - total % 31) % 31] == code[17]


def is_phone(text: str) -> bool:
    """Whether it is a mainland mobile or a landline number."""
    return _PHONE.fullmatch(text) is not None


def mask_name(name: str) -> str:
    """何女士 → *女士, 张三 → *三, 示例·何女士 → 示例·*女士; what stands in brackets (a home) is dropped."""
    sample, bare = (_SAMPLE, name.removeprefix(_SAMPLE)) if name.startswith(_SAMPLE) else ("", name)
    bare = re.sub(r"[\uff08(].*$", "", bare).strip()
    shown = "" if len(bare) < 2 else bare[-min(2, len(bare) - 1) :]
    return f"{sample}*{shown}"


def mask_phone(phone: str) -> str:
    """13800001234 → 138****1234; of a shorter number the last two digits stay."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "*" * max(0, len(phone) - 2) + phone[-2:]


def mask_number(number: str) -> str:
    """440103188501010017 → 4401**********0017; of a short number only the ends stay."""
    ends = 4 if len(number) >= 12 else 1
    return number if not number else f"{number[:ends]}{'*' * max(0, len(number) - 2 * ends)}{number[-ends:] if len(number) > ends else ''}"


def mask_text(text: str) -> str:
    """Free text with identity and mobile numbers masked."""
    without_ids = _ID_IN_TEXT.sub(lambda match: mask_number(match[0]), text)
    return _MOBILE_IN_TEXT.sub(lambda match: mask_phone(match[0]), without_ids)
