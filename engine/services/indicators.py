"""The figures of a period: the centre's, each department's, topics, feedback, improvement. Reads rows, changes nothing, judges nothing.

Sources: P22, P23, C-15, C-16 and E of the domain. What came in is counted by when it came in; what was finished, by when it was finished.
A rate is a share from 0 to 1, or None where there was nothing to measure. No figure tells of a single person.

Cost: a fixed number of grouped queries, each bounded by the cases that came in since ``LOOK_BACK`` before the period.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.services.indicators_centre import centre, topics
from engine.services.indicators_departments import departments
from engine.services.indicators_services import complaints, improvement, library, suggestions
from engine.services.periods import Period
from engine.services.working_time import WorkCalendar

#: Figures that a project may take as its metric: where they stand, what they are called, whether more is better.
METRICS: Mapping[str, tuple[str, str, str, bool]] = MappingProxyType(
    {
        "respond_rate": ("centre", "首次响应及时率", "First responses in time", True),
        "conclude_rate": ("centre", "协调结论及时率", "Conclusions in time", True),
        "on_time_rate": ("centre", "按时办结率", "Finished in time", True),
        "solve_rate": ("centre", "问题解决率", "Solved", True),
        "complex_solve_rate": ("centre", "复杂事项解决率", "Complex cases solved", True),
        "complex_days": ("centre", "复杂事项平均办理时长(工作日)", "Working days of complex cases", False),
        "average_coordinations": ("centre", "平均协调次数", "Coordinations a case", False),
        "satisfaction": ("centre", "群众满意度", "Satisfaction", True),
        "average_rating": ("centre", "好差评平均分", "Average rating", True),
        "active_rating_rate": ("centre", "主动评价率", "Rated by the citizens themselves", True),
        "return_rate": ("centre", "材料退回率", "Sent back for materials", False),
        "three_trips_rate": ("centre", "跑动三次以上占比", "Three trips or more", False),
        "tag_share": ("centre", "同标签件数占比", "Share of a tag", False),
        "tag_count": ("centre", "同标签件数", "Cases of a tag", False),
        "red_cards": ("centre", "红牌数", "Red cards", False),
        "complaint_contact_rate": ("complaints", "投诉24小时响应率", "Complaints contacted within 24 hours", True),
        "complaint_on_time_rate": ("complaints", "投诉3日办结率", "Complaints answered in time", True),
        "complaint_reply_rate": ("complaints", "投诉反馈率", "Complaints answered in writing", True),
        "complaint_satisfaction": ("complaints", "投诉处理满意度", "Satisfaction with the handling of complaints", True),
        "complaint_count": ("complaints", "投诉件数", "Complaints", False),
        "adoption_rate": ("suggestions", "政策建议采纳率", "Suggestions adopted", True),
    }
)


def figures(session: Session, calendar: WorkCalendar, org_unit: str, period: Period) -> dict[str, Any]:
    """Every figure of the period for one window; departments in the order of their codes."""
    return {
        **period.described(),
        "centre": centre(session, calendar, org_unit, period),
        "departments": departments(session, calendar, org_unit, period),
        "topics": topics(session, org_unit, period),
        "complaints": complaints(session, org_unit, period),
        "suggestions": suggestions(session, org_unit, period),
        "library": library(session, org_unit, period),
        "improvement": improvement(session, org_unit, period),
    }


def metric(session: Session, calendar: WorkCalendar, org_unit: str, period: Period, name: str, scope: str | None) -> float | None:
    """One figure of ``METRICS``. ``scope`` is a department's code, or for a tag's share and count the tag itself."""
    if name not in METRICS:
        raise InvalidInput(f"Expected a metric ({', '.join(METRICS)}) but got {name!r}.", {"improvement.metric": ["请选择指标。"]})
    if name in ("tag_share", "tag_count"):
        found = next((topic for topic in topics(session, org_unit, period) if topic["tag"] == scope), None)
        return _number(found["share" if name == "tag_share" else "count"]) if found else 0.0
    if scope:
        return _of_department(departments(session, calendar, org_unit, period), name, scope)
    place = METRICS[name][0]
    if place == "centre":
        return _number(centre(session, calendar, org_unit, period)[name])
    read = complaints if place == "complaints" else suggestions
    return _number(read(session, org_unit, period)[name])


def is_more_better(name: str) -> bool:
    """Whether a rise of the metric is an improvement."""
    return METRICS[name][3] if name in METRICS else True


def _of_department(rows: list[dict[str, Any]], name: str, code: str) -> float | None:
    row = next((row for row in rows if row["code"] == code), None)
    if row is None:
        return None
    if name not in row:
        measured = ", ".join(sorted(set(METRICS) & set(row)))
        raise InvalidInput(f"Expected a metric that departments have ({measured}) but got {name!r}.")
    return _number(row[name])


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
