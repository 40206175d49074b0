"""Files of any kind in the pages: opening one, its page, acting on it by staff and by the applicant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands.case_files import open_case_file
from engine.queries.cases import case_page
from engine.queries.form_drafts import draft_of
from tests.commands.conftest import diagram, user_task
from tests.commands.files_of_kinds import BY_MESSAGE, END, START, add_action, add_kind, case, deploy, service

from .conftest import Person

Persons = Callable[[str], Person]
PERSON = {"applicant": {"name": "张示例", "phone": "13800001234"}}
SAID = {"title": "少跑一趟", "text": "窗口与部门共用一张表。", "benefit": "每天少排半小时队", **PERSON}
POSTED = {"title": "少跑一趟", "text": "窗口与部门共用一张表。", "applicant.name": "张示例", "applicant.phone": "13800001234"}


@pytest.fixture
def suggestions(engine: Engine) -> Engine:
    """A public kind whose file waits for a clerk; two actions, one with a form and one that asks for a tick."""
    add_kind(engine, "idea", "idea_box", name="点子", name_en="Idea", is_public=True, applicant="optional", description="让办事更顺的点子")
    add_action(engine, "ask", name="提问", name_en="Ask", form="said", kinds=["idea"], message="go", is_public=True)
    add_action(engine, "drop", name="作废", name_en="Drop", kinds=["idea"], message="go", is_confirmed=True)
    add_action(engine, "head_only", name="督办", name_en="Urge", kinds=["idea"], message="go", groups=["window_head"])
    entry = service("noted", "case-entry", kind="登记", facts='={"benefit": "少排队", "department": "D06"}')
    deploy(
        engine,
        diagram("idea_box", START + entry + user_task("study") + END, "s>noted noted>study study>e"),
        diagram("ask_back", BY_MESSAGE + user_task("answer") + END, "s>answer answer>e"),
    )
    return engine


@pytest.fixture
def idea(suggestions: Engine, clerk: Actor) -> str:
    return open_case_file(suggestions, clerk, "idea", SAID)


def test_a_kind_that_an_analyst_adds_is_offered_and_opened_by_its_form(person: Persons, suggestions: Engine) -> None:
    clerk = person("window-a")
    assert "让办事更顺的点子" in clerk.get("/files/new").words
    answer = clerk.post("/files/new/idea", POSTED)
    assert answer.status == 303 and answer.location.startswith("/cases/ID440103-20261123-0001")
    page = clerk.get(answer.location)
    assert "已发起，编号 ID440103-20261123-0001" in page.words and "下一步：study" in page.words and "/p/" in page.source


def test_the_page_of_a_file_shows_its_facts_and_ledger_in_words(person: Persons, idea: str) -> None:
    page = person("window-a").get(f"/cases/{idea}")
    assert page.status == 200
    assert "每天少排半小时队" in page.words and "少排队" in page.words
    assert "区住房和城乡建设局" in " ".join(page.find("//section[@id='ledger']")[0].text_content().split())
    assert "张示例" not in page.source


def test_a_fact_that_no_form_asks_is_named_by_a_word(person: Persons, idea: str) -> None:
    clerk = person("window-a")
    assert "部门" in [dt.text for dt in clerk.get(f"/cases/{idea}").find("//section[@id='ledger']//dt")]
    clerk.post("/language", {"language": "en"})
    assert "Department" in [dt.text for dt in clerk.get(f"/cases/{idea}").find("//section[@id='ledger']//dt")]


def test_a_file_appears_in_its_own_register_and_not_among_the_cases(person: Persons, idea: str) -> None:
    clerk = person("window-a")
    assert idea in clerk.get("/registers/idea").words and idea not in clerk.get("/cases").words
    assert idea in clerk.get(f"/cases?q={idea}").words  # a number is found whatever its kind


def test_the_actions_of_a_file_are_those_of_the_person(person: Persons, idea: str) -> None:
    assert [link.text for link in person("window-a").get(f"/cases/{idea}").find("//a[contains(@href, '/actions/')]")] == ["提问", "作废"]
    assert [link.text for link in person("window-head").get(f"/cases/{idea}").find("//a[contains(@href, '/actions/')]")] == ["督办"]


def test_an_action_goes_its_way_and_leads_back_to_the_file(person: Persons, idea: str, suggestions: Engine, clerk: Actor) -> None:
    somebody = person("window-a")
    answer = somebody.post(f"/cases/{idea}/actions/ask", POSTED)
    assert answer.status == 303 and answer.location == f"/cases/{idea}"
    assert "“提问”已提交" in somebody.get(answer.location).words
    assert {one.key for one in case_page(suggestions, clerk, idea).diagrams} == {"idea_box", "ask_back"}


def test_an_action_with_consequences_asks_for_a_tick(person: Persons, idea: str) -> None:
    clerk = person("window-a")
    page = clerk.post(f"/cases/{idea}/actions/drop")
    assert page.status == 422 and "请先勾选确认" in page.words
    assert clerk.post(f"/cases/{idea}/actions/drop", {"confirmed": "true"}).status == 303


def test_an_action_of_another_post_is_refused(person: Persons, idea: str) -> None:
    assert person("window-a").get(f"/cases/{idea}/actions/head_only").status == 403
    assert person("window-a").post(f"/cases/{idea}/actions/head_only").status == 403


def test_the_draft_of_an_action_is_kept_until_it_is_sent(person: Persons, idea: str, engine: Engine, clerk: Actor) -> None:
    somebody, address = person("window-a"), f"/cases/{idea}/actions/ask"
    somebody.post(f"{address}/draft", {"title": "还没写完"})
    assert somebody.get(address).value("title") == "还没写完"
    somebody.post(address, POSTED)
    assert draft_of(engine, clerk, f"act:{idea}:ask") is None


def test_a_file_opened_from_another_belongs_to_it(person: Persons, idea: str, engine: Engine) -> None:
    clerk = person("window-a")
    assert f"parent={idea}" in clerk.get(f"/files/new?parent={idea}").source
    answer = clerk.post("/files/new/idea", POSTED | {"parent": idea})
    child = answer.location.split("?")[0].rsplit("/", 1)[1]
    assert case(engine, child).parent_no == idea
    assert child in clerk.get(f"/cases/{idea}").words and idea in clerk.get(f"/cases/{child}").words


def test_a_citizen_sends_a_file_of_a_public_kind_and_acts_on_it(stranger: Person, suggestions: Engine) -> None:
    assert "让办事更顺的点子" in stranger.get("/service").words
    page = stranger.get("/service/new/idea")
    answer = stranger.post("/service/new/idea", {"submission": page.value("submission"), **POSTED})
    link = answer.location.split("?")[0]
    page = stranger.get(link)
    assert "您提交的点子" in page.words and "提问" in page.words and "作废" not in page.words
    assert stranger.post(f"{link}/actions/ask", POSTED).location == link
    assert stranger.get(f"{link}/actions/drop").status == 403


def test_progress_of_such_a_file_is_told_too(stranger: Person, suggestions: Engine) -> None:
    page = stranger.get("/service/new/idea")
    stranger.post("/service/new/idea", {"submission": page.value("submission"), **POSTED})
    found = stranger.post("/service/progress", {"no": "ID440103-20261123-0001", "phone_end": "1234"})
    assert found.status == 200 and "办理中" in found.words


def test_whoever_works_here_does_not_act_in_a_citizens_place(person: Persons, idea: str, engine: Engine) -> None:
    answer = person("window-a").post(f"/p/{case(engine, idea).public_token}/actions/ask", POSTED)
    assert answer.status == 403


def test_a_reader_of_english_sees_the_words_of_the_reference_files(person: Persons, idea: str) -> None:
    clerk = person("window-a")
    clerk.post("/language", {"language": "en"})
    page = clerk.get(f"/cases/{idea}")
    assert "Idea" in page.words and "Ask" in page.words
