"""Keep and discard the draft of a form that opens a file or acts on one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.actors import Actor
from engine.assembly import Engine
from engine.services import form_drafts


def keep_draft(engine: Engine, actor: Actor, form: str, values: Mapping[str, Any]) -> None:
    """Keep what was typed so far under a name such as ``open:complaint``. Nothing is validated."""
    with engine.database.transaction() as session:
        form_drafts.keep(session, engine.secrets, actor.id, form, values, engine.clock.now())


def discard_draft(engine: Engine, actor: Actor, form: str) -> None:
    with engine.database.transaction() as session:
        form_drafts.forget(session, actor.id, form)
