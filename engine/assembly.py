"""Engine: the chosen parts, put together once per process. Knows how parts are built; decides nothing."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bpmn.model import ProcessDefinition
from engine.bpmn.parse import parse
from engine.clock import Clock, MovableClock, SystemClock
from engine.db.case_tables import CalendarDay
from engine.db.database import Database
from engine.db.statements import EVIDENCE_HEAD
from engine.db.tables import Definition, Resource
from engine.errors import NotFound
from engine.feel import DecisionModel, Feel
from engine.services.case_kinds import Kinds, read_kinds
from engine.services.files import FileStore
from engine.services.secrets import Secrets
from engine.services.working_time import WorkCalendar
from engine.settings import Settings

#: What this process has parsed, by kind, key and digest of the bytes: the same bytes mean the same to every engine in it.
_BY_CONTENT: dict[tuple[str, str, str], Any] = {}


class DefinitionCache:
    """Parsed definitions by row number. A version never changes, so nothing here ever grows stale."""

    def __init__(self, feel: Feel, lives_on: bool = False):
        self._feel, self._lives_on = feel, lives_on
        self._parsed: dict[int, Any] = {}
        self._lock = Lock()

    def process(self, session: Session, definition_id: int) -> ProcessDefinition:
        definition: ProcessDefinition = self._get(session, definition_id)
        return definition

    def decision(self, session: Session, definition_id: int) -> DecisionModel:
        model: DecisionModel = self._get(session, definition_id)
        return model

    def form(self, session: Session, definition_id: int) -> dict[str, Any]:
        schema: dict[str, Any] = self._get(session, definition_id)
        return schema

    def _get(self, session: Session, definition_id: int) -> Any:
        if definition_id not in self._parsed:
            parsed = self._parse(session, definition_id)
            with self._lock:
                self._parsed.setdefault(definition_id, parsed)
        return self._parsed[definition_id]

    def _parse(self, session: Session, definition_id: int) -> Any:
        row = session.get(Definition, definition_id)
        if row is None:
            raise NotFound(f"Expected definition {definition_id} to be deployed but it is not.")
        address = (row.kind, row.key, row.sha256)
        if address not in _BY_CONTENT:
            parsed = self._parsed_content(row, session.get_one(Resource, row.sha256).content)
            _BY_CONTENT.setdefault(address, parsed)
            if self._lives_on:
                # Left to the collector, looking through what is parsed held a command up for a fifth of a second, and with it everybody
                # who waited behind that command for the database. What is garbage by now would be frozen along with it.
                gc.collect()
                gc.freeze()
        return _BY_CONTENT[address]

    def _parsed_content(self, row: Definition, content: bytes) -> Any:
        if row.kind == "process":
            return next(found for found in parse(content, row.file) if found.key == row.key)
        if row.kind == "decision":
            return self._feel.parse_decisions(content, row.file)
        return self._feel.parse_form(content, row.file)


@dataclass(frozen=True)
class ReferenceData:
    """The work calendar, the published one with the administrator's days on top, and the kinds of case files, actions, statuses, clocks."""

    calendar: WorkCalendar
    kinds: Kinds


class ReferenceCache:
    """Reference data that every command needs, read again after they were loaded.

    Loading leaves evidence. Its newest hash says which load they are of, to this process and to every other one.
    """

    def __init__(self) -> None:
        self._kept: tuple[str, ReferenceData] | None = None

    def read(self, session: Session) -> ReferenceData:
        kept, (_, head) = self._kept, EVIDENCE_HEAD.first(session, chain="reference") or (0, None)
        if head is not None and kept is not None and kept[0] == head:
            return kept[1]
        rows = session.execute(select(CalendarDay.day, CalendarDay.type, CalendarDay.is_confirmed).order_by(CalendarDay.day))
        found = ReferenceData(WorkCalendar.from_days(tuple(tuple(row) for row in rows)), read_kinds(session))
        self._kept = (head, found) if head is not None else None
        return found


@dataclass(frozen=True)
class Engine:
    """Everything a command or a query needs. Explicit first argument everywhere; there are no globals."""

    settings: Settings
    database: Database
    clock: Clock
    feel: Feel
    secrets: Secrets
    definitions: DefinitionCache
    reference: ReferenceCache

    @property
    def files(self) -> FileStore:
        """Where attachments and documents are kept."""
        return FileStore(self.settings.files_folder, self.secrets)

    def at(self, moment: datetime) -> Engine:
        """The same engine with its clock standing at ``moment``: for cases registered at a stated time."""
        return replace(self, clock=MovableClock(moment))


def build_engine(settings: Settings, clock: Clock | None = None, *, lives_on: bool = False) -> Engine:
    """Choose the parts. The database is neither created nor upgraded here.

    An engine that lives on to the end of its process takes what it parses away from the garbage collector, and itself with it.
    """
    feel = Feel()
    return Engine(
        settings=settings,
        database=Database(settings.database_url),
        clock=clock or SystemClock(),
        feel=feel,
        secrets=Secrets.from_settings(settings),
        definitions=DefinitionCache(feel, lives_on),
        reference=ReferenceCache(),
    )
