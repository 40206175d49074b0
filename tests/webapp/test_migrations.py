"""Migrations as administrators meet them: plan, trial, progress, report, way back; others look, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import instances, modification
from engine.queries import operate, versions
from engine.queries.migrations import migration, migrations

from .conftest import Person
from .running import deploy_both, work


@dataclass
class Begun:
    old: int
    new: int
    ids: list[int]

    @property
    def versions(self) -> str:
        return f"source={self.old}&target={self.new}"


@pytest.fixture
def begun(engine: Engine, actor: Callable[[str], Actor]) -> Begun:
    """Three instances at “call”; the third stands at “visit”, which the new version does not have."""
    found = Begun(*deploy_both(engine, actor("admin")))
    (token,) = operate.instance(engine, actor("admin"), found.ids[2]).diagrams[0].active[0].tokens
    modification.move_token(engine, actor("admin"), found.ids[2], token, "visit", "试验")
    return found


def start(admin: Person, begun: Begun, **more: str) -> str:
    fields = {"source": str(begun.old), "target": str(begun.new), "reason": "统一到新版", "confirm": "1", "once": "o1", **more}
    answer = admin.post("/migrations/start", fields)
    assert answer.status == 303, answer.words
    return answer.location


def test_the_plan_shows_both_diagrams_the_proposal_and_where_work_stands(person: Callable[[str], Person], begun: Begun) -> None:
    page = person("admin").get(f"/migrations/new?{begun.versions}")
    assert page.status == 200 and len(page.find("//*[@data-side]")) == 2
    standing = {row.get("data-line"): row.get("data-standing") for row in page.find("//*[@data-line]")}
    assert (standing["call"], standing["visit"], standing["s"]) == ("2", "1", "0")
    (visit,) = page.find("//*[@data-line='visit']")
    assert visit.get("data-proposed") == "" or visit.get("data-note") == "structure"


def test_a_version_leads_to_the_choice_of_its_target(person: Callable[[str], Person], begun: Begun) -> None:
    admin = person("admin")
    assert admin.get("/definitions/process/P90_visit").find(f"//a[@href='/migrations/new?source={begun.old}']")
    page = admin.get(f"/migrations/new?source={begun.old}")
    assert page.find("//select[@name='target']/option/@value") == [str(begun.new)]


def test_a_decision_of_the_table_becomes_an_address_and_shows_in_the_trial(person: Callable[[str], Person], begun: Begun) -> None:
    admin = person("admin")
    fields = {"source": begun.old, "target": begun.new, "to.call": "", "to.visit": "review", "timers": "recompute"}
    answer = admin.post("/migrations/plan", fields)
    assert answer.status == 303 and "edit=visit>review" in answer.location.replace("%3E", ">")
    page = admin.get(answer.location)
    assert page.status == 200 and "按新版本重新计算" in page.words
    counts = {place.get("data-count"): place.text for place in page.find("//*[@data-count]")}
    assert counts["refused"] == "0" and int(counts["moves"]) >= 1


def test_what_cannot_move_is_grouped_by_cause_with_a_remedy(person: Callable[[str], Person], begun: Begun) -> None:
    admin = person("admin")
    page = admin.get(f"/migrations/try?{begun.versions}&edit=visit>")
    assert page.status == 200
    found = admin.get(f"/migrations/try.json?{begun.versions}&edit=visit>")
    assert found.json["total"] == 3 and sum(found.json["counts"].values()) == 3
    file = admin.get(f"/migrations/try.csv?{begun.versions}")
    assert file.headers["Content-Type"].startswith("text/csv") and "V-0002" in file.source


def test_a_plan_that_cannot_be_is_shown_again_with_the_lines_to_mend(person: Callable[[str], Person], begun: Begun) -> None:
    answer = person("admin").post("/migrations/plan", {"source": begun.old, "target": begun.new, "to.call": "nowhere"})
    assert answer.status == 422 and "新版本里没有元素" in answer.words and answer.find("//tr[@data-line='call'][@class='has-error']")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("ids", "1;drop table", "请填写实例编号"),
        ("before", "yesterday", "请填写日期和时间"),
        ("before", "0001-01-01T00:00", "请填写日期和时间"),
        ("ids", "1," * 1001, "最多列 1000 个"),
    ],
)
def test_a_selection_that_cannot_be_read_is_explained(
    person: Callable[[str], Person], begun: Begun, field: str, value: str, words: str
) -> None:
    admin = person("admin")
    answer = admin.post("/migrations/plan", {"source": begun.old, "target": begun.new, field: value})
    assert answer.status == 422 and words in answer.words
    assert admin.get(f"/migrations/try?{begun.versions}&{field}={value}").status == 422


def test_an_empty_selection_says_so_and_starts_nothing(person: Callable[[str], Person], begun: Begun, engine: Engine) -> None:
    admin = person("admin")
    assert "没有选中任何工单" in admin.get(f"/migrations/try?{begun.versions}&ids=999999").words
    fields = {"source": begun.old, "target": begun.new, "ids": "999999", "reason": "x", "confirm": "1"}
    assert admin.post("/migrations/start", fields).status == 422
    assert migrations(engine) == ()


def test_a_start_needs_a_reason_and_a_confirmation(person: Callable[[str], Person], begun: Begun, engine: Engine) -> None:
    admin = person("admin")
    for fields in ({"reason": " ", "confirm": "1"}, {"reason": "统一"}):
        answer = admin.post("/migrations/start", {"source": begun.old, "target": begun.new, **fields})
        assert answer.status == 422
    assert migrations(engine) == ()


def test_a_migration_sent_twice_begins_once_and_is_reported(person: Callable[[str], Person], begun: Begun, engine: Engine) -> None:
    admin = person("admin")
    address = start(admin, begun, edit="visit>review")
    assert start(admin, begun, edit="visit>review") == address
    assert len(migrations(engine)) == 1
    running = admin.get(address)
    assert running.find("//*[@id='progress'][@hx-get]") and running.find("//form[contains(@action, '/pause')]")
    work(engine)
    done = admin.get(address)
    assert not done.find("//*[@id='progress'][@hx-get]") and "已完成" in done.words and "统一到新版" in done.words
    report = admin.get(f"{address}/report.csv")
    assert report.source.count("已迁移") == 3 and "visit → review" in report.source
    assert "V-0001" in admin.get(f"{address}?status=moved").words and "没有这样的实例" in admin.get(f"{address}?status=refused").words


def test_a_refused_instance_is_reported_with_its_cause(
    person: Callable[[str], Person], begun: Begun, engine: Engine, actor: Callable[[str], Actor]
) -> None:
    admin = person("admin")
    modification.suspend_instance(engine, actor("admin"), begun.ids[0], "核实")
    address = start(admin, begun)
    work(engine)
    page = admin.get(f"{address}?status=refused")
    assert "流程实例被挂起" in page.words and "先恢复它" in page.words


def test_a_migration_is_paused_resumed_and_stopped(person: Callable[[str], Person], begun: Begun, engine: Engine) -> None:
    admin = person("admin")
    address = start(admin, begun)
    for action, status in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert admin.post(f"{address}/{action}").status == 303
        assert migrations(engine)[0].status == status
    assert admin.post(f"{address}/resume").status == 409


def test_what_has_moved_is_moved_back_after_a_confirmation(person: Callable[[str], Person], begun: Begun, engine: Engine) -> None:
    admin = person("admin")
    address = start(admin, begun, edit="visit>review")
    work(engine)
    assert admin.post(f"{address}/undo", {"reason": "有误"}).status == 422
    fields = {"reason": "有误", "confirm": "1", "once": "o2"}
    back = admin.post(f"{address}/undo", fields)
    assert back.status == 303 and admin.post(f"{address}/undo", fields).location == back.location
    work(engine)
    assert migration(engine, migrations(engine)[0].id).counts == {"moved": 3}
    assert "迁回" in admin.get(back.location).words


@pytest.mark.parametrize("account", ["analyst", "auditor", "coordinator"])
def test_readers_see_plans_and_reports_but_change_nothing(
    person: Callable[[str], Person], begun: Begun, engine: Engine, account: str
) -> None:
    address = start(person("admin"), begun)
    reader = person(account)
    assert [reader.get(page).status for page in ("/migrations", f"/migrations/new?{begun.versions}", address, f"{address}/report.csv")] == [
        200
    ] * 4
    assert not reader.get(address).find("//main//form")
    assert reader.get(f"/migrations/try?{begun.versions}").status == 403
    fields = {"source": begun.old, "target": begun.new, "reason": "x", "confirm": "1"}
    assert reader.post("/migrations/start", fields).status == 403
    assert [reader.post(f"{address}/{action}", fields).status for action in ("pause", "resume", "stop", "undo")] == [403] * 4


def test_a_clerk_and_a_department_see_no_migration(person: Callable[[str], Person], begun: Begun) -> None:
    for account in ("window-a", "d05"):
        for page in ("/migrations", f"/migrations/new?{begun.versions}", "/migrations/1"):
            assert person(account).get(page).status == 403


def test_unknown_versions_and_migrations_are_not_found(person: Callable[[str], Person], begun: Begun) -> None:
    admin = person("admin")
    for page in ("/migrations/999", "/migrations/new?source=999&target=998", f"/migrations/try?source={begun.old}&target=999"):
        assert admin.get(page).status == 404
    assert admin.get(f"/migrations/new?source={begun.old}&target={begun.old}").status == 422
    assert admin.get(f"/migrations/new?source={'9' * 400}").status == 404
    address = start(admin, begun)
    assert admin.get(f"{address}?after={'9' * 400}&status=no-such").status == 200


def test_a_release_that_was_rolled_back_offers_to_migrate_what_it_left(
    person: Callable[[str], Person], begun: Begun, engine: Engine, actor: Callable[[str], Actor]
) -> None:
    admin = person("admin")
    instances.start_instance(engine, actor("admin"), "P90_visit", "V-new", {})
    release = versions.version(engine, begun.new).deployment_id
    assert admin.post(f"/releases/{release}/roll-back", {"reason": "有误"}).status == 303
    links = admin.get(f"/releases/{release}").find("//a[contains(text(), '迁移到现行版本')]/@href")
    assert links == [f"/migrations/new?source={begun.new}&target={begun.old}"] and admin.get(links[0]).status == 200
