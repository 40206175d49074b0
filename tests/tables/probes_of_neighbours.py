"""One set of facts for each row of the tables around the spine: returns, experts, half hours, other regions, archives, channels."""

from __future__ import annotations

from typing import Any

FREE: dict[str, Any] = {
    "is_walk_in": False,
    "special": "无",
    "is_past": False,
    "no_shows": 0,
    "by_phone": False,
    "is_working_day": True,
    "counter": "综合窗口",
    "weekday": "周一",
    "time": "10:00",
    "taken": 0,
}


def returned(window: bool = True, count: int = 1, basis: bool = True, suggestion: bool = True) -> dict[str, Any]:
    return {"return_facts": {"in_sign_window": window, "return_count": count, "has_basis": basis, "has_suggestion": suggestion}}


def slot(**facts: Any) -> dict[str, Any]:
    return {"slot_facts": FREE | facts}


def crossing(is_upward: bool = False, is_online: bool = False, regions: int = 2) -> dict[str, Any]:
    return {"cross_facts": {"is_upward": is_upward, "is_online": is_online, "regions": regions}}


def order(partner: str, kind: str) -> dict[str, Any]:
    return {"order": {"partner": partner, "kind": kind}}


def complaint(channel: str = "现场", partner: str | None = None, is_permit: bool = False) -> dict[str, Any]:
    return {"push_facts": {"channel": channel, "partner": partner, "is_permit": is_permit}}


PROBES: dict[str, dict[str, dict[str, Any]]] = {
    "DT10": {
        "B1": returned(window=False),
        "B2": returned(count=2),
        "B3": returned(basis=False),
        "B4": returned(),
        "B5": returned(suggestion=False),
    },
    "DT12": {
        "X1": {"domain": "合同"},
        "X2": {"domain": "工程"},
        "X3": {"domain": "环保"},
        "X4": {"domain": "税务"},
        "X5": {"domain": "财务"},
        "X6": {"domain": "金融"},
        "X7": {"domain": "政策"},
    },
    "DT31": {
        "V1": slot(is_walk_in=True, special="老年人"),
        "V2": slot(is_past=True),
        "V3": slot(no_shows=3),
        "V4": slot(is_working_day=False),
        "V5": slot(counter="律师坐班", weekday="周二"),
        "V6": slot(counter="工程师坐班", weekday="周三"),
        "V7": slot(counter="金融顾问坐班", weekday="周五"),
        "V8": slot(taken=3),
        "V9": slot(counter="帮办窗口", taken=1),
        "V10": slot(counter="3号窗口", by_phone=True),
        "V11": slot(taken=4),
    },
    "DT32": {
        "Q1": crossing(is_upward=True),
        "Q2": crossing(regions=3),
        "Q3": crossing(is_online=True),
        "Q4": crossing(),
    },
    "DT33": {
        "H1": {"archive_facts": {"level": "重大", "kind": "case"}},
        "H2": {"archive_facts": {"level": "简单", "kind": "case"}},
    },
    "DT34": {
        "J1": order("12345", "咨询"),
        "J2": order("12345", "求助"),
        "J3": order("12345", "投诉"),
        "J4": order("GRID", "求助"),
    },
    "DT35": {
        "U1": complaint(partner="12345"),
        "U2": complaint(is_permit=True),
        "U3": complaint(),
        "U4": complaint(channel="网上大厅"),
    },
}
