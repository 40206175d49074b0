"""The materials of a case's matter as its page shows them: what is there, what is exempt, what may be tolerated or promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import CaseEntry, Material
from engine.queries.names import names_of
from engine.queries.visibility import require_may_see
from engine.services import attachments, cases, materials

#: there · exempt (shared or an e-licence) · promise (a commitment may stand in) · tolerate (may follow later) · needed
Standing = Literal["there", "exempt", "promise", "tolerate", "needed"]


@dataclass(frozen=True)
class CaseMaterial:
    """A material and how it stands; ``is_asked_later``: asked for although no one-time notice had it."""

    id: str
    name: str
    material_class: str
    source: str
    share_department: str | None
    share_item: str | None
    licence: str | None
    form: str
    validity_days: int | None
    standing: Standing
    attachments: tuple[int, ...]
    is_on_paper: bool
    is_asked_later: bool
    share_department_name: str | None = None


@dataclass(frozen=True)
class CaseMaterials:
    """All of them, the numbers of the notices, and names that were asked for later and are in no list."""

    rows: tuple[CaseMaterial, ...]
    notices: tuple[str, ...]
    asked_later: tuple[str, ...]


def materials_of(engine: Engine, actor: Actor, case_no: str) -> CaseMaterials:
    """What the matter asks for and how each of it stands."""
    with engine.database.reading() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        linked = [row for row in attachments.of_case(session, case_no) if row.removed_at is None]
        paper = materials.received(session, case_no)
        told = select(CaseEntry.kind, CaseEntry.facts).where(
            CaseEntry.case_no == case_no, CaseEntry.kind.in_((materials.NOTICE, materials.ASKED_LATER))
        )
        entries = session.execute(told.order_by(CaseEntry.id)).all()
        later = tuple(str(name) for kind, facts in entries if kind == materials.ASKED_LATER for name in facts.get("materials", ()))
        notices = tuple(str(facts.get("document_no")) for kind, facts in entries if kind == materials.NOTICE)
        wanted = materials.case_materials(session, case, engine.clock.now())
        names = names_of(session, (one.share_department for one in wanted if one.share_department))
        rows = [
            _view(one, names, tuple(row.id for row in linked if row.material == one.id), one.id in paper, one.name in later)
            for one in wanted
        ]
        return CaseMaterials(tuple(rows), notices, later)


def _view(one: Material, names: Mapping[str, str], files: tuple[int, ...], is_on_paper: bool, is_asked_later: bool) -> CaseMaterial:
    return CaseMaterial(
        id=one.id,
        name=one.name,
        material_class=one.material_class,
        source=one.source,
        share_department=one.share_department,
        share_item=one.share_item,
        licence=one.licence,
        form=one.form,
        validity_days=one.validity_days,
        standing="there" if files or is_on_paper else _standing(one),
        attachments=files,
        is_on_paper=is_on_paper,
        is_asked_later=is_asked_later,
        share_department_name=names.get(one.share_department or ""),
    )


def _standing(one: Material) -> Standing:
    """What DT06 can come to for an applicant in good standing who wants what is offered."""
    if one.source in (materials.SHARED, materials.LICENCE):
        return "exempt"
    if one.is_commitment_allowed and not one.is_risk:
        return "promise"
    return "tolerate" if one.material_class == "可容缺" else "needed"
