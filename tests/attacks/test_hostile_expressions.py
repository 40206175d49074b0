"""Expressions and tables that never end, met by a worker and by a clerk: an incident each, and the other instances go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

import pytest
from sqlalchemy import select

from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands import deployments, instances, jobs, user_tasks
from engine.db import case_tables  # noqa: F401 - its tables belong to the schema
from engine.db.base import Base
from engine.db.tables import Incident, OrgUnit, ProcessInstance
from engine.feel import Feel, Limits
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, diagram, user_task
from tests.conftest import START, settings_in
from tests.feel.test_bounded import ENDLESS, model, table

OTHERS = 3
COUNTING = "count(for i in 1..10000000, j in 1..10000000 return i) > 0"
GROWING = ENDLESS["doubling text"]
RECURSIVE = ENDLESS["tree of calls"]


def script(text: str) -> str:
    return f'<bpmn:scriptTask id="bad" camunda:resultVariable="y"><bpmn:script>{escape(text)}</bpmn:script></bpmn:scriptTask>'


def over(tag: str, text: str) -> str:
    inside = f"<bpmn:{tag}>{escape(text)}</bpmn:{tag}>"
    number = "" if tag == "loopCardinality" else "<bpmn:loopCardinality>2</bpmn:loopCardinality>"
    both = f"<bpmn:multiInstanceLoopCharacteristics>{number}{inside}</bpmn:multiInstanceLoopCharacteristics>"
    return f'<bpmn:manualTask id="bad">{both}</bpmn:manualTask>'


def collection(text: str) -> str:
    marker = f'<bpmn:multiInstanceLoopCharacteristics camunda:collection={quoteattr("=" + text)} camunda:elementVariable="n"/>'
    return f'<bpmn:manualTask id="bad">{marker}</bpmn:manualTask>'


def loop(text: str) -> str:
    condition = f"<bpmn:loopCondition>{escape(text)}</bpmn:loopCondition>"
    marker = f'<bpmn:standardLoopCharacteristics testBefore="true">{condition}</bpmn:standardLoopCharacteristics>'
    return f'<bpmn:manualTask id="bad">{marker}</bpmn:manualTask>'


def attribute(name: str, text: str) -> str:
    return f'<bpmn:userTask id="bad" camunda:{name}={quoteattr("=" + text)}/>'


def timer(kind: str, text: str) -> str:
    definition = f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape('=' + text)}</bpmn:{kind}></bpmn:timerEventDefinition>"
    return f'<bpmn:intermediateCatchEvent id="bad">{definition}</bpmn:intermediateCatchEvent>'


def correlated(text: str) -> str:
    key = f'<camunda:property name="correlationKey" value={quoteattr("=" + text)}/>'
    extension = f"<bpmn:extensionElements><camunda:properties>{key}</camunda:properties></bpmn:extensionElements>"
    return f'<bpmn:receiveTask id="bad" messageRef="m_go">{extension}</bpmn:receiveTask>'


def parameter(text: str) -> str:
    inside = f'<camunda:inputOutput><camunda:inputParameter name="n">={escape(text)}</camunda:inputParameter></camunda:inputOutput>'
    return f'<bpmn:manualTask id="bad"><bpmn:extensionElements>{inside}</bpmn:extensionElements></bpmn:manualTask>'


def called(text: str) -> str:
    return f'<bpmn:callActivity id="bad" calledElement={quoteattr("=" + text)}/>'


def passed(text: str) -> str:
    mapping = f'<camunda:in sourceExpression={quoteattr("=" + text)} target="n"/>'
    return (
        f'<bpmn:callActivity id="bad" calledElement="other"><bpmn:extensionElements>{mapping}</bpmn:extensionElements></bpmn:callActivity>'
    )


def decided(decision: str) -> str:
    return f'<bpmn:businessRuleTask id="bad" camunda:decisionRef="{decision}" camunda:resultVariable="y"/>'


SCRIPTS = {f"a script: {name}": (script(text), text) for name, text in ENDLESS.items() if not name.startswith("ten megabytes")}
PLACES = {
    "a cardinality": (over("loopCardinality", f"if {COUNTING} then 1 else 2"), COUNTING),
    "a completion condition": (over("completionCondition", COUNTING), COUNTING),
    "a collection": (collection(GROWING), GROWING),
    "a loop condition": (loop(COUNTING), COUNTING),
    "an assignee": (attribute("assignee", f"string({COUNTING})"), COUNTING),
    "candidate groups": (attribute("candidateGroups", GROWING), GROWING),
    "a due date": (attribute("dueDate", RECURSIVE), RECURSIVE),
    "a priority": (attribute("priority", RECURSIVE), RECURSIVE),
    "a duration": (timer("timeDuration", f"string({COUNTING})"), COUNTING),
    "a date": (timer("timeDate", GROWING), GROWING),
    "a correlation key": (correlated(f"string({COUNTING})"), COUNTING),
    "an input parameter": (parameter(GROWING), GROWING),
    "a called process": (called(f"string({COUNTING})"), COUNTING),
    "a mapping": (passed(GROWING), GROWING),
}
TABLES = {
    "a table's question": (table(COUNTING, "-", "1"), COUNTING),
    "a table's cell": (table("1", f"> {COUNTING[:-4]}", "1"), f"> {COUNTING[:-4]}"),
    "a table's answer": (table("1", "-", GROWING), GROWING),
    "a table's recursion": (table("1", "-", RECURSIVE), RECURSIVE),
}
ATTACKS: dict[str, tuple[str, str]] = {
    **SCRIPTS,
    **PLACES,
    **{name: (decided(f"d{number}"), expression) for number, (name, (_, expression)) in enumerate(TABLES.items())},
}
WAIT = (
    '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
    "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)


@dataclass(frozen=True)
class Aftermath:
    """What is left: (element, message) of the incidents by business key, whose task “after” is open, faults of the evidence."""

    incidents: dict[str, list[tuple[str | None, str]]]
    went_on: set[str]
    faults: tuple[object, ...]


def process_of(key: str, first: str, first_id: str, attack: str) -> bytes:
    return diagram(key, START_END + first + attack + user_task("after"), f"s>{first_id} {first_id}>bad bad>after after>e")


def files() -> dict[str, bytes]:
    """Every attack twice: behind a timer, where a worker meets it, and behind a task, where a clerk does."""
    found = {"other.bpmn": diagram("other", START_END + WAIT + user_task("after"), "s>wait wait>after after>e")}
    for number, (drawn, _) in enumerate(TABLES.values()):
        found[f"d{number}.dmn"] = model(drawn.replace('"d"', f'"d{number}"')).replace(b'id="m"', b'id="m%d"' % number)
    for number, (attack, _) in enumerate(ATTACKS.values()):
        found[f"w{number}.bpmn"] = process_of(f"w{number}", WAIT, "wait", attack)
        found[f"c{number}.bpmn"] = process_of(f"c{number}", user_task("first"), "first", attack)
    return found


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    clock = MovableClock(START)
    settings = settings_in(tmp_path_factory.mktemp("attacked"))
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    engine = replace(build_engine(settings, clock), feel=Feel(Limits(cpu_seconds=0.15)))
    Base.metadata.create_all(engine.database.engine)
    with engine.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    deployments.deploy(engine, ADMIN, files(), "attacks")
    attack(engine, clock)
    yield left_by(engine)
    engine.database.dispose()


def attack(engine: Engine, clock: MovableClock) -> None:
    for number in range(len(ATTACKS)):
        for letter in "wc":
            instances.start_instance(engine, ADMIN, f"{letter}{number}", f"{letter}{number}", {"x": "a" * 1000})
    for number in range(OTHERS):
        instances.start_instance(engine, ADMIN, "other", f"o{number}", {})
    for item in inbox(engine, CLERK, InboxQuery(limit=1000)).items:
        user_tasks.complete_task(engine, CLERK, item.task_id, {})
    clock.advance(hours=1)
    while jobs.run_due_jobs(engine, "w"):
        pass


def left_by(engine: Engine) -> Aftermath:
    incidents: dict[str, list[tuple[str | None, str]]] = {}
    with engine.database.reading() as session:
        joined = select(ProcessInstance.business_key, Incident).join(Incident, Incident.instance_id == ProcessInstance.id)
        for key, incident in session.execute(joined):
            incidents.setdefault(key, []).append((incident.element_id, incident.message))
    tasks = inbox(engine, CLERK, InboxQuery(limit=1000)).items
    return Aftermath(incidents, {item.case_no for item in tasks if item.element_id == "after"}, verify_evidence(engine).faults)


@pytest.mark.parametrize("way", ["w", "c"], ids=["met by a worker", "met by a clerk"])
@pytest.mark.parametrize("name", ATTACKS)
def test_what_never_ends_stops_its_own_instance_with_an_incident_that_names_element_and_expression(
    aftermath: Aftermath, name: str, way: str
) -> None:
    key = f"{way}{list(ATTACKS).index(name)}"
    found = aftermath.incidents[key]
    assert {element for element, _ in found} == {"bad"}
    assert all(ATTACKS[name][1][:30] in message for _, message in found)
    assert key not in aftermath.went_on


@pytest.mark.parametrize("way", ["w", "c"], ids=["met by a worker", "met by a clerk"])
@pytest.mark.parametrize("number", range(len(TABLES)), ids=list(TABLES))
def test_the_incident_of_a_table_names_the_decision_and_the_place_in_it(aftermath: Aftermath, number: int, way: str) -> None:
    key = f"{way}{list(ATTACKS).index(list(TABLES)[number])}"
    place = "输入 1" if number == 0 else "规则 r（第 1 行）"
    assert all(f"（d{number}）" in message and place in message for _, message in aftermath.incidents[key])


def test_the_other_instances_go_on_and_the_evidence_holds(aftermath: Aftermath) -> None:
    assert aftermath.went_on == {f"o{number}" for number in range(OTHERS)}
    assert aftermath.incidents.keys() == {f"{way}{number}" for way in "wc" for number in range(len(ATTACKS))}
    assert aftermath.faults == ()


def test_there_are_at_least_sixty_attacks() -> None:
    assert 2 * len(ATTACKS) >= 60
