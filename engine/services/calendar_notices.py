"""A holiday notice as a file: reads it against the calendar in force, line by line. Moves no due time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import chinese_calendar

from engine.errors import Finding, Severity
from engine.services.csv_tables import CsvRow, Findings, read_file
from engine.services.reference_files import CALENDAR
from engine.services.working_time import WORKING_DAY_TYPES, WorkCalendar, published_to

_TEXTS = {
    "calendar-twice": (
        "{day} 在第 {other} 行已经写过。", "一天只写一行,删去其中一行。",
        "{day} stands in line {other} already.", "One line a day: delete one of the two.",
    ),
    "calendar-past": (
        "{day} 已经过去。", "过去的日子不能再改,删去这一行。",
        "{day} lies in the past.", "What has gone by cannot be changed: delete this line.",
    ),
    "calendar-published": (
        "{day} 在已公布的放假安排里是{published},这里写成{type}。", "确有上级通知的可以继续;否则删去这一行。",
        "By the published calendar {day} is {published}, here it is {type}.", "Go on if a later notice says so, else delete this line.",
    ),
    "calendar-same": (
        "{day} 与已公布的放假安排相同,不会有变化。", "可以删去这一行。",
        "{day} is as the published calendar has it: nothing changes.", "This line can be deleted.",
    ),
    "calendar-empty": ("文件里没有日期。", "每天一行:date,type,source,confirmed。", "The file has no day.",
        "One line a day: date,type,source,confirmed."),
}  # fmt: skip


@dataclass(frozen=True)
class NoticeDay:
    """A day that the notice says something about, and whether the window was open on it until now."""

    line: int
    day: date
    type: str
    source: str
    is_confirmed: bool
    was_open: bool

    @property
    def is_open(self) -> bool:
        return self.type in WORKING_DAY_TYPES

    @property
    def is_changed(self) -> bool:
        return self.is_open != self.was_open


@dataclass(frozen=True)
class HolidayNotice:
    """What the file brings: its days, the whole calendar file with them, and that calendar."""

    days: tuple[NoticeDay, ...]
    content: bytes
    calendar: WorkCalendar
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def read_notice(content: bytes, in_force: bytes | None, calendar: WorkCalendar, today: date, language: Any = "zh") -> HolidayNotice:
    """The notice on top of the calendar file in force. Days that were only expected in its years give way to it."""
    collected = Findings(language=language)
    rows = read_file(content, CALENDAR, collected)
    told = [finding for finding in collected.items if finding.code != "duplicate"]  # calendar-twice says it, whatever is confirmed
    findings = [*told, *_findings(rows, calendar, today, language)]
    if not rows and not findings:
        findings.append(_finding("calendar-empty", None, language))
    days = tuple(_day(row, calendar) for row in rows)
    known = read_file(in_force, CALENDAR, Findings()) if in_force is not None else []
    merged = _merged(known, rows)
    return HolidayNotice(days, _written(merged), WorkCalendar.from_days(_as_days(merged)), tuple(findings))


def first_change(before: WorkCalendar, after: WorkCalendar) -> date | None:
    """The first day on which the two differ, or from which one of them is confirmed; None when they are alike."""
    named = {*before.confirmed, *before.provisional, *after.confirmed, *after.provisional}
    changed = [day for day in named if before.is_working_day(day) != after.is_working_day(day)]
    if before.confirmed_to != after.confirmed_to:
        changed.append(date(min(before.confirmed_to, after.confirmed_to).year + 1, 1, 1))
    return min(changed, default=None)


def _findings(rows: Sequence[CsvRow], calendar: WorkCalendar, today: date, language: Any) -> Iterator[Finding]:
    seen: dict[date, int] = {}
    for row in rows:
        day = row["date"]
        if day in seen:
            yield _finding("calendar-twice", row.line, language, day=day, other=seen[day])
        elif day < today:
            yield _finding("calendar-past", row.line, language, day=day)
        elif day <= published_to():
            yield _against_published(row, calendar, language)
        seen.setdefault(day, row.line)


def _against_published(row: CsvRow, calendar: WorkCalendar, language: Any) -> Finding:
    is_open = bool(chinese_calendar.is_workday(row["date"]))
    if is_open == (row["type"] in WORKING_DAY_TYPES):
        return _finding("calendar-same", row.line, language, "info", day=row["date"])
    words = {"zh": ("工作日", "休息日"), "en": ("a working day", "a day off")}[language]
    return _finding("calendar-published", row.line, language, "warning", day=row["date"], published=words[not is_open], type=row["type"])


def _finding(code: str, line: int | None, language: Any, severity: Severity = "error", **facts: object) -> Finding:
    texts = _TEXTS[code][0 if language == "zh" else 2 :]
    return Finding(CALENDAR.name, line, "date", None, code, texts[0].format_map(facts), texts[1], severity)


def _day(row: CsvRow, calendar: WorkCalendar) -> NoticeDay:
    return NoticeDay(row.line, row["date"], row["type"], row["source"], row["confirmed"], calendar.is_working_day(row["date"]))


def _merged(known: Sequence[CsvRow], rows: Sequence[CsvRow]) -> list[CsvRow]:
    given = {row["date"] for row in rows}
    announced = {row["date"].year for row in rows if row["confirmed"]}
    kept = [row for row in known if row["date"] not in given and (row["confirmed"] or row["date"].year not in announced)]
    return sorted([*kept, *rows], key=lambda row: row["date"])


def _as_days(rows: Sequence[CsvRow]) -> list[tuple[date, str, bool]]:
    return [(row["date"], row["type"], row["confirmed"]) for row in rows]


def _written(rows: Sequence[CsvRow]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in CALENDAR.columns])
    for row in rows:
        writer.writerow([row["date"].isoformat(), row["type"], row["source"], str(row["confirmed"]).lower()])
    return text.getvalue().encode()
