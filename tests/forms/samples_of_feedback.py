"""Submissions for the forms of complaints, suggestions, the case library, circulars and improvement."""

from __future__ import annotations

from typing import Any

LONG = "已逐项核对录像、叫号和办件记录,情况清楚,措施已落实。"
#: Form → (good submission, what makes it bad, the fields then refused).
GIVEN: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "complaint_register": (
        {
            "complaint.kind": "态度",
            "complaint.against": "window",
            "complaint.about": "综合窗口3号",
            "complaint.related": "BBC440103-20261123-0001",
            "text": LONG,
            "applicant.kind": "自然人",
            "applicant.name": "张示例",
            "applicant.phone": "13800000000",
        },
        {"complaint.kind": None},
        {"complaint.kind"},
    ),
    "contact_complainant": (
        {
            "contact.result": "已联系",
            "contact.at": "2026-12-16T09:30+08:00",
            "contact.demand": LONG,
            "complaint.against": "window",
            "contact.disposition": "受理",
        },
        {"contact.result": None},
        {"contact.result"},
    ),
    "press_contact": (
        {"press.note": LONG},
        {"press.note": None},
        {"press.note"},
    ),
    "refuse_complaint": (
        {"refusal.reason": LONG, "refusal.basis": "投诉处理办法第8条", "refusal.channel": "可向人民法院起诉"},
        {"refusal.reason": None},
        {"refusal.reason"},
    ),
    "collect_records": (
        {"records.kinds": ["录像"], "records.note": LONG},
        {"records.note": None},
        {"records.note"},
    ),
    "decide_finding": (
        {"decision.finding": "属实", "decision.measure": ["道歉"], "decision.facts": LONG, "decision.basis": "服务规范第12条"},
        {"decision.finding": None},
        {"decision.finding"},
    ),
    "write_complaint_reply": (
        {"reply.text": LONG, "reply.basis": "服务规范第12条", "reply.remedy": "不满意的,回访时提出,由政务局复核。"},
        {"reply.text": None},
        {"reply.text"},
    ),
    "complaint_extension": (
        {"extension.reason": LONG, "extension.days": 1},
        {"extension.reason": None},
        {"extension.reason"},
    ),
    "call_back_complainant": (
        {"satisfaction": "满意", "satisfaction_note": LONG},
        {"satisfaction": None},
        {"satisfaction"},
    ),
    "review_complaint": (
        {"review.result": "维持", "review.finding": "属实", "reply.text": LONG, "reply.remedy": "可依法申请行政复议或提起诉讼。"},
        {"review.result": None},
        {"review.result"},
    ),
    "suggestion_register": (
        {
            "suggestion.source": "群众",
            "matter": "M01",
            "title": "自动出电子证明",
            "text": LONG,
            "suggestion.proposal": LONG,
            "suggestion.benefit": LONG,
            "suggestion.evidence": "BBC440103-20261123-0001",
            "applicant.kind": "自然人",
            "applicant.name": "张示例",
            "applicant.phone": "13800000000",
        },
        {"title": None},
        {"title"},
    ),
    "assess_suggestion": (
        {
            "assessment.level": "区",
            "assessment.law_change": False,
            "assessment.own_process": False,
            "assessment.department": "D01",
            "assessment.note": LONG,
        },
        {"assessment.level": None},
        {"assessment.level"},
    ),
    "legal_study": (
        {"legal.opinion": LONG, "legal.basis": "立法法第82条"},
        {"legal.opinion": None},
        {"legal.opinion"},
    ),
    "put_on_agenda": (
        {"agenda.meeting_on": "2026-12-16", "agenda.opinion": LONG},
        {"agenda.meeting_on": None},
        {"agenda.meeting_on"},
    ),
    "study_suggestion": (
        {"study.adopted": "采纳", "study.text": LONG},
        {"study.adopted": None},
        {"study.adopted", "study.reason"},
    ),
    "plan_adoption": (
        {"adoption.rule_change": False, "adoption.guide_change": False, "adoption.tasks": LONG, "adoption.effective_on": "2026-12-16"},
        {"adoption.tasks": None},
        {"adoption.tasks"},
    ),
    "carry_out_adoption": (
        {"carried.summary": LONG, "carried.done_on": "2026-12-16"},
        {"carried.summary": None},
        {"carried.summary"},
    ),
    "publish_suggestion": (
        {"publication.text": LONG},
        {"publication.text": None},
        {"publication.text"},
    ),
    "check_landing": (
        {"check.landed": "已落地", "check.note": LONG},
        {"check.landed": None},
        {"check.landed"},
    ),
    "complete_article": (
        {
            "article.title": "施工许可:材料不齐全",
            "article.problem": LONG,
            "article.cause": "材料不齐全",
            "article.path": LONG,
            "article.basis": LONG,
            "article.result": LONG,
            "article.materials": "监理合同",
            "article.tags": "容缺、施工许可",
        },
        {"article.title": None},
        {"article.title"},
    ),
    "review_by_keeper": (
        {"keeper_review.verdict": "通过", "keeper_review.note": LONG},
        {"keeper_review.verdict": None},
        {"keeper_review.verdict"},
    ),
    "review_by_department": (
        {"department_review.verdict": "通过", "department_review.note": LONG},
        {"department_review.verdict": None},
        {"department_review.verdict"},
    ),
    "check_legality": (
        {"legal_review.verdict": "通过", "legal_review.note": LONG},
        {"legal_review.verdict": None},
        {"legal_review.verdict"},
    ),
    "publish_article": (
        {"publication.visibility": "内部", "publication.summary": LONG},
        {"publication.visibility": None},
        {"publication.visibility"},
    ),
    "write_guide": (
        {"guide.text": LONG},
        {"guide.text": None},
        {"guide.text"},
    ),
    "review_again": (
        {"renewal.decision": "继续有效", "renewal.note": LONG},
        {"renewal.decision": None},
        {"renewal.decision"},
    ),
    "knowledge_review": (
        {"renewal_request.reason": LONG},
        {"renewal_request.reason": None},
        {"renewal_request.reason"},
    ),
    "draft_circular": (
        {"circular.summary": LONG, "circular.problems": LONG, "circular.demands": LONG},
        {"circular.summary": None},
        {"circular.summary"},
    ),
    "verify_figures": (
        {"verification.verdict": "无异议"},
        {"verification.verdict": None},
        {"verification.verdict"},
    ),
    "sign_circular": (
        {"signature.decision": "同意"},
        {"signature.decision": None},
        {"signature.decision"},
    ),
    "write_public_version": (
        {"public_version.text": LONG},
        {"public_version.text": None},
        {"public_version.text"},
    ),
    "red_reply": (
        {"measures.text": LONG, "measures.owner": "综合审批科", "measures.due_on": "2026-12-16"},
        {"measures.text": None},
        {"measures.text"},
    ),
    "decide_project": (
        {"choice.decision": "立项"},
        {"choice.decision": None},
        {"choice.decision"},
    ),
    "improvement_register": (
        {"title": "电子证明", "improvement.trigger": LONG, "improvement.scope": "材料不齐全"},
        {"title": None},
        {"title"},
    ),
    "plan_project": (
        {
            "improvement.decision": "立项",
            "improvement.root_cause": LONG,
            "improvement.metric": "return_rate",
            "improvement.scope": "材料不齐全",
            "improvement.target": 0.1,
            "improvement.department": "coordinator",
            "improvement.tasks": ["规则"],
            "improvement.measures": LONG,
            "improvement.due_on": "2026-12-16",
        },
        {"improvement.decision": None},
        {"improvement.decision"},
    ),
    "project_task": (
        {"done.summary": LONG, "done.on": "2026-12-16"},
        {"done.summary": None},
        {"done.summary"},
    ),
    "act_on_project": (
        {
            "act.decision": "固化",
            "act.reason": LONG,
            "act.standard": LONG,
            "act.rule_change": False,
            "act.article": False,
            "act.innovation": False,
        },
        {"act.decision": None},
        {"act.decision"},
    ),
}
