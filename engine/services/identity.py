"""Personal details: whether they can be right, and how they look when masked. Pure; keeps nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from engine.services.codes import credit_code_fault, id_number_fault

#: What people put between the digits of a number that they write in groups.
_GAP = "[ \u3000\u00a0\t._·\u2010-\u2015-]{0,2}"
_ID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
_ID_IN_GROUPS = re.compile(f"(?<![0-9A-Za-z])(?:[0-9]{_GAP}){{17}}[0-9Xx](?![0-9A-Za-z])")
_MOBILE_IN_TEXT = re.compile(f"(?<![0-9])(?:(?:00|\\+)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])")
#: Digits and letters as they are written in a Chinese line are as many characters as the ordinary ones.
_ORDINARY = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_PHONE = re.compile(r"1[3-9]\d{9}|(0\d{2,3}-?)?[1-9]\d{6,7}(-\d{1,6})?")
#: Marks a name as made up, in demonstration data; stays readable.
_SAMPLE = "示例·"


def is_id_number(text: str) -> bool:
    """Whether it is a resident identity number (GB 11643)."""
    return id_number_fault(text) is None


def is_credit_code(text: str) -> bool:
    """Whether it is a unified social credit code (GB 32100)."""
    return credit_code_fault(text) is None


def is_phone(text: str) -> bool:
    """Whether it is a mainland mobile or a landline number."""
    return _PHONE.fullmatch(text) is not None


def in_one_piece(number: str) -> str:
    """A number as it is kept: in ordinary digits and capitals, without spaces."""
    return re.sub(r"\s", "", number.translate(_ORDINARY)).upper()


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
    """Free text with identity and mobile numbers masked, in whatever digits and groups they are written."""
    masked = _masked_once(text)
    while masked != text:  # what is left of one number and what follows it may make another
        text, masked = masked, _masked_once(masked)
    return masked


def _masked_once(text: str) -> str:
    text = _replaced(_ID_IN_TEXT, text, mask_number)
    text = _replaced(_ID_IN_GROUPS, text, lambda number: mask_number(number) if _has_birthday(number) else None)
    return _replaced(_MOBILE_IN_TEXT, text, lambda number: mask_phone(number[-11:]))


def _replaced(pattern: re.Pattern[str], text: str, change: Callable[[str], str | None]) -> str:
    """Each number found in ``text`` changed; ``change`` is given its digits and says None where it shall stay."""
    parts, end = list[str](), 0
    for found in pattern.finditer(text.translate(_ORDINARY)):
        changed = change(re.sub(r"[^0-9Xx]", "", found[0]))
        if changed is not None:
            parts += [text[end : found.start()], changed]
            end = found.end()
    return "".join([*parts, text[end:]])


def _has_birthday(number: str) -> bool:
    """Numbers written in groups may be anything; one with a date where the birthday stands is taken for an identity number."""
    try:
        return 1800 <= date(int(number[6:10]), int(number[10:12]), int(number[12:14])).year <= 2100
    except ValueError:
        return False
