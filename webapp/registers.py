"""Registers (台账): the kinds of files with their counts, the list of each, its export. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.queries import case_kinds
from engine.queries.case_summaries import CaseSummary
from engine.queries.decisions import in_words
from engine.queries.file_parts import fact_labels
from engine.queries.registers import RegisterQuery, register
from webapp.context import actor, engine
from webapp.formats import moment, term
from webapp.spreadsheets import download

PAGE_SIZE = 20
EXPORT_PAGE, EXPORT_LIMIT = 200, 10_000
FILTERS = ("q", "status", "state", "from", "to", "owner", "department")
STATES = ("open", "closed")
#: Days outside of these years are slips of the finger.
YEARS = range(2000, 2101)

blueprint = Blueprint("registers", __name__, url_prefix="/registers")


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("registers.html", kinds=case_kinds.kinds(engine(), actor()))


@blueprint.get("/<kind>")
def show(kind: str) -> ResponseReturnValue:
    about = case_kinds.kind_view(engine(), actor(), kind)
    query = _query(kind, request.args.get("after") or None, PAGE_SIZE)
    page = register(engine(), actor(), query)
    return render_template("register_list.html", kind=about, page=page, query=query, filters=_filters())


@blueprint.get("/<kind>/export.csv")
def export(kind: str) -> Response:
    about = case_kinds.kind_view(engine(), actor(), kind)
    return download(about.kind, _headings(), _rows(kind))


def _query(kind: str, after: str | None, limit: int) -> RegisterQuery:
    given = request.args
    return RegisterQuery(
        kind=kind,
        text=given.get("q", "").strip()[:60],
        status=given.get("status") or None,
        state=given.get("state") if given.get("state") in STATES else None,  # type: ignore[arg-type]
        from_on=day_asked("from"),
        to_on=day_asked("to"),
        owner=given.get("owner") or None,
        department=given.get("department") or None,
        after=after,
        limit=limit,
    )


def day_asked(name: str) -> date | None:
    """The day in the address under this name; None for none and for a slip of the finger."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _filters() -> dict[str, Any]:
    """The filters in the address, for links to the next page and to the export."""
    return {name: value for name, value in request.args.items() if name in FILTERS and value}


def _rows(kind: str) -> Iterator[Sequence[Any]]:
    labels = fact_labels(engine())
    after, written = None, 0
    while written < EXPORT_LIMIT:
        page = register(engine(), actor(), _query(kind, after, EXPORT_PAGE))
        yield from (_cells(file, labels) for file in page.items)
        after, written = page.next_cursor, written + len(page.items)
        if after is None:
            return


def _headings() -> list[str]:
    return [
        _("编号"), _("标题"), _("状态"), _("收到时间"), _("截止"), _("负责人"),
        _("牵头部门"), _("来自"), _("结果"), _("办结时间"), _("要点"),
    ]  # fmt: skip


def _cells(file: CaseSummary, labels: Mapping[str, str]) -> list[Any]:
    return [
        file.no, file.title, term(file.status), moment(file.received_at), moment(file.due_at), file.owner_name,
        file.lead_department_name, file.parent_no, file.result, moment(file.closed_at), "; ".join(_facts(file.facts, labels)),
    ]  # fmt: skip


def _facts(facts: Mapping[str, Any], labels: Mapping[str, str], prefix: str = "") -> Iterator[str]:
    """The facts of a file in one cell, as the forms call them."""
    for key, value in facts.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _facts(value, labels, f"{path}.")
        elif value not in (None, "", []):
            yield f"{labels.get(path) or labels.get(key) or path}: {in_words(value)}"
