"""One set of facts for each row of the tables of suggestions, improvement, circulars and the case library."""

from __future__ import annotations

from typing import Any

USUAL_SUGGESTION: dict[str, Any] = {"level": "区", "similar_90d": 0, "law_change": False, "own_process": False}
NOTHING_TRIGGERS: dict[str, Any] = {"tag_share": 0, "red_cards": 0, "return_rate": 0, "satisfaction": 1, "similar_cases": 0}
NOTHING_SCORED: dict[str, Any] = dict.fromkeys(
    (
        "sign_rate", "on_time_rate", "solve_rate", "satisfaction", "routing_accuracy", "attendance_rate", "share_rate", "onsite_rate",
        "yellow_cards", "red_cards", "second_bad",
    ),
    0,
)  # fmt: skip
NO_RED_ITEM: dict[str, Any] = {"sign_rate": 1, "on_time_rate": None, "solve_rate": 1, "satisfaction": 1, "red_cards": 0, "absences": 0}
NOTHING_NEW: dict[str, Any] = {"already_drafted": False, "level": "简单", "rating": 4, "new_row": False, "new_tag": False}


def suggested(**facts: Any) -> dict[str, Any]:
    return {"suggestion_facts": USUAL_SUGGESTION | facts}


def triggered(**facts: Any) -> dict[str, Any]:
    return {"trigger_facts": NOTHING_TRIGGERS | facts}


def scored(**facts: Any) -> dict[str, Any]:
    return {"score_facts": NOTHING_SCORED | facts}


def reported(**facts: Any) -> dict[str, Any]:
    return {"circular_facts": NO_RED_ITEM | facts}


def closed(**facts: Any) -> dict[str, Any]:
    return {"library_facts": NOTHING_NEW | facts}


PROBES: dict[str, dict[str, dict[str, Any]]] = {
    "DT14": {
        "Y1": suggested(own_process=True),
        "Y2": suggested(level="省"),
        "Y3": suggested(law_change=True),
        "Y4": suggested(similar_90d=5),
        "Y5": suggested(),
    },
    "DT15": {
        "P1": triggered(tag_share=0.2),
        "P2": triggered(red_cards=2),
        "P3": triggered(return_rate=0.21),
        "P4": triggered(satisfaction=0.89),
        "P5": triggered(similar_cases=3),
    },
    "DT16": {f"S{number}": scored(**{name: 1}) for number, name in enumerate(NOTHING_SCORED, 1)},
    "DT21": {
        "B0": closed(already_drafted=True, level="重大"),
        "B1": closed(level="复杂"),
        "B2": closed(rating=5),
        "B3": closed(new_row=True),
        "B4": closed(new_tag=True),
        "B5": closed(),
    },
    "DT22": {"V1": {"score": 90}, "V2": {"score": 80}, "V3": {"score": 60}, "V4": {"score": 59.9}},
    "DT23": {
        "I1": reported(sign_rate=0.94),
        "I2": reported(on_time_rate=0.9),
        "I3": reported(solve_rate=0.84),
        "I4": reported(satisfaction=0.89),
        "I5": reported(red_cards=1),
        "I6": reported(absences=2),
    },
}
