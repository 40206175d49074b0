"""Notices: fills a template, chooses receivers and channels, and writes to the outbox in the same transaction. Sends nothing by itself.

A body never carries an identity number, the reason of a refusal, or the applicant's name to anybody else; of mobile numbers only that of
the person who is responsible for the case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import Case, Department, Matter, Notice, NoticeTemplate, Party
from engine.db.tables import Account
from engine.errors import InvalidInput, NotFound
from engine.services import cases, clocks, evidence, notice_words, parties, receivers, sub_orders
from engine.services.account_changes import phone_of
from engine.services.context import OperationContext
from engine.services.identity import mask_name, mask_text

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

#: Words no template may ask for.
FORBIDDEN = ("证件号", "证件号码", "身份证", "身份证号", "身份证号码", "申请人姓名", "拒绝理由", "不予受理理由", "不予受理原因", "住址")

#: Ways out of the building. Without any of them a notice stands on the outbox page.
CHANNELS = ("sms", "wechat", "station", "email", "paper")

#: Where a citizen can always ring: the government service hotline.
TELEPHONE = "12345"

#: Stands for the owner's telephone until what was typed has been masked.
_TELEPHONE_HERE = "\ue000"

_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_CODE = re.compile(r"D\d{2,4}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def send(context: OperationContext, template_id: str, to: str, values: Mapping[str, Any]) -> None:
    """Queue a notice about the case; what goes to the applicant also goes to the applicants of merged cases."""
    template = _template(context, template_id)
    case = context.case()
    audience = receivers.audience_of(context, case, to)
    declared = template.variables or sorted(placeholders(template.text))
    known = known_values(context, case, declared)
    named = {key: _named(context, value) for key, value in values.items()}
    for receiver in [case, *_merged(context, case)] if audience == receivers.APPLICANT else [case]:
        own = {**known, "工单号": receiver.no, "短链": short_link(context, receiver)}
        for letter in receivers.letters(context, receiver, template, audience):
            english = _english(context, receiver, template, declared, own, values) if _is_read_in_english(letter) else ""
            is_staff = audience != receivers.APPLICANT
            body = english if is_staff and english else render(template.id, template.text, declared, own, named)
            written = _queue(context, receiver, template, letter, _private(context, receiver, body))
            if english and not is_staff:
                written.body_en, written.language = _private(context, receiver, english), letter.language
    context.schedule("notices", {}, None)


def _queue(context: OperationContext, case: Case, template: NoticeTemplate, letter: receivers.Letter, body: str) -> Notice:
    notice = Notice(case_no=case.no, template=template.id, audience=letter.audience, body=body, created_at=context.now)
    notice.channel, notice.is_critical, notice.next_attempt_at = letter.channel, template.is_critical, context.now
    notice.receiver = context.secrets.encrypt(letter.address, "notice.receiver") if letter.address else None
    notice.state = "suppressed" if letter.is_suppressed else "queued"
    context.session.add(notice)
    context.record("notice:queue", template=template.id, audience=letter.audience, digest=evidence.digest(body))
    return notice


def _is_read_in_english(letter: receivers.Letter) -> bool:
    """An applicant may read the page in English whatever language the message goes out in."""
    return letter.audience == receivers.APPLICANT or letter.language == "en"


def _english(
    context: OperationContext,
    case: Case,
    template: NoticeTemplate,
    declared: Iterable[str],
    known: Mapping[str, Any],
    given: Mapping[str, Any],
) -> str:
    """The English text with names and days as English readers write them; empty where the template has none."""
    if not template.text_en:
        return ""
    own = {**known, **notice_words.known_in_english(context.session, case, known)}
    named = {key: notice_words.in_english(context.session, _typed(value)) for key, value in given.items()}
    filled = {key: notice_words.in_english(context.session, value) for key, value in own.items()}
    return render(template.id, template.text_en, declared, filled, named)


def render(template_id: str, text: str, declared: Iterable[str], known: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Fill every placeholder; given values win over what the case knows. Raises InvalidInput naming what is missing or unknown."""
    wanted = placeholders(text)
    if unknown := sorted(values.keys() - set(declared)):
        raise InvalidInput(
            f"Expected values for the placeholders of {template_id} ({'、'.join(sorted(declared)) or 'none'}) but got {'、'.join(unknown)}."
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
    found = {word: _KNOWN[word](context, case) for word in wanted if word in _KNOWN}
    return {word: value if word == "电话" else _typed(value) for word, value in found.items()}


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
    return department.name if department else _typed(value)


def _typed(value: Any) -> Any:
    """What somebody may have typed cannot stand for the telephone."""
    return value.replace(_TELEPHONE_HERE, "") if isinstance(value, str) else value


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


def _kind_name(context: OperationContext, case: Case) -> str:
    kind = context.kinds.files.get(case.kind)
    return kind.name if kind is not None else case.kind


def _finish_day(context: OperationContext, case: Case) -> date | None:
    finish = clocks.running(context, "finish")
    return local(finish[-1].due_at).date() if finish else None


def _departments(context: OperationContext, case: Case) -> list[str]:
    routed = context.variables.get("departments")
    codes = [str(entry.get("code")) for entry in routed if isinstance(entry, Mapping)] if isinstance(routed, list) else []
    return [code for code in codes or sub_orders.departments_of_case(context, case) if code != case.lead_department]


def _private(context: OperationContext, case: Case, body: str) -> str:
    """Masks what slipped into a value typed by hand. The telephone of who is responsible was written so that it is left alone."""
    if case.applicant_id is None:
        return mask_text(body).replace(_TELEPHONE_HERE, _telephone(context, case))
    party = context.session.get(Party, case.applicant_id)
    details = parties.revealed(context.secrets, party) if party else {}
    for key, masked in (("name", mask_name(details.get("name", ""))), ("cert_no", "****"), ("phone", "****"), ("address", "****")):
        if len(details.get(key, "")) >= 2 and (key != "name" or (party is not None and party.kind.startswith("自然人"))):
            body = body.replace(details[key], masked)
    return mask_text(body).replace(_TELEPHONE_HERE, _telephone(context, case))


def _telephone(context: OperationContext, case: Case) -> str:
    """The owner's own telephone; the hotline's where there is none."""
    owner = context.session.get(Account, case.owner_id) if case.owner_id else None
    return phone_of(context.secrets, owner) or TELEPHONE


#: Placeholders that the case fills by itself.
_KNOWN: Mapping[str, Callable[[OperationContext, Case], Any]] = {
    "工单号": lambda context, case: case.no,
    "事项": _matter_name,
    "短链": lambda context, case: short_link(context, case),
    "姓名": lambda context, case: cases.owner_name(context.session, case) or "窗口专员",
    "电话": lambda context, case: _TELEPHONE_HERE,
    "监督电话": lambda context, case: TELEPHONE,
    "渠道": lambda context, case: case.channel,
    "件别": lambda context, case: _kind_name(context, case),
    "标题": lambda context, case: case.title,
    "等级": lambda context, case: case.level,
    "牵头部门": _lead_name,
    "N": lambda context, case: len(_departments(context, case)),
    "日期": _finish_day,
}

#: Words that a diagram need not give.
KNOWN_WORDS = frozenset(_KNOWN)
