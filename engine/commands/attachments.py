"""Attachments: put to a case by staff or by the applicant, linked with a material, removed with a reason. Keeps nothing that it refuses."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.channels.virus_scan import scan
from engine.db.case_tables import Case
from engine.errors import Conflict, NotAllowed
from engine.queries.visibility import require_may_see
from engine.services import attachments, cases, evidence
from engine.services.attachments import APPLICANT, NewFile
from engine.services.file_types import refused
from engine.services.posts import LOOKING_ON
from engine.services.public_links import case_behind


def add_attachment(engine: Engine, actor: Actor, case_no: str, content: bytes, name: str, material: str | None = None) -> int:
    """Put a file to a case the person may see. Raises NotAllowed, InvalidInput (field ``file``), StorageFailed; nothing is kept then."""
    with engine.database.reading() as session:
        _require_may_change(session, cases.get_case(session, case_no), actor)
    file = _examined(engine, content, name)
    address = engine.files.put(file.content)
    with engine.database.transaction() as session:
        case = cases.get_case(session, case_no)
        _require_may_change(session, case, actor)
        return _keep(engine, session, actor, case, file, address, material, actor.id)


def add_as_citizen(engine: Engine, public_token: str, content: bytes, name: str, material: str | None = None) -> int:
    """Put a file to the case behind a public link while it is open. Raises NotFound, Conflict once it is closed."""
    with engine.database.reading() as session:
        _require_open(case_behind(session, public_token))
    file = _examined(engine, content, name)
    address = engine.files.put(file.content)
    with engine.database.transaction() as session:
        case = case_behind(session, public_token)
        _require_open(case)
        return _keep(engine, session, SYSTEM, case, file, address, material, APPLICANT)


def remove_attachment(engine: Engine, actor: Actor, attachment_id: int, reason: str) -> str:
    """Take a file from its case, with a reason that stays on record; gives the number of the case."""
    with engine.database.transaction() as session:
        row = attachments.find(session, attachment_id)
        case = cases.get_case(session, row.case_no)
        _require_may_change(session, case, actor)
        attachments.remove(session, row, engine.clock.now(), actor.id, reason.strip())
        facts = {"attachment": row.id, "digest": row.digest, "reason_digest": evidence.digest(reason.strip())}
        evidence.record(session, engine.clock.now(), actor, case.no, "attachment:remove", **facts)
        return case.no


def share_attachment(engine: Engine, actor: Actor, attachment_id: int) -> str:
    """Let the applicant see and fetch a file on the page behind the link; gives the number of the case."""
    with engine.database.transaction() as session:
        row = attachments.find(session, attachment_id)
        _require_may_change(session, cases.get_case(session, row.case_no), actor)
        row.is_shared = True
        return row.case_no


def link_material(engine: Engine, actor: Actor, attachment_id: int, material: str | None) -> str:
    """Say which material of the matter a file is, or that it is none; gives the number of the case."""
    with engine.database.transaction() as session:
        row = attachments.find(session, attachment_id)
        case = cases.get_case(session, row.case_no)
        _require_may_change(session, case, actor)
        attachments.require_material(session, engine.clock.now(), case, material)
        row.material = material or None
        return case.no


def _examined(engine: Engine, content: bytes, name: str) -> NewFile:
    """Looked at by us, then by the scanner; both outside of any transaction."""
    file = attachments.examined(content, name, engine.settings.attachment_bytes)
    verdict = scan(engine.settings.virus_scan, content)
    if verdict == "infected":
        raise refused("infected", "a file without a virus", "the scanner found one")
    return replace(file, scan=verdict)


def _keep(engine: Engine, session: Session, actor: Actor, case: Case, file: NewFile, address: str, material: str | None, by: str) -> int:
    now, most = engine.clock.now(), engine.settings.attachments_per_case
    row = attachments.add(session, engine.secrets, now, case, file, address, material or None, by, most)
    if row.uploaded_at == now:
        facts = {"attachment": row.id, "digest": row.digest, "media_type": row.media_type}
        evidence.record(session, now, actor, case.no, "attachment:add", **facts)
    return row.id


def _require_may_change(session: Session, case: Case, actor: Actor) -> None:
    require_may_see(session, case, actor)
    if actor.groups <= LOOKING_ON:
        raise NotAllowed(f"Expected somebody who handles case {case.no} but your post looks on.")


def _require_open(case: Case) -> None:
    if case.closed_at is not None:
        raise Conflict(f"Expected case {case.no} to be open but it is closed. Nothing was kept.")
