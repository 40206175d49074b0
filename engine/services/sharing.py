"""Queries of other departments' data for a case: what may be asked, what came, kept sealed and for this case only. Each is logged."""

from __future__ import annotations

import secrets as random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from engine.db.case_tables import CaseEntry, Department, ShareQuery
from engine.errors import InvalidInput
from engine.services import evidence
from engine.services.context import OperationContext

#: How the ledger of a case names a query.
LOGGED = "数据共享"
GOT, WAITING, NOT_SHARED, SILENT = "取得", "待审批", "不可得", "未应答"
_PURPOSE = "share_query.content"


@dataclass(frozen=True)
class Item:
    """What a department shares, how freely, which fields at most, and how long its approval may take."""

    department: str
    item: str
    kind: str
    fields: tuple[str, ...]
    limit: str


def item_of(context: OperationContext, department: str, name: str) -> Item:
    """The item of the list of shared data. One that only the department's row names is shared on approval."""
    rows = context.rules.rows("share_items") if context.rules else ()
    for row in rows:
        if (row["department"], row["item"]) == (department, name):
            return Item(department, name, row["kind"], tuple(row["fields"]), row["limit"])
    known = context.session.get(Department, department)
    if known is None or name not in known.share_items:
        raise InvalidInput(
            f"Expected an item that department {department!r} shares but {name!r} is none.",
            {"item": [f"{department} 没有“{name}”这项共享数据,请从清单中选择。"]},
        )
    return Item(department, name, "有条件", (), "5个工作日")


def wanted_fields(item: Item, fields: Sequence[str]) -> tuple[str, ...] | None:
    """No more than the item has; all of it when nothing is said; None when something is asked for that it has not: nobody is asked then."""
    given = tuple(dict.fromkeys(fields)) or item.fields
    return given if not item.fields or set(given) <= set(item.fields) else None


def refuse(context: OperationContext, item: Item, purpose: str) -> ShareQuery:
    """A query for fields that the item has not: on record as not shared, and sent to nobody. What was typed is not kept."""
    row = open_query(context, item, (), purpose)
    settle(context, row, NOT_SHARED, {}, f"没有所申请的字段,只能申请:{'、'.join(item.fields)}。")
    return row


def cached(context: OperationContext, item: Item, fields: Sequence[str]) -> ShareQuery | None:
    """What this very case has got already, if it holds these fields."""
    same = (ShareQuery.case_no == context.case_no, ShareQuery.department == item.department, ShareQuery.item == item.item)
    for row in context.session.scalars(select(ShareQuery).where(*same, ShareQuery.state == GOT).order_by(ShareQuery.id.desc())):
        if set(fields) <= set(row.fields):
            return row
    return None


def open_query(context: OperationContext, item: Item, fields: Sequence[str], purpose: str) -> ShareQuery:
    """The query that waits for an answer, or a new one: repeating it keeps its key."""
    same = (ShareQuery.case_no == context.case_no, ShareQuery.department == item.department, ShareQuery.item == item.item)
    found = context.session.scalars(
        select(ShareQuery).where(*same, ShareQuery.state.in_((WAITING, SILENT))).order_by(ShareQuery.id.desc()).limit(1)
    ).first()
    if found is not None and list(found.fields) == list(fields):
        return found
    row = ShareQuery(case_no=context.case_no, department=item.department, item=item.item, purpose=purpose[:200], fields=list(fields))
    row.state, row.asked_at, row.asked_by = SILENT, context.now, context.actor.id
    row.element_id, row.request_key = context.element_id, random.token_hex(16)
    context.session.add(row)
    context.session.flush()
    return row


def settle(context: OperationContext, row: ShareQuery, state: str, values: dict[str, str], note: str) -> None:
    """Keep the answer, sealed, and log the query."""
    row.state, row.attempts, row.error = state, row.attempts + 1, note[:200] or None
    if state == GOT:
        row.content = context.secrets.encrypt(orjson.dumps(values).decode(), _PURPOSE)
        row.answer, row.answered_at = {"fields": sorted(values)}, context.now
    log(context, row, state)


def log(context: OperationContext, row: ShareQuery, state: str) -> None:
    """Who asked which fields of what for this case, and what came of it; never what they say."""
    facts: dict[str, Any] = {"department": row.department, "item": row.item, "fields": list(row.fields), "purpose": row.purpose}
    entry = CaseEntry(case_no=context.case_no, kind=LOGGED, facts={**facts, "state": state, "attempts": row.attempts})
    entry.recorded_at, entry.actor, entry.element_id = context.now, context.actor.id, context.element_id
    context.session.add(entry)
    context.record("share:query", department=row.department, state=state, digest=evidence.digest([row.item, *row.fields, row.purpose]))


def values_of(context: OperationContext, row: ShareQuery) -> dict[str, str]:
    """What came, opened for the case it was asked for."""
    found: dict[str, str] = orjson.loads(context.secrets.decrypt(row.content, _PURPOSE)) if row.content else {}
    return found
