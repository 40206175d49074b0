"""Why a token cannot go on, in words for an analyst (Chinese) and, as detail, in English. One table; computes nothing."""

from __future__ import annotations

from typing import Any

#: code → (Chinese, English); ``{found}`` is what was found instead.
TEXTS: dict[str, tuple[str, str]] = {
    "condition": (
        "条件“{condition}”应得出 true 或 false，实际得出 {found}。",
        "Expected true or false from the condition “{condition}” but it gave {found}.",
    ),
    "conditional": (
        "条件事件的条件“{condition}”应得出 true 或 false，实际得出 {found}。",
        "Expected true or false from the conditional event “{condition}” but it gave {found}.",
    ),
    "loop": (
        "循环条件“{condition}”应得出 true 或 false，实际得出 {found}。",
        "Expected true or false from the loop condition “{condition}” but it gave {found}.",
    ),
    "no-flow": (
        "没有一条出线的条件成立，也没有默认流。请补一条默认流，或改正变量后重试。",
        "Expected a flow whose condition holds but none does, and there is no default flow.",
    ),
    "deadlock": (
        "这里等待的另一条分支不会再来了，流程停住。请检查分支与汇合是否成对。",
        "Expected a token on every incoming flow but no other token can arrive any more.",
    ),
    "endless": (
        "一次推进超过 {found} 步仍不停下：流程里有没有等待的循环？",
        "Expected the instance to wait within {found} steps but it runs on: is there a loop without a wait?",
    ),
    "uncaught-error": (
        "业务错误 {error} 没有边界事件接住：{found}",
        "Expected a boundary event for the error {error} but there is none: {found}",
    ),
    "called-key": ("被调流程的名称应是文本，实际是 {found}。", "Expected the key of a process but found {found}."),
    "called-start": (
        "流程 {key} 只能由事件启动，不能被调用。请给它画一个空白开始事件。",
        "Expected a none start event in process {key} but it starts by events only.",
    ),
    "too-deep": (
        "流程嵌套超过 {found} 层：是不是流程调用了自己？",
        "Expected at most {found} levels of processes but there would be more: does a process call itself?",
    ),
    "event-name": ("消息或信号的名称应是文本，实际是 {found}。", "Expected the name of a message or signal but found {found}."),
    "correlation-key": (
        "消息关联键“{expression}”应得出文本或数字，实际得出 {found}。",
        "Expected text or a number as correlation key from “{expression}” but found {found}.",
    ),
    "cycle": (
        "循环定时应写成 R3/PT1H 或 cron（如 0 0 9 ? * MON-FRI）的形式，实际是 {found}。",
        "Expected a cycle such as R3/PT1H or a cron expression such as 0 0 9 ? * MON-FRI but found {found}.",
    ),
    "cron-over": ("cron 表达式“{found}”以后再没有时间了。", "Expected another moment of the cron expression “{found}” but there is none."),
    "moment": ("“{limit}”应得出带时区的时刻，实际得出 {found}。", "Expected a moment with time zone for “{limit}” but found {found}."),
    "completion": (
        "多实例的完成条件应得出 true 或 false，实际得出 {found}。",
        "Expected true or false from the completion condition but it gave {found}.",
    ),
    "cardinality": ("多实例的次数应是整数，实际是 {found}。", "Expected a whole number of instances but found {found}."),
    "collection": ("多实例的集合应是列表，实际是 {found}。", "Expected a list to run over but the collection is {found}."),
    "too-many": ("多实例最多 {found} 个。", "Expected at most {found} instances but there would be more."),
    "variable": ("没有变量“{found}”。", "Expected a variable “{found}” but there is none."),
    "script": (
        "脚本应得出结构（如 {{x: 1}}），或填写结果变量；实际得出 {found}。",
        "Expected a context such as {{x: 1}} from the script, or a result variable, but it gave {found}.",
    ),
    "decision": (
        "决策 {key} 应得出结构，或填写结果变量；实际得出 {found}。",
        "Expected a context from decision {key}, or a result variable, but it gave {found}.",
    ),
    "operation": ("操作 {topic} 应给出变量，实际给出 {found}。", "Expected variables from operation {topic} but it gave {found}."),
    "text": ("{what}应是文本，实际是 {found}。", "Expected text ({what}) but found {found}."),
    "names": ("候选人或候选组应是名称，实际是 {found}。", "Expected names of users or groups but found {found}."),
    "priority": ("优先级应是整数，实际是 {found}。", "Expected a whole number as priority but found {found}."),
}

_LONGEST = 80


class Broken(Exception):
    """A token cannot go on; becomes a Failure. ``message`` is for the analyst, ``detail`` for the administrator."""

    def __init__(self, message: str, detail: str = ""):
        super().__init__(message)
        self.message, self.detail = message, detail


def broken(code: str, found: Any = "", **facts: Any) -> Broken:
    """The failure ``code`` of the table; ``found`` is shortened, because values can be long."""
    chinese, english = TEXTS[code]
    facts["found"] = _short(found)
    return Broken(chinese.format_map(facts), english.format_map(facts))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
