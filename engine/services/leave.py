"""Leave and what it moves: open work goes to the deputy when it begins and comes back when it ends. Asks nobody's permission."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.clock import LOCAL_ZONE, local
from engine.db.prepared import Prepared
from engine.db.tables import Account, AccountLeave, InboxEntry, Job, TaskHandOver, UserTask
from engine.errors import Conflict, InvalidInput
from engine.services import evidence, people
from engine.services.codes import Correction

_ADD_HAND_OVER = Prepared(insert(TaskHandOver).inline())
LONGEST = timedelta(days=366)
LONGEST_REASON = 200


@dataclass(frozen=True)
class Wish:
    """A leave as it is asked for. ``has_return``: what is not done by its end goes back."""

    account_id: str
    deputy_id: str
    from_on: date
    to_on: date
    reason: str = ""
    has_return: bool = True


def ask(session: Session, now: datetime, actor: Actor, wish: Wish) -> AccountLeave:
    """Keep a leave until its deputy answers. Raises InvalidInput by field."""
    require_possible(session, local(now).date(), wish)
    leave = AccountLeave(**vars(wish), created_by=actor.id, created_at=now)
    session.add(leave)
    session.flush()
    facts = {"leave": leave.id, "account": wish.account_id, "deputy": wish.deputy_id}
    days = {"from_on": wish.from_on.isoformat(), "to_on": wish.to_on.isoformat()}
    evidence.record(session, now, actor, "accounts", "leave:ask", **facts, **days)
    return leave


def accept(session: Session, now: datetime, actor: Actor, leave: AccountLeave) -> None:
    """The deputy takes it on: from its first day new work is his; what lies there already goes to him then."""
    require_open(leave)
    leave.accepted_at = now
    session.flush()
    evidence.record(session, now, actor, "accounts", "leave:accept", leave=leave.id)
    if leave.from_on <= local(now).date():
        begin(session, now, leave)
    else:
        _schedule(session, leave, leave.from_on)
    _schedule(session, leave, leave.to_on + timedelta(days=1))


def decline(session: Session, now: datetime, actor: Actor, leave: AccountLeave) -> None:
    """The deputy says no; nothing moves."""
    require_open(leave)
    leave.declined_at = now
    evidence.record(session, now, actor, "accounts", "leave:decline", leave=leave.id)


def cancel(session: Session, now: datetime, actor: Actor, leave: AccountLeave) -> None:
    """The leave does not take place, or ends today: what moved comes back as chosen."""
    if leave.cancelled_at is not None or leave.ended_at is not None:
        raise Conflict(f"Expected leave {leave.id} to stand but it is over.").coded("leave-over")
    leave.cancelled_at = now
    evidence.record(session, now, actor, "accounts", "leave:cancel", leave=leave.id)
    if leave.begun_at is not None:
        end(session, now, actor, leave)


def turn(session: Session, now: datetime, actor: Actor, leave_id: int) -> None:
    """What falls due: a leave that has been accepted begins on its first day and ends after its last."""
    leave = session.get(AccountLeave, leave_id, with_for_update=True)
    if leave is None or leave.accepted_at is None or leave.cancelled_at is not None or leave.ended_at is not None:
        return
    today = local(now).date()
    if today > leave.to_on:
        end(session, now, actor, leave)
    elif today >= leave.from_on and leave.begun_at is None:
        begin(session, now, leave)


def begin(session: Session, now: datetime, leave: AccountLeave) -> None:
    """Open personal tasks go to the deputy."""
    leave.begun_at = now
    session.flush()
    deputy, leaves = people.stand_in(session, leave.account_id, local(now).date())
    if deputy != leave.account_id:
        tasks = open_tasks(session, leave.account_id)
        hand_over(session, tasks, leave.account_id, deputy)
        note(session, leaves, tasks)


def end(session: Session, now: datetime, actor: Actor, leave: AccountLeave) -> None:
    """What the deputy has not done goes back, unless it was to stay with him."""
    leave.ended_at = now
    handed = select(TaskHandOver.task_id).where(TaskHandOver.leave_id == leave.id)
    back: dict[str, list[str]] = {}
    if leave.has_return:
        rows = select(UserTask.id, UserTask.assignee).where(UserTask.id.in_(handed), UserTask.ended_at.is_(None))
        for task, holder in session.execute(rows.where(UserTask.assignee.is_not(None))):
            back.setdefault(str(holder), []).append(task)
        for holder, tasks in back.items():
            hand_over(session, tasks, holder, leave.account_id)
    session.execute(delete(TaskHandOver).where(TaskHandOver.leave_id == leave.id))
    evidence.record(session, now, actor, "accounts", "leave:end", leave=leave.id, tasks=sum(map(len, back.values())))


def note(session: Session, leaves: Iterable[int], tasks: Collection[str]) -> None:
    """Remember which tasks lie with a deputy, and because of which leaves."""
    _ADD_HAND_OVER.change_each(session, [{"leave_id": leave, "task_id": task} for leave in leaves for task in tasks])


def open_tasks(session: Session, account_id: str) -> list[str]:
    """Ids of the open tasks that lie with an account."""
    return list(session.scalars(select(UserTask.id).where(UserTask.assignee == account_id, UserTask.ended_at.is_(None))))


def hand_over(session: Session, tasks: Collection[str], holder: str, receiver: str) -> None:
    """Tasks of ``holder`` lie with ``receiver`` from now on. Pages of them that are open elsewhere get stale."""
    if not tasks or holder == receiver:
        return
    for start in range(0, len(tasks), 500):
        some = list(tasks)[start : start + 500]
        entries = update(InboxEntry).where(InboxEntry.task_id.in_(some), InboxEntry.audience == f"user:{holder}")
        session.execute(entries.values(audience=f"user:{receiver}").execution_options(synchronize_session=False))
        taken = update(UserTask).where(UserTask.id.in_(some))
        session.execute(taken.values(assignee=receiver, version=UserTask.version + 1).execution_options(synchronize_session=False))


def require_possible(session: Session, today: date, wish: Wish) -> None:
    """Refuse days that are over or turned round, a deputy who is nobody, and two leaves on one day."""
    problems: dict[str, list[str]] = {}
    if wish.to_on < max(wish.from_on, today) or wish.to_on - wish.from_on > LONGEST:
        told = "The last day cannot be before the first day or before today, nor more than a year later."
        problems["to_on"] = [Correction("结束日期应不早于开始日期和今天,且不超过一年。", told)]
    deputy = session.get(Account, wish.deputy_id)
    if deputy is None or not deputy.is_active or wish.deputy_id == wish.account_id:
        problems["deputy"] = [Correction("请选择一位在用的同事代班,不能是本人。", "Choose a colleague in use, not the person itself.")]
    if len(wish.reason) > LONGEST_REASON:
        problems["reason"] = [Correction(f"最多{LONGEST_REASON}个字。", f"At most {LONGEST_REASON} characters.")]
    if not problems and _overlaps(session, wish):
        told = "There is a leave on these days already. Cancel it first."
        problems["from_on"] = [Correction("这几天已经登记过请假,请先取消原来的。", told)]
    if problems:
        raise InvalidInput("Expected a leave that can take place but something in it cannot be.", problems)


def require_open(leave: AccountLeave) -> None:
    if leave.accepted_at is not None or leave.declined_at is not None or leave.cancelled_at is not None:
        raise Conflict(f"Expected leave {leave.id} to wait for an answer but it was answered.").coded("leave-answered")


def _overlaps(session: Session, wish: Wish) -> bool:
    standing: Mapping[str, Any] = {"declined_at": None, "cancelled_at": None, "ended_at": None}
    found = select(AccountLeave.id).filter_by(account_id=wish.account_id, **standing)
    found = found.where(AccountLeave.from_on <= wish.to_on, AccountLeave.to_on >= wish.from_on)
    return session.scalar(found.limit(1)) is not None


def _schedule(session: Session, leave: AccountLeave, on: date) -> None:
    at = datetime.combine(on, time(), LOCAL_ZONE)
    session.add(Job(kind="leave", payload={"leave": leave.id}, due_at=at, run_at=at))
