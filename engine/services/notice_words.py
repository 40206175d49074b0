"""What a notice says in English where the case knows it in Chinese: names, days, words of a few fixed kinds. Sends nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import as_local, local
from engine.db.case_tables import Case, Department, Matter
from engine.db.kind_tables import CaseKind

_CODE = re.compile(r"D\d{2,4}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")

#: Words that notices are given as values.
_WORDS = {
    "简单": "simple", "复杂": "complex", "重大": "major", "窗口专员": "a clerk of the window", "政务服务窗口": "the service window",
    "现场": "at the window", "网上大厅": "online", "电话": "by telephone", "微信": "by WeChat", "其他": "other",
    "剩余": "left", "超期": "overdue", "黄牌": "yellow card", "红牌": "red card", "黄灯预警": "yellow warning",
}  # fmt: skip


def known_in_english(session: Session, case: Case, known: Mapping[str, Any]) -> dict[str, Any]:
    """Of what the case fills in by itself, that which has an English name."""
    matter = session.get(Matter, case.matter_code) if case.matter_code else None
    lead = session.get(Department, case.lead_department) if case.lead_department else None
    kind = session.get(CaseKind, case.kind)
    named = {"事项": matter and matter.name_en, "牵头部门": lead and lead.name_en, "件别": kind and kind.name_en}
    return {word: english for word, english in named.items() if word in known and english}


def in_english(session: Session, value: Any) -> Any:
    """A value as an English reader reads it; a text that nobody wrote in English stays as it is."""
    if isinstance(value, str) and _ISO_MOMENT.match(value):
        value = _moment(value)
    elif isinstance(value, str) and _ISO_DATE.fullmatch(value):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        return f"{local(value) if value.tzinfo else value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return _day(value)
    if not isinstance(value, str):
        return value
    if _CODE.fullmatch(value):
        department = session.get(Department, value)
        return department.name_en or department.name if department else value
    return _WORDS.get(value) or _department(session, value) or value


def _day(value: date) -> str:
    return f"{value.day} {value:%B} {value.year}"


def _moment(text: str) -> datetime | str:
    try:
        return as_local(text)
    except ValueError:
        return text


def _department(session: Session, name: str) -> str | None:
    return session.scalar(select(Department.name_en).where(Department.name == name).limit(1)) or None
