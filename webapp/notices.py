"""The visible outbox: what was said to whom and how far it is; sending again, cancelling, slips of paper, export. Sends nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import letters
from engine.queries import notices
from engine.queries.notices import OutboxQuery
from webapp import labels
from webapp.context import LARGEST_ROW, ROW, actor, engine
from webapp.formats import moment, said
from webapp.sessions import safe_target
from webapp.spreadsheets import download

blueprint = Blueprint("notices", __name__, url_prefix="/notices")

FILTERS = ("state", "channel", "template", "case")


@blueprint.get("")
def index() -> ResponseReturnValue:
    page = notices.outbox(engine(), actor(), _query())
    return render_template(
        "notices.html",
        page=page,
        filters=_filters(),
        may_send=actor().has_group(*letters.SENDERS),
        is_embedded=not engine().settings.channels.names,
    )


@blueprint.get("/export.csv")
def export() -> ResponseReturnValue:
    headings = [_("编号"), _("时间"), _("工单"), _("模板"), _("对象"), _("渠道"), _("状态"), _("发出"), _("送达"), _("尝试次数"), _("内容")]
    return download("notices", headings, _rows())


@blueprint.get(f"/<{ROW}:notice_id>/slip")
def slip(notice_id: int) -> ResponseReturnValue:
    """The notice on paper, for who has no mobile number or wants it so."""
    return render_template("notice_slip.html", notice=notices.notice(engine(), actor(), notice_id))


@blueprint.post(f"/<{ROW}:notice_id>/resend")
def resend(notice_id: int) -> ResponseReturnValue:
    letters.resend(engine(), actor(), notice_id)
    flash(_("已重新发送。"), "success")
    return _back()


@blueprint.post(f"/<{ROW}:notice_id>/cancel")
def cancel(notice_id: int) -> ResponseReturnValue:
    letters.cancel(engine(), actor(), notice_id)
    flash(_("已取消，不再发送。"), "success")
    return _back()


@blueprint.post(f"/<{ROW}:notice_id>/handed")
def handed(notice_id: int) -> ResponseReturnValue:
    letters.hand_over_slip(engine(), actor(), notice_id)
    flash(_("已记录当面送达。"), "success")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(safe_target(request.form.get("next") or url_for("notices.index")), 303)


def _filters() -> dict[str, str]:
    return {name: request.args[name][:60] for name in FILTERS if request.args.get(name)}


def _query(limit: int = 50) -> OutboxQuery:
    given, after = _filters(), request.args.get("after", type=int)
    return OutboxQuery(
        state=given.get("state", ""),
        channel=given.get("channel", ""),
        template=given.get("template", ""),
        case_no=given.get("case", ""),
        after=None if after is None else min(after, LARGEST_ROW),
        limit=limit,
    )


def _rows() -> Iterator[Sequence[Any]]:
    for one in notices.export(engine(), actor(), _query()):
        state = str(labels.NOTICE_STATES.get(one.state, one.state))
        channel = str(labels.CHANNELS.get(one.channel, one.channel))
        moments = (moment(one.sent_at), moment(one.delivered_at))
        yield (
            one.id,
            moment(one.created_at),
            one.case_no,
            one.template,
            said(one.audience_name),
            channel,
            state,
            *moments,
            one.attempts,
            one.body,
        )
