"""Articles of the case library about the like of a case (P21 → P01): to read before one begins. Suggests; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.queries.visibility import has_post, require_may_see
from engine.services import cases, knowledge
from engine.services.case_kinds import CASE


@dataclass(frozen=True)
class ArticleView:
    """An article: what was the problem, how it was solved, on which basis, in how many working days; how often it was of use."""

    no: str
    title: str
    summary: str
    cause: str
    path: str
    basis: str
    guide: str
    days: int | None
    reuse_count: int
    is_used_here: bool


def similar_articles(engine: Engine, actor: Actor, case_no: str) -> tuple[ArticleView, ...]:
    """Published articles about the like of this case, the closest first; who has no post at the window gets the public ones."""
    with engine.database.reading() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        if case.kind != CASE:
            return ()
        found = knowledge.similar(session, case.org_unit, case.matter_code, f"{case.title}{case.text}")
        readable = [one for one in found if has_post(actor) or one.facts.get("visibility") == knowledge.PUBLIC]
        used = knowledge.used_in(session, case_no)
        return tuple(_view(one, one.no in used) for one in readable)


def _view(article: Case, is_used_here: bool) -> ArticleView:
    words = knowledge.article_of(article)
    days = words.get("days")
    return ArticleView(
        no=article.no,
        title=str(words.get("title") or article.title),
        summary=str(article.facts.get("summary") or ""),
        cause=str(words.get("cause") or ""),
        path=str(words.get("path") or ""),
        basis=str(words.get("basis") or ""),
        guide=str(article.facts.get("guide") or ""),
        days=int(days) if isinstance(days, int | float) else None,
        reuse_count=int(article.facts.get("reuse") or 0),
        is_used_here=is_used_here,
    )
