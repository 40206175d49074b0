"""Queries of other departments' data."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from typing import Any

from engine.channels.sharing import EmbeddedProvider, Provider, ShareAnswer, ShareRequest, Unavailable, signed
from engine.operation_inputs import Input, Values
from engine.services import sharing
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation

_SECRET = "data-sharing"


def _request(context: OperationContext, values: Values) -> Mapping[str, Any]:
    context.case()
    item = sharing.item_of(context, values["department"], values["item"])
    fields = sharing.wanted_fields(item, values["fields"] or ())
    if fields is None:
        row = sharing.refuse(context, item, values["purpose"])
        return _outcome(item, row.state, (), row.attempts)
    known = sharing.cached(context, item, fields)
    if known is not None:
        sharing.log(context, known, sharing.GOT)
        return _outcome(item, sharing.GOT, known.fields, known.attempts)
    row = sharing.open_query(context, item, fields, values["purpose"])
    asked = ShareRequest(context.case_no, item.department, item.item, fields, values["purpose"], bool(values["approved"]))
    answer = _asked(_provider(context, item, values), context, asked, row.request_key or "")
    if answer is None:
        sharing.settle(context, row, sharing.SILENT, {}, "")
    else:
        sharing.settle(context, row, answer.state, dict(answer.values), answer.note)
    return _outcome(item, row.state, fields, row.attempts)


def _outcome(item: sharing.Item, state: str, fields: Any, attempts: int) -> dict[str, Any]:
    """Names of fields only: what they say may be about a person."""
    got = dict.fromkeys(fields, "已取得") if state == sharing.GOT else {}
    return {"share_state": state, "share_values": got, "share_kind": item.kind, "share_limit": item.limit, "share_attempts": attempts}


def _asked(provider: Provider, context: OperationContext, asked: ShareRequest, key: str) -> ShareAnswer | None:
    try:
        return provider.ask(signed(asked, context.secrets.derive(_SECRET), key, random.token_hex(16), context.now))
    except Unavailable:
        return None


def _provider(context: OperationContext, item: sharing.Item, values: Values) -> Provider:
    silent = (item.department,) if values["unreachable"] else ()
    return EmbeddedProvider(context.secrets.derive(_SECRET), {(item.department, item.item): item.kind}, context.now, silent)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "share-request",
        "申请数据共享",
        "Ask a department for shared data",
        (
            Input("department", True, "a department code"),
            Input("item", True, "what it shares, as the list of shared data names it"),
            Input("purpose", True, "what it is needed for"),
            Input("fields", False, "only the fields that are needed; all of the item if left out", "list", nullable=True),
            Input("approved", False, "true once the provider has approved it", "boolean", nullable=True),
            Input("unreachable", False, "true: rehearse that the provider does not answer", "boolean", nullable=True),
        ),
        ("share_state", "share_values", "share_kind", "share_limit", "share_attempts"),
        _request,
    ),
)
