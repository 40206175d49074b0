"""Messages that reach a running case from outside: correlation, and what the citizen says. Refuses what nobody waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.correlation import correlate
from engine.db.case_tables import Case
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import cases, evidence
from engine.services.identity import mask_text
from engine.services.typed_text import readable

#: The five levels of 国办发〔2019〕51号, worst first.
RATING_LEVELS = range(1, 6)
CONFIRMATIONS = ("已解决", "未解决")
MAX_WORDS = 1000
MOST_TAGS, LONGEST_TAG = 10, 40


def correlate_message(engine: Engine, actor: Actor, name: str, correlation_key: str, variables: Mapping[str, Any]) -> int:
    """Deliver a message to the token that waits for it, or start the process that begins with it; returns the instance's number.

    Raises NotFound when nothing waits for this name and key.
    """
    with engine.database.transaction() as session:
        return correlate(engine, session, actor, name, correlation_key, variables)


def confirm_answer(engine: Engine, public_token: str, confirmation: str, reason: str = "") -> None:
    """The citizen says whether the matter is solved, and if not what is missing (P16)."""
    if confirmation not in CONFIRMATIONS:
        raise InvalidInput("Expected 已解决 or 未解决 but got something else.", {"confirmation": ["请选择“已解决”或“未解决”。"]})
    said = {"confirmation": confirmation, "confirmation_reason": _words(reason) or None}
    with engine.database.transaction() as session:
        case_no = _from_citizen(engine, session, public_token, "case_confirmed", said)
        facts = {"confirmation": confirmation, "digest": evidence.digest(said)}
        evidence.record(session, engine.clock.now(), SYSTEM, case_no, "case:confirm", **facts)


def rate_case(engine: Engine, public_token: str, rating: Mapping[str, Any]) -> None:
    """The citizen rates the case once, 1 to 5, with reasons if they like."""
    level = rating.get("level")
    if not isinstance(level, int) or level not in RATING_LEVELS:
        raise InvalidInput("Expected a rating from 1 to 5 but got something else.", {"rating.level": ["请从五个等级中选择一个。"]})
    value = {"level": level, "tags": _tags(rating.get("tags")), "text": _words(rating.get("text"))}
    with engine.database.transaction() as session:
        _from_citizen(engine, session, public_token, "case_rated", {"rating": value})


def _tags(given: object) -> list[str]:
    """The reasons ticked; whatever else a program may post is cut to their size."""
    return [_words(tag)[:LONGEST_TAG] for tag in given[:MOST_TAGS]] if isinstance(given, list) else []


def _words(text: object) -> str:
    """What a citizen wrote, as far as a process may keep it: identity and mobile numbers masked."""
    return mask_text(readable(str(text or "")).strip()[:MAX_WORDS])


def _from_citizen(engine: Engine, session: Session, public_token: str, name: str, variables: Mapping[str, Any]) -> str:
    """Deliver to the case behind the link, or to the one it was merged into; gives the number of that one."""
    case = session.scalar(select(Case).where(Case.public_token == public_token))
    if case is None:
        raise NotFound("Expected a link that the centre sent but this one is unknown.")
    try:
        main = cases.main_case(session, case.no)
        correlate(engine, session, SYSTEM, name, main.no, variables)
    except NotFound as error:
        raise Conflict(f"Expected case {case.no} to wait for your answer but it does not, or not any more.") from error
    return main.no
