"""Act on a case file: what a person sends from its page, or the applicant from the page behind the link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import appointment_slots, forms
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.correlation import correlate
from engine.db.case_tables import Case
from engine.errors import NotFound
from engine.queries.visibility import require_may_see
from engine.services import case_actions, case_files, cases, evidence, form_drafts
from engine.services.case_kinds import Action


def act(engine: Engine, actor: Actor, case_no: str, action: str, submission: Mapping[str, Any]) -> None:
    """Send what the form of an action submitted: to what waits for it, or to the process that begins with it.

    Raises NotFound, NotAllowed (not the person's file or action), InvalidInput with errors by field key, or Conflict when nothing waits.
    """
    with engine.database.transaction() as session:
        chosen = engine.reference.read(session).kinds.action(action)
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        case_actions.require_may(chosen, case, actor)
        form_drafts.forget(session, actor.id, form_drafts.acting(case_no, action))
        _send(engine, session, actor, case, chosen, submission)


def act_as_citizen(engine: Engine, public_token: str, action: str, submission: Mapping[str, Any]) -> None:
    """The same for the applicant, who holds the link. Raises NotFound for an unknown link."""
    with engine.database.transaction() as session:
        case = session.scalar(select(Case).where(Case.public_token == public_token))
        if case is None:
            raise NotFound("Expected a link that the centre sent but this one is unknown.")
        chosen = engine.reference.read(session).kinds.action(action)
        case_actions.require_public(chosen)
        _send(engine, session, SYSTEM, case, chosen, submission)


def _send(engine: Engine, session: Session, actor: Actor, case: Case, action: Action, submission: Mapping[str, Any]) -> None:
    case_actions.require_possible(session, action, case)
    values = _validated(engine, session, case, action, submission)
    try:
        correlate(engine, session, actor, action.message, case.no, values)
    except NotFound as error:  # somebody was faster
        raise case_actions.gone(action, case) from error
    facts = {"action": action.action, "message": action.message, "digest": evidence.digest(values)}
    # After the instance: every command takes its locks in this order.
    evidence.record(session, engine.clock.now(), actor, case.no, "case:act", **facts)


def _validated(engine: Engine, session: Session, case: Case, action: Action, submission: Mapping[str, Any]) -> dict[str, Any]:
    if action.form is None:
        return {}
    schema = forms.latest_form(engine, session, action.form, case.org_unit, case.no)
    values = forms.validated(engine, schema, submission, action.name, case_files.beside_variables(session, case))
    forms.require_known(session, schema, values, but_not=case.no)
    appointment_slots.require_free(engine, session, schema, values, case.org_unit, case)
    return values
