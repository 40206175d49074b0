"""What somebody typed into a form that is not sent yet, sealed, one draft an account and form. Validates nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.db.form_tables import FormDraft
from engine.errors import Conflict
from engine.services.secrets import Secrets

#: Drafts hold personal data that nobody has asked to keep: they go after this time.
KEPT_FOR = timedelta(days=30)
_PURPOSE = "form_draft.content"


@dataclass(frozen=True)
class Draft:
    """The values typed so far, and when."""

    values: dict[str, Any]
    saved_at: datetime


def opening(kind: str, parent_no: str | None = None) -> str:
    """The name of the draft of a form that opens a file."""
    return f"open:{kind}:{parent_no}" if parent_no else f"open:{kind}"


def acting(case_no: str, action: str) -> str:
    """The name of the draft of a form that acts on a file."""
    return f"act:{case_no}:{action}"


def keep(session: Session, secrets: Secrets, account_id: str, form: str, values: Mapping[str, Any], now: datetime) -> None:
    """Write the draft over the one before; old drafts of the account go."""
    session.execute(delete(FormDraft).where(FormDraft.account_id == account_id, FormDraft.saved_at < now - KEPT_FOR))
    content = secrets.encrypt(json.dumps(values, ensure_ascii=False), _PURPOSE)
    session.merge(FormDraft(account_id=account_id, form=form, content=content, saved_at=now))


def read(session: Session, secrets: Secrets, account_id: str, form: str) -> Draft | None:
    """The draft, or None when there is none or this installation's key does not open it."""
    row = session.get(FormDraft, (account_id, form))
    if row is None:
        return None
    try:
        return Draft(json.loads(secrets.decrypt(row.content, _PURPOSE)), row.saved_at)
    except Conflict:
        return None  # a lost key must not keep anybody from the form


def forget(session: Session, account_id: str, form: str) -> None:
    session.execute(delete(FormDraft).where(FormDraft.account_id == account_id, FormDraft.form == form))
