"""Who is in a group: for what everybody there has to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import accounts
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _members(context: OperationContext, values: Values) -> Mapping[str, Any]:
    found = accounts.members(context.session, values["group"], context.case().org_unit)
    return {"members": [account.id for account in found]}


OPERATIONS = (
    Operation(
        "group-members", "列出岗位人员", "List the people of a group", (Input("group", True, "a candidate group"),), ("members",), _members
    ),
)
