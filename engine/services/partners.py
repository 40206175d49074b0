"""Partners (12345, portals, windows of other regions): who there is, what is queued for them, what came of it. Sends nothing itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db.case_tables import Case, SubOrder
from engine.db.partner_tables import Partner, PartnerMessage
from engine.errors import NotFound
from engine.services import cases, evidence
from engine.services.case_files import BY_PROCESS
from engine.services.context import OperationContext
from engine.services.identity import mask_text

CHANNEL, WINDOW = "渠道", "窗口"

#: The kind of job that carries one queued message out.
JOB = "partner-message"

#: Statuses of a case that nobody has taken up yet.
NOT_STARTED = frozenset({"待登记", "待研判", "办理中"})


def get_partner(session: Session, code: str) -> Partner:
    """A partner of the register; raises NotFound."""
    partner = session.get(Partner, code)
    if partner is None:
        raise NotFound(f"Expected partner {code!r} in partners.csv but it is not there. Add its row.")
    return partner


def find_window(context: OperationContext, region: str | None, level: str | None) -> dict[str, str] | None:
    """The partner window of a region, given by code or name; else of the city or province above it; None when none is known."""
    windows = list(context.session.scalars(select(Partner).where(Partner.kind == WINDOW).order_by(Partner.position)))
    wanted = (region or "").strip()
    named = [one for one in windows if wanted and (one.region == wanted or wanted in one.name)]
    above = [one for code in (wanted[:4] + "00", wanted[:2] + "0000") for one in windows if wanted.isdigit() and one.region == code]
    of_level = [one for one in windows if level and one.level == level]
    found = next(iter([*named, *above, *of_level]), None)
    return _as_variable(found) if found else None


def channel_of(context: OperationContext, case: Case) -> Partner | None:
    """The partner that sent the case; None when it came in another way."""
    code = str(case.facts.get("partner") or "") if case.external_no else ""
    return context.session.get(Partner, code) if code else None


def origin_of(context: OperationContext) -> dict[str, str | None]:
    """How a file came in, and the partner who sent it or a file it came of. One that a diagram opened came in as that file did."""
    line = list(_lineage(context))
    sent = next(filter(None, (channel_of(context, case) for case in line)), None)
    channel = next((case.channel for case in line if case.channel != BY_PROCESS), BY_PROCESS)
    return {"channel": channel, "partner": sent.code if sent else None}


def push(context: OperationContext, milestone: str, more: Mapping[str, Any]) -> bool:
    """Queue how the case stands for whoever sent it. False when nobody did: then nothing is queued."""
    case = context.case()
    partner = channel_of(context, case)
    if partner is None:
        return False
    facts = {"milestone": milestone, "status": case.status, **{key: value for key, value in more.items() if value}}
    queue(context, partner.code, milestone, facts, case.external_no)
    return True


def queue(context: OperationContext, partner: str, event: str, facts: Mapping[str, Any], external_no: str | None = None) -> PartnerMessage:
    """Write a message to a partner; a job sends it after the commit."""
    message = PartnerMessage(
        partner=partner,
        direction="out",
        nonce=secrets.token_hex(16),
        case_no=context.case_no,
        external_no=external_no,
        event=event[:20],
        facts=_masked(facts),
        state="queued",
        created_at=context.now,
    )
    context.session.add(message)
    context.session.flush()
    known = {"message": message.id, "partner": partner, "milestone": message.event}
    context.record("partner:queue", **known, digest=evidence.digest(message.facts))
    context.schedule(JOB, {"message": message.id}, None)
    return message


def tell(context: OperationContext, partner: str, milestone: str, facts: Mapping[str, Any]) -> None:
    """Queue how the case stands for a partner who did not send it. Raises NotFound for one that is not in the register."""
    queue(context, get_partner(context.session, partner).code, milestone, {**facts, "status": context.case().status})


def is_started(context: OperationContext) -> bool:
    """Whether somebody has taken the case up: triaged, or any sub-order sent."""
    case = context.case()
    asked = context.session.scalar(select(SubOrder.id).where(SubOrder.case_no == case.no).limit(1))
    return case.status not in NOT_STARTED or asked is not None


def send_letter(context: OperationContext, partner: Mapping[str, Any] | None, unit: str, ask: str, mode: str) -> str:
    """Queue a letter (协同函) for a partner of the register; one that is not in it gets it on paper. Gives the moment it was sent."""
    if partner and partner.get("code"):
        known = get_partner(context.session, str(partner["code"]))
        queue(context, known.code, "协同函", {"unit": unit, "ask": ask, "mode": mode})
    return local(context.now).isoformat()


def _lineage(context: OperationContext) -> Iterator[Case]:
    """The file and those it came of, nearest first."""
    case: Case | None = context.case()
    while case is not None:
        yield case
        case = cases.get_case(context.session, case.parent_no) if case.parent_no else None


def _masked(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: mask_text(value) if isinstance(value, str) else value for key, value in facts.items()}


def _as_variable(partner: Partner) -> dict[str, str]:
    return {"code": partner.code, "name": partner.name, "region": partner.region, "level": partner.level, "phone": partner.phone}
