"""What a condition, a decision and a form cost: CPU of this thread, medians, against the targets beside them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.feel import Feel

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CONDITION = 'tier = "complex" and count(departments) > 2'
ROUNDS = 5

_DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def measure() -> dict[str, float]:
    """Every figure of FEEL, DMN and forms, by a title that names its unit and its target."""
    feel = Feel()
    small, large = process_data(2_000), process_data(50_000)
    decide, validate = decision(feel), form(feel)
    return {
        "condition µs CPU, 2 KB of data (≤ 60)": cost(lambda: feel.evaluate(CONDITION, small, NOW), 2_000) * 1e6,
        "condition µs CPU, 50 KB of data (≤ 150)": cost(lambda: feel.evaluate(CONDITION, large, NOW), 2_000) * 1e6,
        "decision 30 rules × 3 inputs, ms CPU (≤ 1)": cost(decide, 300) * 1e3,
        "form of 10 fields, ms CPU (≤ 10)": cost(validate, 40) * 1e3,
    }


def cost(work: Callable[[], Any], times: int) -> float:
    """Median over rounds of the CPU seconds of this thread that one call takes, warm."""
    for _ in range(max(3, times // 10)):
        work()
    measured = []
    for _ in range(ROUNDS):
        before = time.thread_time()
        for _ in range(times):
            work()
        measured.append((time.thread_time() - before) / times)
    return statistics.median(measured)


def process_data(size: int) -> dict[str, Any]:
    """Variables of a case, about ``size`` bytes of JSON; what the condition reads is little, and half of the rest is one list."""
    data: dict[str, Any] = {"tier": "complex", "departments": ["消防", "住建", "水务"], "opinions": []}
    while len(orjson.dumps(data)) < size:
        number = len(data)
        data[f"field_{number}"] = f"第 {number} 项的内容，办理过程中填写"
        data["opinions"].append({"department": f"部门 {number}", "result": "同意", "days": number % 9})
    return data


def decision(feel: Feel) -> Callable[[], Any]:
    """Decide a table of 30 rules over 3 inputs; the last rule but one is hit."""
    columns = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in ("level", "count", "late"))
    rows = "".join(_rule(number, f'"L{number % 5}"', f"[{number * 10}..{number * 10 + 9}]", "-") for number in range(30))
    source = (
        f'<definitions xmlns="{_DMN}" id="m" name="M" namespace="urn:m"><decision id="d" name="D"><decisionTable id="t">{columns}'
        f'<output name="days"/>{rows}</decisionTable></decision></definitions>'
    )
    model = feel.parse_decisions(source.encode(), "bench.dmn")
    variables = {"level": "L3", "count": 285, "late": False}
    return lambda: feel.decide(model, "d", variables, NOW)


def _rule(number: int, *cells: str) -> str:
    entries = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
    return f'<rule id="r{number}">{entries}<outputEntry><text>{number}</text></outputEntry></rule>'


def form(feel: Feel) -> Callable[[], Any]:
    """Validate a form of ten fields: texts, numbers, choices, dates, a condition."""
    components: list[dict[str, Any]] = [
        {"type": "textfield", "id": f"f{n}", "key": f"text{n}", "label": f"文本 {n}", "validate": {"required": True, "maxLength": 50}}
        for n in range(5)
    ]
    components += [
        {"type": "number", "id": "f5", "key": "fee", "label": "金额", "validate": {"min": 0, "max": 9_999}},
        {
            "type": "select",
            "id": "f6",
            "key": "kind",
            "label": "类别",
            "values": [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}],
        },
        {"type": "checkbox", "id": "f7", "key": "urgent", "label": "加急"},
        {"type": "datetime", "id": "f8", "key": "received", "subtype": "date", "dateLabel": "收件日"},
        {"type": "textarea", "id": "f9", "key": "note", "label": "说明", "conditional": {"hide": "=not(urgent)"}},
    ]
    source = orjson.dumps({"type": "default", "id": "bench", "schemaVersion": 18, "components": components})
    schema = feel.parse_form(source, "bench.form")
    data = {f"text{n}": f"内容 {n}" for n in range(5)} | {"fee": 12.5, "kind": "a", "urgent": True, "received": "2026-11-23", "note": "无"}
    return lambda: feel.validate_form(schema, data, NOW)
