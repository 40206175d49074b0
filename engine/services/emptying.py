"""What is taken out of a file when its time has come: words that people wrote and contents. Figures, ledger and evidence remain."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.case_tables import Notice, Rating, ShareQuery, SubOrder
from engine.db.file_tables import Attachment, Document
from engine.db.tables import UserTask
from engine.services.context import OperationContext
from engine.services.files import FileStore

#: Files that reach into the store; a job takes the contents away once nothing refers to them any more.
JOB = "files-discard"


def take_words(context: OperationContext, case_no: str, mark: str) -> None:
    """Replace by ``mark`` what was written about a file in ratings, orders, queries and messages; what tasks were given goes."""
    for rating in context.session.scalars(select(Rating).where(Rating.case_no == case_no)):
        rating.text = ""
    for order in context.session.scalars(select(SubOrder).where(SubOrder.case_no == case_no)):
        order.ask, order.reply = mark, mark if order.reply else order.reply
    for query in context.session.scalars(select(ShareQuery).where(ShareQuery.case_no == case_no)):
        query.content = None
    for notice in context.session.scalars(select(Notice).where(Notice.case_no == case_no)):
        notice.body, notice.body_en, notice.receiver = mark, mark if notice.body_en else notice.body_en, None
    for task in context.session.scalars(select(UserTask).where(UserTask.business_key == case_no)):
        task.submitted, task.draft = (None if task.submitted is None else {}), None


def take_contents(context: OperationContext, case_no: str) -> int:
    """Attachments and issued papers go, and soon what the store holds of them; how many. Their digests stay in the evidence."""
    rows: list[Attachment | Document] = list(context.session.scalars(select(Attachment).where(Attachment.case_no == case_no)))
    rows += context.session.scalars(select(Document).where(Document.case_no == case_no))
    discard_later(context, sorted({row.address for row in rows if row.address}))
    for row in rows:
        context.session.delete(row)
    return len(rows)


def discard_later(context: OperationContext, addresses: Sequence[str]) -> None:
    """After the commit, so that nothing is lost when it fails."""
    if addresses:
        context.schedule(JOB, {"addresses": list(addresses)}, None)


def discard(session: Session, files: FileStore, addresses: Sequence[str]) -> None:
    """Delete contents that nothing refers to. Doing it again does no harm."""
    for address in addresses:
        attached = select(Attachment.id).where(Attachment.address == address).limit(1)
        printed = select(Document.id).where(Document.address == address).limit(1)
        if session.scalar(attached) is None and session.scalar(printed) is None:
            files.discard(address)
