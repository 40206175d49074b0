"""What operations may ask of the rules: what a change would have done, and what held when the case was accepted. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case
from engine.db.tables import DecisionRun, Definition
from engine.errors import NotFound
from engine.replaying import DecisionChange, Failure, Knowledge, asked_again, count_since, runs_since
from engine.services import rule_rows
from engine.services.csv_tables import CsvRow
from engine.versions import Place, latest

#: A replay looks at no more decisions than these, the newest: it runs while a step of a process does.
MOST_DECISIONS = 2_000
#: So many are told one by one.
MOST_TOLD = 50


@dataclass(frozen=True)
class RulesInForce:
    """The rules for one case; ``known`` gives what an instance knows."""

    engine: Engine
    session: Session
    place: Place
    known: Knowledge

    def replay(self, definition_ids: Sequence[int], days: int) -> Mapping[str, Any]:
        """Flips of these tables over the last ``days`` days; of data files the cases that name a row they change."""
        rows = [self.session.get_one(Definition, number) for number in definition_ids]
        since = self.place.now - timedelta(days=days)
        models = {row.key: self.engine.definitions.decision(self.session, row.id) for row in rows if row.kind == "decision"}
        runs = runs_since(self.session, list(models), since, MOST_DECISIONS)
        found = list(asked_again(self.engine, self.session, runs, models, self.known))
        changes = [one for one in found if isinstance(one, DecisionChange)]
        failures = [one for one in found if isinstance(one, Failure)]
        touched = [line for row in rows if row.kind == "reference" for line in self._touched(row, since)]
        moves = Counter((one.decision, "、".join(one.old_rows), "、".join(one.new_rows)) for one in changes)
        return {
            "flips": [*map(_told, changes[:MOST_TOLD]), *touched[:MOST_TOLD]],
            "flip_count": len(changes) + len(touched),
            "moves": [f"{decision} {old} → {new}:{count}件" for (decision, old, new), count in moves.most_common(20)],
            "replayed": len(runs),
            "left_out": max(0, count_since(self.session, list(models), since) - len(runs)),
            "failed": [f"{one.case_no} {one.decision}:{one.problem}" for one in failures[:MOST_TOLD]],
        }

    def rows(self, key: str) -> Sequence[CsvRow]:
        """The rows of a data file that judge this case; none where no such file is in force."""
        found = rule_rows.accepted_at(self.session, key, self.place.accepted_at, self.place.now)
        return found.holding if found else ()

    def _touched(self, row: Definition, since: datetime) -> list[str]:
        """Cases of the time whose matter, or a value that a table saw, is the code of a row that the file changes."""
        codes = self._changed_codes(row)
        if not codes:
            return []
        wanted = select(Case.no, Case.matter_code).where(Case.received_at >= since, Case.matter_code.in_(codes))
        lines = {number: f"{number} {row.key}:{code}" for number, code in self.session.execute(wanted)}
        seen = select(DecisionRun.business_key, DecisionRun.inputs).where(DecisionRun.decided_at >= since)
        for number, inputs in self.session.execute(seen.order_by(DecisionRun.id.desc()).limit(MOST_DECISIONS)):
            named = sorted(codes & {value for value in inputs.values() if isinstance(value, str)})
            if named:
                lines.setdefault(number, f"{number} {row.key}:{'、'.join(named)}")
        return list(lines.values())

    def _changed_codes(self, row: Definition) -> set[str]:
        try:
            before = rule_rows.rows_of(self.session, latest(self.session, "reference", row.key, Place("", self.place.now)).id)
        except NotFound:
            before = ()
        old, new = _by_code(before), _by_code(rule_rows.rows_of(self.session, row.id))
        return {code for code in old.keys() | new.keys() if old.get(code) != new.get(code)}


def _by_code(rows: Sequence[CsvRow]) -> dict[str, list[Mapping[str, Any]]]:
    """Rows by what stands in their first column."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(str(next(iter(row.values.values()))), []).append(row.values)
    return found


def _told(change: DecisionChange) -> str:
    rows = f"{'、'.join(change.old_rows) or '—'} → {'、'.join(change.new_rows) or '—'}"
    return f"{change.case_no} {local(change.decided_at):%Y-%m-%d} {change.decision}:{rows}"
