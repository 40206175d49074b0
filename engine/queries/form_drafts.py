"""The draft of a form, for whoever typed it."""

from __future__ import annotations

from engine.actors import Actor
from engine.assembly import Engine
from engine.services import form_drafts
from engine.services.form_drafts import Draft


def draft_of(engine: Engine, actor: Actor, form: str) -> Draft | None:
    """What the person typed into this form before and has not sent; None when there is nothing."""
    with engine.database.reading() as session:
        return form_drafts.read(session, engine.secrets, actor.id, form)
