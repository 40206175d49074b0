"""Migrations of running cases: plan, trial, progress, report, way back. The engine decides who may and what moves."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import migrations as commands
from engine.commands.migrations import DryRun, Trial
from engine.errors import InvalidInput
from engine.queries import instances, operate, versions
from engine.queries import migrations as queries
from engine.queries.migrations import ItemView, ObstacleView
from webapp import process_words
from webapp.confirmations import begun_before, confirmed_reason, new_mark, remember
from webapp.context import LARGEST_ROW, ROW, actor, engine
from webapp.formats import moment
from webapp.language import chosen
from webapp.migration_wishes import Wish, read_wish
from webapp.security import with_diagram
from webapp.spreadsheets import safe_cell

#: So many instances are tried in one request; the page goes on by itself.
TRIED_AT_ONCE = 200
SHOWN_AT_ONCE = 50
READ_AT_ONCE = 500
#: Above so many choices the page has one field with suggestions in place of a select a line.
MOST_CHOICES = 12_000

blueprint = Blueprint("migrations", __name__, url_prefix="/migrations")


@blueprint.before_request
def require_reader() -> None:
    operate.require_reader(actor())


@blueprint.app_context_processor
def words() -> dict[str, object]:
    return {"process_readers": operate.READERS, "process_words": process_words}


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("migrations.html", migrations=queries.migrations(engine()), processes=_processes())


@blueprint.get("/new")
@with_diagram
def plan() -> ResponseReturnValue:
    wish = read_wish(request.args)
    if not wish.source or not wish.target:
        return _choose(wish.source)
    return _plan(wish)


@blueprint.post("/plan")
@with_diagram
def decide() -> ResponseReturnValue:
    """The form of a plan becomes an address, which can be reloaded and passed on."""
    wish = read_wish(request.form)
    try:
        wish.selection()
        queries.proposal(engine(), actor(), wish.source, wish.target, wish.edits)
    except InvalidInput as error:
        if not error.fields:
            raise
        return _plan(wish, error.fields), 422
    return redirect(url_for("migrations.trial", **wish.address()), 303)


@blueprint.get("/try")
def trial() -> ResponseReturnValue:
    return _trial(read_wish(request.args))


@blueprint.get("/try.json")
def further_trial() -> ResponseReturnValue:
    """The next instances, for a page that goes on by itself."""
    found = _tried(read_wish(request.args), _after())
    causes = [
        {"key": f"{one.code}|{one.element_id}", "message": one.message, "remedy": one.remedy, "count": len(ids), "ids": ids[:5]}
        for one, ids in _causes(found.trials)
    ]
    return {"counts": dict(found.counts), "tried": len(found.trials), "total": found.total, "next": found.next_after, "causes": causes}


@blueprint.get("/try.csv")
def trial_report() -> ResponseReturnValue:
    wish = read_wish(request.args)
    first = _tried(wish, 0)  # whatever refuses it is said before the first line
    return _csv("trial.csv", _trial_lines(wish, first))


@blueprint.post("/start")
def start() -> ResponseReturnValue:
    commands.require_administrator(actor())
    wish = read_wish(request.form)
    begun = begun_before()
    if begun is None:
        try:
            reason = confirmed_reason()
            chosen_ones = (wish.edits, wish.selection(), wish.timers, reason)
            begun = remember(commands.create_migration(engine(), actor(), wish.source, wish.target, *chosen_ones))
        except InvalidInput as error:
            if not error.fields:
                raise
            return _trial(wish, error.fields)
        flash(_("迁移已开始，在后台逐个进行。"), "success")
    return redirect(url_for("migrations.show", migration_id=begun), 303)


@blueprint.get(f"/<{ROW}:migration_id>")
def show(migration_id: int) -> ResponseReturnValue:
    return _migration(migration_id)


@blueprint.get(f"/<{ROW}:migration_id>/report.csv")
def report(migration_id: int) -> ResponseReturnValue:
    queries.migration(engine(), migration_id, limit=1)
    return _csv(f"migration-{migration_id}.csv", _report_lines(migration_id))


@blueprint.post(f"/<{ROW}:migration_id>/<any(pause,resume,stop):action>")
def steer(migration_id: int, action: str) -> ResponseReturnValue:
    steps = {"pause": commands.pause_migration, "resume": commands.resume_migration, "stop": commands.stop_migration}
    steps[action](engine(), actor(), migration_id)
    said = {"pause": _("已暂停。"), "resume": _("已继续。"), "stop": _("已终止，还没有迁移的留在原处。")}
    flash(said[action], "success")
    return redirect(url_for("migrations.show", migration_id=migration_id), 303)


@blueprint.post(f"/<{ROW}:migration_id>/undo")
def undo(migration_id: int) -> ResponseReturnValue:
    commands.require_administrator(actor())
    begun = begun_before()
    if begun is None:
        try:
            begun = remember(commands.undo_migration(engine(), actor(), migration_id, confirmed_reason()))
        except InvalidInput as error:
            if not error.fields:
                raise
            return _migration(migration_id, error.fields), 422
        flash(_("正在按相反的方案迁回。"), "success")
    return redirect(url_for("migrations.show", migration_id=begun), 303)


# --- pages ----------------------------------------------------------------------------------------------------------------------------


def _choose(source: int) -> str:
    found = versions.version(engine(), source) if source else None
    others = [one for one in versions.versions_of(engine(), "process", found.key) if one.definition_id != source] if found else []
    return render_template("migration_choose.html", source=found, targets=others, processes=_processes())


def _plan(wish: Wish, errors: dict[str, list[str]] | None = None) -> str:
    base = queries.proposal(engine(), actor(), wish.source, wish.target)
    accepted = base if errors else queries.proposal(engine(), actor(), wish.source, wish.target, wish.edits)
    targets = instances.elements(engine(), wish.target)
    lines = sorted(zip(base.lines, accepted.lines, strict=True), key=lambda pair: (pair[0].note == "id", -pair[0].standing))
    is_plain = [old.note == "id" and not old.standing and old.source not in wish.edits for old, _line in lines]
    return render_template(
        "migration_plan.html",
        wish=wish,
        errors=errors or {},
        lines=lines,
        special=[pair for pair, plain in zip(lines, is_plain, strict=True) if not plain],
        plain=[pair for pair, plain in zip(lines, is_plain, strict=True) if plain],
        proposal=base,
        targets=targets,
        has_selects=len(targets) * len(lines) <= MOST_CHOICES,
        source=versions.version(engine(), wish.source),
        target=versions.version(engine(), wish.target),
        org_units=versions.org_units(engine()),
    )


def _trial(wish: Wish, errors: dict[str, list[str]] | None = None) -> ResponseReturnValue:
    try:
        found = _tried(wish, _after())
    except InvalidInput as error:
        if not error.fields:
            raise
        return _plan(wish, error.fields), 422
    named = {one.id: one.name or one.id for number in (wish.source, wish.target) for one in instances.elements(engine(), number)}
    page = render_template(
        "migration_trial.html",
        wish=wish,
        run=found,
        causes=_causes(found.trials),
        errors=errors or {},
        named_elements=named,
        once=new_mark(),
        source=versions.version(engine(), wish.source),
        target=versions.version(engine(), wish.target),
    )
    return page, 422 if errors else 200


def _migration(migration_id: int, errors: dict[str, list[str]] | None = None) -> str:
    status, after = request.args.get("status", ""), _after()
    found = queries.migration(engine(), migration_id, status or None, after, SHOWN_AT_ONCE, chosen())  # type: ignore[arg-type]
    return render_template("migration.html", migration=found, status=status, errors=errors or {}, once=new_mark())


def _after() -> int:
    return min(request.args.get("after", 0, type=int), LARGEST_ROW)


def _processes() -> list[versions.VersionView]:
    """Versions in which something runs."""
    return [one for one in versions.every_version(engine()) if one.kind == "process" and one.running]


def _tried(wish: Wish, after: int, limit: int = TRIED_AT_ONCE) -> DryRun:
    what = (wish.source, wish.target, wish.edits, wish.selection(), wish.timers, chosen(), after, limit)
    return commands.dry_run(engine(), actor(), *what)  # type: ignore[arg-type]


def _causes(trials: Iterable[Trial]) -> list[tuple[ObstacleView, list[int]]]:
    """What stands in the way, with the instances it stops; the most frequent first."""
    groups: dict[tuple[str, str], tuple[ObstacleView, list[int]]] = {}
    for one in trials:
        for obstacle in {(each.code, each.element_id): each for each in one.obstacles}.values():
            groups.setdefault((obstacle.code, obstacle.element_id), (obstacle, []))[1].append(one.instance_id)
    return sorted(groups.values(), key=lambda group: -len(group[1]))


# --- reports --------------------------------------------------------------------------------------------------------------------------


def _csv(name: str, lines: Iterable[list[Any]]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(_written(lines)), mimetype="text/csv; charset=utf-8", headers=headers)


def _written(lines: Iterable[list[Any]]) -> Iterator[str]:
    yield "\ufeff"  # tells spreadsheets that this is UTF-8
    for cells in lines:
        line = StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
        yield line.getvalue()


def _headings() -> list[Any]:
    return [_("实例"), _("受理号"), _("结果"), _("位置变化"), _("重新开始"), _("原因"), _("办法"), _("时间")]


def _trial_lines(wish: Wish, run: DryRun) -> Iterator[list[Any]]:
    yield _headings()
    while True:
        yield from (_cells(one, one.result, "") for one in run.trials)
        if run.next_after is None:
            return
        run = _tried(wish, run.next_after)


def _report_lines(migration_id: int) -> Iterator[list[Any]]:
    yield _headings()
    after: int | None = 0
    while after is not None:
        page = queries.migration(engine(), migration_id, None, after, READ_AT_ONCE, chosen())  # type: ignore[arg-type]
        yield from (_cells(one, one.status, moment(one.ended_at)) for one in page.items)
        after = page.next_after


def _cells(one: Trial | ItemView, result: str, at: str) -> list[Any]:
    steps, anew = ("; ".join(f"{old} → {new}" for old, new in moves) for moves in (one.steps, one.anew))
    reasons, remedies = ([getattr(each, part) for each in one.obstacles] for part in ("message", "remedy"))
    where = (one.instance_id, one.business_key, process_words.RESULTS.get(result, result))
    return [*where, steps, anew, " ".join(reasons), " ".join(remedies), at]
