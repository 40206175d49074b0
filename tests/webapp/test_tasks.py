"""The page of a task: its form, its errors, drafts, and everything that can happen between opening and sending."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands.user_tasks import save_draft

from .conftest import Answer, Person

Persons = Callable[[str], Person]
TaskOf = Callable[[Person, str], str]
DONE = {
    "contact_log": "电话协调建设局窗口,同意容缺受理。",
    "coordination_outcome": "已解决",
    "conclusion": "容缺受理,五个工作日内补齐材料即可办结。",
}


def filled(page: Answer, **fields: str) -> dict[str, str]:
    return {"version": page.value("version"), **DONE, **fields}


def test_the_page_shows_the_form_and_the_case_beside_it(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    page = clerk.get(task_of(clerk, simple_case))
    assert page.find("//textarea[@name='contact_log']") and page.find("//input[@name='coordination_outcome']")
    assert simple_case in page.words and "监理合同备案证明" in page.words and "张示例" not in page.words


def test_every_field_has_a_label_and_required_ones_say_so(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    page = clerk.get(task_of(clerk, simple_case))
    assert page.find("//label[@for='field-contact_log']//span[@class='required']")
    fields = page.find("//form[@id='task-form']//*[self::input[not(@type='hidden')] or self::textarea or self::select]")
    assert {field.get("id") for field in fields} == {label.get("for") for label in page.find("//form[@id='task-form']//label")}


def test_errors_stand_beside_their_fields_and_typed_text_stays(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    fields = filled(clerk.get(address), contact_log="短", conclusion="")
    page = clerk.post(address, fields)
    assert page.status == 422 and "尚未提交" in page.words
    assert page.value("contact_log") == "短"
    assert page.find("//div[@role='alert']//a[@href='#field-conclusion']")
    assert "field-conclusion-error" in page.find("//textarea[@name='conclusion']/@aria-describedby")[0]
    assert page.find("//input[@value='已解决']/@checked")


def test_completing_goes_to_the_next_task_of_the_case(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    answer = clerk.post(address, filled(clerk.get(address)))
    assert answer.status == 303 and answer.location.startswith("/tasks/") and answer.location != address
    assert "“直接协调”已办结" in clerk.get(answer.location).words


def test_a_task_completed_twice_changes_nothing_and_says_so(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    fields = filled(clerk.get(address))
    clerk.post(address, fields)
    again = clerk.post(address, fields)
    assert again.status == 409 and "这项任务已经办结" in again.words
    seen = clerk.get(address)
    assert seen.status == 200 and "这项任务已经办结" in seen.words and DONE["conclusion"] in seen.words
    assert not seen.find("//form[@id='task-form']//button")


def test_a_task_of_another_group_is_refused_with_its_own_text(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    address = task_of(person("window-a"), simple_case)
    for answer in (person("d05").get(address), person("d05").post(address, DONE)):
        assert answer.status == 403 and "这项任务属于其他岗位" in answer.words


def test_text_typed_into_a_task_that_was_handed_over_meanwhile_can_be_copied(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    fields = filled(clerk.get(address))
    person("window-head").post(f"{address}/reassign", {"assignee": "window-b"})
    answer = clerk.post(address, fields)
    assert answer.status in (403, 409) and DONE["conclusion"] in answer.words


def test_an_unknown_task_is_answered_with_its_own_text(person: Persons) -> None:
    answer = person("window-a").get("/tasks/999-1")
    assert answer.status == 404 and "没有这项任务" in answer.words


def test_a_stale_page_is_not_carried_out_and_keeps_what_was_typed(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    fields = filled(clerk.get(address))
    clerk.post(f"{address}/unclaim")
    clerk.post(f"{address}/claim")
    page = clerk.post(address, fields)
    assert page.status == 409 and "提交前，这项任务已有改动" in page.words
    assert page.value("conclusion") == DONE["conclusion"]
    assert clerk.post(address, filled(page)).status == 303


def test_a_task_waits_to_be_claimed_before_its_form_can_be_filled_in(person: Persons, task_of: TaskOf, complex_case: str) -> None:
    liaison = person("d01")
    address = task_of(liaison, complex_case)
    page = liaison.get(address)
    assert "认领任务" in page.words and not page.find("//form[@id='task-form']//button")
    liaison.post(f"{address}/claim", {"version": page.value("version")})
    assert liaison.get(address).find("//form[@id='task-form']//button[@type='submit']")


def test_a_colleague_sees_who_holds_a_claimed_task(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    address = task_of(person("window-a"), simple_case)
    page = person("window-b").get(address)
    assert "您可以查看，不能提交" in page.words and not page.find("//form[@id='task-form']//button")


def test_a_draft_is_kept_and_found_again(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    saved = clerk.post(f"{address}/draft", {"contact_log": "电话已打,约明早十点。"})
    assert saved.status == 200 and "草稿已于" in saved.words
    page = clerk.get(address)
    assert page.value("contact_log") == "电话已打,约明早十点。" and "已载入草稿" in page.words


def test_a_draft_of_another_browser_does_not_make_the_page_stale(
    person: Persons, task_of: TaskOf, simple_case: str, engine: Engine, clerk: Actor
) -> None:
    browser = person("window-a")
    address = task_of(browser, simple_case)
    fields = filled(browser.get(address))
    save_draft(engine, clerk, address.removeprefix("/tasks/"), {"contact_log": "另一台电脑上的草稿"})
    assert browser.post(address, fields).status == 303


def test_conditions_are_decided_by_the_server(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    hidden = clerk.post(f"{address}/conditions", {"coordination_outcome": "需升级"}).json["hidden"]
    assert "conclusion" in hidden and "upgrade_reason" not in hidden
    page = clerk.get(address)
    assert page.find("//*[@data-field='conclusion']/@hidden") == [""] or page.find("//*[@data-field='conclusion'][@hidden]")


def test_without_script_the_form_is_shown_again_by_a_button(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    assert clerk.get(address).find("//noscript//button[@formaction]/@formaction") == [f"{address}/entered"]
    page = clerk.post(f"{address}/entered", {"coordination_outcome": "需升级", "contact_log": "谈过"})
    assert page.status == 200 and page.value("contact_log") == "谈过"
    assert page.find("//*[@data-field='conclusion'][@hidden]") and not page.find("//*[@data-field='upgrade_reason'][@hidden]")


def test_text_typed_before_the_session_ended_comes_back_after_the_log_in(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    fields = filled(clerk.get(address))
    clerk.client.delete_cookie("doudi")
    asked = clerk.post(address, fields, referer=address)
    assert asked.status == 401 and "您刚才填写的内容不会丢失" in asked.words
    going_on = clerk.log_in("window-a", next=asked.value("next"), carried=asked.value("carried"))
    carried = {control.get("name"): control.get("value") for control in going_on.find("//main//form//input[@type='hidden']")}
    page = clerk.post(going_on.find("//main//form/@action")[0], carried)
    assert page.value("conclusion") == DONE["conclusion"]
    assert clerk.post(address, filled(page)).status == 303


@pytest.mark.parametrize("carried", ["not json", "[1, 2]", '{"a": 1}', '[["a"]]', "null"])
def test_a_tampered_carried_text_carries_nothing(person: Persons, stranger: Person, carried: str) -> None:
    answer = stranger.log_in("window-a", next="/cases/new", carried=carried)
    assert answer.status == 303 and answer.location == "/cases/new"


def test_a_window_head_hands_a_task_over(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    address = task_of(person("window-a"), simple_case)
    head = person("window-head")
    assert head.get(address).find("//select[@name='assignee']")
    assert head.post(f"{address}/reassign", {"assignee": "window-b"}).status == 303
    assert simple_case in person("window-b").get("/?scope=mine").words


def test_handing_over_to_nobody_is_explained_beside_the_field(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    page = person("window-head").post(f"{task_of(person('window-a'), simple_case)}/reassign", {"assignee": "nobody"})
    assert page.status == 422 and page.find("//p[@id='assignee-error']")


def test_a_clerk_cannot_hand_tasks_over(person: Persons, task_of: TaskOf, simple_case: str) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    assert not clerk.get(address).find("//select[@name='assignee']")
    assert clerk.post(f"{address}/reassign", {"assignee": "window-b"}).status == 403


def test_a_program_is_answered_in_json(person: Persons) -> None:
    answer = person("window-a").get("/tasks/999-1", Accept="application/json")
    assert answer.status == 404 and answer.json["error"] == "没有这项任务" and answer.json["advice"]
