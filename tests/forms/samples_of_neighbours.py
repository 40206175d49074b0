"""Submissions for the forms of the procedures around the spine: withdrawal, returns, experts, regions, appointments, meetings."""

from __future__ import annotations

from typing import Any

GIVEN: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "accept_consultation": ({"invitation": "接受"}, {"invitation": None}, {"invitation"}),
    "appointment_change": ({"change.kind": "取消"}, {"change.kind": None}, {"change.kind"}),
    "appointment_request": (
        {
            "applicant.kind": "自然人",
            "applicant.name": "已当面说明情况。",
            "applicant.phone": "13800000000",
            "appointment.matter": "M01",
            "appointment.counter": "综合窗口",
            "appointment.slot": "2026-11-25T10:00+08:00",
            "appointment.special": "无",
            "appointment.escort": True,
            "appointment.by": "网上",
            "appointment.is_walk_in": False,
        },
        {"applicant.kind": None},
        {"applicant.kind"},
    ),
    "approve_destruction": (
        {"destruction.decision": "批准", "destruction.note": "已当面说明情况。"},
        {"destruction.decision": None},
        {"destruction.decision"},
    ),
    "approve_minimisation": (
        {"minimisation.decision": "批准", "minimisation.note": "已当面说明情况。"},
        {"minimisation.decision": None},
        {"minimisation.decision"},
    ),
    "approve_downgrade": (
        {"regrade_decision": "同意", "regrade_note": "已当面说明情况。"},
        {"regrade_decision": None},
        {"regrade_decision"},
    ),
    "carry_out_resolution": ({"resolution_result": "已当面说明情况。"}, {"resolution_result": None}, {"resolution_result"}),
    "check_on_site": (
        {"site_check.findings": "已当面说明情况。", "site_check.on": "2026-11-25"},
        {"site_check.findings": None},
        {"site_check.findings"},
    ),
    "compare_fields": (
        {
            "comparison.name": "一致",
            "comparison.cert": "不一致",
            "comparison.birth": "一致",
            "comparison.address": "一致",
            "comparison.status": "一致",
            "comparison.date": "一致",
            "comparison.amount": "一致",
            "comparison.period": "一致",
            "comparison.account": "一致",
            "comparison.unit": "一致",
            "comparison.basis": "一致",
            "comparison.other": "一致",
            "comparison.department": "D02",
            "comparison.item": "已当面说明情况。",
        },
        {"comparison.name": None, "comparison.item": None},
        {"comparison.name", "comparison.item"},
    ),
    "cross_region_ask": (
        {
            "cross_facts.region": "440106",
            "cross_facts.level": "区",
            "cross_facts.regions": 2,
            "cross_facts.is_online": True,
            "cross_facts.is_upward": True,
        },
        {"cross_facts.region": None},
        {"cross_facts.region"},
    ),
    "expert_ask": (
        {
            "consultation.domain": "合同",
            "consultation.mode": "远程",
            "consultation.question": "已当面说明情况。",
            "consultation.consent": True,
        },
        {"consultation.domain": None},
        {"consultation.domain"},
    ),
    "expert_opinion": (
        {
            "opinion.basis": "已当面说明情况。",
            "opinion.conclusion": "已当面说明情况。",
            "opinion.advice": "已当面说明情况。",
            "opinion.risk": "低",
        },
        {"opinion.basis": None},
        {"opinion.basis"},
    ),
    "hold_monthly_meeting": (
        {"monthly.present": ["D02"], "monthly.held_on": "2026-11-25", "monthly.note": "已当面说明情况。"},
        {"monthly.held_on": None},
        {"monthly.held_on"},
    ),
    "legal_opinion": ({"legal.department": "D02", "legal.basis": "已当面说明情况。"}, {"legal.department": None}, {"legal.department"}),
    "mediate_return": (
        {"mediation.result": "改派", "assigned_department": "D02", "mediation.note": "已当面说明情况。"},
        {"mediation.result": None},
        {"mediation.result"},
    ),
    "order_wrong": (
        {"order_return.reason": "已当面说明情况。", "order_return.unit": "已当面说明情况。"},
        {"order_return.reason": None},
        {"order_return.reason"},
    ),
    "partner_answered": (
        {"partner_result.outcome": "异地办结", "partner_result.reason": "已当面说明情况。", "partner_result.is_different": True},
        {"partner_result.outcome": None},
        {"partner_result.outcome"},
    ),
    "partner_signed": (
        {"partner_sign.note": "已当面说明情况。"},
        {"partner_sign.note": "长" * 1001},
        {"partner_sign.note"},
    ),
    "phone_partner": ({"phone_note": "已当面说明情况。"}, {"phone_note": None}, {"phone_note"}),
    "prepare_ruling": (
        {"ruling.dispute": "已当面说明情况。", "ruling.is_fact_disputed": True},
        {"ruling.dispute": None},
        {"ruling.dispute"},
    ),
    "push_by_hand": ({"push_note": "已当面说明情况。"}, {"push_note": None}, {"push_note"}),
    "rate_consultation": (
        {"adoption.decision": "采纳", "adoption.usefulness": "5", "adoption.fee": 1},
        {"adoption.usefulness": None},
        {"adoption.usefulness"},
    ),
    "reassign_order": (
        {"assigned_department": "D02", "reassign_note": "已当面说明情况。"},
        {"assigned_department": None},
        {"assigned_department"},
    ),
    "record_resolution": (
        {
            "resolution.content": "已当面说明情况。",
            "resolution.department": "D02",
            "resolution.due": "2026-11-25",
            "resolution.dissent": "已当面说明情况。",
        },
        {"resolution.content": None},
        {"resolution.content"},
    ),
    "regrade": (
        {
            "regrade.direction": "升级",
            "regrade.reason": "已当面说明情况。",
            "regrade_facts.department_count": 1,
            "regrade_facts.government_levels": 1,
            "regrade_facts.cross_region": "否",
            "regrade_facts.mass_or_safety": True,
            "regrade_facts.legacy": True,
        },
        {"regrade.direction": None},
        {"regrade.direction"},
    ),
    "review_destruction": (
        {"destruction.keep_note": "已当面说明情况。"},
        {"destruction.keep_note": "长" * 1001},
        {"destruction.keep_note"},
    ),
    "review_minimisation": (
        {"minimisation.keep_note": "已当面说明情况。"},
        {"minimisation.keep_note": "长" * 1001},
        {"minimisation.keep_note"},
    ),
    "review_withdrawal": (
        {"supervision.keep": "有", "supervision.department": "D02", "supervision.ask": "已当面说明情况。"},
        {"supervision.department": None},
        {"supervision.department"},
    ),
    "rsvp": ({"attendance": "分管负责人参加"}, {"attendance": None}, {"attendance"}),
    "rule_responsibility": (
        {"ruling.department": "D02", "ruling.basis": "已当面说明情况。"},
        {"ruling.department": None},
        {"ruling.department"},
    ),
    "send_letter": (
        {"letter.unit": "已当面说明情况。", "letter.ask": "已当面说明情况。", "letter.has_authority": True},
        {"letter.unit": None},
        {"letter.unit"},
    ),
    "set_agenda": ({"agenda_note": "已当面说明情况。", "agenda_chair": "已当面说明情况。"}, {"agenda_chair": None}, {"agenda_chair"}),
    "sign_monthly_minutes": ({"sign_decision": "无异议"}, {"sign_decision": None}, {"sign_decision"}),
    "staffing_opinion": (
        {"staffing.department": "D02", "staffing.basis": "已当面说明情况。"},
        {"staffing.department": None},
        {"staffing.department"},
    ),
    "supervise_public_part": ({"supervised.result": "已当面说明情况。"}, {"supervised.result": None}, {"supervised.result"}),
    "supplement": ({"supplement.text": "已当面说明情况。"}, {"supplement.text": None}, {"supplement.text"}),
    "unmerge": ({"unmerge.reason": "已当面说明情况。"}, {"unmerge.reason": None}, {"unmerge.reason"}),
    "urge_from_city": ({"urge_note": "已当面说明情况。"}, {"urge_note": None}, {"urge_note"}),
    "withdraw": ({"withdrawal.reason": "已当面说明情况。"}, {"withdrawal.reason": None}, {"withdrawal.reason"}),
    "check_duplicate": ({"duplicate_decision": "并入"}, {"duplicate_decision": None}, {"duplicate_decision"}),
}
