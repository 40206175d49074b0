"""What people read when FEEL fails: plain Chinese, with what to write instead. Computes nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')

#: What people bring along from other languages: what to look for outside of quoted text, and the hint.
_HABITS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"=="), "FEEL 用一个等号“=”比较，请把“==”改为“=”。"),
    (re.compile(r"<>"), "FEEL 用“!=”表示不等于。"),
    (re.compile(r"&&"), "FEEL 用“and”表示并且，请改写“&&”。"),
    (re.compile(r"\|\|"), "FEEL 用“or”表示或者，请改写“||”。"),
    (re.compile(r"!(?!=)"), "FEEL 用“not(…)”表示否定，请改写“!”。"),
    (re.compile(r"'"), 'FEEL 的文本要用英文双引号，请把单引号改为双引号，例如 "complex"。'),
    (re.compile(r"[“”‘’]"), '请用英文双引号 " 括起文本，不要用中文引号。'),
    (re.compile(r"[，；（）：＝＞＜]"), "请把中文标点（，；（）：）改为英文标点。"),
    (re.compile(r"\b(True|False|None|NULL|TRUE|FALSE)\b"), "FEEL 写作小写的 true、false、null。"),
    (re.compile(r"\blen\s*\("), "求个数用 count(列表)，求文本长度用 string length(文本)。"),
    (re.compile(r"\bnot\s+(?!\()\w"), "FEEL 的否定要写括号：not(…)。"),
    (re.compile(r"\?[^\"]*:"), "FEEL 的条件写作 if 条件 then 值1 else 值2。"),
    (re.compile(r"\$\{|#\{"), "这里直接写 FEEL 表达式，不用 ${ } 或 #{ }。"),
    (re.compile(r"\bis not null\b|\bis null\b", re.IGNORECASE), "判断空值写作 x = null 或 x != null。"),
    (re.compile(r"%"), "求余数用 modulo(a, b)。"),
    (re.compile(r"\bP(T?\d+[YMWDHS])+\b"), '时长要写作 duration("PT5M") 这样的形式。'),
)

_NEVER_MEANT = re.compile(r"==|\b(True|False|None)\b|[，；（）：＝＞＜“”‘’]|\bP(T?\d+[YMWDHS])+\b")

_TYPES = {
    "Null": "空值", "boolean": "真假值", "number": "数字", "string": "文本", "list": "列表", "context": "结构",
    "date": "日期", "time": "时间", "date and time": "日期时间", "days and time duration": "时长", "years and months duration": "年月时长",
    "range": "区间", "function": "函数", "other": "未知类型",
}  # fmt: skip
_VERBS = {"add": "相加", "subtract": "相减", "multiply": "相乘", "divide": "相除", "exponentiate": "乘方"}
_INVALID = re.compile(r"\{?(\w[\w ]*)\(\{?from\}?\) is not a valid ")


def hint(expression: str) -> str:
    """The first habit of another language found in ``expression``, or an empty text."""
    bare = _TEXT.sub('""', expression)
    return next((advice for sign, advice in _HABITS if sign.search(bare)), "")


def habits_that_parse(expression: str) -> list[str]:
    """Habits that FEEL's grammar lets through but that never mean what the author meant."""
    bare = _TEXT.sub('""', expression)
    return [f"{hint(expression)} {quoted(expression)}"] if _NEVER_MEANT.search(bare) else []


def nearest(name: str, known: Iterable[str]) -> str:
    """“你是不是想写…” for the known names most like ``name``, or an empty text."""
    found = difflib.get_close_matches(name, list(known), n=2, cutoff=0.6)
    return f"你是不是想写“{'”或“'.join(found)}”？" if found else ""


def explain(failure: Mapping[str, Any], expression: str, known: Collection[str]) -> str:
    """The sentence for a failure of the realm: what is wrong, then how to mend it, then where."""
    sentence = _sentence(failure["code"], failure.get("facts") or {}, known)
    return " ".join(part for part in (sentence, hint(expression), quoted(expression)) if part)


