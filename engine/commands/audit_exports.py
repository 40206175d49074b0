"""Take a case file along for an audit: packed, signed, and recorded with the digest of what left the house."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import local
from engine.queries.audits import CaseAudit, require_may_export
from engine.services import audit_packs, cases, evidence
from engine.services.documents import content_digest

#: What no file system refuses in a name.
_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


def export_case(engine: Engine, actor: Actor, audit: CaseAudit, sheets: Mapping[str, bytes]) -> bytes:
    """The ZIP of a file that was read, with these sheets for people to read. Raises NotFound, NotAllowed."""
    now = engine.clock.now()
    papers = {f"{audit_packs.DOCUMENTS}{_UNSAFE.sub('_', paper.number)}.pdf": paper.content for paper in audit.papers if paper.content}
    chain = audit_packs.chain_files(audit.rows, audit.seals, audit.ledger)
    head = audit_packs.Head(audit.summary.no, audit.kind.kind, local(now).isoformat(), actor.id)
    content = audit_packs.packed(engine.secrets, head, {**sheets, **papers, **chain})
    with engine.database.transaction() as session:
        case = cases.get_case(session, audit.summary.no)
        require_may_export(session, actor, case)
        evidence.record(session, now, actor, case.no, "case:export", digest=content_digest(content))
    return content
