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

#: Kinds of lines that processes write into the ledger of a file.
ENTRY_KINDS = (
    word("延期"), word("通报事项"), word("反馈"), word("问责"), word("培训"), word("免责"), word("效果检验"),
    word("首接责任人变更"), word("政策学习"), word("建议答复"), word("规则批准"), word("调整等级"), word("容缺宽限"), word("容缺补齐"),
    word("容缺终止"), word("存证异常"), word("专家咨询"), word("公共利益督办"), word("现场办公"), word("责任裁定"), word("共享未送达"),
    word("数据纠错"), word("会议议题"), word("公示意见"), word("不立项"), word("试点评估"), word("否定报备"), word("补充说明"),
    word("人工回推"), word("推送"), word("承诺撤销"), word("承诺核实"), word("致歉"), word("暂停"), word("终止"), word("外部等待"),
    word("告知承诺"), word("容缺"), word("登记审查"), word("红项整改"), word("灯牌"), word("指派"), word("退单"), word("取号"),
    word("咨询材料包"), word("归档"), word("销毁"),
)  # fmt: skip
#: Who acts where no person did, and what rule tables call their answers.
RULE_COLUMNS = (
    word("系统"),
    word("专家类型"), word("主要每月"), word("代码"), word("入库"), word("分管每周"), word("分管每月"), word("动作"),
    word("动作代码"), word("协调方式"), word("去向代码"), word("可延期"), word("后果"), word("后续"), word("告知模板"),
    word("年限"), word("总分"), word("批准人"), word("方式"), word("标识代码"), word("模式"), word("研究人"),
    word("等次"), word("答复时限"), word("签发"), word("红项"), word("结论代码"), word("要整改"), word("计入满意率"),
    word("计时"), word("认定依据"),
)  # fmt: skip
#: What processes call the facts of a ledger line, where no form asks for it; English readers see the name itself.
FACTS = {
    "department": "部门", "departments": "部门", "lamp": "灯牌", "sub_order": "协办单", "suggested": "建议承办部门",
    "in_sign_window": "在签收时限内", "return_count": "退单次数", "has_basis": "写明依据", "has_suggestion": "提出建议部门",
    "held_on": "举行日期", "leader": "领导", "name": "名称", "period": "期间", "flags": "异常标记", "correction": "更正为", "title": "标题",
    "article": "案例编号", "against": "对象", "purpose": "用途", "fields": "数据项", "state": "状态", "before": "之前", "after": "之后",
    "reached": "是否达到", "action": "动作", "metric": "指标", "kind": "类别",
    "materials": "材料", "material": "材料", "reason": "原因", "decision": "决定",
    "due": "期限", "item": "事项", "granted": "是否批准", "basis": "依据", "rule": "规则", "days": "天数", "card": "牌", "from": "从",
    "to": "到", "score": "得分", "adopted": "采纳情况", "measures": "措施", "mode": "方式", "result": "结果", "finding": "认定",
    "document": "文书", "document_no": "文号", "final": "最终决定", "level": "等级", "sign_kind": "签署方式", "ground": "理由",
    "person": "人员", "group": "岗位", "direction": "方向", "via": "途径", "malicious": "恶意", "grace_used": "已用宽限",
    "faults": "过错", "cause": "原因", "expert": "专家", "domain": "领域", "risk": "风险", "usefulness": "有用程度", "fee": "费用",
    "line": "条线", "matter": "事项", "attempts": "尝试次数", "field": "字段", "ours": "本方数据", "theirs": "对方数据", "topic": "主题",
    "comment": "意见", "source": "来源", "scope": "范围", "advice": "意见", "windows_open": "已开窗口",
    "windows_planned": "应开窗口", "opinion": "意见", "event": "事件", "partner": "对方单位", "review": "复核", "credit": "信用处理",
    "expected_end": "预计结束", "pause": "暂停", "unit": "单位", "sent_at": "发出时间", "verify_within": "核实期限", "hours": "学时",
    "row": "命中行", "conclusion": "结论", "note": "说明", "until": "截至", "items": "事项", "code": "编号",
    "overdue_days": "超期天数", "ticket": "号码", "day": "日期", "asked": "要求材料", "exempt": "免提交", "years": "年限",
    "kept_until": "保管至", "destroyed": "销毁件数", "kept": "保留", "is_on_duty": "坐班", "on_duty": "坐班",
    "finished": "办结件数", "deidentified": "已去标识", "used": "已用次数",
}  # fmt: skip
#: Answers that the ledger keeps as codes, without the form that asked.
CODES = {"accept": _("受理"), "refuse": _("不予受理")}

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
#: The posts of the installation as it comes, by the names that the database has.
POSTS = (
    word("窗口专员"), word("窗口负责人"), word("政务局协调岗"), word("领导小组办公室"), word("领导小组"),
    word("整改专员"), word("投诉专员"), word("政务局分管领导"), word("市级政务服务管理机构"), word("督办员"),
    word("政策研究岗"), word("案例管理员"), word("数据管理岗"), word("司法审查岗"), word("编办权责清单岗"),
    word("人事考勤岗"), word("经费管理岗"), word("专家"), word("第三方评估机构"), word("群众监督员"),
    word("12345热线"), word("网格员"), word("流程分析师"), word("系统管理员"), word("审计员"),
)  # fmt: skip

#: The five levels of 国办发〔2019〕51号, and the default after silence.
RATINGS = {5: _("非常满意"), 4: _("满意"), 3: _("基本满意"), 2: _("不满意"), 1: _("非常不满意"), 0: _("默认评价")}
