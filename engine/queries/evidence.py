"""Read and verify the evidence: every chain, every seal. Shows what was recorded, for auditors and administrators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.tables import Evidence, EvidenceSeal
from engine.errors import NotAllowed
from engine.queries.cursors import is_row_number
from engine.queries.names import names_of
from engine.services import evidence
from engine.services.evidence import EvidenceReport

__all__ = ["READERS", "EvidencePage", "EvidenceReport", "EvidenceView", "recorded", "verify_evidence"]

_DIGEST = re.compile(r"[0-9a-f]{64}")

#: Groups that may read it.
READERS = ("auditor", "admin")


@dataclass(frozen=True)
class EvidenceView:
    """One fact of a chain."""

    sequence: int
    at: datetime
    event: str
    by: str
    by_name: str
    facts: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class EvidencePage:
    """Facts of one chain, the newest first; ``next_before`` when there are older ones."""

    chain: str
    items: tuple[EvidenceView, ...]
    next_before: int | None


def recorded(engine: Engine, actor: Actor, chain: str, before: int = 0, limit: int = 100) -> EvidencePage:
    """What was recorded of a case (its number), or of versions and migrations (“deployments”)."""
    if not actor.has_group(*READERS):
        raise NotAllowed("Expected an auditor or an administrator to read the evidence but you are neither.")
    rows = select(Evidence).where(Evidence.chain == chain).order_by(Evidence.sequence.desc()).limit(limit + 1)
    if before and is_row_number(before):
        rows = rows.where(Evidence.sequence < before)
    with engine.database.reading() as session:
        found = list(session.scalars(rows))
        names = names_of(session, {row.actor for row in found})
        items = tuple(
            EvidenceView(
                row.sequence,
                datetime.fromisoformat(row.recorded_at),
                row.event,
                row.actor,
                names.get(row.actor, row.actor),
                orjson.loads(row.facts),
                row.hash,
            )
            for row in found[:limit]
        )
    return EvidencePage(chain, items, items[-1].sequence if len(found) > limit else None)


@dataclass(frozen=True)
class RecordProof:
    """Where a record stands in the evidence of its case; ``is_whole``: nothing of the chain was changed, ``is_sealed``: signed since."""

    case_no: str
    sequence: int
    event: str
    at: datetime
    is_whole: bool
    is_sealed: bool


def proof_of_record(engine: Engine, case_no: str, digest: str) -> RecordProof | None:
    """Whether a record with this SM3 digest was put to a case, for anybody who has its number and the record itself; None: it was not."""
    if not _DIGEST.fullmatch(digest):
        return None
    with engine.database.reading() as session:
        held = select(Evidence).where(Evidence.chain == case_no, Evidence.facts.contains(digest)).order_by(Evidence.sequence).limit(1)
        row = session.scalars(held).first()
        if row is None:
            return None
        sealed = session.scalar(select(EvidenceSeal.id).where(EvidenceSeal.first_id <= row.id, EvidenceSeal.last_id >= row.id))
        at = datetime.fromisoformat(row.recorded_at)
        return RecordProof(case_no, row.sequence, row.event, at, not evidence.faults_of(session, case_no), sealed is not None)


def verify_evidence(engine: Engine) -> EvidenceReport:
    """Read every row again and name each place that does not fit."""
    with engine.database.reading() as session:
        return evidence.verify(session, engine.secrets)
