"""The appointment behind a citizen's link: when and where, and a file for the person's own calendar. Shows no personal data."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.queries import appointments
from webapp.context import engine
from webapp.fetching import as_download, download
from webapp.security import limiter

blueprint = Blueprint("service_calendar", __name__)


@blueprint.app_template_global()
def public_appointment(token: str) -> appointments.AppointmentView | None:
    return appointments.public_appointment(engine(), token)


@blueprint.get("/p/<token>/appointment.ics")
@limiter.limit("60/minute")
@as_download
def fetch(token: str) -> ResponseReturnValue:
    return download(appointments.public_calendar_file(engine(), token))
