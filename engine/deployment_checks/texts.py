"""What is wrong with a set of files to be deployed, in words for an analyst: Chinese and English. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.findings import Language
from engine.deployment_checks import advice_texts, document_words


def said(code: str, language: Language, facts: Mapping[str, Any]) -> tuple[str, str]:
    message, remedy = TEXTS[code][language]
    return message.format_map(facts), remedy.format_map(facts)


def what_name(what: str, language: Language) -> str:
    return WHAT.get(what, what) if language == "zh" else what


def purpose_name(purpose: str, language: Language) -> str:
    """What an expression is for: “input limit” is “输入 limit”."""
    known = next((key for key in PURPOSES if purpose == key or purpose.startswith(f"{key} ")), None)
    return purpose.replace(known, PURPOSES[known], 1) if known and language == "zh" else purpose


WHAT = {
    "called process": "被调用的流程",
    "decision": "决策",
    "form": "表单",
    "operation": "操作",
    "candidate group": "候选组",
    "process": "流程",
    "key": "标识",
    "name": "名称",
    "tag": "版本标签",
}

#: By what an expression is for; the name of a parameter follows some of them.
PURPOSES = {
    "correlation key": "关联键",
    "loop condition": "循环条件",
    "loop cardinality": "循环次数",
    "collection": "集合",
    "completion condition": "完成条件",
    "output item": "输出项",
    "script": "脚本",
    "decision input": "决策的输入",
    "decision": "决策",
    "condition": "条件",
    "event name": "事件名称",
    "assignee": "办理人",
    "candidate users": "候选人",
    "candidate groups": "候选组",
    "due date": "到期时间",
    "follow-up date": "跟进时间",
    "priority": "优先级",
    "form": "表单",
    "called process": "被调用的流程",
    "timer": "定时器",
    "input": "输入",
    "output": "输出",
    "in": "传入",
    "out": "传出",
}

#: Message and remedy by code, in Chinese and English.
TEXTS: Mapping[str, Mapping[Language, tuple[str, str]]] = {
    **advice_texts.TEXTS,
    **document_words.TEXTS,
    "unknown-file": {
        "zh": ("以 {suffix!r} 结尾的文件不能部署。", "请部署 .bpmn、.dmn、.form、.csv、.toml 或 .md 文件。"),
        "en": ("Files ending in {suffix!r} cannot be deployed.", "Deploy .bpmn, .dmn, .form, .csv, .toml or .md files."),
    },
    "unknown-table": {
        "zh": ("没有名为“{name}”的参考数据表。", "请使用已有的文件名:{known}。"),
        "en": ("There is no reference table {name!r}.", "Name it as one of: {known}."),
    },
    "toml": {
        "zh": ("这不是合格的 TOML:{problem}", "请改正这一处。"),
        "en": ("This is no TOML: {problem}", "Correct this place."),
    },
    "half-character": {
        "zh": ("文本里有半个字符(如“\\ud800”)。", "请写完整的字符。"),
        "en": ("A text has a “\\ud800”-like half of a character.", "Write the character itself."),
    },
    "file-name": {
        "zh": ("文件名无法显示。", "请改名:最多 {limit} 个看得见的字符。"),
        "en": ("The name of the file cannot be shown.", "Rename it: at most {limit} characters that can be seen."),
    },
    "unfit-name": {
        "zh": ("它的{what}无法保存:有 {length} 个字符。", "请使用最多 {limit} 个看得见的字符。"),
        "en": ("Its {what} cannot be kept: {length} characters.", "Use at most {limit} characters that can be seen."),
    },
    "defined-twice": {
        "zh": ("{what}“{key}”在 {other} 里也有定义。", "请给其中一个换标识,或去掉一个文件。"),
        "en": ("The {what} {key!r} is defined in {other} too.", "Give one of them another id, or remove one file."),
    },
    "missing": {
        "zh": ("{what}“{name}”不存在。", "请一起部署它,或使用已有的:{known}。"),
        "en": ("The {what} {name!r} does not exist.", "Deploy it in the same set, or name one of: {known}."),
    },
    "missing-near": {
        "zh": ("{what}“{name}”不存在。", "是不是“{near}”?"),
        "en": ("The {what} {name!r} does not exist.", "Did you mean {near!r}?"),
    },
    "missing-version-tag": {
        "zh": ("{what}“{name}”没有版本带有版本标签“{tag}”。", "请在它的文件里写上这个版本标签(versionTag)一起部署,或使用已有的:{known}。"),
        "en": (
            "No version of the {what} {name!r} has the version tag {tag!r}.",
            "Deploy one with this versionTag, or name one of: {known}.",
        ),
    },
    "unknown-separation": {
        "zh": ("not_completed_by 里的“{name}”不是任何流程图中的人工任务。", "请改正标识：{known}。"),
        "en": ("“{name}” in not_completed_by is no user task of any diagram.", "Correct the id: {known}."),
    },
    "unknown-notice": {
        "zh": ("没有通知文本“{name}”。", "请在 messages.csv 里补上，或改正编号：{known}。"),
        "en": ("There is no notice {name!r}.", "Add it to messages.csv, or correct the id: {known}."),
    },
    "notice-value-unknown": {
        "zh": ("通知 {name} 没有声明变量“{value}”。", "请改正变量名（{known}），或在 messages.csv 里声明并写进文本。"),
        "en": ("Notice {name} declares no variable “{value}”.", "Correct the name ({known}), or declare it in messages.csv and use it."),
    },
    "notice-value-missing": {
        "zh": ("通知 {name} 要用的“{value}”没有给值，工单本身也不知道。", "请在 values 里补上“{value}”。"),
        "en": ("Notice {name} asks for “{value}”, which is not given and which the case does not know.", "Give “{value}” in values."),
    },
    "feel-syntax": {
        "zh": ("{purpose}写得不对:{problem}", "请改正表达式。"),
        "en": ("The {purpose} is not correct FEEL: {problem}", "Correct the expression."),
    },
    "unset-variable": {
        "zh": ("{purpose}:{problem}", "请在到达这里的路上给它赋值,或改正变量名。"),
        "en": ("The {purpose}: {problem}", "Set it on the way here, or correct the name."),
    },
    "sometimes-variable": {
        "zh": ("{purpose}:{problem}", "没有赋值时会停下报错;请在流程开头先设为 null,或确认不会走到。"),
        "en": (
            "The {purpose}: {problem}",
            "Where it is not set, the expression fails: set it to null at the start, or make sure of the way.",
        ),
    },
    "never-meant": {
        "zh": ("{purpose}:{problem}", "请改正表达式。"),
        "en": ("The {purpose}: {problem}", "Correct the expression."),
    },
    "unknown-variable": {
        "zh": ("{purpose}:{problem}", "请改正变量名,或在前面给它赋值;由启动流程的一方或消息带来的,可以不改。"),
        "en": ("The {purpose}: {problem}", "Correct the name or set it before; leave it if a start or a message brings it."),
    },
    "clock": {
        "zh": ("时钟“{text}”看不懂。", "请写成:{accepted}。"),
        "en": ("The clock “{text}” cannot be read.", "Write it as one of: {accepted}."),
    },
    "clock-kind": {
        "zh": ("没有“{kind}”这种时钟。", "请使用已有的时钟({known}),或在 clock_kinds.csv 里加一行。"),
        "en": ("There is no clock of kind “{kind}”.", "Use one of {known}, or add a row to clock_kinds.csv."),
    },
    "limit": {
        "zh": (
            "时限“{text}”看不懂。",
            "请写 3个工作日、2工作小时、5个自然日、当日,或 PT1H、P1D,或日期 2026-11-23、时刻 2026-11-23T10:00:00+08:00。",
        ),
        "en": (
            "The limit “{text}” is none that a clock understands.",
            "Write 3个工作日, 2工作小时, 5个自然日, 当日, or PT1H, P1D, or a date 2026-11-23, a moment 2026-11-23T10:00:00+08:00.",
        ),
    },
}
