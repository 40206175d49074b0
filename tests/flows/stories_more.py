"""How the given cases are told, second half: those sent elsewhere, ratings that lead to work, timers. The facts are the case file's."""

from __future__ import annotations

from . import answers
from .day import CaseFile, Story
from .steps import all_give_opinions, answer, confirm_and_rate, departments_agree, sign_all


def at_the_counter(case: CaseFile) -> Story:
    """Somebody walks in with identity card and telephone; none of it leaves the party's encrypted record."""
    yield "11-23 10:05"
    case.no = case.clerk("window").register(answers.walks_in())
    yield "11-23 10:30"
    case.owner.complete(case.no, "直接协调", answers.solved_directly("当场补正材料并受理。"))
    yield from answer(case, "11-23 10:40", "11-23 11:00", "您的材料已当场补正并受理,三天内可以领证。", "直接解决")
    yield from confirm_and_rate(case, "11-23 14:00", "11-23 14:01", 5)


def k06(case: CaseFile) -> Story:
    """Refused with reasons and a remedy; three working days later the window asks whether it worked out."""
    yield "11-25 10:30"
    case.owner.complete(case.no, "出具不予受理告知书", answers.refuses("N01", "孩子户口不随父母,按政策由教育局统筹安排学位。"))
    case.kept["told"] = case.status
    yield "11-30 16:59"
    case.kept["before"] = str(case.holders())
    yield "12-01 10:00"
    case.owner.complete(case.no, "回访", answers.calls_back("办成"))


def k11(case: CaseFile) -> Story:
    """A suggestion becomes a file of its own with those who can take it up; nobody hands it over."""
    yield "11-27 10:30"
    case.kept["handed over"] = case.status


def k12a(case: CaseFile) -> Story:
    """Sent on with a name and a time; it did not work out, so the case comes back by itself."""
    yield "11-27 11:00"
    case.owner.complete(case.no, "开具引荐单", answers.refers("D05", "2026-11-30T10:00"))
    case.kept["guided"] = case.status
    yield "12-03 10:00"
    case.owner.complete(case.no, "回访", answers.calls_back("未办成"))
    yield "12-03 10:01"
    listed = case.clerk("window_head").open("/cases?q=20261203").document.xpath("//a[contains(@class,'row-link')]/@href")
    title = case.page.texts("//h1")
    (back,) = [link for link in listed if case.clerk("window_head").open(link).texts("//h1") == title]
    yield from k12a_returned(case.day.begin("K12a returned", k12a_returned, back.rsplit("/", 1)[-1]))


def k12a_returned(case: CaseFile) -> Story:
    """The applicant says it is not solved, and rates nothing: that counts as bad; there is no legal ground, so it is explained."""
    yield "12-03 14:00"
    case.does("window_head", "负责人复核", answers.accepts_on_review())
    case.owner.complete(case.no, "直接协调", answers.solved_directly("已陪同到民政窗口当面说明。"))
    yield from answer(case, "12-03 15:00", "12-03 16:00", "低保申请需先由街道核对家庭收入,核对表已代为递交。")
    yield "12-04 10:00"
    case.citizen.confirm("未解决", confirmation_reason="还差一份核对表,打13800001234没人接。")
    yield "12-14 09:30"  # seven days without a rating have passed on the 11th
    rectifier = case.day.named(dict(case.holders())["回访核实"])  # those who follow up take turns
    case.kept["why"] = rectifier.open(rectifier.task(case.no, "回访核实")).text("//form[@id='task-form']")
    rectifier.complete(case.no, "回访核实", answers.verified("2026-12-14T09:30", "属实", "清楚", basis="缺"))
    yield "12-14 10:00"
    rectifier.complete(case.no, "书面说明", answers.explained())


def k12b(case: CaseFile) -> Story:
    yield from departments_agree(case, "12-01 10:00", "12-02 10:00", "12-02 15:00", "无房信息由部门共享取得,申请人免提交。")
    yield from answer(case, "12-02 16:00", "12-03 09:30", "无房产证明不用您开,民政已通过共享查到,低保申请已收件。")
    yield from confirm_and_rate(case, "12-03 10:00", "12-03 10:01", 5)


