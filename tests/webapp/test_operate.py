"""Running instances as administrators meet them: look, repair one or many after a trial, and nothing by accident."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import instances
from engine.commands.deployments import deploy
from engine.queries import operate
from tests.conftest import PROJECT
from webapp import process_words

from .conftest import Answer, Person
from .running import WINDOW_TASK, deploy_both, diagram

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}\u202e"
MANY = b'<bpmn:multiInstanceLoopCharacteristics camunda:collection="= who" camunda:elementVariable="one" />'

FAILING = (
    b'<bpmn:scriptTask id="call" name="call" scriptFormat="feel" camunda:resultVariable="x">'
    b"<bpmn:script>number(who) / 0</bpmn:script></bpmn:scriptTask>"
)


@pytest.fixture
def begun(engine: Engine, actor: Callable[[str], Actor]) -> tuple[int, list[int]]:
    """The old version and three instances of it, all at “call”."""
    old, _new, ids = deploy_both(engine, actor("admin"))
    return old, ids


@pytest.fixture
def view(engine: Engine, actor: Callable[[str], Actor]) -> Callable[[int], operate.InstanceView]:
    return lambda number: operate.instance(engine, actor("admin"), number)


def confirmed(admin: Person, number: int, wish: dict[str, Any]) -> Answer:
    """Try, then send the form of the answer with a reason and the tick."""
    tried = admin.post(f"/instances/{number}/try", wish)
    assert tried.status == 200, tried.words
    return admin.post(f"/instances/{number}/change", sent_on(tried) | {"reason": "核实过", "confirm": "1"})


def sent_on(page: Answer) -> dict[str, str]:
    fields = page.find("//form[contains(@action, '/change')]//input[@type='hidden']")
    return {field.get("name"): field.get("value") or "" for field in fields if field.get("name") != "csrf_token"}


def stands(found: operate.InstanceView) -> list[str]:
    return [active.element_id for diagram in found.diagrams for active in diagram.active]


def test_the_page_of_an_instance_shows_tokens_variables_history_and_pins(
    person: Callable[[str], Person], begun: tuple[int, list[int]]
) -> None:
    page = person("admin").get(f"/instances/{begun[1][0]}")
    assert page.status == 200
    assert all(part in page.words for part in ("V-0000", "打电话", "等人办理", "note", "原来", "走过的元素", "运行中"))
    assert '"running": 1' in page.find("//*[@data-live]/@data-live")[0]


def test_a_case_leads_to_its_instance(person: Callable[[str], Person], simple_case: str) -> None:
    head = person("coordinator")
    assert head.get(f"/cases/{simple_case}").find(f"//a[@href='/instances?q={simple_case}']")
    answer = head.get(f"/instances?q={simple_case}")
    assert answer.status == 302 and head.get(answer.location).status == 200
    assert not person("window-a").get(f"/cases/{simple_case}").find("//a[starts-with(@href, '/instances')]")


def test_a_token_is_moved_only_after_a_trial_a_reason_and_a_confirmation(
    person: Callable[[str], Person], begun: tuple[int, list[int]], view: Callable[[int], operate.InstanceView]
) -> None:
    admin, number = person("admin"), begun[1][0]
    tried = admin.post(f"/instances/{number}/try", {"action": "move", "place": "e:call", "target": "visit"})
    assert "什么都没有改动" in tried.words and stands(view(number)) == ["call"]
    refused = admin.post(f"/instances/{number}/change", sent_on(tried) | {"confirm": "1"})
    assert refused.status == 422 and "请写明理由" in refused.words and stands(view(number)) == ["call"]
    done = admin.post(f"/instances/{number}/change", sent_on(refused) | {"reason": "打过了", "confirm": "1"})
    assert done.status == 303 and stands(view(number)) == ["visit"]


def test_a_stale_page_and_a_form_sent_twice_change_nothing(
    person: Callable[[str], Person], begun: tuple[int, list[int]], view: Callable[[int], operate.InstanceView]
) -> None:
    admin, number = person("admin"), begun[1][0]
    old_page = admin.get(f"/instances/{number}").value("seen")
    tried = admin.post(f"/instances/{number}/try", {"action": "skip", "place": "e:call"})
    fields = sent_on(tried) | {"reason": "打过了", "confirm": "1"}
    assert admin.post(f"/instances/{number}/change", fields).status == 303 and stands(view(number)) == ["visit"]
    assert admin.post(f"/instances/{number}/change", fields).status == 409 and stands(view(number)) == ["visit"]
    wish = {"action": "skip", "place": "e:visit", "seen": old_page}
    assert admin.post(f"/instances/{number}/try", wish).status == 409


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "12", 12),
        ("boolean", "是", True),
        ("json", '["甲", {"b": 1}]', ["甲", {"b": 1}]),
        ("null", "", None),
        ("text", HOSTILE, HOSTILE),
    ],
)
def test_a_variable_is_edited_by_its_kind(
    person: Callable[[str], Person],
    begun: tuple[int, list[int]],
    view: Callable[[int], operate.InstanceView],
    kind: str,
    text: str,
    value: object,
) -> None:
    admin, number = person("admin"), begun[1][0]
    assert confirmed(admin, number, {"action": "edit", "name": "note", "kind": kind, "value": text}).status == 303
    assert view(number).scopes[0].variables["note"] == value
    page = admin.get(f"/instances/{number}?edit=note#edit")
    assert page.status == 200 and "<script>alert" not in page.source


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("n", "number", "many"),
        ("n", "number", "1e999999999"),
        ("n", "json", "[" * 100_000),
        ("n", "datetime", "2026-01-01"),
        ("n", "no-kind", "1"),
        ("", "text", "x"),
        ("n", "json", "NaN"),
        ("n", "json", '"\\ud800"'),
        ("n", "boolean", "maybe"),
        ("n", "date", "2026-02-30"),
    ],
)
def test_values_that_cannot_be_are_refused_with_words_and_change_nothing(
    person: Callable[[str], Person],
    begun: tuple[int, list[int]],
    view: Callable[[int], operate.InstanceView],
    name: str,
    kind: str,
    text: str,
) -> None:
    number = begun[1][0]
    answer = person("admin").post(f"/instances/{number}/try", {"action": "edit", "name": name, "kind": kind, "value": text})
    assert answer.status == 422 and view(number).scopes[0].variables["n"] == 0


def test_an_instance_is_suspended_resumed_and_ended_with_a_notice(
    person: Callable[[str], Person], begun: tuple[int, list[int]], view: Callable[[int], operate.InstanceView]
) -> None:
    admin, number = person("admin"), begun[1][0]
    for wish, status in (({"action": "suspend"}, "suspended"), ({"action": "resume"}, "active"), ({"action": "end"}, "ended")):
        assert confirmed(admin, number, wish).status == 303
        assert view(number).status in (status, "cancelled")
    assert not admin.get(f"/instances/{number}").find("//section[@id='actions']")
    assert admin.post(f"/instances/{number}/try", {"action": "suspend"}).status == 409


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("datetime", "0001-01-01T00:00+14:00"),
        ("datetime", "9999-12-31T23:59-12:00"),
        ("date", "0001-01-01"),
        ("json", "1e308"),
        ("text", "长" * 20_000),
    ],
)
def test_values_at_the_edge_never_break_the_page(
    person: Callable[[str], Person], begun: tuple[int, list[int]], kind: str, text: str
) -> None:
    admin, number = person("admin"), begun[1][0]
    tried = admin.post(f"/instances/{number}/try", {"action": "edit", "name": "edge", "kind": kind, "value": text})
    assert tried.status in (200, 422), tried.words[:300]
    if tried.status == 200:
        assert admin.post(f"/instances/{number}/change", sent_on(tried) | {"reason": "x", "confirm": "1"}).status in (303, 422)
    assert admin.get(f"/instances/{number}?edit=edge&diagram={'9' * 40}").status == 200


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"action": "move", "place": "e:call", "target": "nowhere"}, 422),
        ({"action": "move", "place": "t:999", "target": "visit"}, 404),
        ({"action": "move", "place": "t:99999999999999999999", "target": "visit"}, 422),
        ({"action": "move", "place": "e:call"}, 422),
        ({"action": "skip"}, 422),
        ({"action": "format-disk"}, 422),
        ({"action": "retry"}, 404),
        ({}, 422),
    ],
)
def test_repairs_that_cannot_be_are_refused_and_change_nothing(
    person: Callable[[str], Person],
    begun: tuple[int, list[int]],
    view: Callable[[int], operate.InstanceView],
    wish: dict[str, str],
    status: int,
) -> None:
    number = begun[1][0]
    answer = person("admin").post(f"/instances/{number}/try", wish)
    assert answer.status == status and "Expected" not in answer.words
    assert stands(view(number)) == ["call"]


def test_every_refusal_of_a_repair_has_words_in_both_languages() -> None:
    rooms = ("bpmn/modification.py", "commands/modification.py", "suspension.py")
    named = {code for room in rooms for code in re.findall(r'\.coded\(\s*"([a-z-]+)"', (PROJECT / "engine" / room).read_text("utf-8"))}
    assert named == process_words.REFUSALS.keys()


def test_the_page_of_a_version_counts_and_filters_by_element(person: Callable[[str], Person], begun: tuple[int, list[int]]) -> None:
    page = person("auditor").get(f"/definitions/{begun[0]}/operate")
    assert page.status == 200 and '"running": 3' in page.find("//*[@data-live]/@data-live")[0]
    assert "V-0002" in person("auditor").get(f"/definitions/{begun[0]}/operate?element=call").words
    assert "没有实例停在这里" in person("auditor").get(f"/definitions/{begun[0]}/operate?element=visit").words


def test_many_are_changed_after_a_trial_and_only_once(
    person: Callable[[str], Person], begun: tuple[int, list[int]], view: Callable[[int], operate.InstanceView]
) -> None:
    admin, (old, ids) = person("admin"), begun
    wish = {"action": "move", "place": "e:call", "target": "visit", "all": "1", "element": "call"}
    tried = admin.post(f"/definitions/{old}/try", wish)
    assert tried.status == 200 and "3 个可以" in tried.words and stands(view(ids[0])) == ["call"]
    fields = sent_on(tried) | {"reason": "一起改", "confirm": "1"}
    assert admin.post(f"/definitions/{old}/change", fields | {"reason": ""}).status == 422
    done = admin.post(f"/definitions/{old}/change", fields)
    assert done.status == 200 and "已执行 3 个" in done.words and [stands(view(number)) for number in ids] == [["visit"]] * 3
    assert admin.post(f"/definitions/{old}/change", fields).status == 303


def test_a_bulk_change_says_of_each_what_refuses_it(person: Callable[[str], Person], begun: tuple[int, list[int]]) -> None:
    old, ids = begun
    wish = {"action": "skip", "place": "e:call", "ids": f"{ids[0]},999999"}
    page = person("admin").post(f"/definitions/{old}/try", wish)
    assert "1 个可以，1 个不行" in page.words
    assert person("admin").post(f"/definitions/{old}/try", {"action": "suspend"}).status == 422
    many = ",".join(str(number) for number in range(1, 1_500))
    too_many = person("admin").post(f"/definitions/{old}/try", {"action": "suspend", "ids": many})
    assert too_many.status == 422 and "一次最多操作 1000 个实例" in too_many.words
    resting = person("admin").post(f"/definitions/{old}/try", {"action": "resume", "ids": str(ids[0])})
    assert "实例没有挂起" in resting.words


@pytest.mark.parametrize("account", ["analyst", "auditor", "coordinator"])
def test_readers_look_and_change_nothing(person: Callable[[str], Person], begun: tuple[int, list[int]], account: str) -> None:
    reader, (old, ids) = person(account), begun
    for page in ("/instances", f"/instances/{ids[0]}", f"/definitions/{old}/operate"):
        answer = reader.get(page)
        assert answer.status == 200 and not answer.find("//main//form[@method='post']")
    for address in (f"/instances/{ids[0]}", f"/definitions/{old}"):
        for step in ("try", "change"):
            fields = {"action": "suspend", "reason": "x", "confirm": "1", "ids": str(ids[0])}
            assert reader.post(f"{address}/{step}", fields).status == 403


def test_clerks_and_departments_see_none_of_it(person: Callable[[str], Person], begun: tuple[int, list[int]]) -> None:
    for account in ("window-a", "d05"):
        for page in ("/instances", f"/instances/{begun[1][0]}", f"/definitions/{begun[0]}/operate"):
            assert person(account).get(page).status == 403


def test_unknown_instances_and_versions_are_not_found(person: Callable[[str], Person], begun: tuple[int, list[int]]) -> None:
    admin = person("admin")
    for page in ("/instances/999999", "/definitions/999999/operate", f"/instances/{'9' * 30}"):
        assert admin.get(page).status == 404
    assert "没有找到实例" in admin.get("/instances?q=%25").words


def test_an_instance_with_two_thousand_tokens_has_a_page(
    person: Callable[[str], Person], engine: Engine, actor: Callable[[str], Actor]
) -> None:
    each = b'camunda:candidateGroups="window">%s</bpmn:userTask>' % MANY
    file = diagram(("asked", "问每个人")).replace(b'camunda:candidateGroups="window" />', each)
    deploy(engine, actor("admin"), {"P90_visit.bpmn": file}, "很多人")
    number = instances.start_instance(engine, actor("admin"), "P90_visit", "V-many", {"who": [f"p{n}" for n in range(2_000)]})
    page = person("admin").get(f"/instances/{number}")
    assert page.status == 200 and "共 2001 个令牌" in page.words and len(page.source) < 600_000


def test_incidents_are_grouped_by_cause_and_tried_again_together(
    person: Callable[[str], Person], engine: Engine, actor: Callable[[str], Actor]
) -> None:
    task = WINDOW_TASK.format(id="call", name="打电话").encode()
    broken = diagram(("call", "打电话")).replace(task, FAILING)
    deploy(engine, actor("admin"), {"P90_visit.bpmn": broken}, "坏的")
    numbers = [instances.start_instance(engine, actor("admin"), "P90_visit", f"V-{n}", {"who": "x"}) for n in range(3)]
    (group,) = operate.incident_groups(engine, actor("admin"))
    page = person("coordinator").get("/incidents")
    assert page.status == 200 and "按原因" in page.words and page.find(f"//a[@href='/instances/{numbers[0]}']")
    assert page.find("//form[@action='/incidents/retry']//input[@name='ids']/@value") == [",".join(map(str, group.incident_ids))]
    ids = ",".join(str(one) for one in group.incident_ids)
    assert person("auditor").post("/incidents/retry", {"ids": ids}).status == 403
    assert person("coordinator").post("/incidents/retry", {"ids": ids}).status == 303
    assert person("coordinator").post("/incidents/retry", {"ids": "x"}).status == 422
    assert not person("window-a").get("/incidents").find("//form[@action='/incidents/retry']")
