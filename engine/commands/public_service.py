"""What citizens send from the public pages. Refuses nothing twice sent: the same page gives the same file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import appointment_slots, forms
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.case_opening import CaseIntake, open_case, open_file
from engine.db.case_tables import Case
from engine.errors import NotFound
from engine.services import submissions

REPORT_FORM = "citizen_report"
PORTAL = "网上大厅"


@dataclass(frozen=True)
class Received:
    """The file that came of it, and the secret word of the citizen's link to it."""

    no: str
    public_token: str


def send_report(engine: Engine, submission: Mapping[str, Any], token: str, language: str = "zh") -> Received:
    """Take a matter from the portal; a clerk contacts the person and registers it within a working hour (P01).

    ``token`` is the hidden field of the page, ``language`` the one it was read in: messages about it come in that language.
    Raises InvalidInput with errors by field key.
    """
    with engine.database.transaction() as session:
        values = forms.validated(engine, forms.latest_form(engine, session, REPORT_FORM), submission, "report")
        values = _reading(values, language)
        if known := _sent_before(engine, session, token):
            return known
        case = open_case(engine, session, SYSTEM, _intake(engine, values))
        return _finished(session, token, case)


def open_public_file(engine: Engine, kind: str, submission: Mapping[str, Any], token: str, language: str = "zh") -> Received:
    """Open a file of a kind that citizens may open: a complaint, a suggestion, an appointment.

    Raises NotFound for every other kind, and InvalidInput with errors by field key.
    """
    with engine.database.transaction() as session:
        chosen = engine.reference.read(session).kinds.kind(kind)
        if not (chosen.is_public and chosen.start_form):
            raise NotFound(f"Expected {kind!r} to be open to everybody but it is not.")
        schema = forms.for_citizens(forms.latest_form(engine, session, chosen.start_form))
        values = _reading(forms.validated(engine, schema, submission, chosen.name), language)
        if known := _sent_before(engine, session, token):
            return known
        appointment_slots.require_free(engine, session, schema, values, engine.settings.org_unit)
        return _finished(session, token, open_file(engine, session, SYSTEM, kind, values, channel=PORTAL))


def _reading(values: dict[str, Any], language: str) -> dict[str, Any]:
    """What was submitted, with the language that its writer reads, if it names its writer."""
    return {**values, "applicant": {**values["applicant"], "language": language}} if values.get("applicant") else values


def _intake(engine: Engine, values: Mapping[str, Any]) -> CaseIntake:
    tried = {key: value for key, value in (values.get("tried") or {}).items() if value}
    return CaseIntake(
        applicant=values.get("applicant") or {},
        channel=PORTAL,
        text=str(values.get("text") or ""),
        received_at=engine.clock.now(),
        matter_code=values.get("matter"),
        tried=(tried,) if tried else (),
        trips=int(values.get("trips") or 0),
        triage_facts={"tried_regular": bool(tried)},
        is_registered=False,
    )


def _sent_before(engine: Engine, session: Session, token: str) -> Received | None:
    known = submissions.begin(session, token, engine.clock.now())
    case = session.get(Case, known) if known else None
    return Received(case.no, case.public_token) if case else None


def _finished(session: Session, token: str, case: Case) -> Received:
    submissions.finish(session, token, case.no)
    return Received(case.no, case.public_token)
