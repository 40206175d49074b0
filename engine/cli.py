"""The ``doudi`` command: operates an installation. Each command calls one command or query of the engine and says what happened."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DatabaseError, OperationalError

from engine.account_command import create_account
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.audit_command import verify_export
from engine.bpmn.findings import Language
from engine.calendar_command import import_calendar
from engine.commands import case_import, demo, deployments, reference
from engine.db.revisions import require_current, upgrade
from engine.errors import EngineError, InvalidDefinition, InvalidInput
from engine.installation import opened_engine
from engine.partner_key_command import partner_key
from engine.queries import case_report, evidence
from engine.server import Address, run_worker
from engine.server import serve as serve_site
from engine.services.accounts import DemoAccount
from engine.settings import Settings
from engine.simulation.demonstration import MOST_CASES, MOST_DAYS, beginning, play_history
from engine.submission import DeploymentResult
from engine.trials import proof
from engine.worker import Worker

#: How long ago the latest demo case came in.
DEMO_CASES_AGE = timedelta(minutes=20)
#: Of what went wrong in a played history, so much is told.
MOST_TROUBLES = 20

READABLE = click.Path(exists=True, path_type=Path)
READABLE_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of what is to be mended."
)

#: No server, no right, no disk; and a file that is no database. Other database errors are bugs.
DATABASE_IS_AWAY = (OperationalError, DatabaseError)


class Program(click.Group):
    """Turns what the engine refuses into plain lines and exit code 1. A bug still shows its stack trace."""

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order in which an administrator meets them."""
        return list(self.commands)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except EngineError as error:
            raise click.ClickException(describe(error)) from error
        except DatabaseError as error:
            if type(error) not in DATABASE_IS_AWAY:
                raise
            raise click.ClickException(f"Expected the database to answer but: {error.orig}") from error


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="doudi")
def main() -> None:
    """兜底 (Doudi): the window of last resort.

    \b
    A new installation, in this order:
      doudi upgrade-db          create or update the tables
      doudi load-reference      departments, matters, calendar …
      doudi deploy              processes, decision tables, forms
      doudi create-account ID   people who log in
      doudi serve               the site and its background worker

    Settings come from DOUDI_… environment variables; README.md lists them. Without any, everything is kept in ./data.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("alembic", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 256), help="Requests handled at the same time.")
@click.option("--trusted-proxy", metavar="ADDRESS", help="Believe the X-Forwarded-* headers of the proxy at this address.")
@click.option("--no-worker", is_flag=True, help="Leave timers and notices to a separate `doudi worker`.")
@click.option("--demo", "is_demo", is_flag=True, help="Prepare the database, make demo accounts with known passwords and a few cases.")
def serve(host: str, port: int, threads: int, trusted_proxy: str | None, no_worker: bool, is_demo: bool) -> None:
    """Serve the site with its background worker.

    SIGTERM or Ctrl-C ends it in good order: requests and jobs in hand are finished first.
    """
    from webapp import create_app  # here, because the other commands need no web

    with opened_engine() as engine:
        if is_demo:
            prepare_demo(engine)
        require_current(engine.database)
        worker = None if no_worker else Worker(engine)
        serve_site(
            create_app(engine), worker, Address(host, port, threads, trusted_proxy), lambda url: click.echo(f"兜底 {url}   (Ctrl-C stops)")
        )


@main.command()
def worker() -> None:
    """Run a background worker alone.

    It fires timers, delivers messages and sends notices. Any number of workers may run beside `doudi serve --no-worker`;
    each job is done once.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        run_worker(Worker(engine), lambda name: click.echo(f"Worker {name} runs. (Ctrl-C stops)"))


@main.command("upgrade-db")
def upgrade_db() -> None:
    """Create or update the tables. Safe to repeat."""
    with opened_engine() as engine:
        report_upgrade(engine)


