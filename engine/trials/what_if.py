"""What if these files had been in force: decided cases of the last days, decided and played again. Changes nothing.

A table is asked again with what the old one saw; a case is played again twice, with the files in force and with the new ones, by what
people really submitted and when, so that only the change can make a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.case_opening import CaseIntake
from engine.clock import local
from engine.db.case_tables import Case
from engine.db.tables import ElementRun, ProcessInstance, Subscription, UserTask
from engine.errors import EngineError
from engine.replaying import DecisionChange, Failure, asked_again, runs_since
from engine.services.case_kinds import CASE
from engine.trials.centre import Template, template
from engine.trials.playing import Player
from engine.trials.proof import with_what_is_in_force
from engine.trials.reporting import Report
from engine.trials.scenarios import Progress, silent

#: A replay looks at no more than these, the newest first.
MOST_DECISIONS = 20_000
MOST_CASES = 500

#: What citizens answer by message, as far as a process keeps it.
_FROM_CITIZENS = ("confirmation", "confirmation_reason", "rating")
#: Stands in for the applicant, whom a replay has no right to know.
_NOBODY = "（重放）"
_WAITING = ("receiveTask", "intermediateCatchEvent", "boundaryEvent", "eventBasedGateway")


@dataclass(frozen=True)
class DecisionReplay:
    """``moves``: (decision, old rows, new rows) → how often; ``failed``: (case, decision, why)."""

    looked_at: int
    changes: tuple[DecisionChange, ...]
    moves: tuple[tuple[str, str, str, int], ...]
    failed: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class CaseChange:
    """A case that would have gone otherwise: (what, then, now) for rows, level, route, due times."""

    case_no: str
    received_at: datetime
    differences: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class CaseReplay:
    """``stopped``: cases whose recorded answers no longer fit, with the place where the replay ended."""

    looked_at: int
    changes: tuple[CaseChange, ...]
    counts: tuple[tuple[str, int], ...]
    stopped: tuple[tuple[str, str], ...]
    routes: tuple[tuple[Report, Report], ...]


@dataclass(frozen=True)
class Act:
    """What really happened to a case at a moment: a task completed, or a message received, at an element."""

    at: datetime
    kind: str  # task | message
    element_id: str
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """A case as it really went."""

    case_no: str
    received_at: datetime
    intake: CaseIntake
    acts: tuple[Act, ...]


def replay_decisions(engine: Engine, files: Mapping[str, bytes], days: int, progress: Progress = silent) -> DecisionReplay:
    """Ask the tables of ``files`` what they would have decided in the last ``days`` days."""
    models = {name: engine.feel.parse_decisions(content, name) for name, content in files.items() if name.endswith(".dmn")}
    by_key = {decision.id: model for model in models.values() for decision in model.decisions}
    changes, failed, count = list[DecisionChange](), list[tuple[str, str, str]](), 0
    with engine.database.reading() as session:
        runs = runs_since(session, list(by_key), engine.clock.now() - timedelta(days=days), MOST_DECISIONS)
        for count, found in enumerate(asked_again(engine, session, runs, by_key, partial(_known, engine, session)), start=1):
            progress(count - 1, len(runs))
            if isinstance(found, Failure):
                failed.append((found.case_no, found.decision, found.problem))
            elif found is not None:
                changes.append(found)
    moves = Counter((change.decision, ", ".join(change.old_rows), ", ".join(change.new_rows)) for change in changes)
    return DecisionReplay(count, tuple(changes), tuple((*move, number) for move, number in moves.most_common()), tuple(failed))


def replay_cases(engine: Engine, files: Mapping[str, bytes], days: int, progress: Progress = silent, most: int = MOST_CASES) -> CaseReplay:
    """Play the ended cases of the last ``days`` days again with and without ``files``."""
    with engine.database.reading() as session:
        since = engine.clock.now() - timedelta(days=days)
        ended = select(Case).where(Case.kind == CASE, Case.closed_at >= since, Case.returned_from.is_(None))
        stories = [story_of(engine, session, case) for case in session.scalars(ended.order_by(Case.closed_at.desc()).limit(most))]
    progress(0, len(stories))
    changes, stopped, routes = list[CaseChange](), list[tuple[str, str]](), list[tuple[Report, Report]]()
    with _centre(engine, {}) as before, _centre(engine, files) as after:
        for number, story in enumerate(stories):
            progress(number, len(stories))
            old, _ = played_again(before, story)
            new, ended_at = played_again(after, story)
            routes.append((old, new))
            stopped += [(story.case_no, ended_at)] if ended_at else []
            differences = tuple(_differences(old, new))
            changes += [CaseChange(story.case_no, story.received_at, differences)] if differences else []
    counts = Counter(what for change in changes for what, _old, _new in change.differences)
    return CaseReplay(len(stories), tuple(changes), tuple(counts.most_common()), tuple(stopped), tuple(routes))


def played_again(prepared: Template, story: Story) -> tuple[Report, str]:
    """Play a story in a copy of a centre; gives what came of it and where it broke off (empty: it did not)."""
    with prepared.opened(story.received_at) as centre:
        player = Player(centre)
        broken = ""
        try:
            player.open(story.intake, "window")
            for act in story.acts:
                player.wait_until(max(act.at, centre.clock.now()))
                if act.kind == "task":
                    player.complete(act.element_id, act.answers)
                else:
                    receive(player, act)
        except EngineError as error:
            broken = str(error)
        return player.report(), broken


def _centre(engine: Engine, files: Mapping[str, bytes]) -> Any:
    return template(engine.settings, engine.feel, with_what_is_in_force(engine, files))


def story_of(engine: Engine, session: Session, case: Case) -> Story:
    """What the case began with, without its applicant, and what people did to it, in order."""
    assert case.instance_id is not None, "an ended case had an instance"
    known = runtime.peek(engine, session, SYSTEM, case.instance_id).execution.variables
    intake = CaseIntake(
        applicant={"kind": known.get("applicant_kind", "自然人"), "name": _NOBODY},
        channel=case.channel,
        text=case.text,
        received_at=case.received_at,
        matter_code=case.matter_code,
        title=case.title,
        tried=tuple(case.tried),
        trips=case.trips,
        triage_facts=known.get("triage_facts", {}),
        grading_facts=known.get("grading_facts", {}),
        is_registered=bool(known.get("registered", True)),
    )
    done = select(UserTask).where(UserTask.instance_id == case.instance_id, UserTask.outcome == "completed")
    acts = [Act(task.ended_at, "task", task.element_id, task.submitted or {}) for task in session.scalars(done) if task.ended_at]
    said = {name: known[name] for name in _FROM_CITIZENS if name in known}
    heard = select(ElementRun).where(ElementRun.instance_id == case.instance_id, ElementRun.outcome == "completed")
    came = session.scalars(heard.where(ElementRun.type.in_(_WAITING)))
    acts += [Act(run.left_at, "message", run.element_id, said) for run in came if run.left_at]
    return Story(case.no, case.received_at, intake, tuple(sorted(acts, key=lambda act: act.at)))


def receive(player: Player, act: Act) -> str | None:
    """Deliver the message that the element waits for; one that waits for time or not at all goes on by itself. Gives its name."""
    with player.centre.engine.database.reading() as session:
        waiting = select(Subscription.name).where(Subscription.element_id == act.element_id, Subscription.kind == "message")
        name = session.scalar(waiting.limit(1))
    if name is not None:
        player.send(name, act.answers)
    return name


def _differences(old: Report, new: Report) -> Iterator[tuple[str, str, str]]:
    rows_before, rows_after = _rows(old), _rows(new)
    if rows_before != rows_after:
        yield "row", rows_before, rows_after
    if old.level != new.level:
        yield "level", old.level or "", new.level or ""
    route_before, route_after = _route(old), _route(new)
    if route_before != route_after:
        yield "route", route_before, route_after
    for name in sorted(old.clocks.keys() | new.clocks.keys()):
        before, after = old.clocks.get(name), new.clocks.get(name)
        if before != after:
            yield "due", f"{name} {_told(before)}", f"{name} {_told(after)}"


def _told(moment: datetime | None) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else "—"


def _rows(report: Report) -> str:
    return " ".join(f"{decision}:{','.join(rows)}" for decision, _version, rows in report.decisions)


def _route(report: Report) -> str:
    return " → ".join(task.element_id for task in report.tasks)


def _known(engine: Engine, session: Session, instance_id: int) -> Mapping[str, Any]:
    if session.get(ProcessInstance, instance_id) is None:
        return {}
    return runtime.peek(engine, session, SYSTEM, instance_id).execution.variables
