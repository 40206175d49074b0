"""Materials of a matter: what is missing, what was asked for in one complete notice, and what was asked for later. Decides no handling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db.case_tables import Case, CaseEntry, Material, Matter
from engine.db.file_tables import Attachment
from engine.errors import InvalidInput, NotFound
from engine.services import documents, entries, rule_rows, validity
from engine.services.context import OperationContext
from engine.services.csv_tables import CsvRow

SHARED, LICENCE = "共享", "电子证照"
#: Kinds of entry in the ledger: the complete notice, what was asked for although it was not in it, what came on paper.
NOTICE, ASKED_LATER, RECEIVED = "一次性告知", "告知后另要材料", "收到材料"
TEMPLATE = "one_time_notice"
#: Words of a handling (DT06) that ask nothing of the applicant.
EXEMPT = "免提交"


@dataclass(frozen=True)
class Gaps:
    """What of a matter's materials is not there yet; ``promise_days`` is the matter's promised limit in working days."""

    gaps: tuple[dict[str, Any], ...]
    promise_days: int


def check(context: OperationContext, matter_code: str | None, provided: Sequence[str]) -> Gaps:
    """The materials that are neither among ``provided`` nor attached to the case. Without a matter nothing is known to be missing.

    A number among ``provided`` that is not on the list counts for nothing: what is missing stays missing, and whoever mistyped it sees so.
    """
    if not matter_code:
        return Gaps((), 0)
    case = context.case()
    days = _promise_days(context, matter_code)
    known = _known(context, matter_code)
    there = set(provided) | attached(context.session, case.no)
    return Gaps(tuple(_facts(material, days) for material in known if material.id not in there), days)


def _promise_days(context: OperationContext, matter_code: str) -> int:
    """The promised limit of the matter, as it was when the case was accepted."""
    found = rule_rows.for_case(context, "matters")
    if found is None:
        matter = context.session.get(Matter, matter_code)
        days = matter.promise_days if matter else None
    else:
        rows = found.named(code=matter_code)
        rule_rows.keep(context, found, rows, {"matter": matter_code})
        days = next((int(row["promise_wd"]) for row in rows), None)
    if days is None:
        day = f" on {found.on}, when the case was accepted," if found else ""
        raise NotFound(f"Expected a matter of matters.csv{day} but got {matter_code!r}. Correct the matter of the case.")
    return days


def _known(context: OperationContext, matter_code: str) -> Sequence[Material]:
    """What the matter asks of this case; on record as what it was checked by."""
    found = rule_rows.for_case(context, "materials")
    if found is None:
        return _of_table(context.session, matter_code, local(context.case().received_at).date())
    rows = found.named(matter=matter_code)
    rule_rows.keep(context, found, rows, {"matter": matter_code})
    return [material(row, position) for position, row in enumerate(rows)]


def _of_table(session: Session, matter_code: str, on: date) -> Sequence[Material]:
    since = or_(Material.valid_from.is_(None), Material.valid_from <= on)
    until = or_(Material.valid_to.is_(None), Material.valid_to >= on)
    return session.scalars(
        select(Material).where(Material.matter_code == matter_code, since, until).order_by(Material.position, Material.id)
    ).all()


def material(row: CsvRow, position: int) -> Material:
    """A row of the file as the table holds it."""
    return Material(
        id=row["id"],
        matter_code=row["matter"],
        name=row["name"],
        material_class=row["class"],
        source=row["source"],
        share_department=row["share_department"] or None,
        share_item=row["share_item"] or None,
        licence=row["licence"] or None,
        form=row["form"],
        validity_days=row["validity_days"] or None,
        position=position,
        is_commitment_allowed=row["commit_ok"],
        is_risk=row["risk"],
        valid_from=row[validity.BEGIN] or None,
        valid_to=row[validity.END] or None,
    )


def case_materials(session: Session, case: Case, now: datetime) -> Sequence[Material]:
    """What the matter of a case asks for, by the list in force when it was accepted, in the order of the list."""
    if not case.matter_code:
        return ()
    found = rule_rows.accepted_at(session, "materials", case.received_at, now)
    if found is None:
        return _of_table(session, case.matter_code, local(case.received_at).date())
    return [material(row, position) for position, row in enumerate(found.named(matter=case.matter_code))]


def attached(session: Session, case_no: str) -> set[str]:
    """Materials that an attachment of the case is linked with, and those received on paper."""
    linked = select(Attachment.material).where(
        Attachment.case_no == case_no, Attachment.removed_at.is_(None), Attachment.material.is_not(None)
    )
    return {str(material) for material in session.scalars(linked)} | received(session, case_no)


def received(session: Session, case_no: str) -> set[str]:
    """Materials that were handed in on paper."""
    rows = session.scalars(select(CaseEntry.facts).where(CaseEntry.case_no == case_no, CaseEntry.kind == RECEIVED))
    return {str(facts.get("material")) for facts in rows}


def receive(context: OperationContext, material: str) -> None:
    """Put on record that a material came on paper; once is enough."""
    case = context.case()
    if material not in {one.id for one in case_materials(context.session, case, context.now)}:
        raise InvalidInput(f"Expected a material of the matter of {case.no} but got {ascii(material)[:40]}.", {"material": ["unknown"]})
    if material not in received(context.session, case.no):
        entries.add(context, RECEIVED, {"material": material})


def notify(context: OperationContext, handled: Sequence[Mapping[str, Any]], supply_by: Any) -> tuple[str, list[str]]:
    """Issue the complete notice; gives its number and the names asked for that an earlier notice did not have: they are put on record."""
    rows = [_row(item) for item in handled]
    if not rows:
        raise InvalidInput("Expected at least one material to tell about but got none.", {"handled": ["empty"]})
    earlier = entries.of_kind(context, NOTICE)
    told = {str(name) for entry in earlier for name in (*entry.get("asked", ()), *entry.get("exempt", ()))}
    asked = [row["材料"] for row in rows if not row["处理"].startswith(EXEMPT)]
    exempt = [row["材料"] for row in rows if row["处理"].startswith(EXEMPT)]
    later = [name for name in asked if name not in told] if earlier else []
    document = documents.issue(context, TEMPLATE, {"清单": rows, "补正期限": supply_by})
    entries.add(context, NOTICE, {"document_no": document.number, "asked": asked, "exempt": exempt})
    if later:
        entries.add(context, ASKED_LATER, {"document_no": document.number, "materials": later})
    context.record("materials:notice", number=document.number, asked=len(asked), later=len(later))
    return document.number, later


def _row(item: Mapping[str, Any]) -> dict[str, str]:
    missing = [key for key in ("name", "handling") if not isinstance(item.get(key), str) or not item[key]]
    if missing:
        raise InvalidInput(f"Expected {' and '.join(missing)} of each material but got {dict(item)!r:.200}.", {"handled": missing})
    limit = item.get("limit")
    return {"材料": str(item["name"]), "处理": str(item["handling"]), "期限": str(limit) if limit else "—"}


def _facts(material: Material, promise_days: int) -> dict[str, Any]:
    """A material as DT06 reads it."""
    return {
        "id": material.id,
        "name": material.name,
        "class": material.material_class,
        "source": material.source,
        "shared": material.source == SHARED,
        "share_department": material.share_department,
        "share_item": material.share_item,
        "commit_ok": material.is_commitment_allowed,
        "risk": material.is_risk,
        "licence": material.source == LICENCE,
        "licence_name": material.licence,
        "form": material.form or None,
        "promise_days": promise_days,
    }
