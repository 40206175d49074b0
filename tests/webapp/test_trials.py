"""Trials of a change: who may run them, what they show, what they refuse, and that nothing real is touched."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from engine.assembly import Engine
from engine.commands.change_sets import add_draft, create_change_set
from engine.queries.versions import releases
from engine.trials.background import Work, Workshop
from tests.conftest import PROJECT, Template

from .conftest import Person

LIMITS = "processes/DT03_time_limits.dmn"
SCENARIO = "processes/scenarios/due.toml"
DUE = (PROJECT / "processes" / "scenarios" / "simple_case_solved.toml").read_text("utf-8").split("[[when]]")[0] + (
    "[then]\ndue = { finish = 2026-11-26T17:00:00 }\n"
)


@pytest.fixture(scope="module")
def template(template_of_one_scenario: Template) -> Template:
    return template_of_one_scenario


@pytest.fixture
def change_set(engine: Engine, actor: Callable) -> str:
    """A shorter limit, and a scenario that holds for the longer one."""
    analyst = actor("analyst")
    number = create_change_set(engine, analyst, "限期缩短", "")
    shorter = (PROJECT / LIMITS).read_text("utf-8").replace('"3个工作日"', '"2个工作日"')
    add_draft(engine, analyst, number, LIMITS, shorter.encode())
    add_draft(engine, analyst, number, SCENARIO, DUE.encode())
    return f"/studio/change-sets/{number}"


def test_a_failed_scenario_shows_its_way_its_failure_and_the_remedy(
    person: Callable[[str], Person], change_set: str, ended: Callable
) -> None:
    analyst = person("analyst")
    assert "due.toml" in analyst.get(f"{change_set}/trials").words
    run = ended(analyst.post(f"{change_set}/trials/scenarios", {"scenario": "due"}))
    assert "1 个场景中 1 个不通过" in analyst.get(run).words
    page = analyst.get(f"{run}/scenarios/due")
    assert "期限应为 finish 2026-11-26 17:00:00" in page.words and "请改正流程或规则" in page.words
    drawn = page.find("//details[@data-trial-diagram]")
    assert len(drawn) >= 5 and "direct_coordination" in page.source and "待办" in page.words
    assert "<bpmn:definitions" in analyst.get(drawn[0].get("data-trial-diagram")).source
    covered = analyst.get(f"{run}/coverage")
    assert "row-gap" in covered.source and "row-covered" in covered.source and "没有经过" in covered.words
    status = analyst.get(f"{run}/status").json
    assert status["is_ended"] and status["state"] == "done"
    auditor = person("auditor")
    for address in (f"{change_set}/trials", run, f"{run}/scenarios/due", f"{run}/coverage"):
        assert auditor.get(address).status == 200 and not auditor.get(address).find("//main//form//button[@type='submit']")


def test_a_change_against_a_scenario_is_not_submitted(
    person: Callable[[str], Person], change_set: str, ended: Callable, engine: Engine
) -> None:
    before, analyst = len(releases(engine)), person("analyst")
    tried = ended(analyst.post(f"{change_set}/submit"))
    page = analyst.get(tried)
    assert page.status == 200 and "期限应为 finish" in page.words
    assert len(releases(engine)) == before
    assert "提交" in analyst.get(f"{change_set}/trials").words


def test_a_submission_sent_twice_is_one_and_shows_how_far_it_is(
    person: Callable[[str], Person], change_set: str, site: Flask, ended: Callable
) -> None:
    turn, analyst = threading.Event(), person("analyst")
    workshop = site.extensions.setdefault("doudi-trials", Workshop())
    workshop.start("load", 0, "somebody", {}, lambda _work: turn.wait(30))
    first, second = analyst.post(f"{change_set}/submit"), analyst.post(f"{change_set}/submit")
    assert first.status == 303 and first.location == second.location
    assert analyst.get(first.location).find("//progress") and person("auditor").get(first.location).status == 200
    assert person("auditor").post(f"{change_set}/submit").status == 403
    number = first.location.rsplit("/", 1)[-1]
    analyst.post(f"{change_set}/trials/{number}/cancel")
    turn.set()
    assert "已取消" in analyst.get(ended(first)).words


@pytest.mark.parametrize(("account", "status"), [("auditor", 403), ("window-a", 403), ("window-head", 403)])
def test_only_those_who_draw_may_run_trials(person: Callable[[str], Person], change_set: str, account: str, status: int) -> None:
    for place in ("scenarios", "what-if", "load", "from-case", "1/cancel"):
        assert person(account).post(f"{change_set}/trials/{place}", {"kind": "cases", "days": "30"}).status == status


def test_a_clerk_does_not_see_trials(person: Callable[[str], Person], change_set: str) -> None:
    assert person("window-a").get(f"{change_set}/trials").status == 403


def test_replays_without_history_say_so_and_export_an_empty_list(
    person: Callable[[str], Person], change_set: str, ended: Callable, simple_case: str
) -> None:
    analyst = person("analyst")
    run = ended(analyst.post(f"{change_set}/trials/what-if", {"kind": "decisions", "days": "90"}))
    page = analyst.get(run)
    assert "1 次会不同" in page.words and simple_case in page.words and "DT03" in page.words
    text = analyst.get(f"{run}/list.csv")
    assert "attachment" in text.headers["Content-Disposition"] and simple_case in text.source
    cases = ended(analyst.post(f"{change_set}/trials/what-if", {"kind": "cases", "days": "30"}))
    assert "重放了 0 个工单" in analyst.get(cases).words
    load = ended(analyst.post(f"{change_set}/trials/load", {"history": "30", "days": "20", "percent": "100"}))
    assert "没有结果" in analyst.get(load).words


@pytest.mark.parametrize(
    ("place", "data"),
    [
        ("what-if", {"kind": "cases", "days": "31"}),
        ("what-if", {"kind": "all", "days": "30"}),
        ("load", {"history": "30", "days": "20", "percent": "999999"}),
        ("load", {"history": "x", "days": "20", "percent": "100"}),
        ("scenarios", {"scenario": "no such"}),
        ("from-case", {"case_no": "BBC440103-20261123-9999", "key": "real"}),
    ],
)
def test_what_cannot_be_tried_is_refused_on_the_page(person: Callable[[str], Person], change_set: str, place: str, data: dict) -> None:
    page = person("analyst").post(f"{change_set}/trials/{place}", data)
    assert page.status == 422 and page.find("//*[@role='alert']")


def test_a_case_that_goes_on_becomes_no_scenario(person: Callable[[str], Person], change_set: str, simple_case: str) -> None:
    page = person("analyst").post(f"{change_set}/trials/from-case", {"case_no": simple_case, "key": "real"})
    assert page.status == 422 and "还没有办结" in page.words


def test_a_scenario_that_cannot_be_read_names_its_place(
    person: Callable[[str], Person], change_set: str, engine: Engine, actor: Callable
) -> None:
    add_draft(engine, actor("analyst"), int(change_set.rsplit("/", 1)[1]), "processes/scenarios/bad.toml", b"[given]\nprocess = 5\n")
    page = person("analyst").post(f"{change_set}/trials/scenarios")
    assert page.status == 422 and "given.process" in page.words


def test_a_trial_of_another_change_or_none_is_not_found(person: Callable[[str], Person], change_set: str) -> None:
    analyst = person("analyst")
    for address in ("1", "1/status", "1/coverage", "1/list.csv", "1/scenarios/due", f"{2**63 - 1}"):
        assert analyst.get(f"{change_set}/trials/{address}").status == 404


def test_two_works_take_turns_and_a_waiting_one_can_be_cancelled() -> None:
    workshop, go = Workshop(), threading.Event()

    def task(work: Work) -> str:
        go.wait(timeout=60)
        work.progress(1, 2)
        return "done"

    first, second = (workshop.start("scenarios", 1, "analyst", {}, task) for _number in range(2))
    workshop.cancel(second.id, 1)
    go.set()
    for work in (first, second):
        assert work.ended.wait(timeout=60)
    assert (first.state, first.result, second.state, second.result) == ("done", "done", "cancelled", None)


def test_work_with_a_fault_says_so_and_the_next_one_runs() -> None:
    workshop = Workshop()
    broken = workshop.start("scenarios", 1, "analyst", {}, lambda work: 1 / 0)
    sound = workshop.start("scenarios", 1, "analyst", {}, lambda work: 1)
    assert broken.ended.wait(timeout=60) and sound.ended.wait(timeout=60)
    assert (broken.state, sound.state) == ("failed", "done") and "fault" in broken.problem


def test_nobody_fills_the_queue_alone(person: Callable[[str], Person], change_set: str, site: Flask) -> None:
    analyst, go = person("analyst"), threading.Event()
    workshop = site.extensions.setdefault("doudi-trials", Workshop())
    works = [workshop.start("scenarios", 1, "analyst", {}, lambda work: go.wait(timeout=60)) for _number in range(3)]
    assert analyst.post(f"{change_set}/trials/what-if", {"kind": "decisions", "days": "30"}).status == 409
    go.set()
    assert all(work.ended.wait(timeout=60) for work in works)
