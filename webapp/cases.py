"""Cases: the list, its export, the page of one case, whom to call. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands.contacts import reveal_contact
from engine.queries.case_summaries import CaseSummary
from engine.queries.cases import CaseQuery, case_list, case_page
from webapp.context import actor, engine
from webapp.formats import moment
from webapp.labels import LEVELS, STATUSES
from webapp.security import with_diagram
from webapp.spreadsheets import download
from webapp.timeline_words import headline

PAGE_SIZE = 20
EXPORT_PAGE, EXPORT_LIMIT = 200, 10_000

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
blueprint.add_app_template_global(headline)


@blueprint.get("")
def index() -> ResponseReturnValue:
    query = _query(after=request.args.get("after") or None, limit=PAGE_SIZE)
    return render_template(
        "cases.html", page=case_list(engine(), actor(), query), query=query, filters=_filters(), statuses=STATUSES, levels=LEVELS
    )


@blueprint.get("/export.csv")
def export() -> ResponseReturnValue:
    return download("cases", _headings(), _rows())


@blueprint.get("/<case_no>")
@with_diagram
def show(case_no: str) -> ResponseReturnValue:
    page = case_page(engine(), actor(), case_no)
    chosen = request.args.get("diagram", type=int)
    shown = next((one for one in page.diagrams if one.definition_id == chosen), None) or next(iter(page.diagrams), None)
    return render_template("case.html", page=page, shown=shown)


@blueprint.post("/<case_no>/contact")
def contact(case_no: str) -> ResponseReturnValue:
    """Asked for by a button, so that every look is meant and kept as evidence."""
    return render_template("case_contact.html", contact=reveal_contact(engine(), actor(), case_no))


def _query(after: str | None, limit: int) -> CaseQuery:
    given = request.args
    return CaseQuery(
        status=given.get("status") or None, level=given.get("level") or None, text=given.get("q", "").strip()[:60], after=after, limit=limit
    )


def _filters() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if name in ("status", "level", "q") and value}


def _rows() -> Iterator[Sequence[Any]]:
    after, written = None, 0
    while written < EXPORT_LIMIT:
        page = case_list(engine(), actor(), _query(after, EXPORT_PAGE))
        yield from map(_cells, page.items)
        after, written = page.next_cursor, written + len(page.items)
        if after is None:
            return


def _headings() -> list[str]:
    return [
        _("受理号"), _("标题"), _("状态"), _("等级"), _("事项"), _("渠道"),
        _("收到时间"), _("办结时限"), _("首接责任人"), _("牵头部门"), _("结果"), _("归档时间"),
    ]  # fmt: skip


def _cells(case: CaseSummary) -> list[str | None]:
    return [
        case.no, case.title, case.status, case.level, case.matter_name, case.channel, moment(case.received_at), moment(case.finish_by),
        case.owner_name, case.lead_department_name, case.result, moment(case.closed_at),
    ]  # fmt: skip
