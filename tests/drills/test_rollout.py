"""Drills about putting in force: a pilot and its way back, a file from the desk, an emergency, a wrong change, repairs by hand."""

from __future__ import annotations

import itertools

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from engine.cli import main
from engine.commands.cases import register_case
from engine.errors import EngineError
from engine.simulation.applicants import identity_number
from tests.conftest import TEST_KEY
from tests.drills import steps
from tests.drills.office import REPLY, SOLVED, Office
from tests.drills.test_limits import cell

pytestmark = pytest.mark.browser

SIMPLE, CONTACT = "processes/P06_simple.bpmn", "processes/P01_first_contact.bpmn"
STREET = "440103-01-street"

NUMBERS = itertools.count(1)
AT_THE_COUNTER = {
    "channel": "现场", "matter": "M06", "text": "施工许可只差监理合同备案证明,能不能先收件?", "trips": 1,
    "applicant": {
        "kind": "自然人", "name": "示例·张先生", "phone": "13800000000", "cert_type": "居民身份证", "cert_no": "11010519491231002X",
    },
    "triage_facts": {
        "emergency": False, "nature": "办事", "has_open_case": False, "closed_no_new_fact": False, "negative_code": "-",
        "in_jurisdiction": True, "tried_regular": True, "has_policy_room": True, "department_count": 1, "cause": "材料不齐全",
    },
    "grading_facts": {"government_levels": 1, "cross_region": "否", "mass_or_safety": False, "legacy": False},
}  # fmt: skip


def registered(office: Office, clerk: str) -> str:
    """A case at the counter of this clerk's window, of an applicant who has not been there before."""
    somebody = AT_THE_COUNTER["applicant"] | {"name": f"示例·{clerk}", "cert_no": identity_number(next(NUMBERS))}
    number = register_case(office.engine, office.actor(clerk), AT_THE_COUNTER | {"applicant": somebody})
    office.work()
    return number


def renamed(page: Page, element: str, old: str, new: str) -> None:
    """Another name for an element, in the properties panel."""
    steps.pick(page, element)
    expect(steps.prop(page, "name")).to_have_value(old)
    steps.set_prop(page, "name", new)
    steps.saved(page)


def task_name(office: Office, number: str) -> str:
    return office.tasks(number)[0].name


def test_drill_11_a_pilot_in_one_window_is_promoted_and_rolled_back(office: Office) -> None:
    before = registered(office, "street-a")
    change = steps.begin(office, "街道窗口试点:当面协调", "先试一个窗口")
    renamed(change.edit(SIMPLE), "direct_coordination", "直接协调", "当面协调")
    release = change.submit()
    page = steps.activate(office, release, "试点两周", STREET)
    street, main_window = registered(office, "street-a"), registered(office, "window-a")
    assert [task_name(office, number) for number in (before, street, main_window)] == ["直接协调", "当面协调", "直接协调"]
    page.reload()
    page.get_by_role("button", name="推广到全部窗口").click()
    steps.see(page, "试点已推广到全部窗口")
    promoted = registered(office, "window-a")
    assert task_name(office, promoted) == "当面协调"
    page.get_by_text("回退", exact=True).first.click()
    page.locator("#back-reason").fill("群众反映叫法不清楚")
    page.get_by_role("button", name="回退", exact=True).click()
    steps.see(page, "新开始的工单重新使用之前的版本")
    steps.see(page, "有 2 个工单仍在被回退的版本上")
    after = registered(office, "street-a")
    assert [task_name(office, number) for number in (street, promoted, after)] == ["当面协调", "当面协调", "直接协调"]
    page.get_by_role("link", name="迁移到现行版本").click()
    assert steps.try_out(page)["refused"] == 0
    steps.execute(office, page, "回到原版本")
    assert [task_name(office, number) for number in (street, promoted)] == ["直接协调", "直接协调"]


