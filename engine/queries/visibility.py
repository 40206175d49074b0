"""Which cases a person may see, and what of them stays the applicant's own. Reads no page."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db.case_tables import Case, CaseEntry, SubOrder
from engine.db.facts import named_in_facts
from engine.db.kind_tables import CaseKind
from engine.db.tables import UserTask
from engine.errors import NotAllowed
from engine.services.case_files import OPENED
from engine.services.case_kinds import CASE
from engine.services.posts import LEADER_SUFFIX, POSTS, answered_for

#: The citizen's secret link inside a text: whoever has it may confirm and rate.
_PUBLIC_LINK = re.compile(r"(?<=/p/)[\w-]{20,}", re.ASCII)


_SEE_ALL = frozenset(post.id for post in POSTS if post.sees == "all")


def has_post(actor: Actor) -> bool:
    """Whether the person's post in the window or above it shows every case, not only those of a department or of an outsider."""
    return actor.has_group(*_SEE_ALL)


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """People with a post in the window see its files; a department sees those it leads, helps with, or has or had a task in.

    Nobody sees a file that is against him or against his department, whatever his post.
    """
    seen = Case.org_unit.in_(actor.scope) & ((Case.kind == CASE) | ~_against(actor))
    return seen if has_post(actor) else seen & _shared_with(actor)


def require_may_see(session: Session, case: Case, actor: Actor) -> None:
    if case.org_unit not in actor.scope:
        raise NotAllowed(f"Expected case {case.no} to belong to your window but it does not.")
    if session.scalar(select(Case.no).where(Case.no == case.no, is_visible(actor))) is None:
        raise NotAllowed(f"Expected your department to have a share in case {case.no} but it has none.")


def require_not_against(session: Session, case_no: str, actor: Actor) -> None:
    """Nobody handles, hands over or reads a step of a file that is against him or what he answers for."""
    if session.scalar(select(Case.no).where(Case.no == case_no, Case.kind != CASE, _against(actor))) is not None:
        raise NotAllowed(f"Expected file {case_no} to be against others but it is against you or what you answer for.")


def without_link(text: str) -> str:
    """A notice as staff may read it: the applicant's link is for the applicant."""
    return _PUBLIC_LINK.sub("…", text)


def _against(actor: Actor) -> ColumnElement[bool]:
    """A complaint and the like names a department, or a person."""
    names = {actor.id, *answered_for(actor.groups)}
    return named_in_facts("against", names) | named_in_facts("against_person", names)


def _shared_with(actor: Actor) -> ColumnElement[bool]:
    """Theirs to lead, to help with, to own or to keep, or they have worked on it or opened it."""
    groups = [group.removesuffix(LEADER_SUFFIX) for group in actor.groups]
    helped = select(SubOrder.case_no).where(SubOrder.department.in_(groups))
    worked = select(UserTask.business_key).where((UserTask.assignee == actor.id) | (UserTask.completed_by == actor.id))
    kept = select(CaseKind.kind).where(CaseKind.owner_group.in_(actor.groups))
    opened = select(CaseEntry.case_no).where(CaseEntry.kind == OPENED, CaseEntry.actor == actor.id)
    theirs = Case.lead_department.in_(groups) | (Case.owner_id == actor.id) | Case.kind.in_(kept)
    return theirs | Case.no.in_(helped) | Case.no.in_(worked) | Case.no.in_(opened)
