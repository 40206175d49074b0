"""The kinds of case files: what a person may see and open of them, and how many there are. Opens nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case, CaseClock
from engine.db.kind_tables import CaseAction, CaseKind, CaseStatus, ClockKind
from engine.errors import NotFound
from engine.queries.answers import english_of_forms
from engine.queries.names import english_names
from engine.queries.visibility import has_post, is_visible
from engine.services.case_kinds import CASE as CASE


@dataclass(frozen=True)
class KindView:
    """A kind as pages show it. Counts are of files that the person may see."""

    kind: str
    name: str
    name_en: str
    prefix: str
    description: str
    description_en: str
    start_form: str | None
    is_public: bool
    applicant: str
    can_open: bool = False
    open_count: int = 0
    overdue_count: int = 0
    total: int = 0


@dataclass(frozen=True)
class StatusView:
    """A status of case files."""

    status: str
    name_en: str
    is_closing: bool


def kinds(engine: Engine, actor: Actor) -> tuple[KindView, ...]:
    """The kinds of which the person may see or open files, with counts, in the order of the reference file."""
    now = engine.clock.now()
    is_overdue = exists().where(
        CaseClock.case_no == Case.no,
        CaseClock.stopped_at.is_(None),
        CaseClock.replaced_at.is_(None),
        CaseClock.paused_at.is_(None),
        CaseClock.due_at < now,
    )
    is_open = Case.closed_at.is_(None)
    counted = select(Case.kind, func.count().filter(is_open), func.count().filter(is_open & is_overdue), func.count())
    with engine.database.reading() as session:
        counts = {row[0]: row[1:] for row in session.execute(counted.where(is_visible(actor)).group_by(Case.kind))}
        found = [
            replace(_view(row, actor), open_count=numbers[0], overdue_count=numbers[1], total=numbers[2])
            for row in _rows(session)
            for numbers in [counts.get(row.kind, (0, 0, 0))]
        ]
    return tuple(one for one in found if has_post(actor) or one.can_open or one.total)


def openable_kinds(engine: Engine, actor: Actor) -> tuple[KindView, ...]:
    """The kinds of which the person may open a file."""
    with engine.database.reading() as session:
        return tuple(view for row in _rows(session) if (view := _view(row, actor)).can_open)


def kind_view(engine: Engine, actor: Actor, kind: str) -> KindView:
    """One kind, without counts. Raises NotFound."""
    with engine.database.reading() as session:
        return _view(_kind(session, kind), actor)


def public_kinds(engine: Engine) -> tuple[KindView, ...]:
    """The kinds that citizens may open by themselves."""
    with engine.database.reading() as session:
        return tuple(_view(row) for row in _rows(session) if row.is_public and row.start_form)


def public_kind(engine: Engine, kind: str) -> KindView:
    """One kind that citizens may open. Raises NotFound for every other."""
    with engine.database.reading() as session:
        row = _kind(session, kind)
        if not (row.is_public and row.start_form):
            raise NotFound(f"Expected {kind!r} to be open to everybody but it is not.")
        return _view(row)


def kind_names(engine: Engine) -> dict[str, tuple[str, str]]:
    """Kind → its Chinese and its English name."""
    with engine.database.reading() as session:
        return {row.kind: (row.name, row.name_en) for row in _rows(session)}


def statuses(engine: Engine) -> tuple[StatusView, ...]:
    """Every status a file may have, in the order of the reference file."""
    with engine.database.reading() as session:
        rows = session.scalars(select(CaseStatus).order_by(CaseStatus.position, CaseStatus.status))
        return tuple(StatusView(row.status, row.name_en, row.is_closing) for row in rows)


def stored_words(engine: Engine) -> dict[str, str]:
    """Words that analysts keep → their English: of forms; names of departments and posts; kinds, actions, statuses, clocks."""
    named = [select(one.name, one.name_en) for one in (CaseKind, CaseAction, ClockKind)]
    with engine.database.reading() as session:
        pairs = [pair for words in (*named, select(CaseStatus.status, CaseStatus.name_en)) for pair in session.execute(words)]
        kept = {row[0]: row[1] for row in pairs if row[1]}
        return {**english_of_forms(session), **english_names(session), **kept}


def _rows(session: Session) -> list[CaseKind]:
    return list(session.scalars(select(CaseKind).order_by(CaseKind.position, CaseKind.kind)))


def _kind(session: Session, kind: str) -> CaseKind:
    row = session.get(CaseKind, kind)
    if row is None:
        raise NotFound(f"Expected a kind of case files but {kind!r} is none.")
    return row


def _view(row: CaseKind, actor: Actor | None = None) -> KindView:
    can_open = actor is not None and bool(row.start_form) and actor.has_group(*row.openers)
    return KindView(
        row.kind, row.name, row.name_en, row.prefix, row.description, row.description_en,
        row.start_form, row.is_public, row.applicant, can_open,
    )  # fmt: skip
