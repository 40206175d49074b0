"""What windows and the people in charge of cases are scored by (P26): figures of each window and of each person. Judges nothing.

Sources: P26 and E of the domain, 建设方案 2.2, 3.4, 6.2. A case counts for the person in charge of it when it is read. People are told by
account and name only. A rate is a share from 0 to 1, or None where there was nothing to measure; in ``score_facts`` that counts in full.

Cost: a fixed number of grouped queries, each bounded by the cases that came in since ``LOOK_BACK`` before the period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Text, and_, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.db.case_tables import Case, CaseClock, CaseEntry, Rating
from engine.db.tables import Account, OrgUnit
from engine.services.indicator_sql import ENDED, LOOK_BACK, SOLVED, kept, latest_clock, number, rate, within
from engine.services.indicators_centre import SENT_BACK
from engine.services.indicators_services import ADOPTED
from engine.services.periods import Period

#: A case that rested for a larger share of its life is told apart (防作弊, E).
LONG_PAUSE = 0.4

#: What the inquiry of a complaint found that counts against a person.
UPHELD = ("属实", "部分属实")

Key = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
Rows = Mapping[str, Mapping[str, Any]]

_COMPLEX = ("复杂", "重大")
_COUNTS = ("accepted", "closed", "ratings", "bad_ratings", "second_bad", "reopened", "extended", "long_pauses", "complaints_upheld")
_RATES = (
    "respond_rate", "conclude_rate", "on_time_rate", "solve_rate", "complex_solve_rate", "satisfaction", "active_rating_rate",
    "rectified_rate", "return_rate", "reply_rate", "adoption_rate",
)  # fmt: skip


def windows(session: Session, org_unit: str, period: Period) -> list[dict[str, Any]]:
    """A row for this unit and for each below it that finished or took in a case; by id."""
    units = _units(session, org_unit)
    rows = _figures(session, Case.org_unit, list(units), period, _window_complaints(session, list(units), period))
    return [{"unit": unit, "name": units[unit], **rows[unit]} for unit in sorted(rows)]


def people(session: Session, org_unit: str, period: Period) -> list[dict[str, Any]]:
    """A row for each account in charge of cases here that finished or came in during the period; by account."""
    units = list(_units(session, org_unit))
    rows = _figures(session, Case.owner_id, units, period, _personal_complaints(session, units, period))
    names = select(Account.id, Account.name).where(Account.id.in_(rows), Account.is_active)
    known = dict(session.execute(names.order_by(Account.id)).tuples().all())
    return [{"account": account, "name": name, **rows[account]} for account, name in known.items()]


def _units(session: Session, org_unit: str) -> dict[str, str]:
    """This unit and all below it, with their names."""
    found, parents = dict[str, str](), [org_unit]
    query = select(OrgUnit.id, OrgUnit.name)
    level = dict(session.execute(query.where(OrgUnit.id == org_unit)).tuples().all())
    while level:
        found |= level
        parents = list(level)
        level = dict(session.execute(query.where(OrgUnit.parent_id.in_(parents), OrgUnit.id.not_in(found))).tuples().all())
    return found


def _figures(session: Session, key: Key, units: list[str], period: Period, complaints: Rows) -> dict[str, dict[str, Any]]:
    parts = [
        _results(session, key, units, period),
        _intake(session, key, units, period),
        _in_time(session, key, _closed(units, period), "finish", "on_time_rate"),
        _in_time(session, key, _came(units, period), "respond", "respond_rate"),
        _in_time(session, key, and_(_came(units, period), Case.level.in_(_COMPLEX)), "conclude", "conclude_rate"),
        _in_time(session, key, _recent(units, period), "rectify", "rectified_rate", period),
        _ratings(session, key, units, period),
        _told(session, key, units, period),
        _long_pauses(session, key, units, period),
        complaints,
    ]
    busy = {one for part in parts[:2] for one in part}
    return {one: _row([part.get(one, {}) for part in parts]) for one in busy}


def _row(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(_RATES) | dict.fromkeys(_COUNTS, 0)
    for part in parts:
        found |= part
    found["return_rate"] = rate(found.pop("sent_back", 0), found["accepted"])
    found["active_rating_rate"] = rate(found.pop("first_ratings", 0), found["closed"])
    facts = {name: float(1 if found[name] is None else found[name]) for name in _RATES if name != "return_rate"}
    facts["kept_rate"] = 1.0 - (found["return_rate"] or 0.0)
    return found | {"score_facts": facts | {name: float(found[name]) for name in ("second_bad", "complaints_upheld")}}


def _recent(units: list[str], period: Period, kind: str = "case") -> ColumnElement[bool]:
    since = period.begins_at - LOOK_BACK
    return and_(Case.kind == kind, Case.org_unit.in_(units), Case.received_at >= since, Case.received_at < period.ends_at)


def _came(units: list[str], period: Period) -> ColumnElement[bool]:
    return and_(_recent(units, period), within(Case.received_at, period))


def _closed(units: list[str], period: Period) -> ColumnElement[bool]:
    return and_(_recent(units, period), within(Case.closed_at, period), Case.status.in_(ENDED))


def _by_key(session: Session, key: Key, query: Select[Any]) -> Iterator[tuple[str, RowMapping]]:
    """Each key's row of a grouped query whose first column is the key; cases of nobody are nobody's."""
    for row in session.execute(query.where(key.is_not(None)).group_by(key)).mappings():
        yield row["key"], row


def _results(session: Session, key: Key, units: list[str], period: Period) -> Rows:
    """问题解决率 and 复杂事项解决率 of what was closed; opened again after closing (早结后重开)."""
    is_complex, is_solved = Case.level.in_(_COMPLEX), Case.result.in_(SOLVED)
    query = select(
        key.label("key"),
        func.count().label("closed"),
        number(is_solved).label("solved"),
        number(is_complex).label("complex"),
        number(and_(is_complex, is_solved)).label("complex_solved"),
        number(Case.reopen_count > 0).label("reopened"),
    ).where(_closed(units, period))
    return {
        one: {
            "closed": row["closed"],
            "reopened": row["reopened"],
            "solve_rate": rate(row["solved"], row["closed"]),
            "complex_solve_rate": rate(row["complex_solved"], row["complex"]),
        }
        for one, row in _by_key(session, key, query)
    }


def _intake(session: Session, key: Key, units: list[str], period: Period) -> Rows:
    query = select(key.label("key"), number(Case.level.is_not(None)).label("accepted")).where(_came(units, period))
    return {one: {"accepted": row["accepted"]} for one, row in _by_key(session, key, query)}


def _in_time(
    session: Session, key: Key, files: ColumnElement[bool], kind: str, name: str, due_in: Period | None = None
) -> dict[str, dict[str, Any]]:
    """The share whose clock of a kind was kept; ``due_in`` leaves out what was due at another time."""
    clock = latest_clock(kind, files)
    ended = Case.closed_at if kind == "finish" else clock.c.stopped_at
    query = select(key.label("key"), func.count().label("all"), number(kept(clock, ended)).label("kept"))
    query = query.select_from(Case).join(clock, clock.c.case_no == Case.no)
    query = query.where(within(clock.c.due_at, due_in)) if due_in else query
    query = query.where(clock.c.stopped_at.is_not(None)) if kind == "conclude" else query
    return {one: {name: rate(row["kept"], row["all"])} for one, row in _by_key(session, key, query)}


def _ratings(session: Session, key: Key, units: list[str], period: Period) -> Rows:
    """群众满意度 of ratings that citizens gave themselves and that count; first ratings tell of default ones (主动评价率)."""
    counted = and_(Rating.is_counted, Rating.level > 0)
    query = select(
        key.label("key"),
        number(counted).label("ratings"),
        number(and_(counted, Rating.level >= 3)).label("good"),
        number(and_(counted, Rating.level <= 2, ~Rating.is_second)).label("bad"),
        number(and_(counted, Rating.level <= 2, Rating.is_second)).label("second_bad"),
        number(and_(counted, ~Rating.is_second)).label("first"),
    ).join(Case, Case.no == Rating.case_no)
    query = query.where(_recent(units, period), within(Rating.rated_at, period))
    return {
        one: {
            "ratings": row["ratings"],
            "satisfaction": rate(row["good"], row["ratings"]),
            "bad_ratings": row["bad"],
            "second_bad": row["second_bad"],
            "first_ratings": row["first"],
        }
        for one, row in _by_key(session, key, query)
    }


def _told(session: Session, key: Key, units: list[str], period: Period) -> Rows:
    """From the ledgers: cases sent back for materials (of those that came in) and extended ones (of those closed)."""
    query = select(key.label("key"), func.count(func.distinct(CaseEntry.case_no)).label("count"))
    query = query.select_from(CaseEntry).join(Case, Case.no == CaseEntry.case_no)
    granted = and_(CaseEntry.kind == "延期", type_coerce(CaseEntry.facts, Text).contains('"准予"'))
    wanted = {
        "sent_back": and_(_came(units, period), CaseEntry.kind.in_(SENT_BACK)),
        "extended": and_(_closed(units, period), granted),
    }
    found: dict[str, dict[str, Any]] = {}
    for name, condition in wanted.items():
        for one, row in _by_key(session, key, query.where(condition)):
            found.setdefault(one, {})[name] = row["count"]
    return found


def _long_pauses(session: Session, key: Key, units: list[str], period: Period) -> Rows:
    """Cases closed in the period that rested for more than ``LONG_PAUSE`` of their life."""
    query = select(key.label("key"), Case.no, Case.effective_at, Case.closed_at, CaseClock.paused_at, CaseClock.replaced_at)
    query = query.join(CaseClock, CaseClock.case_no == Case.no).where(_closed(units, period), key.is_not(None))
    rested, lives = dict[tuple[str, str, datetime], datetime](), dict[tuple[str, str], float]()
    resting = query.where(CaseClock.kind == "finish", CaseClock.paused_at.is_not(None))
    for one, no, began, ended, paused, resumed in session.execute(resting):  # an extension writes a resting clock anew: one rest, two rows
        rested[one, no, paused] = max(rested.get((one, no, paused), paused), min(resumed or ended, ended))
        lives[one, no] = (ended - began).total_seconds()
    shares = Counter[tuple[str, str]]()
    for (one, no, paused), until in rested.items():
        shares[one, no] += int((until - paused).total_seconds())
    counts = Counter(case[0] for case, seconds in shares.items() if seconds > LONG_PAUSE * lives[case])
    return {one: {"long_pauses": count} for one, count in counts.items()}


def _window_complaints(session: Session, units: list[str], period: Period) -> Rows:
    """投诉反馈率 of complaints closed in the period and 政策建议采纳率 of suggestions answered in it, by window."""
    found: dict[str, dict[str, Any]] = {}
    answered, replied = Counter[str](), Counter[str]()
    ended = and_(_recent(units, period, "complaint"), within(Case.closed_at, period))
    given = select(CaseEntry.case_no).where(CaseEntry.kind == "反馈")
    for unit, facts, has_reply in session.execute(select(Case.org_unit, Case.facts, Case.no.in_(given)).where(ended)):
        if facts.get("finding"):
            answered[unit] += 1
            replied[unit] += bool(has_reply)
    for unit, count in answered.items():
        found.setdefault(unit, {})["reply_rate"] = rate(replied[unit], count)
    asked, adopted = Counter[str](), Counter[str]()
    replies = select(Case.org_unit, CaseEntry.facts).join(CaseEntry, CaseEntry.case_no == Case.no)
    mine = and_(Case.org_unit.in_(units), Case.kind == "suggestion", CaseEntry.kind == "建议答复", within(CaseEntry.recorded_at, period))
    for unit, facts in session.execute(replies.where(mine)):
        asked[unit] += 1
        adopted[unit] += facts.get("adopted") in ADOPTED
    for unit, count in asked.items():
        found.setdefault(unit, {})["adoption_rate"] = rate(adopted[unit], count)
    return found


def _personal_complaints(session: Session, units: list[str], period: Period) -> Rows:
    """Complaints against a person that the inquiry upheld, closed in the period."""
    ended = and_(_recent(units, period, "complaint"), within(Case.closed_at, period))
    counts = Counter[str]()
    for facts in session.scalars(select(Case.facts).where(ended)):
        if facts.get("finding") in UPHELD and facts.get("against_person"):
            counts[str(facts["against_person"])] += 1
    return {account: {"complaints_upheld": count} for account, count in counts.items()}
