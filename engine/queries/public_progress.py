"""How a matter stands, for who knows its number and the last digits of the applicant's telephone. Never gives the secret link away."""

from __future__ import annotations

import hmac
import re

from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.case_tables import Case, Party
from engine.errors import NotFound
from engine.queries.public_cases import PublicCase, public_case
from engine.services import parties

DIGITS_ASKED = 4
_DIGITS = re.compile(rf"\d{{{DIGITS_ASKED}}}", re.ASCII)


def public_progress(engine: Engine, case_no: str, phone_end: str) -> PublicCase:
    """The case as its applicant may see it. Raises NotFound, the same for an unknown number, wrong digits and no telephone."""
    with engine.database.reading() as session:
        token = _token(engine, session, case_no.strip().upper(), phone_end.strip())
    if token is None:
        raise NotFound("Expected a number and the last digits of its telephone but they do not belong together.")
    return public_case(engine, token)


def _token(engine: Engine, session: Session, case_no: str, phone_end: str) -> str | None:
    case = session.get(Case, case_no)
    party = session.get(Party, case.applicant_id) if case and case.applicant_id else None
    if case is None or party is None or not _DIGITS.fullmatch(phone_end):
        return None
    known = parties.revealed(engine.secrets, party)["phone"][-DIGITS_ASKED:]
    return case.public_token if known and hmac.compare_digest(known.encode(), phone_end.encode()) else None
