"""The command that takes in a holiday notice: says what it would do, asks, does it. Decides nothing itself."""

from __future__ import annotations

from pathlib import Path

import click

from engine.actors import SYSTEM
from engine.commands import calendar_import
from engine.db.revisions import require_current
from engine.installation import opened_engine
from engine.queries import calendar_notices


@click.command("import-calendar")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", "is_confirmed", is_flag=True, help="Do not ask.")
def import_calendar(file: Path, is_confirmed: bool) -> None:
    """Take in a holiday notice.

    FILE has one line a day: date,type,source,confirmed. Says first which days change and how many due times move; a running worker
    moves them and tells the applicants.
    """
    content = file.read_bytes()
    with opened_engine() as engine:
        require_current(engine.database)
        preview = calendar_notices.preview(engine, SYSTEM, content, "en")
        for finding in preview.findings:
            click.echo(str(finding), err=True)
        if not preview.can_be_imported:
            raise click.ClickException("Nothing was imported.")
        changed = sum(day.is_changed for day in preview.days)
        click.echo(f"{changed} of {len(preview.days)} days change; {preview.clocks} due times of {preview.cases} cases move.")
        if not is_confirmed:
            click.confirm("Import?", abort=True)
        calendar_import.import_notice(engine, SYSTEM, content, file.name, "en")
