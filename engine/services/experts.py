"""Experts: who may be asked about a case, in whose turn, and what they may see of it. Their opinion binds nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import Case, CaseEntry, Department, Expert, Party
from engine.db.tables import Account
from engine.services import entries, parties
from engine.services.context import OperationContext
from engine.services.identity import mask_text

CONSULTATION, INVITATION = "专家咨询", "专家邀请"


def pick(
    context: OperationContext, types: Sequence[Mapping[str, Any]], domain: str, tried: Collection[str], most: int
) -> dict[str, Any] | None:
    """The next expert to ask: on duty today first, then who was asked longest ago. None after ``most``, or when nobody fits.

    ``types`` are the rows of DT12 for the domain; without any of them the register knows nobody for it.

    Left out: who was asked already, whose licence does not hold today, who signed no non-disclosure, and who has an interest (回避).
    """
    if len(tried) >= most or not types:
        return None
    today, barred = local(context.now).date(), _interests(context)
    found = [
        expert
        for expert in context.session.scalars(select(Expert).order_by(Expert.id))
        if expert.id not in tried and domain in _domains(expert) and _may_advise(expert, today, barred)
    ]
    last = _last_invited(context)
    chosen = min(found, key=lambda one: (not _is_on_duty(one, today), last.get(one.id, 0), one.id), default=None)
    if chosen is None:
        return None
    entries.add(context, INVITATION, {"expert": chosen.id, "domain": domain, "on_duty": _is_on_duty(chosen, today)})
    return {"id": chosen.id, "name": chosen.name, "type": chosen.type, "account": _account(context, chosen), "mode": chosen.mode}


def pack(context: OperationContext, consent: bool) -> str:
    """The words an expert may read: without names and numbers unless the applicant consented to being known."""
    case = context.case()
    text = mask_text(case.text)
    applicant = _applicant(context, case)
    if not consent and applicant:
        text = parties.without_details(text, applicant)
    entries.add(context, "咨询材料包", {"deidentified": not consent})
    return text


def _account(context: OperationContext, expert: Expert) -> str | None:
    """Who logs in as the expert; one without an account is reached through the group."""
    account = context.session.get(Account, str(expert.details.get("account") or expert.id.lower()))
    return account.id if account is not None and account.is_active else None


def _domains(expert: Expert) -> list[str]:
    return [domain.strip() for domain in expert.domains.split(";")]


def _may_advise(expert: Expert, today: date, barred: Collection[str]) -> bool:
    is_licensed = (expert.valid_from or today) <= today <= (expert.valid_to or today)
    has_interest = any(name in barred for name in expert.details.get("conflicts") or ())
    return is_licensed and expert.details.get("nda") is not False and not has_interest


def _is_on_duty(expert: Expert, today: date) -> bool:
    return str(today.isoweekday()) in (expert.details.get("duty") or ())


def _interests(context: OperationContext) -> set[str]:
    """Names an expert must have nothing to do with: the applicant's, and those of the departments of the case."""
    case = context.case()
    names = {str(value) for value in (_applicant(context, case) or {}).values() if value}
    lead = context.session.get(Department, case.lead_department) if case.lead_department else None
    return names | ({lead.name, lead.code} if lead else set())


def _applicant(context: OperationContext, case: Case) -> Mapping[str, Any] | None:
    party = context.session.get(Party, case.applicant_id) if case.applicant_id else None
    return parties.revealed(context.secrets, party) if party else None


def _last_invited(context: OperationContext) -> dict[str, int]:
    """The number of each expert's latest invitation, over all cases."""
    rows = context.session.execute(select(CaseEntry.id, CaseEntry.facts).where(CaseEntry.kind == INVITATION).order_by(CaseEntry.id))
    return {str(facts.get("expert")): number for number, facts in rows}
