"""What citizens and closed cases tell: complaints, suggestions, the case library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import complaints, knowledge, suggestions
from engine.services.context import OperationContext
from engine.services.identity import mask_text
from engine.vocabulary.operation import Operation


def _earlier_complaint(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"earlier": complaints.earlier(context)}


def _withhold(context: OperationContext, values: Values) -> Mapping[str, Any]:
    complaints.withhold(context)
    return {}


def _similar_suggestions(context: OperationContext, values: Values) -> Mapping[str, Any]:
    found = suggestions.similar(context)
    return {"similar": suggestions.shown(found), "similar_count": len(found), "has_applicant": context.case().applicant_id is not None}


def _candidate(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"library_facts": knowledge.candidate(context)}


def _draft(context: OperationContext, values: Values) -> Mapping[str, Any]:
    parent = knowledge.source(context)
    known = {"article_owner": parent.owner_id, "article_department": parent.lead_department, "article_matter": parent.matter_code}
    return {"article": knowledge.draft(context), **known}


def _check_personal(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"is_clean": mask_text(values["text"] or "") == (values["text"] or "")}


def _similar_articles(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"similar_articles": knowledge.count_similar(context)}


OPERATIONS = (
    Operation("complaint-earlier", "查同一投诉的原答复", "Find the reply to the same complaint", (), ("earlier",), _earlier_complaint),
    Operation("case-withhold", "清除移送内容", "Take out what another authority has now", (), (), _withhold),
    Operation(
        "suggestion-similar",
        "查90日内同类建议",
        "Find suggestions alike",
        (),
        ("similar", "similar_count", "has_applicant"),
        _similar_suggestions,
    ),
    Operation("knowledge-candidate", "查案例入库条件", "Tell what the library asks of a case", (), ("library_facts",), _candidate),
    Operation(
        "knowledge-draft",
        "起草去标识案例",
        "Draft an article without its people",
        (),
        ("article", "article_owner", "article_department", "article_matter"),
        _draft,
    ),
    Operation(
        "personal-check",
        "检查个人信息",
        "Look for personal data in a text",
        (Input("text", True, "what is to be public", nullable=True),),
        ("is_clean",),
        _check_personal,
    ),
    Operation("knowledge-similar", "数同类案例", "Count articles alike", (), ("similar_articles",), _similar_articles),
)
