"""Documents of a case (文书): filled from their template, numbered without gaps, printed, kept sealed. Knows no process.

The applicant's name is in the printed file only: the text that is kept has a gap in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives import hashes
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db.case_tables import Case, Department, Matter
from engine.db.file_tables import Document, DocumentNumber
from engine.db.tables import OrgUnit
from engine.errors import Conflict, InvalidInput, NotFound, StorageFailed
from engine.services import cases, clocks, document_texts, parties
from engine.services.context import OperationContext
from engine.services.document_templates import BUILT_IN, Block, Template, read
from engine.services.evidence import digest as digest_of
from engine.services.identity import mask_name
from engine.services.notices import TELEPHONE, shown
from engine.services.printing import Printed, Sheet, print_document
from engine.services.secrets import Secrets

CODE_LENGTH = 16
PURPOSE = "document.content"
LONGEST_REASON = 200


@dataclass(frozen=True)
class Draft:
    """A document as it would be issued: nothing is numbered, kept or recorded yet."""

    template: Template
    sheet: Sheet
    blocks: tuple[Block, ...]
    printed: Printed


def issue(context: OperationContext, key: str, values: Mapping[str, Any]) -> Document:
    """Issue a document from the template in force. Raises NotFound, InvalidInput naming the value, StorageFailed; then nothing is kept."""
    if context.files is None:
        raise StorageFailed("Expected a folder for documents but there is none. Set DOUDI_DATA.")
    case, version = context.case(), context.template(key)
    template = read(version.content)
    number = next_number(context.session, template.prefix, context.now)
    blocks = document_texts.filled(template, key, known_values(context, case, number), _named(context.session, values))
    content = document_texts.dumped(blocks)
    sheet = _sheet(context, case, template, number, check_code(context.secrets, number, content))
    printed = print_document(sheet, _with_applicant(context, case, template, blocks))
    document = Document(
        case_no=case.no,
        template=key,
        definition_id=version.definition_id,
        number=number,
        title=template.title,
        title_en=template.title_en,
        content=context.secrets.encrypt_bytes(content, PURPOSE),
        is_applicants=template.audience == "applicant",
        state="printed",
        address=context.files.put(printed.content),
        digest=content_digest(printed.content),
        size=len(printed.content),
        pages=printed.pages,
        element_id=context.element_id or None,
        issued_by=context.actor.id,
        issued_at=context.now,
        printed_at=context.now,
    )
    context.session.add(document)
    context.session.flush()
    context.record("document:issue", document=document.id, template=key, number=number, digest=document.digest)
    return document


def drafted(context: OperationContext, key: str, values: Mapping[str, Any]) -> Draft:
    """What ``issue`` would print, under a number that is none."""
    case, template = context.case(), read(context.template(key).content)
    number = f"{template.prefix}〔{local(context.now).year}〕×号"
    blocks = document_texts.filled(template, key, known_values(context, case, number), _named(context.session, values))
    sheet = _sheet(context, case, template, number, "×" * CODE_LENGTH)
    return Draft(template, sheet, blocks, print_document(sheet, _with_applicant(context, case, template, blocks)))


def void(context: OperationContext, document: Document, reason: str) -> None:
    """Take a document back: its number stays used, its file stays, and both say that it holds no more."""
    if document.state == "void":
        raise Conflict(f"Expected {document.number} to be in force but it was taken back already.")
    if not 2 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput(f"Expected a reason of 2 to {LONGEST_REASON} characters.", {"reason": ["length"]})
    document.state, document.voided_by, document.voided_at, document.void_reason = "void", context.actor.id, context.now, reason
    context.session.flush()
    context.record("document:void", document=document.id, number=document.number, reason_digest=digest_of(reason))


def next_number(session: Session, prefix: str, now: datetime) -> str:
    """The next ``prefix〔year〕n号``, without gaps: the year's row stays locked until the transaction ends."""
    year = local(now).year
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(DocumentNumber).values(key=f"{prefix}{year}", last=1)
    counted = first.on_conflict_do_update(index_elements=["key"], set_={"last": DocumentNumber.last + 1}).returning(DocumentNumber.last)
    return f"{prefix}〔{year}〕{session.execute(counted).scalar_one()}号"


def find(session: Session, number: str) -> Document | None:
    """The document with this number, however its brackets and blanks are typed."""
    return session.scalar(select(Document).where(Document.number == as_numbered(number)))


def as_numbered(typed: str) -> str:
    """A number, or a part of one, with the brackets that numbers have and without blanks."""
    return "".join(typed.split()).translate(_BRACKETS)


