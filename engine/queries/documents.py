"""Documents of a case: the list, one to read, one to fetch, a draft of one; and whether a paper is the one that was issued."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.db.file_tables import Document
from engine.db.tables import Definition, Resource
from engine.desk import at_desk
from engine.errors import InvalidInput, NotFound
from engine.queries.attachments import FetchedFile
from engine.queries.names import names_of
from engine.queries.visibility import require_may_see
from engine.services import cases, document_texts, documents
from engine.services.document_templates import BUILT_IN, Block, Template, read
from engine.services.public_links import case_behind
from engine.versions import Place, latest

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class DocumentView:
    """A document in a list. A void one says when and why."""

    id: int
    case_no: str
    number: str
    title: str
    title_en: str
    is_applicants: bool
    is_void: bool
    issued_at: datetime
    issued_by: str | None
    pages: int
    size: int
    digest: str | None
    void_reason: str | None


@dataclass(frozen=True)
class DocumentPage:
    """A document to be read on a page; the applicant's name is masked for staff."""

    view: DocumentView
    blocks: tuple[Block, ...]
    code: str


@dataclass(frozen=True)
class TemplateView:
    """A template that may be issued by hand: its key, title, and the variables it asks for with their explanations."""

    key: str
    title: str
    title_en: str
    variables: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class DraftPage:
    """A document as it would be issued: its text with the name masked, its PDF, and signs that the font lacks."""

    title: str
    number: str
    blocks: tuple[Block, ...]
    content: bytes
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    """A document that is what it says: no name, no text."""

    number: str
    title: str
    title_en: str
    issuer: str
    issued_at: datetime
    is_void: bool


def documents_of(engine: Engine, actor: Actor, case_no: str) -> tuple[DocumentView, ...]:
    """Every document of a case, oldest first."""
    with engine.database.reading() as session:
        require_may_see(session, cases.get_case(session, case_no), actor)
        rows = _rows(session, case_no)
        names = names_of(session, {row.issued_by for row in rows})
        return tuple(_view(row, names) for row in rows)


def public_documents(engine: Engine, public_token: str) -> tuple[DocumentView, ...]:
    """The applicant's own documents."""
    with engine.database.reading() as session:
        rows = _rows(session, case_behind(session, public_token).no)
        return tuple(_view(row, {}) for row in rows if row.is_applicants)


def document_page(engine: Engine, actor: Actor, document_id: int) -> DocumentPage:
    """A document's text for staff. Raises NotFound, NotAllowed."""
    with engine.database.reading() as session:
        row, case = _seen(session, actor, document_id)
        blocks = document_texts.revealed(documents.text_of(engine.secrets, row), documents.masked_applicant(session, engine.secrets, case))
        return DocumentPage(_view(row, names_of(session, {row.issued_by})), blocks, documents.code_of(engine.secrets, row))


def document_file(engine: Engine, actor: Actor, document_id: int) -> FetchedFile:
    """The PDF. Raises NotFound, NotAllowed, StorageFailed."""
    with engine.database.reading() as session:
        row, _ = _seen(session, actor, document_id)
    return _fetched(engine, row)


def public_document_file(engine: Engine, public_token: str, document_id: int) -> FetchedFile:
    """The PDF of one of the applicant's own documents. Raises NotFound for any other."""
    with engine.database.reading() as session:
        case, row = case_behind(session, public_token), documents.find_by_id(session, document_id)
        if row.case_no != case.no or not row.is_applicants:
            raise NotFound(f"Expected document {document_id} to belong to the link but it does not.")
    return _fetched(engine, row)


def templates(engine: Engine, actor: Actor) -> tuple[TemplateView, ...]:
    """Every template in force for the person's window, by title."""
    with engine.database.reading() as session:
        keys = session.scalars(select(Definition.key).where(Definition.kind == "document").distinct()).all()
        place = Place(actor.org_unit, engine.clock.now())
        found = [(key, _template(session, key, place)) for key in keys]
        return tuple(sorted((_template_view(key, one) for key, one in found if one is not None), key=lambda view: view.title))


def draft(engine: Engine, actor: Actor, case_no: str, template: str, values: Mapping[str, Any]) -> DraftPage:
    """What issuing would print; nothing is kept and no number is used. Raises NotFound, InvalidInput naming the value."""
    with engine.database.reading() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        made = documents.drafted(at_desk(engine, session, actor, case), template, values)
        blocks = document_texts.revealed(made.blocks, documents.masked_applicant(session, engine.secrets, case))
        return DraftPage(made.template.title, made.sheet.number, blocks, made.printed.content, made.printed.missing)


def verification(engine: Engine, number: str, proof: str) -> Verified:
    """The document of this number, proved by its check code or by the SM3 digest of its file.

    Raises InvalidInput, always the same one, for an unknown number and for a proof that does not fit.
    """
    typed = "".join(proof.split()).lower()
    with engine.database.reading() as session:
        row = documents.find(session, number[:80])
        fits = row is not None and (typed == documents.code_of(engine.secrets, row) or (_DIGEST.fullmatch(typed) and typed == row.digest))
        if row is None or not fits:
            raise InvalidInput("Expected a number and a check code that belong together but they do not.", {"proof": ["no-match"]})
        issuer = documents.issuer(session, session.get_one(Case, row.case_no))
        return Verified(row.number, row.title, row.title_en, issuer, row.issued_at, row.state == "void")


def digest_of(content: bytes) -> str:
    """The digest by which a file is verified."""
    return documents.content_digest(content)


def _rows(session: Session, case_no: str) -> Sequence[Document]:
    return session.scalars(select(Document).where(Document.case_no == case_no).order_by(Document.id)).all()


def _seen(session: Session, actor: Actor, document_id: int) -> tuple[Document, Case]:
    row = documents.find_by_id(session, document_id)
    case = cases.get_case(session, row.case_no)
    require_may_see(session, case, actor)
    return row, case


def _fetched(engine: Engine, row: Document) -> FetchedFile:
    if row.address is None:
        raise NotFound(f"Expected {row.number} to be printed but it is not yet. Try again in a moment.")
    return FetchedFile(f"{row.title}-{row.number}.pdf", "application/pdf", engine.files.get(row.address))


def _template(session: Session, key: str, place: Place) -> Template | None:
    try:
        row = session.get_one(Definition, latest(session, "document", key, place).id)
    except NotFound:
        return None
    return read(session.get_one(Resource, row.sha256).content)


def _template_view(key: str, template: Template) -> TemplateView:
    wanted = tuple((name, about, name in template.optional) for name, about in template.variables.items() if name not in BUILT_IN)
    return TemplateView(key, template.title, template.title_en, wanted)


def _view(row: Document, names: Mapping[str, str]) -> DocumentView:
    return DocumentView(
        id=row.id,
        case_no=row.case_no,
        number=row.number,
        title=row.title,
        title_en=row.title_en,
        is_applicants=row.is_applicants,
        is_void=row.state == "void",
        issued_at=row.issued_at,
        issued_by=names.get(row.issued_by),
        pages=row.pages,
        size=row.size,
        digest=row.digest,
        void_reason=row.void_reason,
    )
