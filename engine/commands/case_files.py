"""Open case files of any kind by hand. Refuses people whose group does not open files of the kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import appointment_slots, forms, runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.case_opening import open_file, unit_of
from engine.errors import NotAllowed
from engine.queries.visibility import require_may_see
from engine.services import cases, form_drafts
from engine.services.case_kinds import Kind


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the form lets through, as long as the form stays as it was read."""

    form: dict[str, Any]
    values: dict[str, Any]


def open_case_file(engine: Engine, actor: Actor, kind: str, submission: Mapping[str, Any], *, parent_no: str | None = None) -> str:
    """Open a file with what its start form submitted; gives its number. With ``parent_no`` it belongs to that file.

    Raises NotFound, NotAllowed, or InvalidInput with errors by field key.
    """
    with engine.database.transaction_after_reading() as work:
        session = work.session
        chosen = engine.reference.read(session).kinds.kind(kind)
        require_may_open(chosen, actor)
        checked = _checked(engine, session, actor, chosen, submission)
        runtime.get_ready(engine, session, chosen.process, actor.org_unit)
        if work.start_writing() and _form(engine, session, actor, chosen) != checked.form:
            checked = _checked(engine, session, actor, chosen, submission)
        forms.require_known(session, checked.form, checked.values)
        appointment_slots.require_free(engine, session, checked.form, checked.values, unit_of(engine, actor))
        if parent_no is not None:
            require_may_see(session, cases.get_case(session, parent_no), actor)
        form_drafts.forget(session, actor.id, form_drafts.opening(kind, parent_no))
        return open_file(engine, session, actor, kind, checked.values, parent_no=parent_no).no


def require_may_open(kind: Kind, actor: Actor) -> None:
    """Raises NotAllowed, also for kinds that only a diagram opens."""
    if kind.start_form is None or not actor.has_group(*kind.openers):
        raise NotAllowed(f"Expected one of {', '.join(sorted(kind.openers)) or 'nobody'} to open a {kind.kind} but you are none of them.")


def _form(engine: Engine, session: Session, actor: Actor, kind: Kind) -> dict[str, Any]:
    return forms.latest_form(engine, session, str(kind.start_form), actor.org_unit)


def _checked(engine: Engine, session: Session, actor: Actor, kind: Kind, submission: Mapping[str, Any]) -> _Checked:
    form = _form(engine, session, actor, kind)
    return _Checked(form, forms.validated(engine, form, submission, kind.name))
