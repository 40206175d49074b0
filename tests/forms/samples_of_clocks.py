"""Submissions for the forms of pauses, extensions, cards, appeals and exemptions."""

from __future__ import annotations

from typing import Any

LONG = "住建、消防、规划三家已当面核对,差一份监理合同备案证明。"
#: Form → (good submission, what makes it bad, the fields then refused).
GIVEN: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "pause_request": (
        {"pause_reason": "待补正", "pause_request": "请补交监理合同备案证明一份。", "pause_until": "2026-12-11"},
        {"pause_reason": "内部审批", "pause_request": "", "pause_until": ""},
        {"pause_reason", "pause_request", "pause_until"},
    ),
    "approve_pause": ({"pause_decision": "同意"}, {"pause_decision": "再等等"}, {"pause_decision"}),
    "follow_legal_step": ({"step_result": "公示期满无异议"}, {"step_result": ""}, {"step_result"}),
    "pause_end": ({"resume_note": "申请人到窗口提交了材料"}, {"resume_note": ""}, {"resume_note"}),
    "pause_answer": ({"answer_way": "窗口"}, {"answer_way": "托人"}, {"answer_way"}),
    "revive_request": ({"revive_way": "邮寄"}, {"revive_way": ""}, {"revive_way"}),
    "extension_request": (
        {"extension_days": 3, "extension_reason": "需现场踏勘核对", "applicant_told": "是"},
        {"extension_days": 0, "extension_reason": "", "applicant_told": ""},
        {"extension_days", "extension_reason", "applicant_told"},
    ),
    "decide_extension": ({"extension_decision": "准予"}, {"extension_decision": "看情况"}, {"extension_decision"}),
    "correct_card": (
        {"correction.result": "已纠正", "correction.reason": "已补发办理意见"},
        {"correction.result": "", "correction.reason": ""},
        {"correction.result", "correction.reason"},
    ),
    "sign_order": ({"order_note": "指定专人今日办结"}, {"order_note": LONG * 30}, {"order_note"}),
    "interview": (
        {"interview_on": "2026-12-03", "interview_note": "三日内办结并书面检查"},
        {"interview_on": "", "interview_note": ""},
        {"interview_on", "interview_note"},
    ),
    "hand_over_package": (
        {"package.findings": LONG, "package.proposal": "建议问责"},
        {"package.findings": "", "package.proposal": ""},
        {"package.findings", "package.proposal"},
    ),
    "receive_package": ({"receipt_note": "已受理,立案核查"}, {"receipt_note": ""}, {"receipt_note"}),
    "card_appeal": (
        {"appeal_ground": "系统故障", "appeal_note": "政务外网中断半日"},
        {"appeal_ground": "工作忙", "appeal_note": ""},
        {"appeal_ground", "appeal_note"},
    ),
    "decide_appeal": (
        {"appeal_decision": "撤牌", "appeal_opinion": "日志证实系统故障"},
        {"appeal_decision": "", "appeal_opinion": ""},
        {"appeal_decision", "appeal_opinion"},
    ),
    "exemption_request": (
        {"exemption_ground": "政策空白", "exemption_note": LONG},
        {"exemption_ground": "", "exemption_note": ""},
        {"exemption_ground", "exemption_note"},
    ),
    "decide_exemption": ({"exemption_decision": "认定"}, {"exemption_decision": ""}, {"exemption_decision"}),
}