def quoted(expression: str) -> str:
    text = " ".join(expression.split())
    return f"表达式：{text if len(text) <= 120 else text[:117] + '…'}" if text else ""


def _sentence(code: str, facts: Mapping[str, Any], known: Collection[str]) -> str:
    writer = _WRITERS.get(code)
    return writer(facts, known) if writer else f"表达式无法计算（{facts.get('detail') or facts.get('template') or code}）。"


def _value(fact: Any) -> str:
    if not isinstance(fact, dict):
        return str(fact)
    return "空值" if fact["type"] == "Null" else f"{_TYPES.get(fact['type'], fact['type'])} {fact['text']}"


def _variable(facts: Mapping[str, Any], known: Collection[str]) -> str:
    match = re.match(r"Variable '(.*)' not found", facts.get("template", ""))
    name = match.group(1) if match else facts.get("source", "")
    if re.fullmatch(r"P(T?\d+[YMWDHS])+", name):
        return f'“{name}”是时长，要写作 duration("{name}")。'
    return f"找不到变量“{name}”。{nearest(name, known)}"


def _entry(facts: Mapping[str, Any], known: Collection[str]) -> str:
    name = facts.get("source", "")
    target = facts.get("target") or {}
    if target.get("type") == "Null":
        return f"“.{name}”前面的内容是空值，没有“{name}”。可能为空时先判断：if x = null then … else x.{name}。"
    return f'里面没有“{name}”这一项。这一项可能没有时写 get value(结构, "{name}")，没有则得到 null。'


def _operation(facts: Mapping[str, Any], known: Collection[str]) -> str:
    verb = next((chinese for english, chinese in _VERBS.items() if f"Can't {english} " in facts.get("template", "")), "运算")
    return f"不能把{_value(facts.get('left'))} 与{_value(facts.get('right'))} {verb}。"


def _comparison(facts: Mapping[str, Any], known: Collection[str]) -> str:
    sides = [facts.get("left") or {}, facts.get("right") or {}]
    advice = "两边的类型要相同：文本转数字用 number(x)，文本转日期用 date(x)。"
    if any(side.get("type") == "Null" for side in sides):
        advice = "可能为空时先判断 x != null and …。"
    return f"不能比较{_value(facts.get('left'))} 与{_value(facts.get('right'))}。{advice}"


def _boolean(facts: Mapping[str, Any], known: Collection[str]) -> str:
    sides = [facts.get("left") or {}, facts.get("right") or {}]
    found = next((_value(side) for side in sides if side and side["type"] != "boolean"), "别的内容")
    return f"这里要真假值（true 或 false），却得到{found}。"


def _function(facts: Mapping[str, Any], known: Collection[str]) -> str:
    name = facts.get("name") or facts.get("source", "").split("(")[0]
    return f"没有函数“{name.strip()}”。{nearest(name, known)}"


def _arguments(facts: Mapping[str, Any], known: Collection[str]) -> str:
    source, template = facts.get("source", ""), facts.get("template", "")
    invalid = _INVALID.match(template)
    if invalid and "from" in facts:
        return f"{_value(facts['from'])} 不是有效的{_TYPES.get(invalid.group(1).strip(), invalid.group(1))}：{source}。"
    detail = "" if template == "ARGUMENT_TYPES" else f"（{template}）"
    return f"函数的参数不对：{source}{detail}。请检查参数的个数、类型以及是否为空。"


def _syntax(facts: Mapping[str, Any], known: Collection[str]) -> str:
    token = facts.get("token", "").strip()
    return f"语法不对，在“{token[:40]}”处读不下去。" if token else "语法不对，表达式没有写完。"


def _other(facts: Mapping[str, Any], known: Collection[str]) -> str:
    detail = facts.get("detail", "")
    return "不能用 >、<、区间来比较列表或结构。" if detail.startswith("unsupported range") else f"表达式无法计算（{detail}）。"


def _no_rule(facts: Mapping[str, Any], known: Collection[str]) -> str:
    return f"没有一条规则适用。{_inputs(facts)}请补一条规则或默认值。"