def test_drill_14_a_diagram_from_the_desk_is_deployed_and_opens_byte_for_byte(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at_work = office.case("simple")
    drawn = office.deployed(CONTACT).replace(
        b"<bpmn:definitions ", b'<bpmn:definitions exporter="Camunda Modeler" exporterVersion="5.30.0" ', 1
    )
    drawn = drawn.replace('name="登记来件"'.encode(), 'name="登记并核对来件"'.encode()).replace(b"\n", b"\r\n")
    folder = tmp_path_factory.mktemp("desk") / "processes"
    folder.mkdir()
    (folder / "P01_first_contact.bpmn").write_bytes(drawn)
    given = {"DOUDI_DATA": str(office.engine.settings.data_folder), "DOUDI_SECRET_KEY": TEST_KEY}
    result = CliRunner(env=given).invoke(main, ["deploy", str(folder), "--name", "桌面画的图", "--reason", "核对来件"])
    assert result.exit_code == 0, result.output
    assert "a second person has to approve" in result.output
    page = office.on("admin", "releases")
    page.get_by_role("link", name="桌面画的图").click()
    steps.activate(office, int(page.url.rpartition("/")[2]), "桌面画的图")
    change = steps.begin(office, "看一看桌面画的图", "")
    page = change.edit(CONTACT)
    page.locator("[data-tool=save]").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.path().read_bytes() == drawn
    steps.see(change.page, "未改动")
    assert office.versions_in(at_work)["P06_simple"] >= 1


def test_drill_15_a_process_and_a_case_are_stopped_in_an_emergency_and_go_on(office: Office) -> None:
    at_work, held = office.case("simple"), office.case("simple")
    page = office.on("admin", "definitions/process/P00_case_spine")
    page.get_by_text("紧急暂停").click()
    page.locator("#suspend-reason").fill("上级通知暂停受理")
    page.get_by_role("button", name="暂停", exact=True).click()
    steps.see(page, "已暂停，不能开始新的工单")
    counter = _filled_in(office)
    counter.get_by_role("button", name="登记").click()
    steps.see(counter, "管理员已暂停受理")
    _confirmed(office, held, "挂起", "当事人住院")
    office.do(at_work, "direct_coordination", SOLVED)
    assert office.stands(at_work) == ["draft_reply"]
    with pytest.raises(EngineError):
        office.do(held, "direct_coordination", SOLVED)
    office.wait_until("2026-11-27T09:00")
    assert office.page_of(held).cards == ()
    page = office.on("admin", "definitions/process/P00_case_spine")
    page.get_by_role("button", name="恢复").click()
    steps.see(page, "已恢复")
    _confirmed(office, held, "恢复", "当事人出院")
    office.work()
    assert [card.lamp for card in office.page_of(held).cards] == ["黄牌"]  # for one delay one card
    office.do(held, "direct_coordination", SOLVED)
    assert office.stands(held) == ["correct_card", "draft_reply"]
    counter.get_by_role("button", name="登记").click()  # what was typed is still there
    counter.wait_for_url("**/cases/BBC*")
    assert office.stands(counter.url.rpartition("/")[2].partition("?")[0]) == ["direct_coordination"]


def test_drill_16_a_wrong_change_is_refused_by_checks_and_scenarios_and_mended(office: Office) -> None:
    at_work = office.case("complex")
    releases = office.releases()
    change = steps.begin(office, "三个部门以上都上会", "试试")
    page = change.edit(SIMPLE)
    steps.pick(page, "direct_coordination")
    steps.set_prop(page, "formKey", "no_such_form")
    steps.saved(page)
    cell(change.edit("processes/DT02_grade.dmn"), "G5_o1", '"重大"')
    page = change.page
    assert any("no_such_form" in words for words in steps.refused(page))
    page.locator(".finding a", has_text="P06_simple").first.click()
    page.locator("[data-ready]").wait_for(state="attached")
    steps.set_prop(page, "formKey", "direct_coordination")
    steps.saved(page)
    page = change.page
    assert any("departments_one_keeps_silent" in words for words in steps.refused(page))
    assert office.releases() == releases
    page.get_by_role("link", name="processes/DT02_grade.dmn", exact=True).click()
    page.locator("[data-ready]").wait_for(state="attached")
    cell(page, "G5_o1", '"复杂"')
    steps.approve(office, change.submit())
    assert office.page_of(at_work).summary.level == "复杂"


def test_drill_17_one_case_is_moved_by_hand_and_another_ended_with_a_notice(office: Office) -> None:
    moved, ended, beside = office.case("simple"), office.case("simple"), office.case("simple")
    for number in (moved, beside):
        office.do(number, "direct_coordination", SOLVED)
        office.do(number, "draft_reply", REPLY)
    page = office.on("admin", f"instances/{office.instance(moved).id}")
    page.get_by_text("移动到别的元素", exact=True).click()
    page.locator("#move-place").select_option("e:confirm_reply")
    page.locator("#move-target").select_option("draft_reply")
    page.locator("#actions details[open]").get_by_role("button", name="先试").click()
    steps.see(page, "draft_reply")
    _sure(page, "答复写错了对象，退回重写")
    assert (office.stands(moved), office.stands(beside)) == (["draft_reply"], ["confirm_reply"])
    page = office.on("admin", f"instances/{office.instance(ended).id}")
    page.get_by_text("终止", exact=True).first.click()
    page.locator("#notice").select_option("MSG-16")
    page.locator("#case_status").select_option("已归档")
    page.locator("#case_result").fill("申请人撤回")
    page.locator("#actions details[open]").get_by_role("button", name="先试").click()
    assert office.stands(ended) == ["direct_coordination"]
    _sure(page, "申请人来电撤回")
    summary = office.page_of(ended).summary
    assert (office.stands(ended), summary.status, summary.result) == ([], "已归档", "申请人撤回")
    assert "MSG-16" in office.notices(ended)
    owner = office.tasks(moved)[0].assignee
    assert owner is not None and office.inbox(owner)[moved] == "draft_reply"
    assert not any(ended in office.inbox(name) for name in ("window-a", "window-b"))


def _filled_in(office: Office) -> Page:
    """A clerk at the counter, about to register."""
    page = office.on("window-a", "cases/new")
    page.get_by_label("事项", exact=True).select_option("M06")
    page.get_by_label("姓名或名称").fill("示例·建设公司")
    page.get_by_label("诉求内容").fill("施工许可只差监理合同备案证明,备案要五个工作日,请先收件。")
    page.get_by_label("在哪里办的").select_option("综合窗口")
    page.get_by_label("办不成的原因").select_option("材料不齐全")
    return page


def _confirmed(office: Office, number: str, action: str, reason: str) -> None:
    """An action on the page of an instance, seen before and then confirmed."""
    page = office.on("admin", f"instances/{office.instance(number).id}")
    page.get_by_role("button", name=action, exact=True).click()
    _sure(page, reason)


def _sure(page: Page, reason: str) -> None:
    steps.see(page, "试过了，什么都没有改动")
    page.get_by_label("理由").fill(reason)
    page.get_by_label("我已看过结果").check()
    page.get_by_role("button", name="执行：").click()
    steps.see(page, "已执行")
