"""Use of the case library: somebody found an article of use for a case. Writes no article."""

from __future__ import annotations

from engine.actors import Actor
from engine.assembly import Engine
from engine.queries.visibility import has_post, require_may_see
from engine.services import cases, evidence, knowledge


def use_article(engine: Engine, actor: Actor, case_no: str, article_no: str) -> None:
    """Count the article once for the case and keep it in the ledger of the case; a second time changes nothing.

    Raises NotFound for a file that is no published article.
    """
    with engine.database.transaction() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        article = knowledge.published(session, article_no, is_internal_too=has_post(actor))
        if knowledge.use(session, engine.clock.now(), actor, case, article):
            evidence.record(session, engine.clock.now(), actor, case.no, "article:use", article=article.no)
