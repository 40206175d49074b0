"""Opening a file of any kind, a case at the counter among them: its form comes from the kind, its draft stays on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import case_files, form_drafts
from engine.commands.cases import register_case
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.queries import case_kinds, definitions
from engine.queries.appointments import with_free_slots
from engine.queries.case_kinds import CASE, KindView
from engine.queries.form_drafts import draft_of
from engine.services.form_drafts import opening
from webapp import forms
from webapp.context import actor, engine
from webapp.form_view import FormWriter, initial_values
from webapp.formats import named_kind
from webapp.language import chosen

blueprint = Blueprint("files", __name__)

Errors = Mapping[str, Sequence[str]]


@blueprint.get("/files/new")
def index() -> ResponseReturnValue:
    kinds = [kind for kind in case_kinds.openable_kinds(engine(), actor()) if not (kind.kind == CASE and _parent())]
    return render_template("files_new.html", kinds=kinds, parent=_parent())


@blueprint.get("/files/new/<kind>")
@blueprint.get("/cases/new", defaults={"kind": CASE})
def write(kind: str) -> ResponseReturnValue:
    about = _openable(kind)
    schema = _schema(about)
    draft = draft_of(engine(), actor(), _draft_name(kind))
    values = forms.merged(initial_values(schema), draft.values if draft else {})
    return _page(about, schema, values, draft_saved_at=draft.saved_at if draft else None)


@blueprint.post("/files/new/<kind>/entered")
@blueprint.post("/cases/new/entered", defaults={"kind": CASE})
def entered(kind: str) -> ResponseReturnValue:
    """The form again with what was typed: after a log-in, or to follow conditions without script."""
    about = _openable(kind)
    schema = _schema(about)
    return _page(about, schema, forms.read_posted(schema, request.form), is_entered=True)


@blueprint.post("/files/new/<kind>/conditions")
@blueprint.post("/cases/new/conditions", defaults={"kind": CASE})
def conditions(kind: str) -> ResponseReturnValue:
    schema = _schema(_openable(kind))
    return {"hidden": sorted(forms.hidden_components(engine().feel, schema, forms.read_posted(schema, request.form)))}


@blueprint.post("/files/new/<kind>/draft")
@blueprint.post("/cases/new/draft", defaults={"kind": CASE})
def draft(kind: str) -> ResponseReturnValue:
    schema = _schema(_openable(kind))
    form_drafts.keep_draft(engine(), actor(), _draft_name(kind), forms.read_posted(schema, request.form))
    if request.headers.get("HX-Request"):
        return render_template("draft_saved.html", now=engine().clock.now())
    return redirect(url_for("files.write", kind=kind, parent=_parent()), 303)


@blueprint.post("/files/new/<kind>/discard")
@blueprint.post("/cases/new/discard", defaults={"kind": CASE})
def discard(kind: str) -> ResponseReturnValue:
    form_drafts.discard_draft(engine(), actor(), _draft_name(kind))
    flash(_("草稿已放弃。"), "success")
    flash(_draft_name(kind), "forget")
    return redirect(url_for("files.write", kind=kind, parent=_parent()), 303)


@blueprint.post("/files/new/<kind>")
@blueprint.post("/cases/new", defaults={"kind": CASE})
def send(kind: str) -> ResponseReturnValue:
    about = _openable(kind)
    schema = _schema(about)
    submission = forms.read_posted(schema, request.form)
    try:
        case_no = _open(kind, submission)
    except InvalidInput as error:
        errors = forms.english_errors(engine(), schema, submission, {}, error.fields) if chosen() == "en" else error.fields
        return _page(about, schema, submission, errors or {"": [str(error)]}, is_entered=True), 422
    except Conflict:
        told = _("管理员已暂停受理，现在不能提交。您填的内容都在，恢复受理后再提交一次。")
        return _page(about, schema, submission, {"": [told]}, is_entered=True), 409
    flash(_("已登记，受理号 %(case)s。", case=case_no) if kind == CASE else _("已发起，编号 %(case)s。", case=case_no), "success")
    flash(_draft_name(kind), "forget")
    return redirect(url_for("cases.show", case_no=case_no, new=1), 303)


def _open(kind: str, submission: Mapping[str, Any]) -> str:
    if kind == CASE:
        return register_case(engine(), actor(), submission)
    return case_files.open_case_file(engine(), actor(), kind, submission, parent_no=_parent())


def _openable(kind: str) -> KindView:
    about = case_kinds.kind_view(engine(), actor(), kind)
    if not about.can_open:  # said before the form is filled in, not after
        raise NotAllowed(f"Expected a post that opens files of kind {kind!r} but you have none.")
    return about


def _schema(about: KindView) -> Mapping[str, Any]:
    return definitions.form_schema(engine(), about.start_form or "", actor().org_unit)


def _parent() -> str | None:
    """The file from which this one is opened, when there is one."""
    return (request.form.get("parent") or request.args.get("parent") or "")[:40] or None


def _draft_name(kind: str) -> str:
    return opening(kind, _parent())


def _page(about: KindView, schema: Mapping[str, Any], values: Mapping[str, Any], errors: Errors | None = None, **extra: Any) -> str:
    writer = FormWriter(engine().feel, chosen())
    is_case = about.kind == CASE
    words = {
        "title": _("登记来件") if is_case else _("发起%(kind)s", kind=named_kind(about)),
        "about": _("登记后立即生成受理号，自动研判、分级并计时。您是这件事的首接责任人，负责到底。")
        if is_case
        else about.description_en
        if chosen() == "en"
        else about.description,
        "button": _("登记") if is_case else _("提交"),
    }
    form = writer.write(with_free_slots(engine(), schema, values, actor().org_unit), values, errors or {})
    return render_template(
        "file_form.html", kind=about, form=form, words=words, parent=_parent(), draft_name=_draft_name(about.kind), **extra
    )
