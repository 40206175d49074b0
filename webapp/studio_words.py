"""The words of the studio for what the engine names in code: kinds of files, states of a change set, faults of an input."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

KINDS: Mapping[str, LazyString] = {
    "process": _("流程图"),
    "decision": _("决策表文件"),
    "form": _("表单文件"),
    "notice": _("通知文本"),
    "reference": _("基础数据"),
    "scenario": _("场景"),
    "document": _("文书模板"),
}
STATUSES: Mapping[str, LazyString] = {"open": _("草稿中"), "submitted": _("已提交"), "abandoned": _("已放弃")}
#: What the engine calls a fault of an input, in the words of the page.
FAULTS: Mapping[str, LazyString] = {
    "unknown-file-name": _(
        "文件名不对：由字母、数字、汉字、点、横线组成，后缀是 .bpmn、.dmn、.form、.csv、.toml 或 .md，例如 P40_visit.bpmn。"
    ),
    "letters-digits": _("标识由英文字母、数字和下划线组成，以字母开头，例如 P40_visit。"),
    "one-line": _("请填写名称，一行以内。"),
    "unknown": _("请选择要新建什么。"),
    "too-many": _("一个变更里的文件太多，请先提交或另建变更。"),
    "empty": _("请填写标题。"),
}
