"""How the given cases are told, first half: simple ones, departments side by side, meetings. The facts are the case file's."""

from __future__ import annotations

from . import answers
from .day import CaseFile, Story
from .steps import all_give_opinions, answer, confirm_and_rate, departments_agree, sign_all


def k01(case: CaseFile) -> Story:
    """The counter solves it the same day."""
    yield "11-23 11:00"
    case.owner.complete(case.no, "直接协调", answers.solved_directly("先行容缺受理,五个工作日内补齐备案证明。"))
    yield from answer(case, "11-23 11:20", "11-23 11:40", "您的施工许可申请已容缺受理,请在五个工作日内补交备案证明。", "告知承诺解决")
    yield from confirm_and_rate(case, "11-23 15:00", "11-23 15:05", 5)


def k02(case: CaseFile) -> Story:
    """Two provinces: a letter to the other side, which signs for it and answers."""
    yield "11-23 16:00"
    case.owner.complete(
        case.no, "发出协同函", answers.writes_to_the_other_region("示例省社会保险经办机构", "请协助核对身份、参保和缴费信息。")
    )
    case.kept["letter sent"] = str(case.holders())
    yield "11-24 10:00"
    case.owner.act(case.no, "partner_signed", answers.other_region_signed())
    yield "11-25 10:00"
    case.owner.act(case.no, "partner_answered", answers.other_region_answered("十二项字段逐项核对,差异两项已更正。"))
    case.kept["other region answered"] = str(case.holders())
    yield from answer(case, "11-25 15:00", "11-25 16:00", "两边系统的信息已逐项核对并更正,转移申请已经通过。")
    yield from confirm_and_rate(case, "11-26 09:30", "11-26 09:31", 4)


def k03(case: CaseFile) -> Story:
    """Six departments at once; the applicant neither confirms in three working days nor is taken to be content."""
    yield from departments_agree(case, "11-24 11:00", "11-25 11:00", "11-26 11:00", "一窗收件,六部门并联办理,不再分头交材料。")
    yield from answer(case, "11-26 15:00", "11-27 10:00", "您的执照、刻章、税务、社保已在一个窗口一次办成。")
    yield "12-02 17:01"
    case.kept["unconfirmed"] = case.status
    case.citizen.rate(5)


def k04(case: CaseFile) -> Story:
    """Departments differ, the meeting differs, the leading group decides; a bad rating, rectified, rated again."""
    yield "11-24 14:00"
    sign_all(case)
    yield "11-25 10:00"
    all_give_opinions(case, {"d06": answers.disagrees("应由规划部门先行审查,再办理施工手续。")})
    yield "11-25 15:00"
    case.owner.complete(case.no, "首接责任人调解", answers.mediated("conflict"))
    yield "11-25 16:00"
    case.does("coordinator", "通知会议", answers.calls_meeting("2026-11-26T15:00", "加装电梯审批先后顺序"))
    yield "11-26 16:00"
    case.does("coordinator", "会议记录", answers.differs_in_meeting("2026-11-26", "规划与住建对审批先后各有依据。"))
    for liaison in case.departments("会签纪要")[:3]:
        liaison.complete(case.no, "会签纪要", answers.signs_minutes())
    yield "11-27 16:59"
    case.kept["finish before"] = str(case.clock("办结"))
    yield "11-27 17:01"  # the other three are silent: that agrees with the wording
    case.kept["regraded"] = case.fact("等级")
    case.kept["finish after"] = str(case.clock("办结"))
    yield from _leading_group_decides(case)
    yield from _rated_badly_and_rectified(case)


def _leading_group_decides(case: CaseFile) -> Story:
    yield "11-30 10:00"
    case.does("coordinator", "起草请示", answers.requests())
    yield "11-30 14:00"
    case.does("leading_group_office", "办公室审核", answers.office_sends_back())
    yield "11-30 15:00"
    case.does("coordinator", "起草请示", answers.requests())
    yield "11-30 16:00"
    case.does("leading_group_office", "办公室审核", answers.office_calls_meeting("2026-12-03"))
    yield "12-03 16:00"
    case.does("leading_group", "专题会或批示", answers.leaders_decide("2026-12-03"))
    yield "12-03 16:30"
    case.does("leading_group_office", "会议纪要", answers.minutes_to_carry_out("D07", "2026-12-11"))
    yield from departments_agree(case, "12-04 10:00", "12-09 10:00", "12-10 10:00", "加装电梯并联审批方案已定,六部门同步出具意见。")


def _rated_badly_and_rectified(case: CaseFile) -> Story:
    yield from answer(case, "12-10 14:00", "12-10 16:00", "加装电梯已按并联审批方案一次受理,各部门意见同步出具。")
    yield from confirm_and_rate(case, "12-11 09:30", "12-11 09:35", 2)
    case.kept["rated 2"] = case.status
    yield "12-11 15:00"
    case.does("rectifier", "回访核实", answers.verified("2026-12-11T15:00", "属实", "复杂"))
    case.kept["reopened"] = case.status
    yield "12-21 10:00"
    case.does("rectifier", "整改", answers.rectified("2026-12-21"))
    yield "12-22 10:00"
    case.day.files["K18"].citizen.rate(3, text="比原来好")  # the neighbour who was merged may rate too