@main.command()
@click.argument("paths", nargs=-1, type=READABLE)
@click.option("--name", default="doudi deploy", show_default=True, help="What the deployment is called in the history.")
@click.option("--reason", default="", help="Why; kept with the deployment.")
@click.option("--no-scenarios", metavar="REASON", help="Deploy without running the scenarios; REASON is kept with the deployment.")
@LANGUAGE
def deploy(paths: Sequence[Path], name: str, reason: str, no_scenarios: str | None, language: Language) -> None:
    """Deploy diagrams, tables and forms.

    All files are deployed together, or nothing is. PATHS are files or folders; without any, the processes and forms that the
    program brings along (DOUDI_PROCESSES, DOUDI_FORMS). A file with the same content makes no new version. Before, every scenario
    is run over these files and what is in force. Findings are listed with file, line, element and remedy.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        files = files_at(engine.settings, paths)
        tried = proof.untried(no_scenarios) if no_scenarios is not None else proof.checks_of(engine, files, language)
        result = deployments.deploy(engine, SYSTEM, files, name, reason, language, tried)
        for definition in result.deployed:
            click.echo(f"  {definition.kind:<9} {definition.key:<28} version {definition.version:<4} {definition.file}")
        report_deployment(result)


@main.command()
@click.argument("paths", nargs=-1, type=READABLE)
@LANGUAGE
def check(paths: Sequence[Path], language: Language) -> None:
    """Check diagrams, tables and forms without deploying.

    Lists everything to mend in PATHS, files or folders, as `doudi deploy` would; also what a diagram drawn elsewhere needs to be
    executable. Names may be in the set or deployed already. Exit code 1 when there are errors; warnings alone are 0.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        files = files_at(engine.settings, paths)
        findings = deployments.check(engine, files, language)
    for finding in findings:
        click.echo(f"{finding.severity:<7} {finding}")
    count = Counter(finding.severity for finding in findings)
    told = f", {count['info']} notes" if count["info"] else ""
    click.echo(f"Checked {len(files)} files: {count['error']} errors, {count['warning']} warnings{told}.")
    if count["error"]:
        raise click.exceptions.Exit(1)


@main.command("try")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", type=READABLE)
@click.option("--files", "paths", multiple=True, type=READABLE, help="Files or folders to try. May be repeated.")
@click.option("--coverage", "with_coverage", is_flag=True, help="Also list the elements and rows that no scenario came by.")
@LANGUAGE
def try_out(scenarios: Sequence[Path], paths: Sequence[Path], with_coverage: bool, language: Language) -> None:
    """Run scenarios, changing nothing.

    SCENARIO are .toml files or folders of them; without any, processes/scenarios of what the program brings along. Each is played in
    virtual time in an installation thrown away afterwards, with FILES in place of those in force. Exit code 1 when one fails.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        wanted = files_at(engine.settings, scenarios or (engine.settings.processes_folder / "scenarios",))
        every = proof.with_what_is_in_force(engine, {**_without_scenarios(files_at(engine.settings, paths)), **wanted})
        found = proof.try_out(engine, every, proof.scenarios_in(wanted), language)
    for line in (*proof.lines(found), *(proof.coverage_lines(found) if with_coverage else ())):
        click.echo(line)
    if found.findings:
        raise click.exceptions.Exit(1)


@main.command("demo")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, MOST_DAYS), help="How long ago the history begins.")
@click.option("--cases", "count", default=2000, show_default=True, type=click.IntRange(0, MOST_CASES), help="About how many cases come in.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same history.")
def play_demo(days: int, count: int, seed: int) -> None:
    """Play months of history (empty data folder only).

    People by chance register, coordinate, answer, forget and complain through the same commands as real ones, in virtual time. Nobody in
    it exists. Afterwards `doudi serve` shows it; the log-ins are those of `doudi serve --demo`.
    """
    with opened_engine() as engine:
        report_upgrade(engine)
        begun_at = beginning(engine, days)
        hours = int((engine.clock.now() - begun_at).total_seconds() // 3600)
        with click.progressbar(length=hours, label=f"{days} days", show_eta=True) as bar:
            history = play_history(engine, files_at(engine.settings, ()), days, count, seed, _hourly(bar, begun_at))
        click.echo(f"{history.cases} case files since {history.begun_at:%Y-%m-%d}; log in with the accounts below.")
        for trouble in history.tally.troubles[:MOST_TROUBLES]:
            click.echo(f"  {trouble}", err=True)
        report_log_ins(demo.create_demo_accounts(engine))


@main.command("load-reference")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def load_reference(folder: Path | None) -> None:
    """Load the reference data.

    From FOLDER: departments, matters, materials, negative list, experts, calendar, notice texts. Without FOLDER: what the
    program brings along. Repeating it updates.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        report_reference(engine, folder or engine.settings.processes_folder / "reference")


main.add_command(import_calendar)
main.add_command(partner_key)


