"""From a matter to its departments (table DT04: the responsibility list), and who leads. Decides no grade and no limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.db.case_tables import Department, Matter, Responsibility
from engine.errors import InvalidInput, NotFound
from engine.services.context import OperationContext

LEAD, HELPER = "牵头", "协办"
#: A department that only gives its opinion: silence may count as consent. Never where it permits or guards safety (宜春〔2009〕66号).
COORDINATION = "协调意见"

#: Words in the basis of a lead's row → inputs of DT05 it answers; without any of them it is the responsibility list.
_BASES = (
    ("权责", "responsibility"),
    ("一件事", "one_thing"),
    ("发证", "issuer"),
    ("首接", "first_received"),
    ("行业", "supervisor"),
)

Routed = dict[str, Any]


def departments_of(context: OperationContext, matter_code: str | None) -> tuple[list[Routed], dict[str, str | None]]:
    """Departments of a matter, the lead first, and the lead candidates that DT05 chooses from. Without a matter there are none."""
    candidates: dict[str, str | None] = dict.fromkeys(("responsibility", "one_thing", "issuer", "first_received", "supervisor"))
    if not matter_code:
        return [], candidates
    if context.session.get(Matter, matter_code) is None:
        raise NotFound(f"Expected matter {matter_code!r} in the reference data but it is not there.")
    found = select(Responsibility, Department.name).join(Department, Department.code == Responsibility.department)
    found = found.where(Responsibility.matter_code == matter_code).order_by(Responsibility.role != LEAD, Responsibility.position)
    rows = context.session.execute(found).all()
    for row, _name in rows:
        if row.role == LEAD:
            candidates.update(_candidates(row))
    return [_routed(row.department, name, row.role) for row, name in rows], candidates


def set_lead(context: OperationContext, departments: Sequence[Mapping[str, Any]], lead: str | None) -> list[Routed]:
    """Put the lead first and make everybody else a helper; keeps the lead on the case. Without a lead nobody leads yet."""
    routed = {str(entry["code"]): {**entry, "role": HELPER} for entry in departments}
    case = context.case()
    case.lead_department = lead or None
    context.record("case:lead", department=lead or None)
    if not lead:
        return list(routed.values())
    first = _routed(lead, department_name(context, lead), LEAD)
    return [first, *(entry for code, entry in routed.items() if code != lead)]


def department_name(context: OperationContext, code: str) -> str:
    """The name of a department; raises NotFound."""
    department = context.session.get(Department, code)
    if department is None:
        raise NotFound(f"Expected department {code!r} in the reference data but it is not there.")
    return department.name


def resolved(context: OperationContext, departments: Sequence[Any]) -> list[Routed]:
    """Departments given as codes or as contexts with a code, each known and each once."""
    routed: dict[str, Routed] = {}
    for entry in departments:
        code = entry.get("code") if isinstance(entry, Mapping) else entry
        if not isinstance(code, str):
            raise InvalidInput(f"Expected a department code such as D01 but got {entry!r}.")
        role = str(entry.get("role") or HELPER) if isinstance(entry, Mapping) else HELPER
        routed.setdefault(code, _routed(code, department_name(context, code), role))
    return list(routed.values())


def _candidates(row: Responsibility) -> dict[str, str | None]:
    """Which inputs of DT05 a lead's row answers, by what its basis names."""
    keys = {key for word, key in _BASES if word in row.basis}
    return dict.fromkeys(keys or {"responsibility"}, row.department)


def _routed(code: str, name: str, role: str) -> Routed:
    return {"code": code, "name": name, "role": role, "group": code}
