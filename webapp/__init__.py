"""The pages. Reads requests and writes answers; holds no rule of the domain and touches no database."""

from __future__ import annotations

from flask import Flask

from engine.assembly import Engine
from webapp import (
    accounts,
    actions,
    articles,
    attachments,
    calendar,
    cases,
    definitions,
    documents,
    drafts,
    errors,
    evidence,
    files,
    formats,
    hotline,
    inbox,
    incidents,
    language,
    migrations,
    notices,
    operate,
    people,
    preferences,
    public,
    public_files,
    receipts,
    registers,
    releases,
    security,
    service,
    service_calendar,
    sessions,
    static_files,
    station,
    studio,
    submissions,
    tasks,
    trials,
)

PAGES = (
    accounts, inbox, tasks, files, registers, cases, attachments, documents, articles, actions, definitions, releases, migrations, operate,
    notices, station, people, incidents, studio, drafts, submissions, trials, evidence, public, public_files, preferences, receipts,
    service, service_calendar, language, hotline, calendar,
)  # fmt: skip


def create_app(engine: Engine) -> Flask:
    """The whole site over one engine; every blueprint but the public ones asks for a log-in."""
    app = Flask(__name__)
    app.extensions["doudi"] = engine
    language.init_app(app)  # first: a refusal by the others must find its words
    security.init_app(app, engine.settings, engine.secrets)
    sessions.init_app(app)
    formats.init_app(app)
    station.init_app(app)
    static_files.init_app(app)
    errors.init_app(app)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    return app
