"""Ways through the processes that no given case takes, played through the pages on a short day of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.case_opening import GRADING_DEFAULTS
from engine.commands.case_import import CaseRecord
from engine.commands.cases import receive_arrival
from tests.conftest import Template

from . import answers
from .conftest import the_day, the_records
from .day import CaseFile, Story, Teller
from .steps import all_give_opinions, answer, confirm_and_rate, departments_agree, sign_all

Play = Callable[..., CaseFile]


@pytest.fixture
def play(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """``play("K25", story, cause="其他")``: a given case told another way, with other facts; or a name for a case that the story opens."""
    with the_day(template, tmp_path_factory.mktemp("short") / "data") as day:

        def told(name: str, story: Teller, **facts: Any) -> CaseFile:
            records = [with_facts(record, facts) for record in the_records(name)] if name.startswith("K") else []
            day.play(records, {name: story}, "2027-02-10 17:00")
            file = day.files[name]
            assert file.failure is None, file.failure
            assert day.clerk("coordinator").open("/incidents").document.xpath("//form[contains(@action,'retry')]") == []
            return file

        yield told


def with_facts(record: CaseRecord, facts: dict[str, Any]) -> CaseRecord:
    """The same case, had the clerk found other facts."""
    triage = {**record.intake.triage_facts, **{key: value for key, value in facts.items() if key not in GRADING_DEFAULTS}}
    grading = {**record.intake.grading_facts, **{key: value for key, value in facts.items() if key in GRADING_DEFAULTS}}
    return replace(record, intake=replace(record.intake, triage_facts=triage, grading_facts=grading))


def test_an_arrival_nobody_answers_within_the_hour_goes_to_the_b_clerk(play: Play) -> None:
    told = play("portal", from_the_portal).kept
    assert told["first"] == "示例·林晓"
    assert told["status"] == "待登记"
    assert told["after an hour"] == "[('登记来件', '示例·陈晨')]"
    assert told["card"].startswith("黄牌(环节) 示例·林晓")
    assert (told["matter"], told["level"], told["triage"]) == ("无犯罪记录证明", "简单", "T12")


def from_the_portal(case: CaseFile) -> Story:
    yield "11-23 10:00"
    case.no = receive_arrival(
        case.day.engine, "网上大厅", {"kind": "自然人", "name": "示例·某女士"}, "系统一直报错,证明开不出来,跑了两趟。"
    )
    case.kept |= {"first": case.fact("首接责任人"), "status": case.status}
    yield "11-23 11:01"
    case.kept |= {"after an hour": str(case.holders()), "card": " ".join(case.cards())}
    case.owner.complete(case.no, "登记来件", answers.registers_arrival("M13", "材料不齐全"))
    case.kept |= {"matter": case.fact("事项"), "level": case.fact("等级")}
    case.kept["triage"] = case.page.text("//span[contains(@class,'tag-row')][starts-with(.,'DT01')]").split(" ")[-1]
    case.owner.complete(case.no, "直接协调", answers.solved_directly("已协助在线补齐材料。"))
    yield from answer(case, "11-23 14:00", "11-23 15:00", "证明已在线开具,可在手机上下载。", "直接解决")
    yield from confirm_and_rate(case, "11-24 10:00", "11-24 10:01", 5)


def test_a_first_reviewer_who_disagrees_keeps_the_rating_in_force(play: Play) -> None:
    told = play("K25", reviewers_differ)
    assert told.kept["second page"] == "[]"
    assert "回访核实" in told.kept["back"]
    assert told.status == "已归档 直接解决"


def _rated_very_bad(case: CaseFile) -> Story:
    yield "12-07 15:00"
    case.owner.complete(case.no, "直接协调", answers.solved_directly("系统故障已排除,证明当场开具。"))
    yield from answer(case, "12-07 15:30", "12-07 16:00", "系统故障已排除,无犯罪记录证明已经开具。", "直接解决")
    yield from confirm_and_rate(case, "12-08 09:30", "12-08 09:31", 1)


def reviewers_differ(case: CaseFile) -> Story:
    yield from _rated_very_bad(case)
    yield "12-08 15:00"
    case.does("rectifier", "回访核实", answers.verified("2026-12-08T15:00", "恶意"))
    case.does("rectifier", "误评复核(初核)", answers.reviewed("不同意"))
    head = case.clerk("window_head")
    form = head.claim(head.task(case.no, "误评复核(复审)")).form("//form[@id='task-form']")
    case.kept["second page"] = str([value for name, value in form.values() if name.startswith("review") and value])
    head.complete(case.no, "误评复核(复审)", answers.reviewed("同意"))
    case.kept["back"] = str(case.holders())
    yield "12-09 10:00"
    case.does("rectifier", "回访核实", answers.verified("2026-12-09T10:00", "不属实"))
    case.does("rectifier", "书面说明", answers.explained())


def test_a_rating_still_bad_after_rectification_brings_a_red_card_and_a_higher_level(play: Play) -> None:
    told = play("K25", still_bad)
    assert "追评仍为差评" in told.kept["card"]
    assert told.kept["raised"] == "复杂"
    assert told.status.startswith("已归档")
    assert told.page.texts("//section[contains(@class,'facts')][h2='评价']//strong") == ["非常不满意", "不满意", "满意"]


def still_bad(case: CaseFile) -> Story:
    yield from _rated_very_bad(case)
    yield "12-08 15:00"
    case.does("rectifier", "回访核实", answers.verified("2026-12-08T15:00", "属实", "清楚"))
    yield "12-09 15:00"
    case.does("rectifier", "整改", answers.rectified("2026-12-09"))
    yield "12-10 10:00"
    case.citizen.rate(2)
    case.kept |= {"card": " ".join(case.cards()), "raised": case.fact("等级")}
    yield from _joint_meeting(case)
    yield from answer(case, "12-18 10:00", "12-18 14:00", "系统已更换,今后不再报错,您的证明已寄出。")
    yield from confirm_and_rate(case, "12-18 15:00", "12-18 15:01", 4)


def _joint_meeting(case: CaseFile) -> Story:
    yield "12-10 14:00"
    case.does("coordinator", "通知会议", answers.calls_meeting("2026-12-11T10:00", "证明系统为什么总是报错"))
    yield "12-11 11:00"
    resolved = answers.agrees_in_meeting("2026-12-11", "更换证明系统,更换期间线下当场办理。", "2026-12-16")
    case.does("coordinator", "会议记录", resolved)
    yield "12-15 10:00"
    case.lead.complete(case.no, "落实决议", answers.carries_out("证明系统已更换,恢复正常办理。"))


def test_a_second_meeting_that_all_attend_brings_no_card(play: Play) -> None:
    told = play("K09", all_come_the_second_time)
    assert told.cards() == []
    assert told.status == "已归档 协调解决"


def all_come_the_second_time(case: CaseFile) -> Story:
    yield "11-26 14:00"
    sign_all(case)
    yield "11-27 09:30"
    all_give_opinions(case, {"d01": answers.disagrees("迁移登记应由税务部门先行清税。")})
    case.owner.complete(case.no, "首接责任人调解", answers.mediated("conflict"))
    case.does("coordinator", "通知会议", answers.calls_meeting("2026-11-27T15:00", "跨省迁移谁先办理"))
    yield "11-27 16:00"
    differs = answers.differs_in_meeting("2026-11-27", "一个部门缺席,未能议定。")
    case.does("coordinator", "会议记录", differs | {"meeting.absent_department": "D01"})
    case.does("coordinator", "通知会议", answers.calls_meeting("2026-11-30T10:00", "跨省迁移谁先办理"))
    yield "11-30 11:00"
    agreed = answers.agrees_in_meeting("2026-11-30", "由税务部门牵头,两部门同步办理迁移。", "2026-12-03")
    case.does("coordinator", "会议记录", agreed | {"meeting.absent_department": ""})
    yield "12-02 09:00"
    case.lead.complete(case.no, "落实决议", answers.carries_out("税务与登记迁移已同步办结。"))
    yield from answer(case, "12-02 10:00", "12-02 11:00", "税务和登记迁移已同步办结,新的执照可以领取。")
    yield from confirm_and_rate(case, "12-03 14:00", "12-03 14:01", 4)


def test_a_duplicate_of_a_case_nobody_knows_is_decided_by_the_head(play: Play) -> None:
    told = play("K18", alone)
    assert told.kept["holders"] == "[('负责人复核', '窗口负责人 · 待认领')]"


def alone(case: CaseFile) -> Story:
    yield "12-02 10:30"
    case.kept["holders"] = str(case.holders())


def test_an_escalated_case_may_be_reported_upward_or_explained(play: Play) -> None:
    assert play("K10", reported).status == "已归档 解释说明(未解决)"


def reported(case: CaseFile) -> Story:
    yield "11-27 10:00"
    case.does("coordinator", "起草请示", answers.requests())
    case.does("leading_group_office", "办公室审核", answers.office_calls_meeting("2026-11-30"))
    yield "11-30 10:00"
    case.does("leading_group", "专题会或批示", answers.leaders_decide("2026-11-30"))
    minutes = {"minutes.resolution": "事项权限在省级,整理材料上报。", "minutes.disposition": "上报", "minutes.due": "2026-12-02"}
    case.does("leading_group_office", "会议纪要", minutes)
    yield "12-01 10:00"
    reports = {
        "report_unit": "示例·市投资主管部门",
        "report_summary": "区级意见已齐,省级审批待协调。",
        "conclusion": "已上报上级部门,进展每五个工作日告知。",
    }
    case.does("leading_group_office", "上报并阶段性答复", reports)
    case.does("window", "发出协同函", answers.writes_to_the_other_region("示例·市投资主管部门", "请协调省级审批。"))
    yield "12-01 13:00"
    case.owner.act(case.no, "partner_signed", answers.other_region_signed())
    yield "12-01 13:30"
    case.owner.act(case.no, "partner_answered", answers.other_region_answered("已报省级审批部门协调,进展随时告知。"))
    yield "12-01 14:00"
    case.lead.complete(case.no, "起草答复", answers.explains_unsolved("本区权限内的意见已全部出具,省级审批已上报协调。"))
    yield "12-01 15:00"
    case.owner.complete(case.no, "首接责任人答复", answers.answered("2026-12-01T15:00"))
    yield from confirm_and_rate(case, "12-02 10:00", "12-02 10:01", 3)


def test_the_head_may_agree_to_a_refusal(play: Play) -> None:
    told = play("K30", refused_after_all)
    assert told.status == "已告知"
    assert "不动产" in told.citizen.look().text("//main")


def refused_after_all(case: CaseFile) -> Story:
    yield "12-10 11:00"
    refused = {"review_decision": "refuse", "refusal.negative_code": "N02", "review_opinion": "依法应由不动产登记机构先行认定。"}
    case.does("window_head", "负责人复核", refused)
    case.owner.complete(case.no, "出具不予受理告知书", answers.refuses("N02", "依法应由不动产登记机构先行认定权属。"))
    yield "12-16 09:30"
    case.owner.complete(case.no, "回访", answers.calls_back("办成"))


def test_a_matter_of_another_district_is_handed_over_with_its_papers(play: Play) -> None:
    told = play("K16", elsewhere, in_jurisdiction=False)
    assert told.status == "已移交"
    assert "您的事项由越秀区示例分局办理" in told.page.text("//section[@id='notices']")


def elsewhere(case: CaseFile) -> Story:
    yield "12-02 09:30"
    case.owner.complete(case.no, "移交登记", answers.hands_over("示例分局") | {"hand_over.region": "越秀区"})
    yield "12-02 10:00"
    case.owner.complete(case.no, "发出协同函", answers.writes_to_the_other_region("示例分局", "请接收并办理,结果函告我方。"))
    yield "12-02 15:00"
    case.owner.act(case.no, "partner_signed", answers.other_region_signed())
    yield "12-04 10:00"
    case.owner.act(case.no, "partner_answered", {"partner_result.outcome": "异地办结", "partner_result.reason": "证明已由对方开具。"})


def test_a_simple_case_whose_one_department_differs_is_raised(play: Play) -> None:
    told = play("K16", one_department_differs)
    assert told.kept["raised"] == "复杂"
    assert (told.fact("协调次数"), told.status) == ("1", "已归档 协调解决")


def one_department_differs(case: CaseFile) -> Story:
    yield "12-02 09:10"
    case.owner.complete(case.no, "直接协调", answers.one_department("D04", "请协助出具缴费记录。"))
    sign_all(case)
    all_give_opinions(case, {"d04": answers.disagrees("缴费记录须由参保地出具。")})
    yield "12-02 11:00"
    case.owner.complete(case.no, "首接责任人调解", answers.mediated("conflict"))
    case.kept["raised"] = case.fact("等级")
    yield from departments_agree(case, "12-02 14:00", "12-03 10:00", "12-03 14:00", "两部门共享缴费记录,申请人免提交。")
    yield from answer(case, "12-03 15:00", "12-03 16:00", "缴费记录由部门共享取得,证明已经开具。")
    yield from confirm_and_rate(case, "12-04 10:00", "12-04 10:01", 5)


def test_what_the_law_forbids_is_explained_with_a_remedy(play: Play) -> None:
    told = play("K23", forbidden_by_law)
    assert told.status == "已归档 解释说明(未解决)"
    assert "行政复议" in told.citizen.look().text("//main")


def forbidden_by_law(case: CaseFile) -> Story:
    yield "12-04 15:00"
    case.does("coordinator", "起草请示", answers.requests())
    case.does("leading_group_office", "办公室审核", answers.office_calls_meeting("2026-12-07"))
    yield "12-07 10:00"
    case.does("leading_group", "专题会或批示", answers.leaders_decide("2026-12-07"))
    minutes = {"minutes.resolution": "现行法律不允许补办首次登记。", "minutes.disposition": "依法不能", "minutes.due": "2026-12-08"}
    case.does("leading_group_office", "会议纪要", minutes)
    explains = {
        "conclusion": "开发商注销且无承继主体,依法不能办理。",
        "remedy_basis": answers.LAW,
        "remedy_channel": "可申请行政复议或提起行政诉讼。",
    }
    case.does("leading_group_office", "书面说明救济途径", explains)
    yield "12-08 10:00"
    case.lead.complete(case.no, "起草答复", answers.explains_unsolved("开发商注销且无承继主体,依法不能办理首次登记。"))
    yield "12-08 11:00"
    case.owner.complete(case.no, "首接责任人答复", answers.answered("2026-12-08T11:00"))
    yield from confirm_and_rate(case, "12-09 10:00", "12-09 10:01", 3)


def test_a_second_failed_coordination_goes_to_the_leading_group_without_a_meeting(play: Play) -> None:
    told = play("K09", differs_again, coordination_count=1)
    assert told.kept["holders"] == "[('起草请示', '政务局协调岗 · 待认领')]"
    assert told.page.texts("//span[contains(@class,'tag-row')][starts-with(.,'DT02')]") == ["DT02 · G5", "DT02 · G3"]
    assert told.fact("协调次数") == "2"


def differs_again(case: CaseFile) -> Story:
    yield "11-26 14:00"
    sign_all(case)
    all_give_opinions(case, {"d01": answers.disagrees("迁移登记应由税务部门先行清税。")})
    yield "11-26 16:00"
    case.owner.complete(case.no, "首接责任人调解", answers.mediated("conflict"))
    case.kept["holders"] = str(case.holders())
