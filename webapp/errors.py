"""Refusals and failures as pages: what happened, what was not changed, what to do next. One table of statuses."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.errors import (
    BpmnError,
    Conflict,
    EngineError,
    ExpressionFailed,
    InvalidDefinition,
    InvalidInput,
    NotAllowed,
    NotFound,
    StorageFailed,
)
from webapp.carried import typed_texts
from webapp.context import wants_json
from webapp.sessions import ask_for_log_in, be_nobody

STATUS: dict[type[EngineError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    InvalidInput: 422,
    StorageFailed: 507,
    InvalidDefinition: 422,
    ExpressionFailed: 422,
    BpmnError: 422,
}


#: Pages for citizens: what goes wrong there is told without the bar of the staff.
PUBLIC_PAGES = ("public", "service", "preferences")


@dataclass(frozen=True)
class Situation:
    """What the page says: what happened and what to do next."""

    title: LazyString
    text: LazyString
    advice: LazyString


#: The more exact key (with the blueprint or “blueprint.view”) wins.
SITUATIONS: dict[tuple[int, str], Situation] = {
    (400, ""): Situation(_("请求无法识别"), _("提交的内容不完整或已损坏，没有作任何改动。"), _("请返回上一页，刷新后重新提交。")),
    (400, "csrf"): Situation(
        _("页面已失效"),
        _("页面打开时间过长，或登录状态已改变，为了安全没有提交。没有作任何改动。"),
        _("请返回上一页刷新，您输入的内容会保留在页面上，然后再提交一次。"),
    ),
    (401, ""): Situation(_("请先登录"), _("这个页面需要登录后查看。"), _("请登录后重试。")),
    (403, ""): Situation(
        _("您没有这项权限"), _("您的岗位不能进行这项操作，没有作任何改动。"), _("如果工作需要，请联系窗口负责人调整岗位或转派。")
    ),
    (403, "tasks"): Situation(
        _("这项任务属于其他岗位"),
        _("这项任务不由您或您所在的岗位办理，没有作任何改动。"),
        _("请从待办列表选择您的任务；确需由您办理的，请窗口负责人转派给您。"),
    ),
    (403, "four-eyes"): Situation(
        _("这一步须由另一人办理"),
        _("您办过本件前面的一个环节，按规定这一步由另一人把关，没有作任何改动。"),
        _("请退回岗位由同事认领，或者请窗口负责人转派。"),
    ),
    (403, "own-account"): Situation(
        _("不能改自己的账号"), _("岗位、停用和重置由另一位管理员办理，没有作任何改动。"), _("请找另一位管理员。")
    ),
    (403, "people"): Situation(
        _("您不能管理这个账号"),
        _("人员由本范围的窗口负责人和管理员管理，没有作任何改动。"),
        _("请假和联系方式可以自己登记；其他请找管理员。"),
    ),
    (403, "preferences"): Situation(
        _("通知方式由申请人本人选择"), _("您已登录工作账号，没有作任何改动。"), _("请把查询链接交给申请人，由本人在自己的设备上打开。")
    ),
    (403, "notices"): Situation(
        _("您不能处理这条通知"), _("发件箱由窗口和协调岗管理，没有作任何改动。"), _("如果工作需要，请联系窗口负责人。")
    ),
    (403, "cases"): Situation(_("您不能查看这个工单"), _("这个工单属于其他窗口。"), _("如果工作需要，请联系该窗口负责人。")),
    (403, "public"): Situation(
        _("确认和评价由申请人本人提交"),
        _("您已登录工作账号，不能代申请人确认或评价，没有作任何改动。"),
        _("请把查询链接交给申请人，由本人在自己的设备上打开。"),
    ),
    (403, "files"): Situation(
        _("您的岗位不能发起这类事项"),
        _("这类事项由其他岗位发起，没有作任何改动。"),
        _("请从“发起”里选您可以发起的事项，或请有权的岗位发起。"),
    ),
    (404, "files"): Situation(_("没有这类事项"), _("件别表里没有这一类。"), _("请从“发起”里选择。")),
    (404, "registers"): Situation(_("没有这本台账"), _("件别表里没有这一类。"), _("请从台账列表中选择。")),
    (404, ""): Situation(_("没有这个页面"), _("地址可能输错，或者页面已经移动。"), _("请检查地址，或从首页重新进入。")),
    (403, "cases.contact"): Situation(
        _("联系方式只给经办人看"),
        _("您不是这件事的负责人，也没有它的任务，没有显示。"),
        _("需要联系申请人的，请经办人联系，或由窗口负责人转派给您。"),
    ),
    (404, "cases"): Situation(
        _("没有这个工单"),
        _("系统里没有这个受理号。"),
        _("请核对受理号（形如 BBC440103-20261123-0001），或在工单列表中按受理号的一部分查找。"),
    ),
    (404, "tasks"): Situation(_("没有这项任务"), _("这项任务不存在，可能地址输错。"), _("请从待办列表重新打开任务。")),
    (404, "people"): Situation(_("没有这个账号"), _("账号不存在，可能地址输错。"), _("请从人员列表中选择。")),
    (404, "notices"): Situation(_("没有这条通知"), _("通知不存在，可能地址输错。"), _("请从发件箱中选择。")),
    (404, "preferences"): Situation(
        _("查询链接无效"), _("没有找到对应的办理事项，链接可能不完整。"), _("请完整复制短信里的链接重新打开，或联系受理窗口。")
    ),
    (404, "public"): Situation(
        _("查询链接无效"), _("没有找到对应的办理事项，链接可能不完整。"), _("请完整复制短信里的链接重新打开，或联系受理窗口。")
    ),
    (403, "service"): Situation(
        _("这里由群众本人填写"),
        _("您已登录工作账号，不能在群众页面提交，没有作任何改动。"),
        _("代群众登记请从“发起”里选“登记来件”；要查看工单请从工单列表进入。"),
    ),
    (404, "service"): Situation(
        _("没有这个页面"), _("这类事项现在不能在网上提交。"), _("请从窗口首页选择要办的事，或到窗口当面办理、拨打 12345。")
    ),
    (429, "service"): Situation(
        _("操作过于频繁"),
        _("短时间内提交或查询的次数太多，这一次没有受理，没有作任何改动。"),
        _("请过一会儿再试；着急的请拨打 12345 或到窗口当面办理。"),
    ),
    (404, "definitions"): Situation(_("没有这个定义"), _("这个流程、决策表或表单没有部署过。"), _("请从定义列表中选择。")),
    (404, "incidents"): Situation(_("没有这个异常"), _("这个异常不存在，或者已经处理。"), _("请返回异常列表刷新查看。")),
    (405, ""): Situation(
        _("不能这样打开这个地址"), _("这个地址只接受页面上的按钮提交，没有作任何改动。"), _("请返回上一页，用页面上的按钮操作。")
    ),
    (409, ""): Situation(
        _("内容已经变动"), _("您打开页面之后，别人已经作了改动。您的这次操作没有执行。"), _("请刷新页面，看过最新情况后再操作。")
    ),
    (409, "tasks"): Situation(
        _("这项任务已经变动"), _("您打开页面之后，这项任务已被他人认领或改动。您的这次操作没有执行。"), _("请返回待办列表刷新后再试。")
    ),
    (409, "procedure-runs"): Situation(
        _("同一程序正在办理"),
        _("这件上已经有同样的程序在办（名称和开始时间见下），没有再开始一个。"),
        _("请返回案卷页查看办理情况；那一个办完后，还需要的可以再申请。"),
    ),
    (409, "completed"): Situation(
        _("这项任务已经办结"),
        _("这项任务此前已经提交，不能重复提交。您这次的提交没有执行。"),
        _("请查看工单了解最新进展，或返回待办列表办理下一件。"),
    ),
    (409, "cancelled"): Situation(
        _("这项任务已经撤销"),
        _("流程已经前进或改道，这项任务不再需要办理。您这次的提交没有执行。"),
        _("请查看工单了解最新进展，或返回待办列表。"),
    ),
    (409, "open-work"): Situation(
        _("名下还有在办工作"), _("这个账号还有未办完的任务或者首接的工单，没有停用。"), _("请先在人员页移交给接手人，再停用。")
    ),
    (409, "closed-account"): Situation(_("账号已停用"), _("停用的账号不能重置密码。"), _("请先重新启用。")),
    (409, "last-administrator"): Situation(
        _("至少要有一位管理员"), _("这是最后一位管理员，没有作任何改动。"), _("请先给另一个账号管理员岗位。")
    ),
    (409, "leave-answered"): Situation(_("已经答复过了"), _("这次请假已经接受、谢绝或者取消。"), _("请刷新请假页查看。")),
    (409, "leave-over"): Situation(_("请假已经结束"), _("这次请假已经取消或者结束。"), _("请刷新请假页查看。")),
    (409, "under-way"): Situation(_("通知正在发送"), _("这条通知还在队列里，不用重发。"), _("请稍后刷新发件箱。")),
    (409, "gone-out"): Situation(_("通知已经发出"), _("已经发出或者已取消的通知不能再取消。"), _("请刷新发件箱查看。")),
    (409, "public"): Situation(
        _("现在不需要您的答复"),
        _("这一步已经完成，或者还没有开始。您的提交没有执行。"),
        _("请返回进度页查看最新情况；需要补充的，请联系受理窗口。"),
    ),
    (413, ""): Situation(_("提交的内容太大"), _("一次提交不能超过 4 MB,没有作任何改动。"), _("请缩短文字或分次提交。")),
    (413, "attachments"): Situation(_("文件太大"), _("文件超过了上限，没有保存。"), _("请压缩或拆分后再传。")),
    (413, "public_files"): Situation(_("文件太大"), _("文件超过了上限，没有保存。"), _("请压缩或拆分后再传。")),
    (404, "attachments"): Situation(_("没有这个附件"), _("这个附件不存在，或者已经移除。"), _("请返回工单查看现有附件。")),
    (404, "public_files"): Situation(_("没有这个文件"), _("链接不完整，或者文件已经移除。"), _("请返回办件页面重新打开。")),
    (409, "public_files"): Situation(_("现在不能上传"), _("这件事已经办结，文件没有保存。"), _("需要补充的，请联系受理窗口。")),
    (404, "documents"): Situation(_("没有这份文书"), _("这份文书或者模板不存在。"), _("请返回工单，从文书列表中打开。")),
    (507, ""): Situation(
        _("文件现在存不下"), _("存放文件的磁盘已满或者暂时不可用，没有作任何改动。"), _("请稍后再试；仍不行的，请联系系统管理员清理空间。")
    ),
    (422, ""): Situation(_("内容需要更正"), _("提交的内容没有通过检查，没有作任何改动。"), _("请返回上一页，按提示更正后重新提交。")),
    (429, ""): Situation(
        _("操作过于频繁"), _("短时间内尝试次数过多，为了安全暂停受理。"), _("请等一分钟后再试；忘记密码请联系系统管理员。")
    ),
    (500, ""): Situation(
        _("系统出了问题"),
        _("这不是您的操作造成的。本次操作没有完成，问题已记入系统日志。"),
        _("请稍后重试；仍不行的，请把时间和页面地址告诉系统管理员。"),
    ),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(EngineError, _refusal)
    app.register_error_handler(CSRFError, _lost_token)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _failure)


def status_of(error: EngineError) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)


def answer(status: int, situation: str = "", detail: str = "") -> ResponseReturnValue:
    """The page, or JSON for a program, that says what happened."""
    known = _situation(status, situation)
    if wants_json():
        return {
            "status": status,
            "error": str(known.title),
            "message": str(known.text),
            "advice": str(known.advice),
            "detail": detail,
        }, status
    layout = "public_layout.html" if request.blueprint in PUBLIC_PAGES else "layout.html"
    shown = {"situation": known, "detail": detail if detail and current_user.is_authenticated else "", "typed": typed_texts()}
    return render_template("error.html", status=status, layout=layout, **shown), status


def _situation(status: int, situation: str) -> Situation:
    keys = [key for key in (situation, request.endpoint, request.blueprint) if key]
    known = [SITUATIONS[status, key] for key in (*keys, "") if (status, key) in SITUATIONS]
    return known[0] if known else SITUATIONS[400 if status < 500 else 500, ""]


def _refusal(error: EngineError) -> ResponseReturnValue:
    return answer(status_of(error), error.code, detail=str(error))


def _lost_token(error: CSRFError) -> ResponseReturnValue:
    if current_user.is_authenticated or request.blueprint in (*PUBLIC_PAGES, "accounts", "language"):
        return answer(400, "csrf", str(error.description))
    return ask_for_log_in()


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error
    return answer(error.code or 500)


def _failure(_error: Exception) -> ResponseReturnValue:
    try:
        return answer(500)
    except Exception:  # the database is away, and with it the name of who is logged in
        be_nobody()
        return answer(500)
