"""Applicants. Every personal field is encrypted at rest and masked on the way out; nothing here reaches a process variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db.case_tables import Party
from engine.errors import InvalidInput, NotFound
from engine.services.codes import Correction, correction, credit_code_fault, id_number_fault, mobile_fault
from engine.services.identity import in_one_piece, is_phone, mask_name, mask_number, mask_phone, mask_text
from engine.services.secrets import Secrets

ID_CARD, CREDIT_CODE = "居民身份证", "统一社会信用代码"
FIRM = "企业"

#: The language of messages to whoever chose it; everybody else reads Chinese.
ENGLISH = "en"

#: One character is a surname at most, and would be masked in every other word.
SHORTEST_NAME = 2

_ENCRYPTED = ("name", "cert_no", "phone", "address")
_FIELDS = ("kind", "name", "cert_type", "cert_no", "phone", "address")


@dataclass(frozen=True)
class MaskedParty:
    """An applicant as a page may show it."""

    kind: str
    name: str
    cert_type: str | None
    cert_no: str | None
    phone: str | None
    address: str | None


def create_party(session: Session, secrets: Secrets, now: datetime, applicant: Mapping[str, Any]) -> Party:
    """Keep an applicant: keys kind, name, cert_type, cert_no, phone, address, language. Raises InvalidInput by field."""
    given = {key: str(applicant.get(key) or "").strip() for key in _FIELDS}
    given["cert_no"], given["phone"] = in_one_piece(given["cert_no"]), in_one_piece(given["phone"])
    require_valid(given, local(now).date())
    sealed = {key: secrets.encrypt(given[key], f"party.{key}") if given[key] else None for key in _ENCRYPTED}
    party = Party(
        kind=given["kind"] or "自然人",
        cert_type=given["cert_type"] or None,
        cert_index=secrets.blind_index(given["cert_no"], "cert_no") if given["cert_no"] else None,
        phone_index=secrets.blind_index(given["phone"], "phone") if given["phone"] else None,
        created_at=now,
        language=ENGLISH if applicant.get("language") == ENGLISH else "zh",
        **sealed,
    )
    session.add(party)
    session.flush()
    return party


def require_valid(given: Mapping[str, str], today: date) -> None:
    """Refuse an applicant whose details cannot be right; the messages are for the person who typed them."""
    problems: dict[str, list[str]] = {}
    if not 2 <= len(given["name"]) <= 50:
        problems["applicant.name"] = ["请填写2-50个字的姓名或名称。"]
    if wrong := _wrong_number(given["kind"], given["cert_type"], given["cert_no"], today):
        problems["applicant.cert_no"] = [wrong]
    if given["phone"] and not is_phone(given["phone"]):
        problems["applicant.phone"] = [_wrong_phone(given["phone"])]
    for field, limit in (("kind", 20), ("cert_type", 20), ("cert_no", 30), ("address", 200)):
        if len(given[field]) > limit:
            problems[f"applicant.{field}"] = [f"最多{limit}个字。"]
    if problems:
        raise InvalidInput(f"Expected a valid applicant but {len(problems)} fields need correction.", problems)


def _wrong_number(kind: str, cert_type: str, cert_no: str, today: date) -> Correction | None:
    """What is wrong with the number of a document; a firm is known by its credit code, whatever else it shows."""
    if kind == FIRM and cert_type == ID_CARD:
        return Correction(
            "企业请填写统一社会信用代码，不填个人身份证号码。", "Give the unified social credit code of a firm, not the number of a person."
        )
    if cert_type == ID_CARD:
        fault = id_number_fault(cert_no, today)
        return correction("居民身份证号码", "Resident identity number", fault) if fault else None
    if cert_type == CREDIT_CODE or (kind == FIRM and cert_no and not cert_type):
        fault = credit_code_fault(cert_no)
        return correction("统一社会信用代码", "Unified social credit code", fault) if fault else None
    return None


def _wrong_phone(phone: str) -> Correction:
    fault = mobile_fault(phone) if phone.startswith("1") else None
    if fault is not None:
        return correction("手机号码", "Mobile number", fault)
    return Correction("请填写11位手机号码或带区号的座机号码。", "Give a mobile number of 11 digits, or a landline with its area code.")


def get_party(session: Session, party_id: int) -> Party:
    """The party; raises NotFound."""
    party = session.get(Party, party_id)
    if party is None:
        raise NotFound(f"Expected party {party_id} to exist but it does not.")
    return party


def revealed(secrets: Secrets, party: Party) -> dict[str, str]:
    """Every detail in clear, for the few who must have it: never for a page, a log or a process."""
    details = {"kind": party.kind, "cert_type": party.cert_type or ""}
    for key in _ENCRYPTED:
        sealed: bytes | None = getattr(party, key)
        details[key] = secrets.decrypt(sealed, f"party.{key}") if sealed else ""
    return details


def masked(secrets: Secrets, party: Party) -> MaskedParty:
    """The party as a page may show it. Names of firms are public and stay."""
    details = revealed(secrets, party)
    is_person = party.kind.startswith("自然人")
    return MaskedParty(
        kind=party.kind,
        name=mask_name(details["name"]) if is_person else details["name"],
        cert_type=party.cert_type,
        cert_no=mask_number(details["cert_no"]) or None,
        phone=mask_phone(details["phone"]) or None,
        address="****" if details["address"] else None,
    )


def without_details(text: str, details: Mapping[str, Any]) -> str:
    """Text with what names the applicant masked, and every identity and mobile number. Names of firms are public and stay."""
    is_person = str(details.get("kind") or "自然人").startswith("自然人")
    name = str(details.get("name") or "").strip()
    if is_person and len(name) >= SHORTEST_NAME:
        text = text.replace(name, mask_name(name))
    for key in ("cert_no", "phone", "address"):
        detail = str(details.get(key) or "").strip()
        if len(detail) >= SHORTEST_NAME:
            text = text.replace(detail, "****")
    return mask_text(text)


def find_by_phone(session: Session, secrets: Secrets, phone: str) -> list[Party]:
    """Parties that gave exactly this telephone number."""
    index = secrets.blind_index(in_one_piece(phone), "phone")
    return list(session.scalars(select(Party).where(Party.phone_index == index).order_by(Party.id)))


def find_by_cert_no(session: Session, secrets: Secrets, cert_no: str) -> list[Party]:
    """Parties that gave exactly this document number."""
    index = secrets.blind_index(in_one_piece(cert_no), "cert_no")
    return list(session.scalars(select(Party).where(Party.cert_index == index).order_by(Party.id)))
