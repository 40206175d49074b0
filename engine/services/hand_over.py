"""Open tasks that go with a case to its new owner. Decides neither who that is nor why."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from engine.db.base import NO_DUE_DATE
from engine.db.tables import InboxEntry, UserTask
from engine.services.context import OperationContext


def move_tasks(context: OperationContext, old: str, new: str) -> int:
    """Give ``new`` every open task of the case that ``old`` held; gives how many."""
    held = select(UserTask.id, UserTask.element_id, UserTask.due_at)
    held = held.where(UserTask.business_key == context.case_no, UserTask.ended_at.is_(None), UserTask.assignee == old)
    context.session.flush()
    rows = context.session.execute(held).all()
    if not rows:
        return 0
    ids = [row.id for row in rows]
    moved = update(UserTask).where(UserTask.id.in_(ids)).values(assignee=new, claimed_at=context.now, version=UserTask.version + 1)
    context.session.execute(moved.execution_options(synchronize_session=False))
    context.session.execute(delete(InboxEntry).where(InboxEntry.task_id.in_(ids)))
    entries = [{"audience": f"user:{new}", "due_key": row.due_at or NO_DUE_DATE, "task_id": row.id} for row in rows]
    context.session.execute(insert(InboxEntry), entries)
    for row in rows:
        context.record("user_task:reassign", task=row.id, element=row.element_id, assignee=new)
    return len(rows)
