"""One set of facts for each row of the tables about registers."""

from __future__ import annotations

from typing import Any


def _posting(**facts: Any) -> dict[str, Any]:
    usual = {"kind": "posting", "post": "审批人员", "rank": "中层副职以上", "staff_type": "公务员", "months": 12}
    return {"register_facts": {**usual, **facts}}


def _window(**facts: Any) -> dict[str, Any]:
    return {"register_facts": {"kind": "window_check", "level": "县", "headcount": 2, **facts}}


OF_REGISTERS: dict[str, dict[str, dict[str, Any]]] = {
    "DT17": {
        "RG1": _posting(post="审批科室负责人", rank="一般干部"),
        "RG2": _posting(staff_type="聘用"),
        "RG3": _posting(months=6),
        "RG4": _window(level="市", headcount=3),
        "RG5": _window(headcount=1),
        "RG6": _window(),
    },
}
