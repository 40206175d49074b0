"""Every document that a person may see (文书), searched, filtered and sorted, page by page. Reads no text of any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import LOCAL_ZONE
from engine.db.case_tables import Case
from engine.db.file_tables import Document
from engine.db.tables import OrgUnit
from engine.errors import InvalidInput
from engine.queries.cursors import is_row_number
from engine.queries.inbox import COUNT_CAP
from engine.queries.names import names_of
from engine.queries.visibility import is_visible
from engine.services.documents import as_numbered

Sort = Literal["latest", "earliest", "case"]
State = Literal["valid", "void"]


@dataclass(frozen=True)
class DocumentRow:
    """A document in the register. ``digest`` proves its file; a void one holds no more."""

    id: int
    number: str
    title: str
    title_en: str
    template: str
    case_no: str
    case_title: str
    org_unit_name: str
    issued_at: datetime
    issued_by: str | None
    is_applicants: bool
    is_void: bool
    is_printed: bool
    digest: str | None
    pages: int


@dataclass(frozen=True)
class DocumentQuery:
    """Filters; ``text`` is looked for in number, title, and the case's number. Both days are included."""

    text: str = ""
    template: str | None = None
    org_unit: str | None = None
    state: State | None = None
    from_on: date | None = None
    to_on: date | None = None
    sort: Sort = "latest"
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True)
class DocumentsPage:
    """A page; ``total`` is capped. The choices are what the person's documents have: (key, Chinese, English) and (id, name)."""

    items: tuple[DocumentRow, ...]
    next_cursor: str | None
    total: int
    templates: tuple[tuple[str, str, str], ...]
    org_units: tuple[tuple[str, str], ...]


def document_register(engine: Engine, actor: Actor, query: DocumentQuery) -> DocumentsPage:
    """Documents of the cases that the person may see. Raises InvalidInput for a page link of another list."""
    seen = select(Document).join(Case, Case.no == Document.case_no).where(is_visible(actor))
    wanted = _filtered(seen, query)
    with engine.database.reading() as session:
        rows = list(session.scalars(_page(wanted, query).limit(query.limit + 1)))
        shown = rows[: query.limit]
        return DocumentsPage(
            items=_views(session, shown),
            next_cursor=_cursor(shown[-1], query.sort) if len(rows) > query.limit else None,
            total=session.scalar(select(func.count()).select_from(wanted.with_only_columns(Document.id).limit(COUNT_CAP).subquery())) or 0,
            templates=_templates(session, seen),
            org_units=_org_units(session, seen),
        )


def _filtered(wanted: Select[tuple[Document]], query: DocumentQuery) -> Select[tuple[Document]]:
    if query.template:
        wanted = wanted.where(Document.template == query.template)
    if query.org_unit:
        wanted = wanted.where(Case.org_unit == query.org_unit)
    if query.state:
        wanted = wanted.where(Document.state == "void" if query.state == "void" else Document.state != "void")
    if query.from_on:
        wanted = wanted.where(Document.issued_at >= _morning(query.from_on))
    if query.to_on:
        wanted = wanted.where(Document.issued_at < _morning(query.to_on) + timedelta(days=1))
    if text := query.text.strip():
        looked_for = ((Document.number, as_numbered(text)), (Document.title, text), (Document.title_en, text), (Document.case_no, text))
        wanted = wanted.where(or_(*(column.contains(words, autoescape=True) for column, words in looked_for)))
    return wanted


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE)


def _page(wanted: Select[tuple[Document]], query: DocumentQuery) -> Select[tuple[Document]]:
    if query.sort == "case":
        page = wanted.order_by(Document.case_no, Document.id)
        return page.where(_behind_case(*_behind(query.after))) if query.after else page
    number = _behind(f"|{query.after}")[1] if query.after else None
    if query.sort == "earliest":
        page = wanted.order_by(Document.id)
        return page if number is None else page.where(Document.id > number)
    page = wanted.order_by(Document.id.desc())
    return page if number is None else page.where(Document.id < number)


def _cursor(last: Document, sort: Sort) -> str:
    return f"{last.case_no}|{last.id}" if sort == "case" else str(last.id)


def _behind(cursor: str) -> tuple[str, int]:
    case_no, _, number = cursor.rpartition("|")
    if not (number.isascii() and number.isdecimal() and len(number) < 20 and is_row_number(int(number))):
        raise InvalidInput("Expected a page link of this list but got something else. Go back to the first page.")
    return case_no, int(number)


def _behind_case(case_no: str, number: int) -> ColumnElement[bool]:
    return (Document.case_no > case_no) | ((Document.case_no == case_no) & (Document.id > number))


def _views(session: Session, rows: list[Document]) -> tuple[DocumentRow, ...]:
    found = select(Case.no, Case.title, OrgUnit.name).join(OrgUnit, OrgUnit.id == Case.org_unit)
    cases = {no: (title, unit) for no, title, unit in session.execute(found.where(Case.no.in_([row.case_no for row in rows])))}
    names = names_of(session, {row.issued_by for row in rows})
    return tuple(_view(row, *cases[row.case_no], names[row.issued_by]) for row in rows)


def _view(row: Document, case_title: str, org_unit_name: str, issued_by: str) -> DocumentRow:
    return DocumentRow(
        id=row.id,
        number=row.number,
        title=row.title,
        title_en=row.title_en,
        template=row.template,
        case_no=row.case_no,
        case_title=case_title,
        org_unit_name=org_unit_name,
        issued_at=row.issued_at,
        issued_by=issued_by,
        is_applicants=row.is_applicants,
        is_void=row.state == "void",
        is_printed=row.address is not None,
        digest=row.digest,
        pages=row.pages,
    )


def _templates(session: Session, seen: Select[tuple[Document]]) -> tuple[tuple[str, str, str], ...]:
    """Those that occur, each by its newest title."""
    named = seen.with_only_columns(Document.template, Document.title, Document.title_en, func.max(Document.id))
    grouped = named.group_by(Document.template, Document.title, Document.title_en).order_by(func.max(Document.id))
    newest = {key: (title, title_en or title) for key, title, title_en, _last in session.execute(grouped)}
    return tuple(sorted(((key, *titles) for key, titles in newest.items()), key=lambda one: one[1]))


def _org_units(session: Session, seen: Select[tuple[Document]]) -> tuple[tuple[str, str], ...]:
    occurring = seen.with_only_columns(Case.org_unit).distinct()
    units = select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(occurring)).order_by(OrgUnit.id)
    return tuple((row[0], row[1]) for row in session.execute(units))
