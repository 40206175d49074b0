"""The words of the pages of trials. Decides nothing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

KINDS = {"scenarios": _("场景"), "decisions": _("决策重放"), "cases": _("工单重放"), "load": _("负荷预测"), "submission": _("提交")}
STATES = {"waiting": _("等待"), "running": _("正在运行"), "done": _("完成"), "failed": _("失败"), "cancelled": _("已取消")}
#: What may differ when a case is played again.
DIFFERENCES = {"row": _("决策行"), "level": _("等级"), "route": _("路径"), "due": _("期限")}
