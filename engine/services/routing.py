"""From a matter to its departments (table DT04: the responsibility list), and who leads. Decides no grade and no limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import Case, Department, Matter, Responsibility
from engine.errors import InvalidInput, NotFound
from engine.services import rule_rows
from engine.services.context import OperationContext
from engine.services.csv_tables import CsvRow
from engine.services.reference_files import COORDINATION as COORDINATION
from engine.services.reference_files import HELPER as HELPER
from engine.services.reference_files import LEAD as LEAD
from engine.services.rule_rows import RuleRows
from engine.services.validity import holds

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
    rows = _judging(context, matter_code)
    for row in rows:
        if row.role == LEAD:
            candidates.update(_candidates(row))
    return [_routed(row.department, department_name(context, row.department), row.role) for row in rows], candidates


def set_lead(context: OperationContext, departments: Sequence[Mapping[str, Any]], lead: str | None) -> list[Routed]:
    """Put the lead first and make everybody else a helper; keeps the lead on the case. Without a lead nobody leads yet."""
    routed = {str(entry["code"]): {**entry, "role": HELPER} for entry in departments}
    case = context.case()
    if lead:
        require_there(context, lead, "field lead_department")
    case.lead_department = lead or None
    context.record("case:lead", department=lead or None)
    if not lead:
        return list(routed.values())
    first = _routed(lead, department_name(context, lead), LEAD)
    return [first, *(entry for code, entry in routed.items() if code != lead)]


def department_name(context: OperationContext, code: str) -> str:
    """The name of a department, also of one that left the table while cases are with it; raises NotFound."""
    department = context.session.get(Department, code)
    if department is None:
        raise NotFound(f"Expected department {code!r} in the reference data but it is not there.")
    return department.name


def require_there(context: OperationContext, code: str, named_by: str) -> None:
    """Refuse to send work to a department that is not in departments.csv today; ``named_by`` says which field or row names it."""
    found = rule_rows.today(context.session, "departments", context.now)
    if found is None or found.named(code=code):
        return
    last = max((str(row["valid_to"]) for row in found.every if row["code"] == code), default="")
    left = f"it ended on {last}" if last else "it is not there"
    table = f"departments.csv (version {found.version.version})"
    raise NotFound(
        f"Expected department {code}, named by {named_by}, to be in {table} on {found.on} but {left}. Put its row back, or name the "
        "department that took over in responsibilities.csv and put that in force for open cases, too; then try again."
    )


def is_only_coordination(context: OperationContext, department: str) -> bool:
    """Whether the department only gives an opinion on the matter of this case, so that its silence may count as consent."""
    rows = _responsibilities(context, context.case().matter_code or "")[0]
    return any(row.department == department and row.review == COORDINATION for row in rows)


def resolved(context: OperationContext, departments: Sequence[Any]) -> list[Routed]:
    """Departments given as codes or as contexts with a code, each known and each once."""
    routed: dict[str, Routed] = {}
    for entry in departments:
        code = entry.get("code") if isinstance(entry, Mapping) else entry
        if not isinstance(code, str):
            raise InvalidInput(f"Expected a department code such as D01 but got {entry!r}.")
        role = str(entry.get("role") or HELPER) if isinstance(entry, Mapping) else HELPER
        require_there(context, code, "field departments")
        routed.setdefault(code, _routed(code, department_name(context, code), role))
    return list(routed.values())


def _judging(context: OperationContext, matter_code: str) -> list[Responsibility]:
    """Who is responsible for a matter, each of them there today; on record as what the case was routed by."""
    rows, found = _responsibilities(context, matter_code)
    if found is None:
        return rows
    lines = {row["department"]: row for row in found.named(matter=matter_code)}
    for row in rows:
        place = f"column department of responsibilities.csv (version {found.version.version}, line {lines[row.department].line})"
        require_there(context, row.department, place)
    rule_rows.keep(context, found, lines.values(), {"matter": matter_code})
    return rows


def _responsibilities(context: OperationContext, matter_code: str) -> tuple[list[Responsibility], RuleRows | None]:
    """Who is responsible for a matter, the lead first: by the list in force when the case was accepted, and what of it held on that day."""
    found = rule_rows.for_case(context, "responsibilities")
    if found is not None:
        held = [responsibility(row, row.line) for row in found.named(matter=matter_code)]
    else:
        case = context.session.get(Case, context.case_no) if context.case_no else None
        on = local(case.received_at if case else context.now).date()
        rows = context.session.scalars(select(Responsibility).where(Responsibility.matter_code == matter_code))
        held = [row for row in rows if holds({"valid_from": row.valid_from, "valid_to": row.valid_to}, on)]
    return sorted(held, key=lambda row: (row.role != LEAD, row.position)), found


def responsibility(row: CsvRow, position: int) -> Responsibility:
    """A row of the file as the table holds it."""
    basis = row["basis"] if not row["one_thing"] or "一件事" in row["basis"] else f"{row['basis']}、一件事清单"
    held = Responsibility(matter_code=row["matter"], department=row["department"], role=row["role"], basis=basis, position=position)
    held.review = row["review"]
    held.valid_from, held.valid_to = row.values.get("valid_from") or None, row.values.get("valid_to") or None
    return held


def _candidates(row: Responsibility) -> dict[str, str | None]:
    """Which inputs of DT05 a lead's row answers, by what its basis names."""
    keys = {key for word, key in _BASES if word in row.basis}
    return dict.fromkeys(keys or {"responsibility"}, row.department)


def _routed(code: str, name: str, role: str) -> Routed:
    return {"code": code, "name": name, "role": role, "group": code}
