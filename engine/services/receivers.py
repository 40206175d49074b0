"""Who a notice goes to, and by which channel: applicant, owner, a person, a group, a department, an expert. Writes nothing.

A critical notice always goes to its applicant by SMS, or on paper where there is no mobile number; any other by the first channel that the
applicant has not opted out of. Staff read theirs as station messages; a critical one also rings their telephone. Without any channel to
the outside everything stands on the outbox page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from engine.db.case_tables import Case, Department, Expert, NoticePreference, NoticeTemplate, Party
from engine.db.tables import Account, CandidateGroup, Membership
from engine.errors import InvalidInput
from engine.services import account_changes, accounts, parties
from engine.services.codes import mobile_fault
from engine.services.context import OperationContext

APPLICANT = "applicant"
OUTBOX = "outbox"

#: What an applicant may say no to; in this order a notice that is not critical looks for its way.
CITIZEN_CHANNELS = ("wechat", "sms")

#: More people of one group are not rung up for one notice: it stands in the station messages of all.
MOST_MEMBERS = 50

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Letter:
    """One message to one receiver by one channel; ``address`` is a telephone number or an e-mail address."""

    audience: str
    channel: str
    address: str = ""
    language: Language = "zh"
    is_suppressed: bool = False


def audience_of(context: OperationContext, case: Case, to: str) -> str:
    """How the outbox names the receiver. Raises InvalidInput for nobody that is known."""
    kind, _, name = to.partition(":")
    if to == APPLICANT:
        if case.applicant_id is None:
            raise InvalidInput(f"Expected {case.no} to have an applicant to notify but it has none. Send it to owner or a group.")
        return to
    if to == "owner":
        return f"user:{case.owner_id}" if case.owner_id else "group:window"
    known = {"group": CandidateGroup, "department": Department, "person": Account, "expert": Expert}
    if kind in known and context.session.get(known[kind], name) is not None:
        return f"user:{name}" if kind == "person" else to
    accepted = "applicant, owner, group:<known group>, department:<known code>, person:<known account> or expert:<known id>"
    raise InvalidInput(f"Expected {accepted} as the receiver but got {to!r}.")


def letters(context: OperationContext, case: Case, template: NoticeTemplate, audience: str) -> Iterator[Letter]:
    """The messages that one notice becomes."""
    if audience == APPLICANT:
        yield _to_applicant(context, case, template)
        return
    if not context.channels:
        yield Letter(audience, OUTBOX)
        return
    yield Letter(audience, "station")
    for account in _people(context, case, audience) if template.is_critical else ():
        if letter := _to_person(context, template, account):
            yield letter


def channels_declined(context: OperationContext, party_id: int | None) -> frozenset[str]:
    """The channels that an applicant has opted out of."""
    declined = select(NoticePreference.channel).where(NoticePreference.party_id == party_id)
    return frozenset(context.session.scalars(declined)) if party_id is not None else frozenset()


def _to_applicant(context: OperationContext, case: Case, template: NoticeTemplate) -> Letter:
    allowed = [channel for channel in CITIZEN_CHANNELS if not template.channels or channel in template.channels]
    if template.is_critical:
        allowed = ["sms", *(channel for channel in allowed if channel != "sms")]
        declined: frozenset[str] = frozenset()
    else:
        declined = channels_declined(context, case.applicant_id)
    if not context.channels:
        return Letter(APPLICANT, OUTBOX, is_suppressed=bool(allowed) and declined.issuperset(allowed))
    address, language = _mobile(context, case), _language(context, case, template)
    reachable = [channel for channel in allowed if channel in context.channels and address]
    if not reachable:
        return Letter(APPLICANT, "paper")
    chosen = next((channel for channel in reachable if channel not in declined), None)
    return Letter(APPLICANT, chosen or reachable[0], address, language, is_suppressed=chosen is None)


def _mobile(context: OperationContext, case: Case) -> str:
    """Where messages reach the applicant; a landline takes none."""
    if case.applicant_id is None:
        return ""
    phone = parties.revealed(context.secrets, parties.get_party(context.session, case.applicant_id))["phone"]
    return phone if mobile_fault(phone) is None else ""


def _language(context: OperationContext, case: Case, template: NoticeTemplate) -> Language:
    """The language the applicant wrote in, where the message has it."""
    party = context.session.get(Party, case.applicant_id) if case.applicant_id is not None else None
    return "en" if party is not None and party.language == parties.ENGLISH and template.text_en else "zh"


def _people(context: OperationContext, case: Case, audience: str) -> list[Account]:
    kind, _, name = audience.partition(":")
    if kind == "user":
        account = context.session.get(Account, name)
        return [account] if account is not None and account.is_active else []
    if kind == "expert":
        expert = context.session.get(Expert, name)
        found = str((expert.details or {}).get("account") or "") if expert is not None else ""
        account = context.session.get(Account, found) if found else None
        return [account] if account is not None and account.is_active else []
    if kind == "department":
        of_department = select(Account).join(Membership, Membership.account_id == Account.id).where(Membership.group_id == name)
        return list(context.session.scalars(of_department.where(Account.is_active).order_by(Account.id).limit(MOST_MEMBERS)))
    return accounts.members(context.session, name, case.org_unit)[:MOST_MEMBERS]


def _to_person(context: OperationContext, template: NoticeTemplate, account: Account) -> Letter | None:
    language: Language = "en" if account.language == "en" and template.text_en else "zh"
    phone = account_changes.phone_of(context.secrets, account)
    if _may_use(context, template, "sms") and phone and mobile_fault(phone) is None:
        return Letter(f"user:{account.id}", "sms", phone, language)
    email = account_changes.email_of(context.secrets, account)
    return Letter(f"user:{account.id}", "email", email, language) if _may_use(context, template, "email") and email else None


def _may_use(context: OperationContext, template: NoticeTemplate, channel: str) -> bool:
    return channel in context.channels and (not template.channels or channel in template.channels)
