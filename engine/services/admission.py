"""Who may get a post of the window: whoever has been trained and admitted (P29), or rests on a written exception. Changes no account."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.case_tables import Case
from engine.errors import InvalidInput
from engine.services.codes import Correction
from engine.services.identity import mask_text
from engine.services.typed_text import readable

#: The posts whose holders are put on the roster of a window.
WINDOW_POSTS = frozenset({"window", "window_head"})
TRAINING = "training"
SHORTEST_EXCEPTION, LONGEST_EXCEPTION = 4, 200

_UNTRAINED = Correction(
    "这个账号还没有完成岗前培训和上岗审核，不能安排窗口岗位。请先在“培训”件里登记学时并审核上岗，或者填写例外说明。",
    "This account has not completed its training and admission, so it gets no post of the window. "
    "Record the hours in its training file and have it admitted, or write down why there is an exception.",
)
_TOO_SHORT = Correction(
    f"请写明例外的理由，{SHORTEST_EXCEPTION}到{LONGEST_EXCEPTION}个字。",
    f"Write down why there is an exception, in {SHORTEST_EXCEPTION} to {LONGEST_EXCEPTION} characters.",
)


def exception_needed(session: Session, account_id: str, before: Collection[str], groups: Collection[str], exception: str) -> str | None:
    """The written exception on which the posts of ``groups`` rest; None where none is needed.

    Whoever holds a post of the window already is let be. Raises InvalidInput where an exception is needed and there is none.
    """
    if not WINDOW_POSTS.intersection(groups) or WINDOW_POSTS.intersection(before) or is_admitted(session, account_id):
        return None
    written = mask_text(readable(exception).strip())
    if not written:
        raise InvalidInput(f"Expected {account_id!r} to be trained and admitted for a window post but it is not.", {"groups": [_UNTRAINED]})
    if not SHORTEST_EXCEPTION <= len(written) <= LONGEST_EXCEPTION:
        raise InvalidInput("Expected an exception that says why.", {"exception": [_TOO_SHORT]})
    return written


def is_admitted(session: Session, account_id: str) -> bool:
    """Whether a training file of the account was admitted to the roster and its person has not left since."""
    files = session.scalars(select(Case.facts).where(Case.kind == TRAINING))
    return any(facts.get("account") == account_id and facts.get("rostered_on") and not facts.get("left_on") for facts in files)