def text_of(secrets: Secrets, document: Document) -> tuple[Block, ...]:
    """The text as it was issued, with a gap for the applicant's name."""
    return document_texts.loaded(secrets.decrypt_bytes(document.content, PURPOSE))


def code_of(secrets: Secrets, document: Document) -> str:
    """The check code that stands on the paper."""
    return check_code(secrets, document.number, secrets.decrypt_bytes(document.content, PURPOSE))


def check_code(secrets: Secrets, number: str, content: bytes) -> str:
    """Ties number and text together; without the installation's key nobody can make one."""
    return secrets.blind_index(f"{number}\0{content_digest(content)}", PURPOSE)[:CODE_LENGTH]


def content_digest(content: bytes) -> str:
    """SM3 of a file, 64 hex digits."""
    hasher = hashes.Hash(hashes.SM3())
    hasher.update(content)
    return hasher.finalize().hex()


def known_values(context: OperationContext, case: Case, number: str) -> dict[str, Any]:
    """What the case fills in by itself; None where it is not known yet."""
    return {word: number if word == "文号" else _KNOWN[word](context, case) for word in BUILT_IN if word == "文号" or word in _KNOWN}


def issuer(session: Session, case: Case) -> str:
    """The window, as it signs."""
    unit = session.get(OrgUnit, case.org_unit)
    return unit.name if unit is not None else "政务服务中心"


_DEPARTMENT = re.compile(r"D\d{2,4}")
_BRACKETS = str.maketrans(
    {"[": "〔", "]": "〕", "【": "〔", "】": "〕", "(": "〔", ")": "〕", "\uff08": "〔", "\uff09": "〕", "\uff3b": "〔", "\uff3d": "〕"}
)


def _sheet(context: OperationContext, case: Case, template: Template, number: str, code: str) -> Sheet:
    where = f"{context.public_url}/verify" if context.public_url else "本中心网站“文书核验”"
    footnote = f"校验码 {code}。凭文号和校验码可在 {where} 核验本文书。"
    return Sheet(template.title, number, issuer(context.session, case), shown(local(context.now).date()), footnote)


def _with_applicant(context: OperationContext, case: Case, template: Template, blocks: Sequence[Block]) -> tuple[Block, ...]:
    if template.audience != "applicant" or case.applicant_id is None:
        return document_texts.revealed(blocks, "申请人")
    party = parties.get_party(context.session, case.applicant_id)
    return document_texts.revealed(blocks, parties.revealed(context.secrets, party)["name"])


def masked_applicant(session: Session, secrets: Secrets, case: Case) -> str:
    """The applicant as a page may name them to staff."""
    if case.applicant_id is None:
        return "申请人"
    party = parties.get_party(session, case.applicant_id)
    name = parties.revealed(secrets, party)["name"]
    return mask_name(name) if party.kind.startswith("自然人") else name


def find_by_id(session: Session, document_id: int) -> Document:
    """The document; raises NotFound."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound(f"Expected document {document_id} to exist but it does not.")
    return document


def _named(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _without_codes(session, value) for name, value in values.items()}


def _without_codes(session: Session, value: Any) -> Any:
    """A department's code becomes its name: citizens know no codes."""
    if isinstance(value, list | tuple):
        return [_without_codes(session, part) for part in value]
    if isinstance(value, Mapping):
        return {head: _without_codes(session, part) for head, part in value.items()}
    department = session.get(Department, value) if isinstance(value, str) and _DEPARTMENT.fullmatch(value) else None
    return department.name if department else value


def _matter(context: OperationContext, case: Case) -> str:
    matter = context.session.get(Matter, case.matter_code) if case.matter_code else None
    return matter.name if matter else case.title


def _lead(context: OperationContext, case: Case) -> str | None:
    department = context.session.get(Department, case.lead_department) if case.lead_department else None
    return department.name if department else None


def _finish(context: OperationContext, case: Case) -> Any:
    running = clocks.running(context, "finish")
    return local(running[-1].due_at).date().isoformat() if running else None


_KNOWN: Mapping[str, Callable[[OperationContext, Case], Any]] = MappingProxyType(
    {
        "日期": lambda context, case: local(context.now).date().isoformat(),
        "工单号": lambda context, case: case.no,
        "事项": _matter,
        "受理日期": lambda context, case: local(case.received_at).date().isoformat(),
        "办结期限": _finish,
        "首接责任人": lambda context, case: cases.owner_name(context.session, case) or "窗口专员",
        "电话": lambda context, case: TELEPHONE,
        "窗口": lambda context, case: issuer(context.session, case),
        "等级": lambda context, case: case.level,
        "牵头部门": _lead,
        "办理结果": lambda context, case: case.result,
    }
)