def k14(case: CaseFile) -> Story:
    """A department stays away from two meetings: it is bound all the same and gets a red card."""
    yield "12-01 14:00"
    sign_all(case)
    yield "12-02 10:00"
    all_give_opinions(case, {"d11": answers.disagrees("消防检查须在营业前单独申请。")})
    yield "12-02 14:00"
    case.owner.complete(case.no, "首接责任人调解", answers.mediated("conflict"))
    yield "12-02 15:00"
    case.does("coordinator", "通知会议", answers.calls_meeting("2026-12-03T10:00", "餐饮店一件事联办"))
    yield "12-03 11:00"
    away = {"meeting.absent_department": "D11"}
    case.does("coordinator", "会议记录", answers.differs_in_meeting("2026-12-03", "一个部门缺席,未能议定。") | away)
    yield "12-03 14:00"
    case.does("coordinator", "通知会议", answers.calls_meeting("2026-12-04T10:00", "餐饮店一件事联办(再次)"))
    yield "12-04 11:00"
    resolved = answers.agrees_in_meeting("2026-12-04", "五部门一窗受理、并联办理,缺席部门受本决议约束。", "2026-12-08")
    case.does("coordinator", "会议记录", resolved | away)
    case.kept["absent"] = " ".join(case.cards())
    yield "12-04 11:30"
    case.does("D11_leader", "签收督办单", {"order_note": "已签收,责令到位。"})
    case.does("D11", "督办纠正", {"correction.result": "已纠正", "correction.reason": "分管负责人已到场落实。"})
    yield "12-08 09:00"  # nobody signs the minutes: after a working day the wording is agreed
    case.lead.complete(case.no, "落实决议", answers.carries_out("五部门手续已在一个窗口办结。"))
    yield from answer(case, "12-08 10:00", "12-08 15:00", "五个部门的手续已在一个窗口办结,可以营业。")
    yield from confirm_and_rate(case, "12-09 09:30", "12-09 09:31", 4)


def k15(case: CaseFile) -> Story:
    yield from departments_agree(case, "12-01 16:00", "12-02 11:00", "12-03 10:00", "亲属关系以告知承诺替代证明,公安底册信息核对一致。")
    yield from answer(case, "12-03 11:00", "12-03 15:00", "您签署告知承诺书即可办理继承,不再需要亲属关系证明。", "告知承诺解决")
    yield from confirm_and_rate(case, "12-04 09:30", "12-04 09:31", 5)


def k16(case: CaseFile) -> Story:
    """Simple, with the help of one department."""
    yield "12-02 09:10"
    case.owner.complete(case.no, "直接协调", answers.one_department("D03", "请协助异地开具无犯罪记录证明。"))
    yield "12-02 09:30"
    sign_all(case)
    yield "12-02 10:30"
    all_give_opinions(case)
    yield "12-02 11:00"
    case.does("D03", "牵头部门汇总结论", answers.concludes("已通过异地通办开具电子证明。"))
    yield from answer(case, "12-02 11:20", "12-02 11:40", "无犯罪记录证明已异地通办开具,可在线下载。")
    yield from confirm_and_rate(case, "12-02 15:00", "12-02 15:01", 5)


def k17(case: CaseFile) -> Story:
    """A complaint becomes a file of its own with those who follow it up; nobody hands it over."""
    yield "12-02 09:40"
    case.kept["handed over"] = case.status


def k18(case: CaseFile) -> Story:
    """The same lift again: joined to the first case on arrival."""
    yield "12-02 10:05"
    case.kept["into"] = case.page.text("//section[@id='notices']")


def k21(case: CaseFile) -> Story:
    """People in danger are passed on at once."""
    yield "12-04 09:00"
    case.kept["told"] = case.page.text("//section[@id='notices']")


def k20(case: CaseFile) -> Story:
    """Nobody finishes the simple case in time: a yellow card; then it is raised and goes to the departments."""
    yield "12-08 17:01"
    case.kept["due"] = " ".join(case.cards())
    yield "12-09 17:01"
    case.kept["late"] = " ".join(case.cards())
    case.owner.complete(case.no, "直接协调", answers.must_be_raised(4, "部门不协调"))
    case.kept["regraded"] = case.fact("等级")
    yield from departments_agree(case, "12-10 11:00", "12-11 11:00", "12-14 10:00", "消防安全由部门联合踏勘,一次告知整改项。")
    yield from answer(case, "12-14 11:00", "12-14 15:00", "四个部门联合踏勘完成,整改项已一次告知,可先收件。")
    yield "12-15 10:00"
    held_to_account(case, "2026-12-15")
    yield "12-21 10:00"
    held_to_account(case, "2026-12-21")
    # Silence: three working days without a confirmation, then seven days without a rating.


def k22(case: CaseFile) -> Story:
    yield "12-04 10:00"
    case.owner.complete(case.no, "出具不予受理告知书", answers.refuses("N04", "法院已经立案,依法由诉讼程序处理,可申请法律援助。"))
    yield "12-10 09:30"
    case.owner.complete(case.no, "回访", answers.calls_back("办成"))


