"""Documents: all of them searched and exported; one read, fetched, drafted, issued by hand, taken back. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import documents
from engine.errors import InvalidInput
from engine.queries import documents as issued
from engine.queries.attachments import FetchedFile
from engine.queries.document_register import DocumentQuery, DocumentRow, document_register
from webapp import spreadsheets
from webapp.attachments import fault_of
from webapp.context import ROW, actor, engine
from webapp.fetching import as_download, download
from webapp.formats import is_chinese, moment, term
from webapp.registers import day_asked

PAGE_SIZE = 20
EXPORT_PAGE, EXPORT_LIMIT = 200, 10_000
FILTERS = ("q", "template", "unit", "state", "from", "to", "sort")
STATES, SORTS = ("valid", "void"), ("latest", "earliest", "case")

blueprint = Blueprint("documents", __name__)


@blueprint.app_template_global()
def case_documents(case_no: str) -> tuple[issued.DocumentView, ...]:
    return issued.documents_of(engine(), actor(), case_no)


@blueprint.get("/documents")
def index() -> ResponseReturnValue:
    query = _query(request.args.get("after") or None, PAGE_SIZE)
    return render_template("documents.html", page=document_register(engine(), actor(), query), query=query, filters=_filters())


@blueprint.get("/documents/export.csv")
def export() -> ResponseReturnValue:
    headings = [
        _("文号"), _("文书"), _("模板"), _("案件编号"), _("案件标题"), _("窗口"), _("出具时间"), _("出具人"), _("状态"), _("申请人可见"),
        _("页数"), _("文件摘要 SM3"),
    ]  # fmt: skip
    return spreadsheets.download("documents", headings, _rows())


@blueprint.get(f"/documents/<{ROW}:document_id>")
def show(document_id: int) -> ResponseReturnValue:
    return render_template("document.html", page=issued.document_page(engine(), actor(), document_id), errors=())


@blueprint.get(f"/documents/<{ROW}:document_id>/file")
@as_download
def fetch(document_id: int) -> ResponseReturnValue:
    return download(issued.document_file(engine(), actor(), document_id))


@blueprint.post(f"/documents/<{ROW}:document_id>/void")
def void(document_id: int) -> ResponseReturnValue:
    try:
        documents.void_document(engine(), actor(), document_id, request.form.get("reason", ""))
    except InvalidInput as error:
        page = issued.document_page(engine(), actor(), document_id)
        return render_template("document.html", page=page, errors=[fault_of(error)]), 422
    flash(_("文书已作废，文号不再使用。"), "success")
    return redirect(url_for("documents.show", document_id=document_id), 303)


@blueprint.get("/cases/<case_no>/documents/new")
def write(case_no: str) -> ResponseReturnValue:
    issued.documents_of(engine(), actor(), case_no)  # refuses whoever may not see the case
    return _form(case_no, request.args.get("template", ""), {}, ())


@blueprint.post("/cases/<case_no>/documents/new")
def preview(case_no: str) -> ResponseReturnValue:
    """The document as it would be issued, with what was typed carried along."""
    key, typed = request.form.get("template", ""), _typed()
    if request.form.get("action") == "edit":
        return _form(case_no, key, typed, ())
    try:
        draft = issued.draft(engine(), actor(), case_no, key, _values(typed))
    except InvalidInput as error:
        return _form(case_no, key, typed, _faults(error)), 422
    return render_template("document_preview.html", case_no=case_no, key=key, typed=typed, draft=draft)


@blueprint.post("/cases/<case_no>/documents/draft.pdf")
@as_download
def draft_file(case_no: str) -> ResponseReturnValue:
    draft = issued.draft(engine(), actor(), case_no, request.form.get("template", ""), _values(_typed()))
    return download(FetchedFile(f"{draft.title}({_('草稿')}).pdf", "application/pdf", draft.content))


@blueprint.post("/cases/<case_no>/documents")
def issue(case_no: str) -> ResponseReturnValue:
    key, typed = request.form.get("template", ""), _typed()
    try:
        document_id = documents.issue_document(engine(), actor(), case_no, key, _values(typed))
    except InvalidInput as error:
        return _form(case_no, key, typed, _faults(error)), 422
    flash(_("文书已出具。"), "success")
    return redirect(url_for("documents.show", document_id=document_id), 303)


def _filters() -> dict[str, str]:
    """The filters in the address, for links to the next page and to the export."""
    return {name: request.args[name][:60] for name in FILTERS if request.args.get(name)}


def _query(after: str | None, limit: int) -> DocumentQuery:
    given = _filters()
    return DocumentQuery(
        text=given.get("q", "").strip(),
        template=given.get("template"),
        org_unit=given.get("unit"),
        state=given.get("state") if given.get("state") in STATES else None,  # type: ignore[arg-type]
        from_on=day_asked("from"),
        to_on=day_asked("to"),
        sort=given.get("sort") if given.get("sort") in SORTS else "latest",  # type: ignore[arg-type]
        after=after,
        limit=limit,
    )


def _rows() -> Iterator[Sequence[Any]]:
    after, written = None, 0
    while written < EXPORT_LIMIT:
        page = document_register(engine(), actor(), _query(after, EXPORT_PAGE))
        yield from map(_cells, page.items)
        after, written = page.next_cursor, written + len(page.items)
        if after is None:
            return


def _cells(one: DocumentRow) -> list[Any]:
    state = _("已作废") if one.is_void else _("有效")
    return [
        one.number, titled(one), one.template, one.case_no, one.case_title, one.org_unit_name, moment(one.issued_at), term(one.issued_by),
        state, _("是") if one.is_applicants else _("否"), one.pages, one.digest,
    ]  # fmt: skip


@blueprint.app_template_global()
def titled(paper: Any) -> str:
    """A document by its title in the reader's language."""
    return str(paper.title if is_chinese() or not paper.title_en else paper.title_en)


def _form(case_no: str, key: str, typed: Mapping[str, str], errors: Sequence[str]) -> str:
    found = issued.templates(engine(), actor())
    chosen = next((one for one in found if one.key == key), None)
    if key and chosen is None:
        abort(404)
    return render_template("document_new.html", case_no=case_no, templates=found, chosen=chosen, typed=typed, errors=errors)


def _typed() -> dict[str, str]:
    return {name.removeprefix("v:"): value for name, value in request.form.items() if name.startswith("v:")}


def _values(typed: Mapping[str, str]) -> dict[str, Any]:
    """Lines that all begin with a dash are a list."""
    return {name: _value(text.strip()) for name, text in typed.items() if text.strip()}


def _value(text: str) -> Any:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [line[1:].strip() for line in lines] if all(line.startswith(("-", "·")) for line in lines) else text


def _faults(error: InvalidInput) -> list[str]:
    """Which value is missing, unknown or too long."""
    words = {"missing": _("请填写"), "unknown": _("模板里没有"), "too-long": _("太长")}
    named = [(words[code], name.removeprefix("values.")) for name, codes in error.fields.items() for code in codes if code in words]
    return [f"{word}:{name}" for word, name in named] or [str(error)]
