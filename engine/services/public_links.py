"""The secret link of a case: whoever holds it is taken for the applicant. Shows nothing of the case."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.case_tables import Case
from engine.errors import NotFound


def case_behind(session: Session, public_token: str) -> Case:
    """The case behind a public link. Raises NotFound when the link is unknown."""
    case = session.scalar(select(Case).where(Case.public_token == public_token))
    if case is None:
        raise NotFound("Expected a link that the centre sent but this one is unknown.")
    return case
