"""The door for partner systems: signed orders come in, signed answers come in. No log-in, no session, no form."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from engine.commands import partners
from engine.errors import InvalidInput
from webapp.context import engine
from webapp.security import csrf

blueprint = Blueprint("hotline", __name__, url_prefix="/api/partners")
csrf.exempt(blueprint)  # no cookie is read here: who sends proves it by the signature


@blueprint.errorhandler(InvalidInput)
def name_fields(error: InvalidInput) -> tuple[Response, int]:
    """A program is told which of its own fields are wrong."""
    return jsonify(detail=str(error), fields={name: [str(text) for text in texts] for name, texts in error.fields.items()}), 422


@blueprint.post("/orders")
def receive_order() -> tuple[Response, int]:
    """An order of 12345, the grid, a portal or a board: 201 with our number, or 200 when we had it already."""
    received = partners.receive_order(engine(), request.headers, request.get_data())
    return jsonify(case_no=received.case_no, is_new=received.is_new), 201 if received.is_new else 200


@blueprint.post("/answers")
def receive_answer() -> tuple[str, int]:
    """A window elsewhere has signed for our letter, or answers it."""
    partners.receive_answer(engine(), request.headers, request.get_data())
    return "", 204
