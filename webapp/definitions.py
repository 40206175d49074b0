"""What is deployed, to look at and to compare: every version, what is in force, what differs. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.queries import definitions, versions
from engine.queries.rows_on_a_day import rows_on_a_day
from engine.queries.versions import VersionView
from webapp.context import ROW, engine
from webapp.security import with_diagram

KINDS = ("process", "decision", "form", "reference", "notice", "document", "scenario")

blueprint = Blueprint("definitions", __name__, url_prefix="/definitions")


@dataclass(frozen=True)
class Shelf:
    """All versions of one definition: the one in force everywhere, if any, those in force in places, those that wait."""

    newest: VersionView
    active: VersionView | None
    pilots: tuple[VersionView, ...]
    waiting: tuple[VersionView, ...]
    count: int
    running: int


@blueprint.get("")
def index() -> ResponseReturnValue:
    text = request.args.get("q", "").strip().casefold()
    shelves = [shelf for shelf in _shelves() if text in f"{shelf.newest.key} {shelf.newest.name} {shelf.newest.file}".casefold()]
    kinds = [(kind, [shelf for shelf in shelves if shelf.newest.kind == kind]) for kind in KINDS]
    return render_template("definitions.html", kinds=[(kind, found) for kind, found in kinds if found], text=request.args.get("q", ""))


@blueprint.get("/<any(process,decision,form,reference,notice,document,scenario):kind>/<key>")
def history(kind: str, key: str) -> ResponseReturnValue:
    found = versions.versions_of(engine(), kind, key)
    stopped = [one for one in versions.suspensions(engine()) if kind == "process" and one.process_key == key]
    return render_template("definition_versions.html", versions=found, newest=found[0], suspensions=stopped)


@blueprint.get(f"/<{ROW}:definition_id>")
@with_diagram
def show(definition_id: int) -> ResponseReturnValue:
    found = versions.version(engine(), definition_id)
    content = versions.content(engine(), definition_id)
    shown = versions.tables(found, content)
    days = {name: rows_on_a_day(engine(), found, table, request.args.get("on", "")) for name, table in shown.items()}
    return render_template("definition.html", definition=found, tables=shown, days=days, text=content.decode("utf-8-sig", "replace"))


@blueprint.get(f"/<{ROW}:definition_id>/bpmn")
def bpmn(definition_id: int) -> ResponseReturnValue:
    return Response(definitions.bpmn_xml(engine(), definition_id), mimetype="application/xml")


@blueprint.get(f"/<{ROW}:definition_id>/file")
def file(definition_id: int) -> ResponseReturnValue:
    """The bytes as they were deployed, to be saved."""
    found = versions.version(engine(), definition_id)
    answer = Response(versions.content(engine(), definition_id), mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=found.file.rsplit("/", 1)[-1])
    return answer


@blueprint.get("/compare")
@with_diagram
def compare() -> ResponseReturnValue:
    old, new = (request.args.get(name, 0, type=int) for name in ("old", "new"))
    if not old or not new:
        raise NotFound("Expected the numbers of two versions to compare but one is missing.")
    return render_template("definition_compare.html", compared=versions.comparison(engine(), old, new))


def _shelves() -> list[Shelf]:
    def name(one: VersionView) -> tuple[str, str]:
        return one.kind, one.key

    grouped = [list(group) for _name, group in groupby(versions.every_version(engine()), key=name)]
    return [_shelf(group) for group in grouped]


def _shelf(group: list[VersionView]) -> Shelf:
    return Shelf(
        group[0],
        next((one for one in group if one.state == "active"), None),
        tuple(one for one in group if one.state == "pilot"),
        tuple(one for one in group if one.state in ("checked", "approved", "planned")),
        len(group),
        sum(one.running for one in group),
    )
