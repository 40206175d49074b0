"""Documents issued by hand from the page of a case, and documents taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.actors import Actor
from engine.assembly import Engine
from engine.desk import at_desk
from engine.errors import NotAllowed
from engine.queries.visibility import has_post, require_may_see
from engine.services import cases, documents
from engine.services.posts import LOOKING_ON

#: Who takes a document back: a clerk's mistake is mended by the head.
HEADS = ("window_head", "coordinator", "bureau_leader", "leading_group_office")


def issue_document(engine: Engine, actor: Actor, case_no: str, template: str, values: Mapping[str, Any]) -> int:
    """Issue a document to a case; gives its id. Raises NotAllowed, NotFound, InvalidInput naming the value, StorageFailed."""
    with engine.database.transaction() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        if not has_post(actor) or actor.groups <= LOOKING_ON:
            raise NotAllowed(f"Expected a post in the window to issue a document of case {case_no} but you have none.")
        return documents.issue(at_desk(engine, session, actor, case), template, values).id


def void_document(engine: Engine, actor: Actor, document_id: int, reason: str) -> str:
    """Take a document back with a reason; gives the number of its case."""
    with engine.database.transaction() as session:
        document = documents.find_by_id(session, document_id)
        case = cases.get_case(session, document.case_no)
        require_may_see(session, case, actor)
        if not actor.has_group(*HEADS):
            raise NotAllowed("Expected the head of the window to take a document back but you are not.")
        documents.void(at_desk(engine, session, actor, case), document, reason.strip())
        return case.no
