"""A real case turned into a scenario: what was done, in which order and when, without whoever it was about and without free text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case
from engine.errors import EngineError, InvalidInput, NotFound
from engine.trials.centre import Centre, template
from engine.trials.playing import Player
from engine.trials.proof import with_what_is_in_force
from engine.trials.reporting import Report
from engine.trials.what_if import Act, Story, receive, story_of

#: What a form offers to choose from is short and says nothing about a person; everything longer may.
_CHOICE = re.compile(r"[^\d@]{1,14}|[A-Z]{1,3}\d{1,3}|-")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")
#: Fields of forms in which people write about people, however short.
_ABOUT_PEOPLE = re.compile(
    r"name|phone|contact|handler|owner|chair|address|note|text|log|reason|explanation|reply\.done|conclusion|ask|attendance|counter|place|unit"
)
#: Long enough for every form, and it says what it is.
_ASKED = "真实工单的诉求原文已略去,办理经过保留如下。"
_LEFT_OUT = "真实工单的原文已略去,此处只说明已按规定办理并逐项落实。"


def recorded(engine: Engine, case_no: str) -> bytes:
    """A scenario file of an ended case. Raises NotFound, or InvalidInput when it has not ended."""
    with engine.database.reading() as session:
        case = session.get(Case, case_no)
        if case is None:
            raise NotFound(f"Expected case {case_no[:40]!r} but there is none.")
        if case.closed_at is None or case.instance_id is None:
            raise InvalidInput(f"Expected case {case_no} to have ended but it goes on.", {"case_no": ["open"]})
        story = story_of(engine, session, case)
    story = replace(story, intake=replace(story.intake, text=_ASKED, title=None))
    with (
        template(engine.settings, engine.feel, with_what_is_in_force(engine, {})) as prepared,
        prepared.opened(story.received_at) as centre,
    ):
        player, steps = Player(centre), list[str]()
        player.open(story.intake, "window")
        for act in story.acts:
            steps += _done_again(player, centre, act)
        return "\n".join([*_head(story), *steps, *_expected(player.report()), ""]).encode()


def _done_again(player: Player, centre: Centre, act: Act) -> Iterator[str]:
    """Do it once more to see that it can be done and how it is called; what cannot be done any more is left out."""
    answers = without_free_text(act.answers)
    moment = max(act.at, centre.clock.now())
    try:
        player.wait_until(moment)
        action = _act(player, act, answers)
    except EngineError as error:
        yield f"# {local(moment):%Y-%m-%d %H:%M} {act.element_id}: {' '.join(str(error).split())[:200]}"
        return
    if action:
        yield from ("", "[[when]]", f"until = {_written(moment)}", "", "[[when]]", action, f"answers = {_value(answers)}")


def _act(player: Player, act: Act, answers: Mapping[str, Any]) -> str:
    if act.kind == "task":
        player.complete(act.element_id, answers)
        return f"complete = {_value(act.element_id)}"
    name = receive(player, Act(act.at, act.kind, act.element_id, answers))
    return f"send = {_value(name)}" if name else ""


def without_free_text(value: Any, path: str = "") -> Any:
    """Choices, numbers, dates and codes stay; whatever people wrote goes."""
    if isinstance(value, Mapping):
        return {name: without_free_text(item, f"{path}.{name}".strip(".")) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [without_free_text(item, path) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str) or not value or _MOMENT.match(value):
        return value
    return value if _CHOICE.fullmatch(value) and not _ABOUT_PEOPLE.search(path) else _LEFT_OUT


def _head(story: Story) -> Iterator[str]:
    intake = story.intake
    yield from (f"title = {_value('由已办结工单整理')}", "", "[given]", f"at = {_written(story.received_at)}")
    yield from () if intake.is_registered else ("registered = false",)
    yield from ("", "[given.case]", f"channel = {_value(intake.channel)}", f"text = {_value(intake.text)}", f"trips = {intake.trips}")
    yield from [f"matter = {_value(intake.matter_code)}"] if intake.matter_code else []
    kind = str(intake.applicant.get("kind", "自然人"))
    person = {"kind": kind, "name": "张示例", "phone": "13800000000", "cert_type": "居民身份证", "cert_no": "11010519491231002X"}
    yield from _table("applicant", person)
    yield from _table("triage_facts", without_free_text(intake.triage_facts))
    yield from _table("grading_facts", without_free_text(intake.grading_facts))


def _table(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"[given.case.{name}]", *(f"{_key(field)} = {_value(item)}" for field, item in values.items()))


def _expected(report: Report) -> Iterator[str]:
    yield from ("", "[then]", f"ended = {_value(report.is_ended)}")
    for name in ("status", "level"):
        found = getattr(report, name)
        yield from [f"{name} = {_value(found)}"] if found else []
    yield f"path = {_value([task.element_id for task in report.tasks])}"
    yield f"notices = {_value(sorted(template for template, _audience, _at in report.notices))}"
    yield f"cards = {_value(sorted(report.cards))}"


def _written(moment: datetime) -> str:
    return local(moment).replace(tzinfo=None).isoformat(timespec="seconds")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    """TOML's texts, numbers and truth values are written as JSON writes them."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(item)}" for name, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