def _several(facts: Mapping[str, Any], known: Collection[str]) -> str:
    return f"命中策略是“唯一”，却有多条规则适用：{_rules(facts)}。{_inputs(facts)}请把规则改到互不重叠，或改用 FIRST。"


def _rules(facts: Mapping[str, Any]) -> str:
    return "、".join(facts.get("rules", ()))


def _inputs(facts: Mapping[str, Any]) -> str:
    return f"输入：{'，'.join(f'{label} = {value}' for label, value in facts.get('inputs', ()))}。" if facts.get("inputs") else ""


_WRITERS: dict[str, Callable[[Mapping[str, Any], Collection[str]], str]] = {
    "NO_VARIABLE_FOUND": _variable,
    "NO_CONTEXT_ENTRY_FOUND": _entry,
    "NO_PROPERTY_FOUND": _entry,
    "NO_FUNCTION_FOUND": _function,
    "NO_FUNCTION": _function,
    "INVALID_TYPE": _operation,
    "INVALID_COMPARISON": _comparison,
    "NOT_BOOLEAN": _boolean,
    "INVALID_ARGUMENTS": _arguments,
    "FUNCTION_INVOCATION_FAILURE": _arguments,
    "SYNTAX": _syntax,
    "NO_RULE": _no_rule,
    "ERROR": _other,
    "EMPTY": lambda facts, known: "表达式是空的。",
    "DIVISION_BY_ZERO": lambda facts, known: "除数是零。",
    "UNSUPPORTED": lambda facts, known: "用了不支持的写法。",
    "NOW_NOT_GIVEN": lambda facts, known: "这里不能用 now() 或 today()：没有给出当前时间。",
    "NOT_A_NUMBER": lambda facts, known: "结果不是有限的数字。",
    "BAD_RESULT": lambda facts, known: f"结果是{_TYPES.get(facts.get('type', ''), '未知类型')}，不能存入流程数据。",
    "RESULT_TOO_LARGE": lambda facts, known: f"结果太大（{facts.get('characters')} 个字符）。",
    "NOT_UNIQUE": _several,
    "NOT_ANY": lambda facts, known: f"命中策略是“任意”，但规则 {_rules(facts)} 的输出不同。{_inputs(facts)}",
    "MISSING_INPUT": lambda facts, known: f"缺少输入“{facts.get('name')}”。{nearest(facts.get('name', ''), known)}",
    "INPUT_NOT_ALLOWED": lambda facts, known: f"值 {facts.get('value')} 不在允许的值（{facts.get('allowed')}）之内。",
    "TYPE_MISMATCH": lambda facts, known: f"值 {facts.get('value')} 的类型不对，应为 {facts.get('expected')}。",
    "MISSING_REQUIREMENT": lambda facts, known: f"引用的元素“{facts.get('id')}”不存在。",
    "NO_DECISION": lambda facts, known: f"没有决策“{facts.get('id')}”。{nearest(facts.get('id', ''), known)}",
    "CYCLE": lambda facts, known: f"决策“{facts.get('name')}”依赖它自己。",
    "RECURSION": lambda facts, known: "函数互相调用，没有尽头。",
    "TOO_MANY_ITERATIONS": lambda facts, known: f"循环超过 {facts.get('limit')} 次。",
}


def place(places: Iterable[Mapping[str, Any]]) -> str:
    """Where in a decision it happened: “决策“分级”，规则 G1（第 1 行），输入 2“层级数””."""
    return "，".join(filter(None, (_one_place(single) for single in places)))


def _one_place(single: Mapping[str, Any]) -> str:
    parts = []
    if "decision" in single:
        parts.append(f"决策“{single['name'] or single['decision']}”（{single['decision']}）")
    if "rule" in single:
        parts.append(f"规则 {single['rule']}（第 {single['row']} 行）")
    for key, word in (("input", "输入"), ("output", "输出")):
        if key in single:
            parts.append(f"{word} {single[key]}“{single.get('label') or ''}”")
    if "entry" in single:
        parts.append(f"条目“{single['entry']}”")
    if "variable" in single:
        parts.append(f"输入数据“{single['variable']}”")
    return "，".join(parts)