@main.command("import-cases")
@click.argument("files", nargs=-1, required=True, type=READABLE_FILE)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what the engine decided for each case to this JSON file.",
)
def import_cases(files: Sequence[Path], report_file: Path | None) -> None:
    """Register cases from JSON files.

    Each is registered at the time stated in the file, in a transaction of its own, and runs through the deployed processes
    and tables. A case imported before stays as it is.
    """
    records = [record for file in files for record in case_import.read_cases(file.read_bytes(), str(file))]
    with opened_engine() as engine:
        require_current(engine.database)
        imported = case_import.import_cases(engine, SYSTEM, records)
        known = sum(not case.is_new for case in imported)
        click.echo(f"Imported {len(imported) - known} cases; {known} had been imported before.")
        if report_file is not None:
            write_json(report_file, case_report.report(engine, [record.id for record in records]))
            click.echo(f"Report: {report_file}")


@main.command("verify-evidence")
def verify_evidence() -> None:
    """Check that no evidence was changed.

    Reads every chain and seal again; exit code 1 and a list of places when something does not fit.
    """
    with opened_engine() as engine:
        require_current(engine.database)
        found = evidence.verify_evidence(engine)
    click.echo(f"Checked {found.checked} events in {found.chains} chains and {found.seals} seals.")
    if found.faults:
        raise click.ClickException("\n".join(["Expected unbroken evidence but:", *found.faults]))
    click.echo("All evidence is unbroken.")


main.add_command(verify_export)
main.add_command(create_account)


def _hourly(bar: Any, begun_at: datetime) -> Callable[[datetime], None]:
    """Moves a progress bar on by the hours of virtual time that have passed."""

    def move(now: datetime) -> None:
        bar.update(max(0, int((now - begun_at).total_seconds() // 3600) - bar.pos))

    return move


def prepare_demo(engine: Engine) -> None:
    """Everything a first look needs; repeating it changes nothing."""
    report_upgrade(engine)
    report_reference(engine, engine.settings.processes_folder / "reference")
    report_deployment(deployments.install(engine, SYSTEM, files_at(engine.settings, ()), "doudi serve --demo"))
    log_ins = demo.create_demo_accounts(engine)
    report_demo_cases(engine, engine.settings.processes_folder / "demo" / "cases.json")
    report_log_ins(log_ins)


def report_log_ins(log_ins: Sequence[DemoAccount]) -> None:
    click.echo("Demo log-ins:")
    for account in log_ins:
        click.echo(f"  {account.id:<22} {account.password:<16} {account.name}  {account.title}")


def report_demo_cases(engine: Engine, file: Path) -> None:
    """A few cases to look at, as if they had come in today; those of an earlier start are left as they are."""
    records = case_import.moved_to(case_import.read_cases(file.read_bytes(), file.name), engine.clock.now() - DEMO_CASES_AGE)
    new = sum(case.is_new for case in case_import.import_cases(engine, SYSTEM, records))
    click.echo(f"Demo cases: {new} new.")


def report_upgrade(engine: Engine) -> None:
    before, now = upgrade(engine.database)
    click.echo(
        f"The database is at revision {now}." if before == now else f"Upgraded the database from {before or 'empty'} to revision {now}."
    )


def report_reference(engine: Engine, folder: Path) -> None:
    counts = reference.load_reference(engine, SYSTEM, folder)
    click.echo("Reference data: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))


def report_deployment(result: DeploymentResult) -> None:
    for warning in result.warnings:
        click.echo(f"{warning.severity:<7} {warning}", err=True)
    click.echo(f"Deployed {len(result.deployed)} definitions; {len(result.unchanged)} unchanged.")
    if result.is_waiting:
        click.echo(f"Not in force yet: a second person has to approve deployment {result.id} on the page “版本”.")


def files_at(settings: Settings, paths: Sequence[Path]) -> dict[str, bytes]:
    """The deployable files among and below ``paths``, by name."""
    found: dict[str, bytes] = {}
    for path in paths or (settings.processes_folder, settings.forms_folder):
        if path.is_dir():
            deployments.add_files(found, path)
        else:
            deployments.add_file(found, path.name, path)
    if not found:
        raise InvalidInput(f"Expected .bpmn, .dmn or .form files in {', '.join(map(str, paths))} but there are none.")
    return found


def _without_scenarios(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if not name.endswith(".toml")}


def write_json(file: Path, value: object) -> None:
    try:
        file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise InvalidInput(f"Expected to write {file} but {error.strerror}.") from error


def describe(error: EngineError) -> str:
    """The message, and under it everything a person has to mend."""
    lines = [str(error)]
    if isinstance(error, InvalidDefinition):
        lines += [f"  {'' if finding.severity == 'error' else finding.severity + ' '}{finding}" for finding in error.findings]
    if isinstance(error, InvalidInput):
        lines += [f"  {field}: {text}" for field, texts in error.fields.items() for text in texts]
    return "\n".join(lines)


if __name__ == "__main__":
    main(prog_name="doudi")
