"""The sheets of an audit export for people to read: one list each, in the reader's language. Looks nothing up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _

from engine.queries.audits import CaseAudit
from webapp import labels, process_words
from webapp.formats import fact, moment, named, named_kind, said, term
from webapp.spreadsheets import MARK, line_of

Row = Sequence[Any]


def sheets_of(audit: CaseAudit, key_id: str) -> dict[str, bytes]:
    """File name → content. A list without lines has its headings all the same: it says that there is nothing."""
    return {
        "README.txt": _guide(audit, key_id).encode(),
        "file.csv": _sheet([_("要点"), _("内容")], _file(audit)),
        "ledger.csv": _sheet([_("类别"), _("时间"), _("操作人"), _("内容")], _entries(audit)),
        "tasks.csv": _sheet(
            [_("任务"), _("流程"), _("岗位"), _("办理人"), _("完成人"), _("开始时间"), _("认领时间"), _("截止"), _("结束时间"), _("结果")],
            _tasks(audit),
        ),
        "decisions.csv": _sheet(
            [_("决策表"), _("名称"), _("命中行"), _("版本"), _("判定时间"), _("输入"), _("结论"), _("适用该版本的原因")], _decisions(audit)
        ),
        "documents.csv": _sheet(
            [_("文号"), _("标题"), _("出具时间"), _("出具人"), _("作废"), _("SM3 摘要"), _("随附文件")], _papers(audit)
        ),
        "notices.csv": _sheet(
            [_("通知"), _("事由"), _("发给"), _("渠道"), _("状态"), _("生成时间"), _("发送时间"), _("送达时间")], _notices(audit)
        ),
    }


def _sheet(headings: Row, rows: Iterable[Row]) -> bytes:
    return (MARK + line_of(headings) + "".join(map(line_of, rows))).encode()


def _guide(audit: CaseAudit, key_id: str) -> str:
    lines = (
        _("%(kind)s %(no)s 的审计导出。", kind=named_kind(audit.kind), no=audit.summary.no),
        _("离线核验：doudi verify-export 本文件.zip --key %(key)s", key=key_id),
        _("核验前请向中心核对公布的密钥编号，不要只相信本文件里的编号。"),
        _("表格供阅读；evidence.json 是存证链和封存，ledger.json 是记录原文，manifest.json 是各文件的 SM3 摘要，manifest.sig 是签名。"),
        _("不含群众的个人信息：致申请人的文书只列文号和摘要，通知不含正文。"),
    )
    return "\r\n".join((*lines, ""))


def _file(audit: CaseAudit) -> Iterable[Row]:
    file = audit.summary
    yield from (
        (_("编号"), file.no),
        (_("件别"), named_kind(audit.kind)),
        # What a citizen's matter is called begins with the citizen's own words, which may name people.
        (_("事项"), term(file.matter_name)) if file.has_applicant else (_("标题"), file.title),
        (_("状态"), term(file.status)),
        (_("结果"), term(file.result)),
        (_("收到时间"), moment(file.received_at)),
        (_("办结时间"), moment(file.closed_at)),
        (_("负责人"), file.owner_name or "—"),
        (_("牵头部门"), said(file.lead_department_name or "—")),
        (_("来自"), file.parent_no or "—"),
    )
    yield from ((fact(label), said(value)) for label, value in audit.facts)


def _entries(audit: CaseAudit) -> Iterable[Row]:
    for one in audit.entries:
        yield term(one.kind), moment(one.recorded_at), term(one.actor_name), "; ".join(f"{fact(name)}: {said(v)}" for name, v in one.facts)


def _tasks(audit: CaseAudit) -> Iterable[Row]:
    for one in audit.tasks:
        groups, outcome = "、".join(said(group) for group in one.groups), str(process_words.OUTCOMES[one.outcome or "waiting"])
        times = (moment(one.created_at), moment(one.claimed_at), moment(one.due_at), moment(one.ended_at))
        yield named(one.name, one.element_id), one.process_key, groups, one.assignee or "—", one.completed_by or "—", *times, outcome


def _decisions(audit: CaseAudit) -> Iterable[Row]:
    for one in audit.decisions:
        why = str(labels.VERSION_REASONS.get(one.chosen_because, "—"))
        sides = (_pairs(one.inputs), _pairs(one.outputs))
        yield one.decision_key, one.name, one.row or "—", one.version, moment(one.decided_at), *sides, why


def _papers(audit: CaseAudit) -> Iterable[Row]:
    for one in audit.papers:
        attached = _("有") if one.content else _("致申请人，未附") if one.is_applicants else _("无")
        yield one.number, named_kind(one), moment(one.issued_at), one.issued_by, _("是") if one.is_void else _("否"), one.digest, attached


def _notices(audit: CaseAudit) -> Iterable[Row]:
    for one in audit.notices:
        channel, state = str(labels.CHANNELS.get(one.channel, one.channel)), str(labels.NOTICE_STATES.get(one.state, one.state))
        times = (moment(one.created_at), moment(one.sent_at), moment(one.delivered_at))
        yield one.template, named_kind(one), said(one.audience), channel, state, *times


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{term(label)}: {said(value)}" for label, value in pairs)
