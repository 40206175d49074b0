"""What may be done on a case file now: for a person on its page, for the applicant behind the link. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import appointment_slots, correlation, forms
from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.errors import NotFound
from engine.queries.visibility import require_may_see
from engine.services import case_actions as actions
from engine.services import case_files, cases
from engine.services.case_kinds import Action


@dataclass(frozen=True)
class ActionView:
    """An action as a button and a page show it. ``form`` is a form's key; without one a click is all there is to say."""

    action: str
    name: str
    name_en: str
    description: str
    description_en: str
    form: str | None
    needs_confirmation: bool
    position: int


@dataclass(frozen=True)
class ActionPage:
    """An action with the schema of its form, and what the form's conditions may ask of the file."""

    view: ActionView
    case_no: str
    title: str
    schema: dict[str, Any] | None
    variables: dict[str, Any]


def case_actions(engine: Engine, actor: Actor, case_no: str) -> tuple[ActionView, ...]:
    """What the person may do on the file now, in the order of the reference file."""
    with engine.database.reading() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        return actions_in(engine, session, actor, case)


def actions_in(engine: Engine, session: Session, actor: Actor, case: Case) -> tuple[ActionView, ...]:
    """The same for a page that has read the file already."""
    return _views(actions.for_staff(session, engine.reference.read(session).kinds, case, actor))


def case_action(engine: Engine, actor: Actor, case_no: str, action: str) -> ActionPage:
    """One action with its form. Raises NotFound, NotAllowed, or Conflict when it is not possible, or not any more."""
    with engine.database.reading() as session:
        chosen = engine.reference.read(session).kinds.action(action)
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        actions.require_may(chosen, case, actor)
        return _page(engine, session, case, chosen, case_files.beside_variables(session, case))


def public_actions(engine: Engine, public_token: str) -> tuple[ActionView, ...]:
    """What the applicant may do on the file behind the link now."""
    with engine.database.reading() as session:
        case = _behind(session, public_token)
        return _views(actions.for_applicant(session, engine.reference.read(session).kinds, case))


def public_action(engine: Engine, public_token: str, action: str) -> ActionPage:
    """One action of the applicant with its form."""
    with engine.database.reading() as session:
        case = _behind(session, public_token)
        chosen = engine.reference.read(session).kinds.action(action)
        actions.require_public(chosen)
        shown = {"kind": case.kind, "status": case.status, "title": case.title, "level": case.level}  # facts are the staff's
        return _page(engine, session, case, chosen, shown)


def _behind(session: Session, public_token: str) -> Case:
    case = session.scalar(select(Case).where(Case.public_token == public_token))
    if case is None:
        raise NotFound("Expected a link that the centre sent but this one is unknown.")
    return case


def _page(engine: Engine, session: Session, case: Case, action: Action, variables: dict[str, Any]) -> ActionPage:
    actions.require_possible(session, action, case)
    correlation.require_receivable(engine, session, action.message, case.no)
    schema = forms.latest_form(engine, session, action.form, case.org_unit, case.no) if action.form else None
    if schema is not None:
        schema = dict(appointment_slots.offered(engine, session, schema, {}, case.org_unit, case))
    return ActionPage(_view(action, 0), case.no, case.title, schema, variables)


def _views(found: tuple[Action, ...]) -> tuple[ActionView, ...]:
    return tuple(_view(action, position) for position, action in enumerate(found))


def _view(action: Action, position: int) -> ActionView:
    return ActionView(
        action=action.action,
        name=action.name,
        name_en=action.name_en,
        description=action.description,
        description_en=action.description_en,
        form=action.form,
        needs_confirmation=action.is_confirmed,
        position=position,
    )
