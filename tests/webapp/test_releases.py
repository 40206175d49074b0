"""Versions and releases as administrators meet them: look, compare, approve, activate, pilot, roll back, carry elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.commands.cases import register_case
from engine.commands.deployments import deploy
from engine.queries import versions
from tests.conftest import PROJECT

from .conftest import SIMPLE_CASE, Answer, Person

LIMITS = PROJECT / "processes" / "DT03_time_limits.dmn"
SIMPLE = PROJECT / "processes" / "P06_simple.bpmn"


@pytest.fixture
def change(engine: Engine) -> int:
    """A checked deployment of a limit of 5 in place of 7 working days and of a diagram, not yet approved."""
    careful = replace(engine, settings=replace(engine.settings, four_eyes=True))
    files = {
        "processes/DT03_time_limits.dmn": LIMITS.read_bytes().replace('"7个工作日"'.encode(), '"5个工作日"'.encode()),
        "processes/P06_simple.bpmn": SIMPLE.read_bytes().replace("直接协调".encode(), "直接联系".encode()),
    }
    number = deploy(careful, SYSTEM, files, "时限缩短", "市里的新要求").id
    assert number is not None
    return number


def version_ids(engine: Engine, kind: str, key: str) -> list[int]:
    return [one.definition_id for one in versions.versions_of(engine, kind, key)]


def test_everybody_sees_the_definitions_and_can_search_them(person: Callable[[str], Person]) -> None:
    page = person("window-a").get("/definitions?q=DT03")
    assert page.status == 200 and "DT03" in page.words and "P00_case_spine" not in page.words
    assert "没有找到" in person("window-a").get("/definitions?q=zzz").words


def test_the_versions_of_a_table_can_be_compared_row_by_row(person: Callable[[str], Person], engine: Engine, change: int) -> None:
    new, old = version_ids(engine, "decision", "DT03")
    page = person("analyst").get(f"/definitions/compare?old={old}&new={new}")
    assert page.status == 200 and '"7个工作日"' in page.words and '"5个工作日"' in page.words


def test_two_diagrams_stand_side_by_side_with_what_changed_property_by_property(
    person: Callable[[str], Person], engine: Engine, change: int
) -> None:
    new, old = version_ids(engine, "process", "P06_simple")
    page = person("auditor").get(f"/definitions/compare?old={old}&new={new}")
    assert page.status == 200 and len(page.find("//*[@data-side]")) == 2
    assert "direct_coordination" in page.find("//*[@data-compare]/@data-changed")[0]
    assert "直接协调" in page.words and "直接联系" in page.words


def test_each_version_is_shown_and_downloaded_as_it_was_deployed(person: Callable[[str], Person], engine: Engine) -> None:
    for kind, key in (("decision", "DT03"), ("form", "rectify"), ("reference", "matters"), ("notice", "messages")):
        (number,) = version_ids(engine, kind, key)
        assert person("window-a").get(f"/definitions/{number}").status == 200
    (number,) = version_ids(engine, "decision", "DT03")
    answer = person("window-a").client.get(f"/definitions/{number}/file")
    assert answer.data == LIMITS.read_bytes() and "DT03_time_limits.dmn" in answer.headers["Content-Disposition"]


def test_a_release_is_approved_activated_and_rolled_back(person: Callable[[str], Person], engine: Engine, change: int) -> None:
    admin = person("admin")
    assert "等待批准" in admin.get(f"/releases/{change}").words
    assert admin.post(f"/releases/{change}/approve", {"note": "同意"}).status == 303
    assert admin.post(f"/releases/{change}/activate", {"when": "now", "where": "all", "reason": "试行"}).status == 303
    assert versions.release(engine, change).state == "active"
    assert admin.post(f"/releases/{change}/roll-back", {"reason": "有误"}).status == 303
    assert versions.release(engine, change).state == "replaced"


def test_a_roll_back_lists_the_cases_begun_meanwhile_with_a_migration_to_what_is_in_force(
    person: Callable[[str], Person], engine: Engine, clerk: Actor, change: int
) -> None:
    admin, (new, old) = person("admin"), version_ids(engine, "process", "P06_simple")
    admin.post(f"/releases/{change}/approve")
    admin.post(f"/releases/{change}/activate", {"when": "now", "where": "all"})
    number = register_case(engine, clerk, SIMPLE_CASE)
    assert not admin.get(f"/releases/{change}").find("//*[@id='left-behind']")
    admin.post(f"/releases/{change}/roll-back", {"reason": "有误"})
    for reader in (admin, person("auditor")):
        (panel,) = reader.get(f"/releases/{change}").find("//*[@id='left-behind']")
        assert number in panel.text_content()
        assert f"/migrations/new?source={new}&target={old}" in panel.xpath(".//a/@href")
    assert admin.get(f"/migrations/new?source={new}&target={old}").status == 200


def test_a_pilot_without_a_window_and_a_moment_that_is_none_are_explained(
    person: Callable[[str], Person], change: int, engine: Engine
) -> None:
    admin = person("admin")
    admin.post(f"/releases/{change}/approve")
    for fields, words in (
        ({"when": "now", "where": "pilot"}, "请选择试点的窗口"),
        ({"when": "later", "active_from": "soon", "where": "all"}, "请选择启用的日期和时间"),
        ({"when": "later", "active_from": "2020-01-01T00:00", "where": "all"}, "请选择将来的时间"),
    ):
        answer = admin.post(f"/releases/{change}/activate", fields)
        assert answer.status == 422 and words in answer.words
    unit = versions.org_units(engine)[0][0]
    assert admin.post(f"/releases/{change}/activate", {"when": "now", "where": "pilot", "org_units": unit}).status == 303
    assert "推广到全部窗口" in admin.get(f"/releases/{change}").words
    assert admin.post(f"/releases/{change}/promote").status == 303


@pytest.mark.parametrize("account", ["analyst", "auditor"])
def test_analysts_and_auditors_read_releases_but_change_nothing(
    person: Callable[[str], Person], engine: Engine, change: int, account: str
) -> None:
    reader = person(account)
    assert reader.get(f"/releases/{change}").status == 200
    for action in ("approve", "refuse", "activate", "promote", "roll-back"):
        assert reader.post(f"/releases/{change}/{action}", {"note": "x", "reason": "x", "when": "now", "where": "all"}).status == 403
    for address in ("/releases/retire", "/releases/suspend", "/releases/resume"):
        assert reader.post(address, {"kind": "process", "key": "P06_simple", "reason": "x"}).status == 403
    assert versions.release(engine, change).state == "checked"


def test_a_clerk_sees_no_release(person: Callable[[str], Person], change: int) -> None:
    assert person("window-a").get("/releases").status == 403


def test_a_process_is_suspended_with_what_runs_in_it_and_resumed(person: Callable[[str], Person], engine: Engine, simple_case: str) -> None:
    admin = person("admin")
    assert admin.post("/releases/suspend", {"key": "P06_simple", "reason": "表单有误"}).status == 303
    assert "表单有误" in admin.get("/definitions/process/P06_simple").words
    (number,) = version_ids(engine, "process", "P06_simple")
    link = f"/definitions/{number}/operate?action=suspend&all=1#bulk"
    assert link in admin.get("/definitions/process/P06_simple").find("//a/@href")
    bulk = admin.get(link.partition("#")[0])
    assert bulk.find("//select[@name='action']/option[@selected]/@value") == ["suspend"]
    assert bulk.find("//input[@name='all']/@checked")
    assert admin.post("/releases/resume", {"key": "P06_simple"}).status == 303


def test_an_archive_goes_out_and_comes_in(person: Callable[[str], Person], site: Flask, change: int) -> None:
    admin = person("admin")
    packed = admin.client.get(f"/releases/{change}/archive").data
    fields = {"csrf_token": admin.token(), "archive": (BytesIO(packed), "x.zip")}
    answer = Answer(
        admin.client.post("/releases/import", data=fields, content_type="multipart/form-data", headers={"Referer": "http://localhost/"})
    )
    assert answer.status == 303
    broken = {"csrf_token": admin.token(), "archive": (BytesIO(b"no"), "x.zip")}
    refused = Answer(
        admin.client.post("/releases/import", data=broken, content_type="multipart/form-data", headers={"Referer": "http://localhost/"})
    )
    assert refused.status == 422 and "归档文件" in refused.words


@pytest.mark.parametrize(
    "address",
    ["/definitions/compare", "/definitions/compare?old=1", "/definitions/999999", "/definitions/process/nothing", "/releases/999999"],
)
def test_what_is_not_there_is_not_found(person: Callable[[str], Person], address: str) -> None:
    assert person("admin").get(address).status == 404
