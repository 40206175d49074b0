"""What is shown of versions and releases: where they stand, how they differ, what runs in them, what an instance is pinned to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import deployments, instances, releases
from engine.db.tables import UserTask
from engine.errors import InvalidInput, NotFound
from engine.queries import versions
from tests.commands.conftest import ADMIN, START_END, deploy, diagram, user_task

BOUND = 'camunda:calledElementBinding="version" camunda:calledElementVersion="1"'
CALLING = f'<bpmn:callActivity id="c" name="调用" calledElement="p" {BOUND} />'
FORM = b'{"type": "default", "id": "f", "schemaVersion": 19, "components": [{"type": "textfield", "key": "x", "label": "x"}]}'


def process(*names: str, key: str = "p") -> bytes:
    flows = " ".join(f"{a}>{b}" for a, b in zip(("s", *names), (*names, "e"), strict=True))
    return diagram(key, START_END + "".join(map(user_task, names)), flows)


def test_versions_say_where_they_stand_and_how_many_run_in_them(engine: Engine) -> None:
    deploy(engine, process("a"))
    deploy(engine, diagram("q", START_END + CALLING, "s>c c>e"))
    for key in ("p", "q"):
        instances.start_instance(engine, ADMIN, key, f"C-{key}", {})
    deploy(engine, process("a", "b"))
    second, first = versions.versions_of(engine, "process", "p")
    assert (second.state, second.running, first.state, first.running) == ("active", 0, "replaced", 2)
    assert first.spans[0].active_from is None and second.spans[0].active_from is not None


def test_a_version_whose_drawing_alone_changed_is_marked_so(engine: Engine) -> None:
    deploy(engine, process("a"))
    deploy(engine, process("a").replace(b"<bpmn:process", b"\n<bpmn:process"))
    assert [one.is_layout_only for one in versions.versions_of(engine, "process", "p")] == [True, False]


def test_a_release_tells_its_state_from_planned_to_replaced(engine: Engine, clock: MovableClock) -> None:
    deploy(engine, process("a"))
    number = deploy(engine, process("a", "b")).id
    assert number is not None and versions.release(engine, number).state == "active"
    releases.roll_back(engine, ADMIN, number, "x")
    assert versions.release(engine, number).state == "replaced"
    releases.activate(engine, ADMIN, number, active_from=clock.now() + timedelta(days=1))
    assert versions.release(engine, number).state == "planned"
    releases.activate(engine, ADMIN, number, [ADMIN.org_unit])
    assert versions.release(engine, number).state == "pilot"
    assert versions.version(engine, versions.release(engine, number).items[0].definition_id).state == "pilot"


def test_two_versions_are_compared_and_only_of_one_kind(engine: Engine) -> None:
    for names in (("a",), ("a", "b")):
        deploy(engine, process(*names))
    new, old = versions.versions_of(engine, "process", "p")
    compared = versions.comparison(engine, old.definition_id, new.definition_id)
    assert any(line.startswith("+") and 'id="b"' in line for line in compared.text)
    deployments.deploy(engine, ADMIN, {"f.form": FORM}, "form")
    other = next(one for one in versions.every_version(engine) if one.kind == "form")
    with pytest.raises(InvalidInput):
        versions.comparison(engine, other.definition_id, new.definition_id)


def test_an_instance_shows_what_its_diagram_is_bound_to(engine: Engine) -> None:
    deploy(engine, process("a"))
    deploy(engine, diagram("q", START_END + CALLING, "s>c c>e"))
    deploy(engine, process("a", "b"))
    number = instances.start_instance(engine, ADMIN, "q", "C-1", {})
    called = next(view for view in versions.pinned(engine, number) if view.kind == "process")
    assert (called.process_key, called.element_id, called.binding, called.resolved_version) == ("q", "c", "version", 1)


def test_a_called_process_calls_what_was_deployed_together_with_itself(engine: Engine) -> None:
    together = CALLING.replace('"p"', '"r"').replace(BOUND, 'camunda:calledElementBinding="deployment"')
    deploy(engine, diagram("q", START_END + together, "s>c c>e"), process("old", key="r"))
    deploy(engine, process("new", key="r"))
    deploy(engine, diagram("caller", START_END + CALLING.replace('"p"', '"q"').replace(BOUND, ""), "s>c c>e"))
    number = instances.start_instance(engine, ADMIN, "caller", "C-1", {})
    with engine.database.reading() as session:
        (task,) = session.scalars(select(UserTask.element_id).where(UserTask.instance_id == number))
    assert task == "old"


def test_what_does_not_exist_is_not_found(engine: Engine) -> None:
    for ask in (
        lambda: versions.version(engine, 10**9),
        lambda: versions.version(engine, 2**70),
        lambda: versions.release(engine, 2**70),
        lambda: versions.versions_of(engine, "process", "nothing"),
        lambda: versions.pinned(engine, 10**9),
    ):
        with pytest.raises(NotFound):
            ask()
