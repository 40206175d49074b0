"""One set of facts for each row of the tables about registers, extensions and accountability."""

from __future__ import annotations

from typing import Any


def _posting(**facts: Any) -> dict[str, Any]:
    usual = {"kind": "posting", "post": "审批人员", "rank": "中层副职以上", "staff_type": "公务员", "months": 12}
    return {"register_facts": {**usual, **facts}}


def _window(**facts: Any) -> dict[str, Any]:
    return {"register_facts": {"kind": "window_check", "level": "县", "headcount": 2, **facts}}


def _extension(**facts: Any) -> dict[str, Any]:
    usual = {"before_due": True, "level": "复杂", "nth": 1, "told": True, "ratio": 0.5}
    return {"extension_facts": {**usual, **facts}}


def _accountable(**facts: Any) -> dict[str, Any]:
    usual = {"exempt": False, "red_cards": 0, "overdue_days": 0, "uncorrected": False}
    return {"accountability_facts": {**usual, **facts}}


OF_REGISTERS: dict[str, dict[str, dict[str, Any]]] = {
    "DT09": {
        "E1": _extension(before_due=False),
        "E2": _extension(told=False),
        "E3": _extension(level="重大"),
        "E4": _extension(nth=2),
        "E5": _extension(ratio=1.5),
        "E6": _extension(),
    },
    "DT11": {
        "A0": _accountable(exempt=True),
        "A4": _accountable(red_cards=3),
        "A3": _accountable(overdue_days=6),
        "A2a": _accountable(red_cards=1),
        "A2b": _accountable(uncorrected=True),
        "A1": _accountable(overdue_days=1),
        "A1b": _accountable(),
    },
    "DT17": {
        "RG1": _posting(post="审批科室负责人", rank="一般干部"),
        "RG2": _posting(staff_type="聘用"),
        "RG3": _posting(months=6),
        "RG4": _window(level="市", headcount=3),
        "RG5": _window(headcount=1),
        "RG6": _window(),
    },
}
