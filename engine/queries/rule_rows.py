"""Rows of data files that hit in a case, shown as the answers of decision tables are: row, inputs, version, validity. Reads evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.activations import BEGINNING
from engine.assembly import Engine
from engine.db.case_tables import Matter
from engine.db.tables import Definition, Evidence
from engine.queries.decisions import DecisionView, decisions_of
from engine.services import rule_rows
from engine.services.csv_tables import CsvRow
from engine.services.validity import BEGIN, END, span

INPUTS = {"matter": "事项", "negative_code": "负面清单"}
ACCEPTED_ON = "受理日"
#: Columns whose value alone says nothing: what a number or a yes in them means.
_MEANING = {
    "commit_ok": "可告知承诺",
    "risk": "风险领域",
    "one_thing": "列入“一件事”清单",
    "promise_wd": "承诺{}个工作日",
    "validity_days": "{}日内出具",
    "successor": "由{}接续",
}


def decided_by(engine: Engine, session: Session, case_no: str) -> tuple[DecisionView, ...]:
    """What tables answered in a case and which rows of data files it was judged by, oldest first."""
    return tuple(sorted((*decisions_of(engine, session, case_no), *rows_hit(session, case_no)), key=lambda view: view.decided_at))


def rows_hit(session: Session, case_no: str) -> Iterator[DecisionView]:
    """The rows of data files on record for a case, each time they were asked."""
    kept = select(Evidence.facts, Evidence.recorded_at).where(Evidence.chain == case_no, Evidence.event == rule_rows.HIT)
    for facts, recorded_at in session.execute(kept.order_by(Evidence.sequence)):
        yield _view(session, orjson.loads(facts), datetime.fromisoformat(recorded_at))


def validity_words(values: Mapping[str, Any]) -> str:
    """On which days a row holds."""
    begin, end = span(values)
    if (begin, end) == (date.min, date.max):
        return "长期有效"
    if begin == date.min:
        return f"至{end}有效"
    return f"自{begin}起有效" if end == date.max else f"{begin}至{end}有效"


def _view(session: Session, facts: Mapping[str, Any], decided_at: datetime) -> DecisionView:
    key, lines = facts["file"], set(facts["lines"])
    rows = [row for row in rule_rows.rows_of(session, facts["definition"]) if row.line in lines]
    since = datetime.fromisoformat(facts["since"]) if facts["since"] else None
    return DecisionView(
        decision_key=key,
        name=session.get_one(Definition, facts["definition"]).name,
        row="、".join(rule_rows.name_of(key, row) for row in rows),
        version=facts["version"],
        inputs=(*_inputs(session, facts["inputs"]), (ACCEPTED_ON, facts["on"])),
        outputs=tuple((rule_rows.name_of(key, row), _words(key, row)) for row in rows),
        decided_at=decided_at,
        element_id=facts["element"],
        in_force_since=since if since and since > BEGINNING else None,
        chosen_because=facts["reason"],
    )


def _inputs(session: Session, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, code in given.items():
        matter = session.get(Matter, code) if name == "matter" else None
        yield INPUTS.get(name, name), f"{code} {matter.name}" if matter else code


def _words(key: str, row: CsvRow) -> str:
    """What a row says, and when it holds."""
    told = (column for column in row.values if column not in (*rule_rows.keys_of(key), BEGIN, END) and not column.endswith("_en"))
    return " · ".join([*(_cell(column, row[column]) for column in told if row[column]), validity_words(row.values)])


def _cell(column: str, value: Any) -> str:
    words = "、".join(value) if isinstance(value, list) else str(value)
    return _MEANING.get(column, "{}").format(words)
