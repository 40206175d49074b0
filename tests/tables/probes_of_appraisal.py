"""One set of facts for each row of the tables that score windows and the people in charge of cases."""

from __future__ import annotations

from typing import Any

OF_WINDOWS = (
    "complex_solve_rate", "satisfaction", "conclude_rate", "solve_rate", "on_time_rate", "reply_rate", "kept_rate", "adoption_rate",
)  # fmt: skip
OF_PEOPLE = ("respond_rate", "solve_rate", "satisfaction", "on_time_rate", "rectified_rate", "complaints_upheld", "second_bad")


def assessed(kind: str, closed: int) -> dict[str, Any]:
    return {"assessed": {"kind": kind, "closed": closed}}


def only(fact: str, names: tuple[str, ...], name: str) -> dict[str, Any]:
    return {fact: dict.fromkeys(names, 0) | {name: 1}}


PROBES: dict[str, dict[str, dict[str, Any]]] = {
    "DT47": {"N1": assessed("窗口", 29), "N2": assessed("个人", 9), "N3": assessed("个人", 10)},
    "DT48": {f"W{number}": only("window_facts", OF_WINDOWS, name) for number, name in enumerate(OF_WINDOWS, 1)},
    "DT49": {f"P{number}": only("personal_facts", OF_PEOPLE, name) for number, name in enumerate(OF_PEOPLE, 1)},
}
