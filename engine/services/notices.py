"""Notices: fills a template and writes it to the outbox in the same transaction. Sends nothing by itself.

A body never carries an identity or mobile number, the reason of a refusal, or the applicant's name to anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import Case, Department, Matter, Notice, NoticeTemplate, Party
from engine.db.tables import CandidateGroup
from engine.errors import InvalidInput, NotFound
from engine.services import cases, clocks, evidence, parties, sub_orders
from engine.services.context import OperationContext
from engine.services.identity import mask_name, mask_text

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

#: Words no template may ask for.
FORBIDDEN = ("证件号", "证件号码", "身份证", "身份证号", "身份证号码", "申请人姓名", "拒绝理由", "不予受理理由", "不予受理原因", "住址")

#: Where a citizen can always ring: the government service hotline.
TELEPHONE = "12345"

_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_CODE = re.compile(r"D\d{2,4}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def send(context: OperationContext, template_id: str, to: str, values: Mapping[str, Any]) -> None:
    """Queue a notice about the case; what goes to the applicant also goes to the applicants of merged cases."""
    template = _template(context, template_id)
    case = context.case()
    audience = _audience(context, case, to)
    receivers = [case, *_merged(context, case)] if audience == "applicant" else [case]
    known = known_values(context, case, placeholders(template.text))
    named = {key: _named(context, value) for key, value in values.items()}
    for receiver in receivers:
        own = {**known, "工单号": receiver.no, "短链": short_link(context, receiver)}
        body = _private(context, receiver, render(template.id, template.text, own, named))
        notice = Notice(case_no=receiver.no, template=template.id, audience=audience, body=body, created_at=context.now)
        context.session.add(notice)
        context.record("notice:queue", template=template.id, audience=audience, digest=evidence.digest(body))
    context.schedule("notices", {}, None)


def render(template_id: str, text: str, known: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Fill every placeholder; given values win over what the case knows. Raises InvalidInput naming what is missing or unknown."""
    wanted = placeholders(text)
    if unknown := sorted(values.keys() - wanted):
        raise InvalidInput(
            f"Expected values for the placeholders of {template_id} ({'、'.join(sorted(wanted)) or 'none'}) but got {'、'.join(unknown)}."
        )
    filled = {**known, **{key: value for key, value in values.items() if value is not None and value != ""}}
    if missing := sorted(key for key in wanted if filled.get(key) in (None, "")):
        raise InvalidInput(f"Expected a value for {'、'.join(missing)} of {template_id} but there is none. Give it in values.")
    return PLACEHOLDER.sub(lambda match: shown(filled[match[1].strip()]), text)


def placeholders(text: str) -> frozenset[str]:
    """The placeholder words of a template."""
    return frozenset(word.strip() for word in PLACEHOLDER.findall(text))


def known_values(context: OperationContext, case: Case, wanted: Iterable[str]) -> dict[str, Any]:
    """What the case fills in by itself, of the placeholders wanted; None where it is not known yet."""
    return {word: _KNOWN[word](context, case) for word in wanted if word in _KNOWN}


def short_link(context: OperationContext, case: Case) -> str:
    """The address of the citizen's page of the case."""
    return f"{context.public_url}/p/{case.public_token}"


def shown(value: Any) -> str:
    """A value as a citizen reads it: moments and dates in words of the wall clock, whole numbers without a point."""
    if isinstance(value, str) and _ISO_MOMENT.match(value):
        value = _parsed(value)
    elif isinstance(value, str) and _ISO_DATE.fullmatch(value):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        at = local(value) if value.tzinfo else value
        return f"{at.year}年{at.month}月{at.day}日{at:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).rstrip("。.")  # the sentence of the template ends by itself


def _named(context: OperationContext, value: Any) -> Any:
    """A department's code becomes its name: citizens know no codes."""
    department = context.session.get(Department, value) if isinstance(value, str) and _CODE.fullmatch(value) else None
    return department.name if department else value


def _parsed(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _template(context: OperationContext, template_id: str) -> NoticeTemplate:
    template = context.session.get(NoticeTemplate, template_id)
    if template is None:
        raise NotFound(f"Expected notice template {template_id!r} but there is none. Add it to notices/messages.csv and load it.")
    return template


def _audience(context: OperationContext, case: Case, to: str) -> str:
    kind, _, name = to.partition(":")
    if to == "applicant":
        return to
    if to == "owner":
        return f"user:{case.owner_id}" if case.owner_id else "group:window"
    if kind == "group" and context.session.get(CandidateGroup, name) is not None:
        return to
    if kind == "department" and context.session.get(Department, name) is not None:
        return to
    raise InvalidInput(f"Expected applicant, owner, group:<known group> or department:<known code> as the receiver but got {to!r}.")


def _merged(context: OperationContext, case: Case) -> list[Case]:
    # The index on window and status keeps this from reading every case.
    merged = select(Case).where(Case.org_unit == case.org_unit, Case.status == "已并案", Case.merged_into == case.no)
    return list(context.session.scalars(merged.order_by(Case.no)))


def _matter_name(context: OperationContext, case: Case) -> str:
    matter = context.session.get(Matter, case.matter_code) if case.matter_code else None
    return matter.name if matter else case.title


def _lead_name(context: OperationContext, case: Case) -> str:
    lead = context.session.get(Department, case.lead_department) if case.lead_department else None
    return lead.name if lead else "政务服务窗口"


def _finish_day(context: OperationContext, case: Case) -> date | None:
    finish = clocks.running(context, "finish")
    return local(finish[-1].due_at).date() if finish else None


def _departments(context: OperationContext, case: Case) -> list[str]:
    routed = context.variables.get("departments")
    codes = [str(entry.get("code")) for entry in routed if isinstance(entry, Mapping)] if isinstance(routed, list) else []
    return [code for code in codes or sub_orders.departments_of_case(context, case) if code != case.lead_department]


def _private(context: OperationContext, case: Case, body: str) -> str:
    """Masks what slipped into a value typed by hand."""
    party = context.session.get(Party, case.applicant_id)
    details = parties.revealed(context.secrets, party) if party else {}
    for key, masked in (("name", mask_name(details.get("name", ""))), ("cert_no", "****"), ("phone", "****"), ("address", "****")):
        if len(details.get(key, "")) >= 2 and (key != "name" or (party is not None and party.kind.startswith("自然人"))):
            body = body.replace(details[key], masked)
    return mask_text(body)


#: Placeholders that the case fills by itself.
_KNOWN: Mapping[str, Callable[[OperationContext, Case], Any]] = {
    "工单号": lambda context, case: case.no,
    "事项": _matter_name,
    "短链": lambda context, case: short_link(context, case),
    "姓名": lambda context, case: cases.owner_name(context.session, case) or "窗口专员",
    "电话": lambda context, case: TELEPHONE,
    "等级": lambda context, case: case.level,
    "牵头部门": _lead_name,
    "N": lambda context, case: len(_departments(context, case)),
    "日期": _finish_day,
}
