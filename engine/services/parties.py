"""Applicants. Every personal field is encrypted at rest and masked on the way out; nothing here reaches a process variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.case_tables import Party
from engine.errors import InvalidInput, NotFound
from engine.services.identity import is_credit_code, is_id_number, is_phone, mask_name, mask_number, mask_phone, mask_text
from engine.services.secrets import Secrets

ID_CARD, CREDIT_CODE = "居民身份证", "统一社会信用代码"

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
    """Keep an applicant: keys kind, name, cert_type, cert_no, phone, address. Raises InvalidInput by field."""
    given = {key: str(applicant.get(key) or "").strip() for key in _FIELDS}
    given["cert_no"] = given["cert_no"].upper()
    require_valid(given)
    sealed = {key: secrets.encrypt(given[key], f"party.{key}") if given[key] else None for key in _ENCRYPTED}
    party = Party(
        kind=given["kind"] or "自然人",
        cert_type=given["cert_type"] or None,
        cert_index=secrets.blind_index(given["cert_no"], "cert_no") if given["cert_no"] else None,
        phone_index=secrets.blind_index(given["phone"], "phone") if given["phone"] else None,
        created_at=now,
        **sealed,
    )
    session.add(party)
    session.flush()
    return party


def require_valid(given: Mapping[str, str]) -> None:
    """Refuse an applicant whose details cannot be right; the messages are for the person who typed them."""
    problems: dict[str, list[str]] = {}
    if not 2 <= len(given["name"]) <= 50:
        problems["applicant.name"] = ["请填写2-50个字的姓名或名称。"]
    if given["cert_type"] == ID_CARD and not is_id_number(given["cert_no"]):
        problems["applicant.cert_no"] = ["居民身份证号码应为18位且校验位正确,请核对后重新填写。"]
    if given["cert_type"] == CREDIT_CODE and not is_credit_code(given["cert_no"]):
        problems["applicant.cert_no"] = ["统一社会信用代码应为18位且校验位正确,请核对后重新填写。"]
    if given["phone"] and not is_phone(given["phone"]):
        problems["applicant.phone"] = ["请填写11位手机号码或带区号的座机号码。"]
    for field, limit in (("kind", 20), ("cert_type", 20), ("cert_no", 30), ("address", 200)):
        if len(given[field]) > limit:
            problems[f"applicant.{field}"] = [f"最多{limit}个字。"]
    if problems:
        raise InvalidInput(f"Expected a valid applicant but {len(problems)} fields need correction.", problems)


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
    index = secrets.blind_index(phone.strip(), "phone")
    return list(session.scalars(select(Party).where(Party.phone_index == index).order_by(Party.id)))


def find_by_cert_no(session: Session, secrets: Secrets, cert_no: str) -> list[Party]:
    """Parties that gave exactly this document number."""
    index = secrets.blind_index(cert_no.strip().upper(), "cert_no")
    return list(session.scalars(select(Party).where(Party.cert_index == index).order_by(Party.id)))
