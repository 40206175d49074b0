"""What is deployed, to look at. Deploys nothing."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.queries import definitions
from engine.queries.definitions import DefinitionView
from webapp.context import ROW, engine
from webapp.security import with_diagram

blueprint = Blueprint("definitions", __name__, url_prefix="/definitions")


@blueprint.get("")
def index() -> ResponseReturnValue:
    every = sorted(definitions.deployed(engine()), key=lambda one: (_kind_order(one), one.key, -one.version))
    kinds = [(kind, _by_key(list(group))) for kind, group in groupby(every, key=lambda one: one.kind)]
    return render_template("definitions.html", kinds=kinds)


@blueprint.get(f"/<{ROW}:definition_id>")
@with_diagram
def show(definition_id: int) -> ResponseReturnValue:
    return render_template("definition.html", definition=_process(definition_id))


@blueprint.get(f"/<{ROW}:definition_id>/bpmn")
def bpmn(definition_id: int) -> ResponseReturnValue:
    return Response(definitions.bpmn_xml(engine(), definition_id), mimetype="application/xml")


def _process(definition_id: int) -> DefinitionView:
    for one in definitions.deployed(engine()):
        if one.definition_id == definition_id and one.kind == "process":
            return one
    raise NotFound(f"Expected process definition {definition_id} to be deployed but it is not.")


def _kind_order(one: DefinitionView) -> int:
    order = ("process", "decision", "form")
    return order.index(one.kind) if one.kind in order else len(order)


def _by_key(versions: list[DefinitionView]) -> list[tuple[DefinitionView, list[DefinitionView]]]:
    """(newest, older ones) of each key."""
    grouped = [list(group) for _key, group in groupby(versions, key=lambda one: one.key)]
    return [(group[0], group[1:]) for group in grouped]
