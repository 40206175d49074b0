"""What may be improved in a set although it can run: layout, names, people, time, forms, tables. Asks each check once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from engine.bpmn.findings import Language
from engine.deployment_checks.advice import Advice
from engine.deployment_checks.choices import check_choices
from engine.deployment_checks.clocks import check_clocks
from engine.deployment_checks.definition_set import Flow
from engine.deployment_checks.dmn_overlaps import check_tables
from engine.deployment_checks.form_fields import check_forms, check_shown
from engine.deployment_checks.form_schemas import forms_in
from engine.deployment_checks.layout_overlaps import check_layout
from engine.deployment_checks.naming import check_names
from engine.deployment_checks.parsed import ParsedFile
from engine.deployment_checks.people import check_people
from engine.deployment_checks.places import Places
from engine.errors import Finding
from engine.feel import Feel
from engine.services.working_time import WorkCalendar


def improvements(
    feel: Feel,
    files: Iterable[ParsedFile],
    flow: Flow,
    calendar: WorkCalendar,
    members: Mapping[str, int] | None,
    accounts: frozenset[str],
    pages: frozenset[str],
    language: Language,
) -> list[Finding]:
    """Warnings and information about ``files``; none of them refuses a deployment.

    ``members``: active accounts by group; ``accounts``: ids of active accounts; ``pages``: forms that pages show without a process.
    """
    parsed = list(files)
    forms = forms_in(flow.definitions.files)
    findings: list[Finding] = []
    for file in parsed:
        advice = Advice(file.name, language)
        check_layout([flow.drawings[process.key] for process in file.processes], advice)
        for process in file.processes:
            drawing = flow.drawings[process.key]
            check_names(drawing, advice)
            check_people(drawing, members, accounts, advice)
            check_clocks(drawing, calendar, advice)
            check_choices(drawing, flow.places.get(process.key, Places()).seen, advice)
            check_shown(process, forms, flow, advice)
        findings += advice.findings
        if PurePath(file.name).suffix == ".dmn":
            findings += check_tables(file.name, file.content, language)
    own = {file.name for file in parsed}
    findings += check_forms(feel, [form for form in forms.values() if form.file in own], forms, flow, pages, language)
    return findings
