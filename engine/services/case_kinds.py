"""The kinds there are: of case files, actions, statuses, clocks. Read once for each load of the reference data. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.kind_tables import CaseAction, CaseKind, CaseStatus, ClockKind
from engine.errors import InvalidInput, NotFound
from engine.services.kind_files import CASE as CASE


@dataclass(frozen=True)
class Kind:
    """A kind of case file. ``applicant`` is required, optional or none; without a start form only a diagram opens one."""

    kind: str
    name: str
    name_en: str
    prefix: str
    process: str
    start_form: str | None
    openers: frozenset[str]
    owner_group: str | None
    is_public: bool
    applicant: str
    description: str = ""
    description_en: str = ""


@dataclass(frozen=True)
class Action:
    """What people may do on a case file: its values go out as ``message``, correlated by the number of the case."""

    action: str
    name: str
    name_en: str
    message: str
    form: str | None
    groups: frozenset[str]
    kinds: frozenset[str]
    statuses: frozenset[str]
    is_public: bool
    is_confirmed: bool
    description: str = ""
    description_en: str = ""


@dataclass(frozen=True)
class Status:
    """A status; with a closing one the service clocks stop and the file counts as closed."""

    status: str
    name_en: str
    is_closing: bool


@dataclass(frozen=True)
class Clock:
    """A kind of clock; a service clock rests while the case is paused."""

    kind: str
    name: str
    name_en: str
    is_service: bool


@dataclass(frozen=True)
class Kinds:
    """All of them by name, in the order of their files."""

    files: Mapping[str, Kind] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    statuses: Mapping[str, Status] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    by_process: Mapping[str, Kind] = field(default_factory=dict)

    def kind(self, name: str) -> Kind:
        """Raises NotFound."""
        if name not in self.files:
            raise NotFound(f"Expected a kind of case file ({', '.join(self.files)}) but got {name!r}.")
        return self.files[name]

    def action(self, name: str) -> Action:
        """Raises NotFound."""
        if name not in self.actions:
            raise NotFound(f"Expected an action on case files ({', '.join(self.actions) or 'none yet'}) but got {name!r}.")
        return self.actions[name]

    def status(self, name: str) -> Status:
        """Raises InvalidInput."""
        if name not in self.statuses:
            raise InvalidInput(f"Expected a case status ({'、'.join(self.statuses)}) but got {name!r}.")
        return self.statuses[name]


def read_kinds(session: Session) -> Kinds:
    """What the tables hold now."""
    files = {row.kind: _kind(row) for row in session.scalars(select(CaseKind).order_by(CaseKind.position))}
    actions = {row.action: _action(row) for row in session.scalars(select(CaseAction).order_by(CaseAction.position))}
    statuses = session.execute(select(CaseStatus.status, CaseStatus.name_en, CaseStatus.is_closing).order_by(CaseStatus.position))
    clocks = session.execute(select(ClockKind.kind, ClockKind.name, ClockKind.name_en, ClockKind.is_service).order_by(ClockKind.position))
    return Kinds(
        files,
        actions,
        {row[0]: Status(*row) for row in statuses},
        {row[0]: Clock(*row) for row in clocks},
        {process: kind for process, (kind, *others) in _by_process(files.values()).items() if not others},
    )


def _by_process(kinds: Iterable[Kind]) -> Mapping[str, list[Kind]]:
    """Several kinds may share a process that people start with the form of theirs; no event can start it then."""
    found: dict[str, list[Kind]] = {}
    for kind in kinds:
        found.setdefault(kind.process, []).append(kind)
    return found


def _kind(row: CaseKind) -> Kind:
    return Kind(
        row.kind,
        row.name,
        row.name_en,
        row.prefix,
        row.process,
        row.start_form,
        frozenset(row.openers),
        row.owner_group,
        row.is_public,
        row.applicant,
        row.description,
        row.description_en,
    )


def _action(row: CaseAction) -> Action:
    return Action(
        row.action,
        row.name,
        row.name_en,
        row.message,
        row.form,
        frozenset(row.groups),
        frozenset(row.kinds),
        frozenset(row.statuses),
        row.is_public,
        row.is_confirmed,
        row.description,
        row.description_en,
    )
