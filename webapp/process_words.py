"""The words of migrations and running processes for what the engine names in code: states, notes of a plan, kinds of values."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

MIGRATION_STATES: Mapping[str, LazyString] = {
    "running": _("迁移中"), "paused": _("已暂停"), "done": _("已完成"), "stopped": _("已终止"),
}  # fmt: skip
#: What becomes, or would become, of one instance.
RESULTS: Mapping[str, LazyString] = {
    "pending": _("等待"), "moved": _("已迁移"), "moves": _("会换位置"), "kept": _("无须迁移"), "keeps": _("位置不变"),
    "refused": _("不能迁移"),
}  # fmt: skip
#: How a line of a plan came about.
NOTES: Mapping[str, LazyString] = {
    "id": _("标识相同"), "retyped": _("类型变了"), "structure": _("按结构对应"), "chosen": _("人工指定"), "removed": _("新版本没有"),
    "ambiguous": _("有几个相像的"), "dropped": _("人工放弃"),
}  # fmt: skip
TIMERS: Mapping[str, LazyString] = {"keep": _("保留原来的到期时间"), "recompute": _("按新版本重新计算")}
INSTANCE_STATES: Mapping[str, LazyString] = {
    "active": _("运行中"), "suspended": _("已挂起"), "ended": _("已结束"), "cancelled": _("已终止"),
}  # fmt: skip
OUTCOMES: Mapping[str, LazyString] = {
    "waiting": _("正在进行"), "completed": _("已完成"), "cancelled": _("已取消"), "failed": _("失败"),
}  # fmt: skip
WAITS: Mapping[str, LazyString] = {
    "user_task": _("等人办理"), "timer": _("等时间"), "message": _("等消息"), "signal": _("等信号"), "condition": _("等条件成立"),
    "join": _("等其他分支"), "inclusive": _("等其他分支"), "continuation": _("马上继续"), "failure": _("出错停下"), "": _("内部在办"),
}  # fmt: skip
VALUE_KINDS: Mapping[str, LazyString] = {
    "text": _("文本"), "number": _("数字"), "boolean": _("是或否"), "date": _("日期"), "datetime": _("时刻（带时区）"),
    "json": _("列表或结构（JSON）"),
    "null": _("空"),
}  # fmt: skip
CHANGES: Mapping[str, LazyString] = {
    "move": _("移动到别的元素"), "skip": _("跳过"), "retry": _("重试"), "edit": _("改变量"), "end": _("终止"), "suspend": _("挂起"),
    "resume": _("恢复"),
}  # fmt: skip
BINDINGS: Mapping[str, LazyString] = {
    "latest": _("用到时取最新启用的版本"), "deployment": _("与流程同一次部署的版本"), "version": _("固定版本号"),
    "versionTag": _("固定版本标签"),
}  # fmt: skip
#: Why a repair is refused, by the code of the refusal.
REFUSALS: Mapping[str, LazyString] = {
    "other-scope": _("“%(target)s”与“%(element)s”不在同一层，不能移过去。请选择同一流程、同一子流程里的元素。"),
    "one-of-several": _("“%(element)s”是多个并列实例中的一个，不能单独移动。请一起移动整个活动。"),
    "skips-gateway": _("“%(element)s”是网关，不能跳过。请把令牌移到它应该去的元素。"),
    "begins-by-itself": _("“%(element)s”自己等待或开始，令牌不能移到那里。"),
    "waits-for-branches": _("“%(element)s”要等齐几个分支，不能移到那里。请选择它之前或之后的元素。"),
    "begun-by-event": _("“%(element)s”只由它的事件开始，不能移到那里。"),
    "no-token": _("令牌 %(token)s 已经不在任何元素上。请刷新页面后再操作。"),
    "too-many": _("一次最多操作 %(most)s 个实例，请分批进行。"),
    "nothing-failed": _("这里没有出错的环节，不需要重试。"),
    "no-variables": _("没有要修改的变量，请至少填写一个。"),
    "nothing-stands": _("没有办理中的工作停在“%(element)s”。"),
    "not-running": _("实例不在运行中：已经挂起，或者已经结束。"),
    "not-suspended": _("实例没有挂起，不需要恢复。"),
}


def refusal(message: str, code: str, facts: Mapping[str, object]) -> str:
    """A refusal in the reader's language; one without words of its own as the engine tells it."""
    return str(REFUSALS[code]) % facts if code in REFUSALS else message