def k23(case: CaseFile) -> Story:
    """Major from the start; one department is late under the minutes, and who leads with it. Nobody corrects a card: interviews."""
    yield "12-04 15:00"
    case.does("coordinator", "起草请示", answers.requests())
    yield "12-07 10:00"
    case.does("leading_group_office", "办公室审核", answers.office_calls_meeting("2026-12-08"))
    yield "12-08 10:00"
    case.does("leading_group", "专题会或批示", answers.leaders_decide("2026-12-08"))
    yield "12-08 15:00"
    case.does("leading_group_office", "会议纪要", answers.minutes_to_carry_out("D07", "2026-12-11"))
    yield "12-09 10:00"
    sign_all(case)
    yield "12-10 10:00"
    all_give_opinions(case, silent=["d02"])
    yield "12-21 10:00"
    case.kept["late"] = " ".join(case.cards())
    held_to_account(case, "2026-12-21")
    all_give_opinions(case)
    yield "12-21 15:00"
    case.lead.complete(case.no, "牵头部门汇总结论", answers.concludes("分期补办首次登记,一百二十户同步受理。"))
    yield from answer(case, "12-21 16:00", "12-22 10:00", "一百二十户的不动产登记已同步受理,分三批发证。")
    yield from confirm_and_rate(case, "12-22 15:00", "12-22 15:01", 3)
    yield "12-23 10:00"
    held_to_account(case, "2026-12-23")


def k25(case: CaseFile) -> Story:
    """Rated very bad by a slip: asked, checked by two, and not counted."""
    yield "12-07 15:00"
    case.owner.complete(case.no, "直接协调", answers.solved_directly("系统故障已排除,证明当场开具。"))
    yield from answer(case, "12-07 15:30", "12-07 16:00", "系统故障已排除,无犯罪记录证明已经开具。", "直接解决")
    yield from confirm_and_rate(case, "12-08 09:30", "12-08 09:31", 1)
    yield "12-08 15:00"
    case.does("rectifier", "回访核实", answers.verified("2026-12-08T15:00", "误评"))
    yield "12-08 16:00"
    case.does("rectifier", "误评复核(初核)", answers.reviewed("同意"))
    yield "12-09 10:00"
    case.does("window_head", "误评复核(复审)", answers.reviewed("同意"))


def k27(case: CaseFile) -> Story:
    """As K11."""
    yield "12-08 16:30"
    case.kept["handed over"] = case.status


def k29(case: CaseFile) -> Story:
    yield "12-10 09:30"
    case.owner.complete(case.no, "出具不予受理告知书", answers.refuses("N12", "此前已经答复并办结,没有新的事实和理由。"))
    yield "12-16 09:30"
    case.owner.complete(case.no, "回访", answers.calls_back("办成"))


def k30(case: CaseFile) -> Story:
    """The clerk would have said no; the head says yes. Rated badly, contacted late, rectified late, rated again."""
    yield "12-10 11:00"
    case.does("window_head", "负责人复核", answers.accepts_on_review())
    yield "12-10 14:00"
    case.kept["graded"] = case.fact("等级")
    case.owner.complete(case.no, "直接协调", answers.solved_directly("派出所已撤回指南外材料要求,当场受理。"))
    yield from answer(case, "12-10 15:00", "12-10 16:00", "无房证明不在办事指南之内,派出所已受理您的申请。", "直接解决")
    yield from confirm_and_rate(case, "12-11 09:30", "12-11 09:31", 2)
    yield "12-15 10:00"
    case.kept["contact late"] = " ".join(case.cards())
    case.does("rectifier", "回访核实", answers.verified("2026-12-15T10:00", "属实", "清楚"))
    yield "12-23 10:00"
    case.kept["rectify late"] = " ".join(case.cards())
    case.does("rectifier", "整改", answers.rectified("2026-12-23"))
    yield "12-24 10:00"
    case.citizen.rate(4)
    yield "12-28 10:00"
    held_to_account(case, "2026-12-28")


def held_to_account(case: CaseFile, day: str) -> None:
    """What red cards still ask of the leaders, when the case itself has come to its end."""
    while open_now := {task for task, _holder in case.holders()} & set(AFTER_CARDS):
        task = sorted(open_now)[0]
        group, given = AFTER_CARDS[task]
        case.does(group, task, given | ({"interview_on": day} if group == "bureau_leader" else {}))
        case.day.app.extensions["pages_seen"] = {}


#: Task, who does it, and what they write.
AFTER_CARDS: dict[str, tuple[str, answers.Answers]] = {
    "通报批评、约谈": ("bureau_leader", {"interview_note": "已约谈并通报。"}),
    "领导小组移送": ("leading_group_office", {"package.findings": "一月内三次红牌。", "package.proposal": "移送效能监察。"}),
    "效能监察接收": ("supervisor", {"receipt_note": "已接收,按程序核查。"}),
}


STORIES = {
    "at the counter": at_the_counter,
    "K06": k06,
    "K11": k11,
    "K12a": k12a,
    "K12b": k12b,
    "K14": k14,
    "K15": k15,
    "K16": k16,
    "K17": k17,
    "K18": k18,
    "K20": k20,
    "K21": k21,
    "K22": k22,
    "K23": k23,
    "K25": k25,
    "K27": k27,
    "K29": k29,
    "K30": k30,
}
