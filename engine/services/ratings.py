"""Ratings by citizens and who follows up a bad one. What follows is decided by table DT07, not here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from engine.db.case_tables import Case, Rating, SubOrder
from engine.db.tables import UserTask
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import accounts, evidence
from engine.services.context import OperationContext
from engine.services.identity import mask_text

#: The level of a case nobody rated within seven days: kept, but not counted in satisfaction.
DEFAULT_LEVEL = 0
LEVELS = (0, 1, 2, 3, 4, 5)


def record_first(context: OperationContext, level: int, tags: Sequence[str], text: str) -> None:
    """The one rating of a case."""
    if _count(context, is_second=False):
        raise Conflict(f"Expected the first rating of case {context.case_no} but it was rated before.")
    _write(context, level, tags, text, is_second=False)


def record_second(context: OperationContext, level: int, tags: Sequence[str], text: str) -> None:
    """The rating after a rectification (追评), one for each reopening; both ratings are kept."""
    if _count(context, is_second=True) >= max(1, context.case().reopen_count):
        raise Conflict(f"Expected one second rating for each reopening of case {context.case_no} but it was rated again before.")
    _write(context, level, tags, text, is_second=True)


def assign_rectifier(context: OperationContext) -> str:
    """A rectification officer who took no part in the case; by turns over the cases."""
    case = context.case()
    officers = [account.id for account in accounts.members(context.session, "rectifier", case.org_unit)]
    free = [officer for officer in officers if officer not in involved(context, case)]
    if not free:
        raise NotFound(
            f"Expected somebody in group rectifier of {case.org_unit} who took no part in case {case.no} but there is nobody. "
            "Add another account to the group."
        )
    chosen = free[int(case.no.rsplit("-", 1)[-1]) % len(free)]
    context.record("rectification:assign", rectifier=chosen)
    return chosen


def involved(context: OperationContext, case: Case) -> set[str]:
    """Everybody who owned the case, signed for a department or completed one of its tasks before it was rated."""
    context.session.flush()
    signed = context.session.scalars(select(SubOrder.signed_by).where(SubOrder.case_no == case.no, SubOrder.signed_by.is_not(None)))
    worked = select(UserTask.completed_by).where(UserTask.business_key == case.no, UserTask.completed_by.is_not(None))
    done = context.session.scalars(worked.where(UserTask.process_key != "P17_rectification"))
    return {person for person in (case.owner_id, case.first_owner_id, *signed, *done) if person}


def _count(context: OperationContext, *, is_second: bool) -> int:
    context.session.flush()
    rated = select(func.count()).select_from(Rating).where(Rating.case_no == context.case_no, Rating.is_second == is_second)
    return context.session.scalar(rated) or 0


def _write(context: OperationContext, level: int, tags: Sequence[str], text: str, *, is_second: bool) -> None:
    if level not in LEVELS:
        raise InvalidInput(f"Expected a rating from 1 to 5, or 0 for none given, but got {level!r}.", {"level": ["请选择1-5级评价。"]})
    rating = Rating(
        case_no=context.case().no,
        level=level,
        tags=[str(tag) for tag in tags],
        text=mask_text(text),
        is_second=is_second,
        is_counted=level != DEFAULT_LEVEL,
        rated_at=context.now,
    )
    context.session.add(rating)
    context.record("rating:record", level=level, second=is_second, digest=evidence.digest([list(rating.tags), text]))
