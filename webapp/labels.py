"""The words of the domain that reach a page from a record, so that they can be translated. Order and meaning live elsewhere."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


def word(text: str) -> str:
    """Marks a stored word for the catalogue; it is translated where it is written (filter `term`)."""
    return text


LAMPS: dict[str, LazyString] = {"red": _("已超期"), "yellow": _("即将到期"), "green": _("时限内"), "grey": _("无时限")}
LAMP_ICONS = {"red": "exclamation-octagon", "yellow": "exclamation-triangle", "green": "check-circle", "grey": "dash-circle"}

STATUSES = (
    word("待登记"), word("待研判"), word("已受理"), word("协调中"), word("会商中"), word("领导小组研究"), word("待答复"),
    word("待确认"), word("待评价"), word("整改中"), word("已重开"), word("已告知"), word("已引导"), word("已并案"), word("已移交"),
    word("已分流"), word("已归档"),
)  # fmt: skip
LEVELS = (word("简单"), word("复杂"), word("重大"))
#: Other stored words a page may show.
WORDS = (
    word("收到反映"), word("归档"), word("发给"), word("内容"), word("渠道"), word("结果"),
    word("现场"), word("网上大厅"), word("微信"), word("电话"), word("网格"), word("短视频留言"), word("其他"), word("牵头"),
    word("协办"), word("自然人"), word("企业"), word("个体工商户"), word("自然人(群体代表)"), word("已解决"), word("未解决"),
    word("未确认"), word("直接解决"), word("协调解决"), word("绿灯"), word("黄灯预警"), word("黄牌(环节)"), word("黄牌"),
    word("红牌"), word("同意"), word("不同意"), word("需补充"), word("已办结"), word("首次响应"), word("部门签收"),
    word("启动协调"), word("协调结论"), word("办结"), word("差评回访"), word("整改"), word("申请人确认"), word("评价"),
)  # fmt: skip

NOTICE_STATES = {
    "queued": _("待发送"), "sending": _("发送中"), "sent": _("已发送"), "delivered": _("已送达"), "failed": _("发送失败"),
    "suppressed": _("对方已退订"), "cancelled": _("已取消"),
}  # fmt: skip
CHANNELS = {
    "outbox": _("发件箱"), "sms": _("短信"), "wechat": _("微信"), "station": _("站内消息"), "email": _("电子邮件"), "paper": _("纸质单"),
}  # fmt: skip
LEAVE_STATES = {
    "asked": _("待代班人接受"), "accepted": _("已接受，未开始"), "running": _("代班中"), "declined": _("已谢绝"), "cancelled": _("已取消"),
    "ended": _("已结束"),
}  # fmt: skip
DEFINITION_KINDS = {
    "process": _("流程"), "decision": _("决策表"), "form": _("表单"), "reference": _("基础数据"), "notice": _("通知文本"),
    "scenario": _("场景"), "document": _("文书模板"),
}  # fmt: skip
VERSION_STATES = {
    "checked": _("等待批准"), "approved": _("待启用"), "refused": _("已退回"), "planned": _("定时启用"), "pilot": _("试点"),
    "active": _("已启用"), "replaced": _("已停用"),
}  # fmt: skip
#: Why a case was judged by that version of a table.
VERSION_REASONS = {
    "binding": _("流程图指定这一版"), "now": _("作出判定时启用的版本"), "acceptance": _("受理时启用的版本"),
    "open_cases": _("受理后启用，同时适用于在办件"), "first": _("受理时还没有这张表，用作出判定时启用的版本"),
}  # fmt: skip
CHANGE_KINDS = {"added": _("新增"), "removed": _("删除"), "changed": _("修改"), "moved": _("移动")}
AUDIENCES = {"applicant": _("申请人"), "owner": _("首接责任人")}
GROUPS = {
    "window": _("窗口专员"), "window_head": _("窗口负责人"), "coordinator": _("政务局协调岗"), "leading_group_office": _("领导小组办公室"),
    "leading_group": _("领导小组"), "rectifier": _("整改专员"), "complaint_officer": _("投诉专员"),
    "bureau_leader": _("政务局分管领导"), "city_office": _("市级政务服务管理机构"), "supervisor": _("督办员"),
    "policy_researcher": _("政策研究岗"), "knowledge_keeper": _("案例管理员"), "data_officer": _("数据管理岗"),
    "legal_officer": _("司法审查岗"), "staffing_officer": _("编办权责清单岗"), "hr_officer": _("人事考勤岗"),
    "finance_officer": _("经费管理岗"), "expert": _("专家"), "evaluator": _("第三方评估机构"), "citizen_supervisor": _("群众监督员"),
    "hotline": _("12345热线"), "grid_worker": _("网格员"),
    "analyst": _("流程分析师"), "admin": _("系统管理员"), "auditor": _("审计员"),
}  # fmt: skip

#: The five levels of 国办发〔2019〕51号, and the default after silence.
RATINGS = {5: _("非常满意"), 4: _("满意"), 3: _("基本满意"), 2: _("不满意"), 1: _("非常不满意"), 0: _("默认评价")}
