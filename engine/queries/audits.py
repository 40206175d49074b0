"""A case file as an auditor takes it along: facts, ledger, tasks, decisions, papers, notices, chain. No personal data of citizens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case, CaseEntry, Notice, NoticeTemplate
from engine.db.file_tables import Document
from engine.db.tables import Evidence, EvidenceSeal, UserTask
from engine.errors import NotAllowed, NotFound
from engine.queries.case_summaries import CaseSummary, case_summaries
from engine.queries.decisions import DecisionView, decisions_of
from engine.queries.file_parts import EntryView, KindName, entries_of, facts_of, kind_name
from engine.queries.names import audience_names, names_of
from engine.queries.visibility import require_may_see
from engine.services import cases
from engine.services.audit_packs import ChainRow, LedgerLine, SealCopy
from engine.services.inclusion import levels_over, steps_from

#: Groups that take any file along, and those that take the files of one kind.
EXPORTERS = ("auditor", "admin")
KEEPERS: Mapping[str, str] = {"budget": "finance_officer"}


@dataclass(frozen=True)
class TaskLine:
    """A task: who had it and when. ``outcome`` is completed, cancelled, or empty while it is open."""

    name: str
    element_id: str
    process_key: str
    groups: tuple[str, ...]
    assignee: str
    completed_by: str
    created_at: datetime
    claimed_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class NoticeLine:
    """A notice without its text, which may speak to a citizen."""

    template: str
    name: str
    name_en: str
    audience: str
    channel: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True)
class PaperLine:
    """A document; ``content`` is its PDF, None when it names the applicant or is gone."""

    number: str
    name: str
    name_en: str
    issued_at: datetime
    issued_by: str
    is_applicants: bool
    is_void: bool
    digest: str
    content: bytes | None


@dataclass(frozen=True)
class CaseAudit:
    """Everything of one case file that goes along."""

    summary: CaseSummary
    kind: KindName
    facts: tuple[tuple[str, str], ...]
    entries: tuple[EntryView, ...]
    tasks: tuple[TaskLine, ...]
    decisions: tuple[DecisionView, ...]
    papers: tuple[PaperLine, ...]
    notices: tuple[NoticeLine, ...]
    ledger: tuple[LedgerLine, ...]
    rows: tuple[ChainRow, ...]
    seals: tuple[SealCopy, ...]


def may_export(actor: Actor, kind: str) -> bool:
    """Whether the person may take files of this kind along."""
    return actor.has_group(*EXPORTERS) or (kind in KEEPERS and actor.has_group(KEEPERS[kind]))


def require_may_export(session: Session, actor: Actor, case: Case) -> None:
    require_may_see(session, case, actor)
    if not may_export(actor, case.kind):
        raise NotAllowed(f"Expected an auditor or an administrator to export file {case.no} but you are neither.")


def audit_of(engine: Engine, actor: Actor, case_no: str) -> CaseAudit:
    """Raises NotFound, NotAllowed."""
    with engine.database.reading() as session:
        case = cases.get_case(session, case_no)
        require_may_export(session, actor, case)
        rows = session.scalars(select(Evidence).where(Evidence.chain == case.no).order_by(Evidence.sequence)).all()
        seals = _seals(session, rows)
        (summary,) = case_summaries(session, [case], engine.clock.now())
        return CaseAudit(
            summary=summary,
            kind=kind_name(engine, session, case.kind),
            facts=facts_of(engine, session, case),
            entries=entries_of(engine, session, case),
            tasks=tuple(_tasks(session, case_no)),
            decisions=decisions_of(engine, session, case_no),
            papers=tuple(_papers(engine, session, case_no)),
            notices=tuple(_notices(session, case_no)),
            ledger=tuple(_ledger(session, case_no)),
            rows=tuple(_sealed_rows(session, rows, seals)),
            seals=tuple(map(_copy, seals)),
        )


def _tasks(session: Session, case_no: str) -> Iterator[TaskLine]:
    rows = session.scalars(select(UserTask).where(UserTask.business_key == case_no).order_by(UserTask.created_at, UserTask.id)).all()
    names = names_of(session, {code for row in rows for code in (row.assignee, row.completed_by, *row.candidate_groups) if code})
    for row in rows:
        yield TaskLine(
            name=row.name,
            element_id=row.element_id,
            process_key=row.process_key,
            groups=tuple(names[group] for group in row.candidate_groups),
            assignee=names.get(row.assignee or "", ""),
            completed_by=names.get(row.completed_by or "", ""),
            created_at=row.created_at,
            claimed_at=row.claimed_at,
            due_at=row.due_at,
            ended_at=row.ended_at,
            outcome=row.outcome or "",
        )


def _notices(session: Session, case_no: str) -> Iterator[NoticeLine]:
    told = select(Notice, NoticeTemplate.event, NoticeTemplate.name_en).outerjoin(NoticeTemplate, NoticeTemplate.id == Notice.template)
    rows = session.execute(told.where(Notice.case_no == case_no).order_by(Notice.id)).tuples().all()
    names = audience_names(session, {row.audience for row, _event, _english in rows})
    for row, event, english in rows:
        times = (row.created_at, row.sent_at, row.delivered_at)
        yield NoticeLine(row.template, event or "", english or "", names[row.audience], row.channel, row.state, *times)


def _papers(engine: Engine, session: Session, case_no: str) -> Iterator[PaperLine]:
    rows = session.scalars(select(Document).where(Document.case_no == case_no).order_by(Document.id)).all()
    names = names_of(session, {row.issued_by for row in rows})
    for row in rows:
        yield PaperLine(
            number=row.number,
            name=row.title,
            name_en=row.title_en,
            issued_at=row.issued_at,
            issued_by=names[row.issued_by],
            is_applicants=row.is_applicants,
            is_void=row.state == "void",
            digest=row.digest or "",
            content=_content(engine, row),
        )


def _content(engine: Engine, row: Document) -> bytes | None:
    """A file that was destroyed when its time came is gone; its digest stays."""
    if row.is_applicants or row.address is None:
        return None
    try:
        return engine.files.get(row.address)
    except NotFound:
        return None


def _ledger(session: Session, case_no: str) -> Iterator[LedgerLine]:
    for row in session.scalars(select(CaseEntry).where(CaseEntry.case_no == case_no).order_by(CaseEntry.id)):
        yield LedgerLine(row.id, row.kind, row.facts)


def _seals(session: Session, rows: Sequence[Evidence]) -> Sequence[EvidenceSeal]:
    """Those that cover a row of the chain."""
    if not rows:
        return ()
    ids = [row.id for row in rows]
    wanted = select(EvidenceSeal).where(EvidenceSeal.first_id <= max(ids), EvidenceSeal.last_id >= min(ids)).order_by(EvidenceSeal.id)
    return [one for one in session.scalars(wanted) if any(one.first_id <= number <= one.last_id for number in ids)]


def _sealed_rows(session: Session, rows: Sequence[Evidence], seals: Sequence[EvidenceSeal]) -> Iterator[ChainRow]:
    """The rows in their order, each with its way to the root; the tree of a seal is made once."""
    proofs = dict[int, tuple[int, int]]()
    trees = dict[int, list[list[bytes]]]()
    for one in seals:
        leaves = select(Evidence.id, Evidence.hash).where(Evidence.id.between(one.first_id, one.last_id)).order_by(Evidence.id)
        found = session.execute(leaves).tuples().all()
        trees[one.id] = levels_over([leaf for _number, leaf in found])
        proofs.update({number: (one.id, at) for at, (number, _leaf) in enumerate(found)})
    for row in rows:
        seal, at = proofs.get(row.id, (None, 0))
        steps = tuple(steps_from(trees[seal], at)) if seal is not None else ()
        columns = (row.chain, row.sequence, row.event, row.actor, row.facts, row.recorded_at, row.previous_hash, row.hash)
        yield ChainRow(*columns, seal, steps)


def _copy(seal: EvidenceSeal) -> SealCopy:
    return SealCopy(
        id=seal.id,
        first_id=seal.first_id,
        last_id=seal.last_id,
        root=seal.root,
        previous_root=seal.previous_root,
        algorithm=seal.algorithm,
        key_id=seal.key_id,
        sealed_at=seal.sealed_at.astimezone(UTC).isoformat(),
        signature=seal.signature.hex(),
    )
