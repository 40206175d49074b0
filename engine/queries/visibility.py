"""Which cases a person may see, and what of them stays the applicant's own. Reads no page."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db.case_tables import Case, SubOrder
from engine.db.tables import UserTask
from engine.errors import NotAllowed
from engine.services.posts import LEADER_SUFFIX, POSTS

#: The citizen's secret link inside a text: whoever has it may confirm and rate.
_PUBLIC_LINK = re.compile(r"(?<=/p/)[\w-]{20,}", re.ASCII)


_SEE_ALL = frozenset(post.id for post in POSTS if post.sees == "all")


def has_post(actor: Actor) -> bool:
    """Whether the person's post in the window or above it shows every case, not only those of a department or of an outsider."""
    return actor.has_group(*_SEE_ALL)


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """People with a post in the window see its cases; a department sees those it leads, helps with, or has or had a task in."""
    in_scope = Case.org_unit.in_(actor.scope)
    return in_scope if has_post(actor) else in_scope & _shared_with(actor)


def require_may_see(session: Session, case: Case, actor: Actor) -> None:
    if case.org_unit not in actor.scope:
        raise NotAllowed(f"Expected case {case.no} to belong to your window but it does not.")
    if session.scalar(select(Case.no).where(Case.no == case.no, is_visible(actor))) is None:
        raise NotAllowed(f"Expected your department to have a share in case {case.no} but it has none.")


def without_link(text: str) -> str:
    """A notice as staff may read it: the applicant's link is for the applicant."""
    return _PUBLIC_LINK.sub("…", text)


def _shared_with(actor: Actor) -> ColumnElement[bool]:
    groups = [group.removesuffix(LEADER_SUFFIX) for group in actor.groups]
    helped = select(SubOrder.case_no).where(SubOrder.department.in_(groups))
    worked = select(UserTask.business_key).where((UserTask.assignee == actor.id) | (UserTask.completed_by == actor.id))
    return Case.lead_department.in_(groups) | Case.no.in_(helped) | Case.no.in_(worked)
