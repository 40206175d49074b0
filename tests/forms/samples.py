"""One good and one bad submission for every form, and the fields the bad one must be told about."""

from __future__ import annotations

from typing import Any, NamedTuple

from .samples_of_clocks import GIVEN as OF_CLOCKS
from .samples_of_feedback import GIVEN as OF_FEEDBACK
from .samples_of_neighbours import GIVEN as OF_NEIGHBOURS


class Sample(NamedTuple):
    """``good`` passes; ``bad`` changes some of it and is refused at the fields ``wrong``."""

    good: dict[str, Any]
    bad: dict[str, Any]
    wrong: set[str]


LONG = "住建、消防、规划三家已当面核对,差一份监理合同备案证明。"
TRIAGE: dict[str, Any] = {
    "triage_facts.tried_regular": True,
    "tried.channel": "部门窗口",
    "tried.date": "2026-11-20",
    "tried.reason": "必须补齐才能受理",
    "trips": 3,
    "triage_facts.emergency": False,
    "triage_facts.nature": "办事",
    "triage_facts.cause": "材料不齐全",
    "triage_facts.department_count": 1,
    "triage_facts.negative_code": "-",
    "triage_facts.in_jurisdiction": True,
    "triage_facts.has_policy_room": True,
    "triage_facts.has_open_case": False,
    "triage_facts.closed_no_new_fact": False,
    "grading_facts.government_levels": 1,
    "grading_facts.cross_region": "否",
    "grading_facts.mass_or_safety": False,
    "grading_facts.legacy": False,
}
SAMPLES: dict[str, Sample] = {
    "case_register": Sample(
        {
            "channel": "现场",
            "matter": "M06",
            "applicant.kind": "企业",
            "applicant.name": "广州市荔湾区示例建设工程有限公司",
            "applicant.phone": "13800000000",
            "applicant.cert_type": "统一社会信用代码",
            "applicant.cert_no": "91440103DEMA000136",
            "text": "申请建筑工程施工许可,只差监理合同备案证明,能不能先受理?",
            **TRIAGE,
        },
        {"text": "太短", "triage_facts.has_open_case": True, "matter": "M99"},
        {"text", "duplicate_of", "matter"},
    ),
    "citizen_report": Sample(
        {
            "text": "施工许可只差监理合同备案证明,跑了三趟都不收。",
            "matter": "M06",
            "tried.channel": "部门窗口",
            "tried.reason": "必须补齐才能受理",
            "trips": 3,
            "applicant.kind": "自然人",
            "applicant.name": "张示例",
            "applicant.phone": "13800000000",
        },
        {"text": "太短", "applicant.phone": None, "tried.channel": "邻居家"},
        {"text", "applicant.phone", "tried.channel"},
    ),
    "register_arrival": Sample(
        {
            "first_contact.result": "已联系",
            "matter": "M06",
            **TRIAGE,
            "grading_facts.department_count": 1,
            "grading_facts.cause": "材料不齐全",
        },
        {"first_contact.result": None, "triage_facts.department_count": 0, "triage_facts.nature": "咨询"},
        {"first_contact.result", "triage_facts.department_count", "triage_facts.nature"},
    ),
    "refusal_notice": Sample(
        {
            "refusal.negative_code": "N01",
            "refusal.basis": "示例文件第三条",
            "refusal.explanation": "按现行政策,人户不一致的由区教育局统筹安排学位。",
            "refusal.remedy": "可申请复核。",
        },
        {"refusal.negative_code": None, "refusal.explanation": "不行"},
        {"refusal.negative_code", "refusal.explanation"},
    ),
    "referral": Sample(
        {
            "referral.department": "D05",
            "referral.counter": "12号窗口",
            "referral.contact": "谢峰",
            "referral.phone": "020-81000000",
            "referral.appointment": "2026-11-30T09:30",
        },
        {"referral.department": "D99", "referral.phone": "打前台"},
        {"referral.department", "referral.phone"},
    ),
    "call_back": Sample({"call_back_result": "办成", "call_back_note": "已当场办结"}, {"call_back_result": "不知道"}, {"call_back_result"}),
    "hand_over": Sample(
        {"hand_over.unit": "投诉专员", "hand_over.region": "荔湾区", "hand_over.note": "态度投诉,附当日排队记录。"},
        {"hand_over.unit": "", "hand_over.region": ""},
        {"hand_over.unit", "hand_over.region"},
    ),
    "head_review": Sample(
        {"review_decision": "accept", "review_opinion": "办事指南没有这一条,属增设材料,改判受理。"},
        {"review_decision": "refuse"},
        {"refusal.negative_code"},
    ),
    "direct_coordination": Sample(
        {"coordination_outcome": "已解决", "contact_log": "已与住建窗口面商", "conclusion": "同意容缺受理,5个工作日内补齐。"},
        {"coordination_outcome": "需一个部门协办", "contact_log": ""},
        {"contact_log", "helper_department", "ask"},
    ),
    "sign_in": Sample({"sign_handler": "曾晖"}, {"sign_handler": ""}, {"sign_handler"}),
    "opinion": Sample(
        {"opinion": "不同意", "reply": "应先完成规划核实。", "basis": "《示例条例》第十条"},
        {"basis": ""},
        {"basis"},
    ),
    "lead_conclusion": Sample({"conclusion": LONG}, {"conclusion": "同意"}, {"conclusion"}),
    "mediation": Sample(
        {"mediation_note": "逐家电话协调", "coordination_result": "agreed"},
        {"coordination_result": "conflict"},
        {"mediation_difference"},
    ),
    "call_meeting": Sample(
        {
            "meeting_notice.time": "2026-11-27T09:30",
            "meeting_notice.place": "三楼会议室",
            "meeting_notice.chair": "尹航",
            "meeting_notice.topic": "芳村××苑3栋加装电梯",
        },
        {"meeting_notice.time": "明天", "meeting_notice.topic": "电梯"},
        {"meeting_notice.time", "meeting_notice.topic"},
    ),
    "hold_meeting": Sample(
        {
            "meeting.held_on": "2026-11-27",
            "meeting.chair": "尹航",
            "meeting.attendance": "规划、住建、消防到会",
            "meeting.absent_department": "D10",
            "meeting.positions": LONG,
            "meeting.consensus": "agreed",
            "meeting.resolution": "由规划牵头并联审批,住建、消防同步出具意见。",
            "meeting.due": "2026-12-03",
        },
        {"meeting.consensus": "conflict", "meeting.held_on": ""},
        {"meeting.held_on", "meeting.dissent"},
    ),
    "sign_minutes": Sample({"sign_decision": "无异议"}, {"sign_decision": "有文字异议"}, {"sign_note"}),
    "carry_out": Sample({"carry_out_result": "已落实", "conclusion": LONG}, {"carry_out_result": "部分落实"}, {"carry_out_remaining"}),
    "draft_request": Sample(
        {"request.facts": LONG, "request.positions": LONG, "request.options": LONG, "request.risk": "群体关注度高"},
        {"request.options": "没有"},
        {"request.options"},
    ),
    "office_review": Sample(
        {"office_decision": "召开专题会", "office_meeting_on": "2026-12-08"},
        {"office_decision": "退回"},
        {"office_note"},
    ),
    "leader_decision": Sample(
        {"leader_form": "专题会", "leader_decided_on": "2026-12-08", "leader_instruction": "由规划牵头,15个工作日内办结。"},
        {"leader_instruction": ""},
        {"leader_instruction"},
    ),
    "record_minutes": Sample(
        {
            "minutes.resolution": LONG,
            "minutes.disposition": "执行",
            "minutes.lead_department": "D07",
            "minutes.owner": "苏平",
            "minutes.due": "2026-12-25",
            "minutes.ask": "七日内出具并联审批意见",
        },
        {"minutes.lead_department": None, "minutes.due": "尽快"},
        {"minutes.lead_department", "minutes.due"},
    ),
    "report_upward": Sample(
        {"report_unit": "市政务服务和数据管理局", "report_summary": LONG, "conclusion": "已报市级协调,每5个工作日答复进展。"},
        {"report_unit": ""},
        {"report_unit"},
    ),
    "explain_remedy": Sample(
        {"conclusion": LONG, "remedy_basis": "《示例条例》第十条", "remedy_channel": "向区人民法院提起行政诉讼"},
        {"remedy_channel": ""},
        {"remedy_channel"},
    ),
    "draft_reply": Sample(
        {"reply.result": "协调解决", "reply.done": "召开一次联席会议", "reply.text": LONG},
        {"reply.result": "解释说明(未解决)"},
        {"reply.basis", "reply.remedy"},
    ),
    "confirm_reply": Sample(
        {"reply.answered_by": "电话", "reply.answered_at": "2026-12-03T10:00"},
        {"reply.answered_by": "短信"},
        {"reply.answered_by"},
    ),
    "verify_rating": Sample(
        {
            "verification.contacted_at": "2026-12-08T10:00",
            "verification.verdict": "属实",
            "verification.legal_basis": "有",
            "verification.situation": "复杂",
            "verification.note": "来件人说明等待时间过长",
        },
        {"verification.legal_basis": None, "verification.situation": None},
        {"verification.legal_basis", "verification.situation"},
    ),
    "review_rating": Sample({"review_result": "同意", "review_note": "本人确认为误点"}, {"review_note": ""}, {"review_note"}),
    "explain": Sample(
        {"explanation": LONG, "explanation_basis": "《示例条例》第十条", "explanation_accepted": "接受"},
        {"explanation_accepted": None},
        {"explanation_accepted"},
    ),
    "rectify": Sample(
        {"rectification.measures": LONG, "rectification.summary": "已并联审批并当面说明", "rectification.done_on": "2026-12-20"},
        {"rectification.summary": "长" * 61},
        {"rectification.summary"},
    ),
    "citizen_confirm": Sample({"confirmation": "已解决"}, {"confirmation": "未解决"}, {"confirmation_reason"}),
    "citizen_rating": Sample({"rating.level": 5, "rating.tags": ["服务态度"]}, {"rating.level": 6}, {"rating.level"}),
}
SAMPLES |= {form: Sample(*given) for form, given in OF_FEEDBACK.items()}
SAMPLES |= {form: Sample(*given) for form, given in OF_CLOCKS.items()}
SAMPLES |= {form: Sample(*given) for form, given in OF_NEIGHBOURS.items()}
