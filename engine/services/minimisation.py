"""Data minimisation: what names a person leaves a file that nobody has used for years. Number, figures, ledger and evidence remain.

Papers that were issued belong to the archive: they stay, sealed, until the file is destroyed (retention).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import as_local, local
from engine.db.case_tables import Case, Matter, NoticePreference, Party
from engine.db.file_tables import Attachment
from engine.db.tables import Evidence
from engine.errors import Conflict
from engine.services import attachments, emptying, entries, evidence
from engine.services.context import OperationContext
from engine.services.parties import FIRM
from engine.services.retention import DESTROYED, years_later

#: Stands where the words were.
REMOVED = "(个人信息已按期去除)"
#: The fact that says since when a file names nobody.
REMOVED_ON = "personal_removed_on"


def idle(context: OperationContext, years: int) -> list[dict[str, Any]]:
    """Closed files with a person in them that nobody has used for so many years, oldest first.

    Used is a file when something was recorded about it. As long as a person has a file that is open or was used of late, all stay.
    """
    today = local(context.now).date()
    rows = list(context.session.scalars(select(Case).where(Case.applicant_id.is_not(None)).order_by(Case.received_at, Case.no)))
    used = _last_used(context.session, [case.no for case in rows])
    resting = {case.no for case in rows if case.closed_at and years_later(local(used.get(case.no, case.closed_at)).date(), years) <= today}
    busy = {case.applicant_id for case in rows if case.no not in resting}
    due = [case for case in rows if case.no in resting and case.applicant_id not in busy and not _is_without(case)]
    return [{"no": case.no, "kind": case.kind, "last_used": f"{local(used.get(case.no, context.now)):%Y-%m-%d}"} for case in due]


def minimise(context: OperationContext, files: Sequence[Mapping[str, Any]], kept: Collection[str], years: int) -> int:
    """Take out of these files what names a person. Raises Conflict for one that has been used meanwhile."""
    due = {str(one["no"]) for one in idle(context, years)}
    wanted = [str(one["no"]) for one in files if one.get("no") not in kept]
    if used := sorted(set(wanted) - due):
        raise Conflict(f"Expected files that nobody uses any more but {', '.join(used)} are in use.")
    cases = [context.session.get_one(Case, number) for number in wanted]
    for case in cases:
        _empty(context, case)
    context.session.flush()
    for party_id in {case.applicant_id for case in cases if case.applicant_id}:
        _forget(context, party_id)
    entries.add(context, "个人信息去除", {"files": len(wanted), "kept": sorted(kept)})
    return len(wanted)


def _last_used(session: Session, numbers: Sequence[str]) -> dict[str, datetime]:
    newest = select(Evidence.chain, func.max(Evidence.recorded_at)).where(Evidence.chain.in_(numbers)).group_by(Evidence.chain)
    return {chain: as_local(at) for chain, at in session.execute(newest)}


def _is_without(case: Case) -> bool:
    return REMOVED_ON in case.facts or case.text == DESTROYED


def _empty(context: OperationContext, case: Case) -> None:
    """Words that people wrote, and what they sent in. Digests of them stay in the evidence, from which nobody gets them back."""
    digest = evidence.digest([case.title, case.text, case.tried])
    matter = context.session.get(Matter, case.matter_code) if case.matter_code else None
    case.title, case.text, case.tried = matter.name if matter else case.no, REMOVED, []
    case.facts = {**case.facts, REMOVED_ON: local(context.now).date().isoformat()}
    emptying.take_words(context, case.no, REMOVED)
    count = _drop_attachments(context, case.no)
    evidence.record(context.session, context.now, context.actor, case.no, "case:minimise", digest=digest, attachments=count)


def _drop_attachments(context: OperationContext, case_no: str) -> int:
    rows = list(context.session.scalars(select(Attachment).where(Attachment.case_no == case_no)))
    addresses = sorted({row.address for row in rows if row.address})
    for row in rows:
        if row.removed_at is None:
            attachments.remove(context.session, row, context.now, context.actor.id, "按期去除个人信息")
        row.name, row.address = context.secrets.encrypt(REMOVED, attachments.PURPOSE), ""
    emptying.discard_later(context, addresses)
    return len(rows)


def _forget(context: OperationContext, party_id: int) -> None:
    """A person has no name any more; a firm keeps its name, which is public, but nobody to call."""
    party = context.session.get_one(Party, party_id)
    others = select(Case).where(Case.applicant_id == party_id)
    if any(not _is_without(case) for case in context.session.scalars(others)):
        return
    party.phone = party.address = party.phone_index = None
    if party.kind != FIRM:
        party.name = context.secrets.encrypt(REMOVED, "party.name")
        party.cert_type = party.cert_no = party.cert_index = None
    for preference in context.session.scalars(select(NoticePreference).where(NoticePreference.party_id == party_id)):
        context.session.delete(preference)
