"""What people type on a scripted day, by task: each gives the answers for one form. Names no person who exists."""

from __future__ import annotations

from typing import Any

Answers = dict[str, Any]

LAW = "《广东省政务服务办法》第二十条"


#: Made up, but of the form of real ones: what must not be found anywhere else.
PERSON = {
    "applicant.name": "欧阳示例某",
    "applicant.phone": "13800001234",
    "applicant.cert_type": "居民身份证",
    "applicant.cert_no": "440103198501010016",
    "applicant.address": "荔湾区示例路1号802房",
}


def walks_in() -> Answers:
    return {
        **PERSON,
        "channel": "现场",
        "matter": "M13",
        "text": "办无犯罪记录证明,窗口说我的材料不对,又说不清差哪一份。请打13800001234找我。",
        "triage_facts.cause": "材料不齐全",
    }


def registers_arrival(matter: str, cause: str) -> Answers:
    return {
        "first_contact.result": "已联系",
        "first_contact.note": "已电话核实。",
        "matter": matter,
        "tried.channel": "网上办事",
        "tried.reason": "系统报错",
        "trips": "2",
        "triage_facts.cause": cause,
        "grading_facts.cause": cause,
    }


def solved_directly(how: str) -> Answers:
    return {"contact_log": "现场与窗口联系人当面沟通。", "coordination_outcome": "已解决", "conclusion": how}


def one_department(code: str, ask: str) -> Answers:
    return {"contact_log": "联系部门窗口,需其协办。", "coordination_outcome": "需一个部门协办", "helper_department": code, "ask": ask}


def must_be_raised(departments: int, cause: str) -> Answers:
    return {
        "contact_log": "两次联系均未达成一致。",
        "coordination_outcome": "需升级",
        "upgrade_reason": "涉及多个部门,窗口无法直接协调。",
        "grading_facts.department_count": departments,
        "grading_facts.cause": cause,
    }


def signed() -> Answers:
    return {"sign_handler": "示例·承办", "sign_phone": "020-81000000"}


def agrees() -> Answers:
    return {"opinion": "同意", "reply": "同意办理,按职责配合。"}


def disagrees(why: str) -> Answers:
    return {"opinion": "不同意", "reply": why, "basis": LAW}


def mediated(result: str) -> Answers:
    answers: Answers = {"mediation_note": "首接责任人召集双方通话一次。", "coordination_result": result}
    return answers | ({} if result == "agreed" else {"mediation_difference": "双方均要求对方先行办理。"})


def concludes(what: str) -> Answers:
    return {"conclusion": what, "conclusion_actions": "各部门按分工当日落实。"}


def replies(what: str, result: str = "协调解决") -> Answers:
    return {"reply.result": result, "reply.done": "召集各部门逐项核对并落实。", "reply.text": what}


def explains_unsolved(what: str) -> Answers:
    return replies(what, "解释说明(未解决)") | {"reply.basis": LAW, "reply.remedy": "可以申请行政复议,也可以到公共法律服务中心咨询。"}


def answered(day: str) -> Answers:
    return {"reply.answered_by": "电话", "reply.answered_at": day}


def calls_meeting(time: str, topic: str) -> Answers:
    return {
        "meeting_notice.time": time,
        "meeting_notice.place": "政务服务中心三楼会议室",
        "meeting_notice.chair": "示例·召集人",
        "meeting_notice.topic": topic,
    }


def meets(day: str) -> Answers:
    return {
        "meeting.held_on": day,
        "meeting.chair": "示例·召集人",
        "meeting.attendance": "牵头部门和各协办部门到会。",
        "meeting.positions": "各部门依次说明了意见和依据。",
    }


def agrees_in_meeting(day: str, what: str, due: str) -> Answers:
    return meets(day) | {"meeting.consensus": "agreed", "meeting.resolution": what, "meeting.due": due}


def differs_in_meeting(day: str, why: str) -> Answers:
    return meets(day) | {"meeting.consensus": "conflict", "meeting.dissent": why}


def signs_minutes() -> Answers:
    return {"sign_decision": "无异议"}


def carries_out(what: str) -> Answers:
    return {"carry_out_result": "已落实", "conclusion": what}


def writes_to_the_other_region(unit: str, ask: str) -> Answers:
    return {"letter.unit": unit, "letter.ask": ask}


def other_region_signed() -> Answers:
    return {"partner_sign.note": "对方已签收,承诺两个工作日内核对。"}


def other_region_answered(how: str) -> Answers:
    return {"partner_result.outcome": "代办办结", "partner_result.reason": how}


def requests() -> Answers:
    return {
        "request.facts": "事项涉及多个部门,已经协调仍无结果。",
        "request.positions": "各部门意见见附表。",
        "request.options": "建议明确牵头部门并联审批,限期办结。",
        "request.risk": "群众诉求集中,应尽快答复。",
    }


def office_sends_back() -> Answers:
    return {"office_decision": "退回", "office_note": "请补充资金来源。"}


def office_calls_meeting(on: str) -> Answers:
    return {"office_decision": "召开专题会", "office_meeting_on": on}


def leaders_decide(day: str) -> Answers:
    return {"leader_form": "专题会", "leader_decided_on": day, "leader_instruction": "同意建议方案,由牵头部门限期落实。"}


def minutes_to_carry_out(lead: str, due: str) -> Answers:
    return {
        "minutes.resolution": "由牵头部门组织并联审批,各部门同步办理。",
        "minutes.disposition": "执行",
        "minutes.due": due,
        "minutes.lead_department": lead,
        "minutes.owner": "示例·责任人",
        "minutes.ask": "按纪要分工限期办结并报牵头部门。",
    }


def refuses(code: str, why: str) -> Answers:
    return {"refusal.negative_code": code, "refusal.basis": LAW, "refusal.explanation": why}


def calls_back(result: str) -> Answers:
    return {"call_back_result": result, "call_back_note": "电话回访,申请人说明了情况。"}


def refers(department: str, at: str) -> Answers:
    return {
        "referral.department": department,
        "referral.counter": "3号窗口",
        "referral.contact": "示例·联系人",
        "referral.phone": "020-81000000",
        "referral.appointment": at,
    }


def hands_over(unit: str) -> Answers:
    return {"hand_over.unit": unit, "hand_over.region": "荔湾区", "hand_over.note": "情况已核实,随附登记材料。"}


def accepts_on_review() -> Answers:
    return {"review_decision": "accept", "review_opinion": "办事指南没有这项材料,属于指南外增设,应予受理并督办。"}


def verified(at: str, verdict: str, situation: str = "", basis: str = "有") -> Answers:
    known: Answers = {"verification.contacted_at": at, "verification.verdict": verdict, "verification.note": "已与评价人通话核实。"}
    return known | ({"verification.legal_basis": basis, "verification.situation": situation} if situation else {})


def reviewed(result: str) -> Answers:
    return {"review_result": result, "review_note": "经核对通话记录和评价记录。"}


def rectified(on: str) -> Answers:
    return {
        "rectification.measures": "重新梳理审批环节,明确每一步责任人和时限。",
        "rectification.summary": "已重新梳理流程并逐项落实",
        "rectification.done_on": on,
    }


def explained() -> Answers:
    return {"explanation": "经核实,该事项依法需由申请人先行补充材料。", "explanation_basis": LAW, "explanation_accepted": "接受"}
