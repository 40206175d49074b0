"""Register a case at the counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import forms, runtime
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.case_opening import SPINE, CaseIntake, intake_of, open_case
from engine.errors import NotAllowed
from engine.services import form_drafts
from engine.services.case_kinds import CASE

REGISTER_FORM = "case_register"
#: Groups that may take a case.
REGISTRARS = ("window", "window_head", "complaint_officer", "coordinator")


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the form lets through, as long as the form stays as it was read: its version, and its choices."""

    form: dict[str, Any]
    values: dict[str, Any]


def register_case(engine: Engine, actor: Actor, submission: Mapping[str, Any]) -> str:
    """Register what form ``case_register`` submitted; returns the case number (受理号).

    Whoever registers becomes the first-contact owner. Raises InvalidInput with errors by field key.
    """
    if not actor.has_group(*REGISTRARS):
        raise NotAllowed("Expected a clerk of the window to register cases but you are not one.")
    with engine.database.transaction_after_reading() as work:
        session = work.session
        checked = _checked(engine, _form(engine, session, actor), submission)
        runtime.get_ready(engine, session, SPINE, actor.org_unit)
        if work.start_writing() and (form := _form(engine, session, actor)) != checked.form:
            checked = _checked(engine, form, submission)
        forms.require_known(session, checked.form, checked.values)
        form_drafts.forget(session, actor.id, form_drafts.opening(CASE))
        return open_case(engine, session, actor, intake_of(checked.values, engine.clock.now())).no


def receive_arrival(engine: Engine, channel: str, applicant: Mapping[str, Any], text: str) -> str:
    """Take what came in by itself (portal, hotline, mail); a clerk contacts the person and registers it within a working hour.

    Returns the case number. Raises InvalidInput when there are no words, or too many.
    """
    with engine.database.transaction() as session:
        intake = CaseIntake(applicant=applicant, channel=channel, text=text, received_at=engine.clock.now(), is_registered=False)
        return open_case(engine, session, SYSTEM, intake).no


def _form(engine: Engine, session: Session, actor: Actor) -> dict[str, Any]:
    return forms.latest_form(engine, session, REGISTER_FORM, actor.org_unit)


def _checked(engine: Engine, form: dict[str, Any], submission: Mapping[str, Any]) -> _Checked:
    return _Checked(form, forms.validated(engine, form, submission, "registration"))
