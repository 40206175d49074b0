"""The table of events in the documentation: what it ticks is deployed and runs, what it does not tick is refused."""

from __future__ import annotations

import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from engine.errors import InvalidDefinition
from tests.bpmn.conftest import HostDouble
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    conditional,
    definition,
    element,
    end,
    error,
    escalation,
    event_sub,
    file_of,
    link,
    message,
    process,
    signal,
    start,
    throw,
    timer,
    undoing,
    user,
)
from tests.conftest import PROJECT

TRIGGERS = {
    "none": "",
    "message": definition("message", "m"),
    "timer": timer("timeDuration", "PT1H"),
    "signal": definition("signal", "s"),
    "conditional": conditional("true"),
    "error": definition("error", "err"),
    "escalation": definition("escalation", "esc"),
    "compensate": "<bpmn:compensateEventDefinition/>",
    "cancel": "<bpmn:cancelEventDefinition/>",
    "link": link("l"),
    "terminate": "<bpmn:terminateEventDefinition/>",
    "multiple": definition("message", "m") + definition("signal", "s"),
}
POSITIONS = ["start", "event_sub", "event_sub_beside", "catch", "throw", "boundary", "boundary_beside", "end"]
ROOTS = [message("m"), signal("s"), error("err", "E1"), escalation("esc", "C1")]


def ticked(language: str) -> dict[tuple[str, str], bool]:
    """The table of one language of docs/bpmn-support.md."""
    text = (PROJECT / "docs" / "bpmn-support.md").read_text("utf-8")
    part = text.split("## English")[language == "en"]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines()]
    cells = [row[1:] for row in rows if len(row) == 9 and set(row[1:]) <= {"✓", "–"}]
    assert len(cells) == len(TRIGGERS)
    return {
        (kind, place): cell == "✓" for kind, row in zip(TRIGGERS, cells, strict=True) for place, cell in zip(POSITIONS, row, strict=True)
    }


def drawn(kind: str, place: str) -> bytes:
    """A small process with that event “x” in that place and whatever it needs around it."""
    trigger = TRIGGERS[kind]
    body = [user("a"), end()]
    if place == "start":
        return file_of(*ROOTS, process(start("x", trigger), *body, chain("x", "a", "end")))
    if place.startswith("event_sub"):
        inner = event_sub("e", trigger, user("b"), interrupting=place == "event_sub")
        return file_of(*ROOTS, process(start(), *body, inner, chain("start", "a", "end")))
    if place in ("catch", "throw"):
        return _in_the_flow(kind, place, body)
    if place == "end":
        return _at_the_end(kind, trigger)
    return _at_the_border(kind, trigger, place == "boundary")


def _in_the_flow(kind: str, place: str, body: list[str]) -> bytes:
    event = (catch if place == "catch" else throw)("x", TRIGGERS[kind])
    if kind != "link":
        return file_of(*ROOTS, process(start(), event, *body, chain("start", "x", "a", "end")))
    other = (throw if place == "catch" else catch)("y", TRIGGERS[kind])
    first, last = ("y", "x") if place == "catch" else ("x", "y")
    return file_of(*ROOTS, process(start(), event, other, *body, chain("start", first), chain(last, "a", "end")))


def _at_the_end(kind: str, trigger: str) -> bytes:
    if kind != "cancel":
        return file_of(*ROOTS, process(start(), end("x", trigger), chain("start", "x")))
    inner = element("transaction", "t", start("i"), end("x", trigger), chain("i", "x"))
    parts = [start(), inner, boundary("c", "t", trigger), end(), chain("start", "t", "end"), chain("c", "end")]
    return file_of(process(*parts))


def _at_the_border(kind: str, trigger: str, interrupting: bool) -> bytes:
    if kind == "compensate":
        border = undoing("a", user("h"), "x").replace('cancelActivity="true"', f'cancelActivity="{str(interrupting).lower()}"')
        return file_of(process(start(), user("a"), border, end(), chain("start", "a", "end")))
    host = user("a")
    if kind == "cancel":
        host = element("transaction", "a", start("i"), end("o"), chain("i", "o"))
    border = boundary("x", "a", trigger, interrupting=interrupting)
    return file_of(*ROOTS, process(start(), host, border, end(), chain("start", "a", "end"), chain("x", "end")))


def test_the_tables_of_both_languages_say_the_same():
    assert ticked("zh") == ticked("en")


@pytest.mark.parametrize("place", POSITIONS)
@pytest.mark.parametrize("kind", list(TRIGGERS))
def test_an_event_runs_where_the_table_ticks_it_and_is_refused_elsewhere(host: HostDouble, kind: str, place: str):
    source = drawn(kind, place)
    if ticked("en")[kind, place]:
        (host.definitions[1],) = parse(source, "event.bpmn")
        run = Execution.start(1, host.definitions[1], host, {}, at="x" if place == "start" else None)
        is_uncaught = kind == "error" and place == "end"
        assert len(run.waits().failures) == is_uncaught
        assert Execution.load(run.dump(), host).waits() == run.waits()
        return
    with pytest.raises(InvalidDefinition) as refused:
        parse(source, "event.bpmn")
    assert all(finding.remedy for finding in refused.value.findings)
