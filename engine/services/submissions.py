"""Which pages of the public side were sent already, so that a page sent twice gives one file. Knows no form."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.db.form_tables import Submission
from engine.errors import InvalidInput

#: A page that lay open for longer is a new submission.
KEPT_FOR = timedelta(days=7)
_LENGTH = range(20, 65)


def begin(session: Session, token: str, now: datetime) -> str | None:
    """Take the page's token; gives the number of the file that came of it when it was sent before."""
    if len(token) not in _LENGTH or not token.isascii():
        raise InvalidInput("Expected the form of this site but its hidden field is missing.", {"": ["页面不完整,请刷新后重新提交。"]})
    session.execute(delete(Submission).where(Submission.received_at < now - KEPT_FOR))
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    taken = dialect.insert(Submission).values(token=token, received_at=now).on_conflict_do_nothing().returning(Submission.token)
    if session.execute(taken).first() is not None:
        return None
    known = session.get(Submission, token)  # another transaction has ended meanwhile: PostgreSQL waits for it above
    return known.case_no if known else None


def finish(session: Session, token: str, case_no: str) -> None:
    session.execute(update(Submission).where(Submission.token == token).values(case_no=case_no))