def k07(case: CaseFile) -> Story:
    """One department keeps silent and counts as signed: a step card; its opinion is late: a yellow card and a reminder."""
    yield "11-26 09:00"
    sign_all(case, silent=["d05"])
    yield "11-26 16:59"
    case.kept["waiting"] = str(case.holders())
    yield "11-26 17:01"
    case.kept["deemed"] = str(case.holders())
    yield "11-27 10:00"
    all_give_opinions(case, silent=["d05"])
    yield "12-01 09:00"
    case.kept["late"] = " ".join(case.cards())
    all_give_opinions(case)
    yield "12-01 11:00"
    case.lead.complete(case.no, "牵头部门汇总结论", answers.concludes("一套材料复用,婚姻信息共享免提交。"))
    yield from answer(case, "12-01 15:00", "12-02 09:30", "三个部门共用一套材料,婚姻信息由部门共享取得。")
    yield from confirm_and_rate(case, "12-02 15:00", "12-02 15:01", 4)


def k08(case: CaseFile) -> Story:
    """Departments differ, but the owner's one call settles it; the first draft says nothing and comes back."""
    yield "11-26 10:00"
    sign_all(case)
    yield "11-27 10:00"
    all_give_opinions(case, {"d06": answers.disagrees("检测标准应由生态环境部门先行明确。")})
    yield "11-27 14:00"
    case.owner.complete(case.no, "首接责任人调解", answers.mediated("agreed"))
    yield "11-27 15:00"
    case.lead.complete(case.no, "牵头部门汇总结论", answers.concludes("现场踏勘后出具整改清单,复验不再另收费用。"))
    yield "11-27 15:30"
    case.lead.complete(case.no, "起草答复", answers.replies("我们高度重视,将加强管理。"))
    case.kept["draft again"] = str(case.holders())
    yield from answer(case, "11-27 16:00", "11-30 09:30", "环保工程师已现场踏勘,整改清单共四项,完成后免费复验。")
    yield from confirm_and_rate(case, "11-30 10:00", "11-30 10:05", 4)


def k09(case: CaseFile) -> Story:
    """Each sends to the other, until the meeting agrees who leads."""
    yield "11-26 14:00"
    sign_all(case)
    yield "11-27 09:30"
    all_give_opinions(case, {"d01": answers.disagrees("迁移登记应由税务部门先行清税。")})
    yield "11-27 11:00"
    case.owner.complete(case.no, "首接责任人调解", answers.mediated("conflict"))
    yield "11-27 14:00"
    case.does("coordinator", "通知会议", answers.calls_meeting("2026-11-30T10:00", "跨省迁移谁先办理"))
    yield "11-30 11:00"
    case.does("coordinator", "会议记录", answers.agrees_in_meeting("2026-11-30", "由税务部门牵头,两部门同步办理迁移。", "2026-12-03"))
    for liaison in case.departments("会签纪要"):
        liaison.complete(case.no, "会签纪要", answers.signs_minutes())
    yield "12-02 15:00"
    case.lead.complete(case.no, "落实决议", answers.carries_out("税务与登记迁移已同步办结。"))
    yield from answer(case, "12-02 16:00", "12-03 10:00", "税务和登记迁移已同步办结,新的执照可以领取。")
    yield from confirm_and_rate(case, "12-03 14:00", "12-03 14:01", 4)


def k10(case: CaseFile) -> Story:
    """Three levels of government: straight to the leading group, which is slow and is reminded."""
    yield "11-27 10:00"
    case.does("coordinator", "起草请示", answers.requests())
    yield "11-27 15:00"
    case.does("leading_group_office", "办公室审核", answers.office_calls_meeting("2026-12-07"))
    yield "12-07 10:00"
    case.kept["reminded"] = case.page.text("//section[@id='notices']")
    case.does("leading_group", "专题会或批示", answers.leaders_decide("2026-12-07"))
    yield "12-07 15:00"
    case.does("leading_group_office", "会议纪要", answers.minutes_to_carry_out("D08", "2026-12-14"))
    yield from departments_agree(case, "12-08 10:00", "12-11 10:00", "12-11 15:00", "三级审批同步进行,区级意见已全部出具。")
    yield from answer(case, "12-11 16:00", "12-14 10:00", "专题会明确三级同步审批,区级各部门意见已出具并上报。")
    yield from confirm_and_rate(case, "12-14 15:00", "12-14 15:01", 5)


STORIES = {
    "K01": k01,
    "K02": k02,
    "K03": k03,
    "K04": k04,
    "K07": k07,
    "K08": k08,
    "K09": k09,
    "K10": k10,
}
