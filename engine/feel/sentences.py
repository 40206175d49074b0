"""Every sentence about FEEL that people read, Chinese and English. Chooses none of them."""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["zh", "en"]

#: What people bring along from other languages: what to look for outside of quoted text, and the hint.
HABITS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"=="), "FEEL 用一个等号“=”比较，请把“==”改为“=”。", "FEEL compares with one “=”: write = for ==."),
    (re.compile(r"<>"), "FEEL 用“!=”表示不等于。", "FEEL writes “not equal” as !=."),
    (re.compile(r"&&"), "FEEL 用“and”表示并且，请改写“&&”。", "Write and for &&."),
    (re.compile(r"\|\|"), "FEEL 用“or”表示或者，请改写“||”。", "Write or for ||."),
    (re.compile(r"!(?!=)"), "FEEL 用“not(…)”表示否定，请改写“!”。", "Write not(…) for !."),
    (
        re.compile(r"'"),
        'FEEL 的文本要用英文双引号，请把单引号改为双引号，例如 "complex"。',
        'Text stands in double quotes, such as "complex".',
    ),
    (
        re.compile(r"[“”‘’「」『』＂]"),
        '请用英文双引号 " 括起文本，不要用中文引号。',
        'Put text in plain double quotes ", not in curly ones.',
    ),
    (
        re.compile(r"\b(True|False|None|NULL|TRUE|FALSE)\b"),
        "FEEL 写作小写的 true、false、null。",
        "Write true, false, null in small letters.",
    ),
    (
        re.compile(r"\blen\s*\("),
        "求个数用 count(列表)，求文本长度用 string length(文本)。",
        "Use count(list), or string length(text).",
    ),
    (re.compile(r"\bnot\s+(?!\()\w"), "FEEL 的否定要写括号：not(…)。", "not needs parentheses: not(…)."),
    (re.compile(r"\?[^\"]*:"), "FEEL 的条件写作 if 条件 then 值1 else 值2。", "Write if condition then a else b."),
    (re.compile(r"\$\{|#\{"), "这里直接写 FEEL 表达式，不用 ${ } 或 #{ }。", "Write FEEL without ${ } or #{ }."),
    (re.compile(r"\bis not null\b|\bis null\b", re.IGNORECASE), "判断空值写作 x = null 或 x != null。", "Write x = null or x != null."),
    (re.compile(r"%"), "求余数用 modulo(a, b)。", "The remainder is modulo(a, b)."),
    (re.compile(r"\bP(T?\d+[YMWDHS])+\b"), '时长要写作 duration("PT5M") 这样的形式。', 'Write a duration as duration("PT5M").'),
)

#: Signs of Chinese input methods and of mathematics that are none of FEEL's, and what to type instead.
FOREIGN_SIGNS = {
    "，": ",", "、": ",", "；": ",", "：": ":", "（": "(", "）": ")", "【": "[", "】": "]", "［": "[", "］": "]", "｛": "{", "｝": "}",
    "＝": "=", "＞": ">", "＜": "<", "《": "<", "》": ">", "＋": "+", "－": "-", "＊": "*", "／": "/", "．": ".", "。": ".", "！": "!=",
    "？": "if … then … else", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "％": "modulo(a, b)", "＆": "and", "｜": "or", "　": " ",
}  # fmt: skip

TYPES: dict[str, tuple[str, str]] = {
    "Null": ("空值", "null"), "boolean": ("真假值", "boolean"), "number": ("数字", "number"), "string": ("文本", "text"),
    "list": ("列表", "list"), "context": ("结构", "context"), "date": ("日期", "date"), "time": ("时间", "time"),
    "date and time": ("日期时间", "date and time"), "days and time duration": ("时长", "duration"),
    "years and months duration": ("年月时长", "years-months duration"), "range": ("区间", "range"), "function": ("函数", "function"),
    "other": ("未知类型", "unknown type"),
}  # fmt: skip

VERBS: dict[str, tuple[str, str]] = {
    "add": ("相加", "add"), "subtract": ("相减", "subtract"), "multiply": ("相乘", "multiply"), "divide": ("相除", "divide"),
    "exponentiate": ("乘方", "raise"), "": ("运算", "combine"),
}  # fmt: skip

#: What is wrong, then what to write instead. Keys in capitals are codes of failures; the others are parts of sentences.
TEXTS: dict[str, tuple[str, str]] = {
    "NO_VARIABLE_FOUND": ("找不到变量“{name}”。{nearest}", "Variable “{name}” does not exist. {nearest}"),
    "NEVER_SET": ("变量“{name}”没有在任何地方赋值。{nearest}", "Variable “{name}” is never set. {nearest}"),
    "foreign sign": (
        "“{found}”是中文标点或全角符号，请改为英文的“{plain}”。",
        "The sign “{found}” is full-width or not FEEL's: type “{plain}”.",
    ),
    "missing else": ("每个 if 都要有 else：if 条件 then 值1 else 值2。", "Every if needs an else: if condition then a else b."),
    "NEVER_ENTRY": ("“{of}”里没有“{name}”这一项。{nearest}", "“{of}” never has an entry “{name}”. {nearest}"),
    "NEVER_EQUAL": (
        "这里不会等于“{name}”，可能的值只有：{values}。{nearest}",
        "This is never “{name}”; it can only be one of: {values}. {nearest}",
    ),
    "NOT_COUNTABLE": (
        "for 只能从一个整数数到另一个整数，或从一天到另一天；方括号里的区间只能由小到大。",
        "for counts from one whole number to another, or from day to day; a range in brackets only upwards.",
    ),
    "NOT_CALLED": ("“{name}”是函数，要写作 {name}()。", "“{name}” is a function: write {name}()."),
    "SET_ELSEWHERE": (
        "变量“{name}”到这里时还没有赋值，只在别处赋值：{elements}。{nearest}",
        "Variable “{name}” is not set when this is reached; only elsewhere: {elements}. {nearest}",
    ),
    "SET_SOMETIMES": (
        "变量“{name}”不是每条路都赋值，只有经过这里才有：{elements}。",
        "Variable “{name}” is not set on every way here, only by: {elements}.",
    ),
    "duration": ("“{name}”是时长，要写作 duration(\"{name}\")。", "“{name}” is a duration: write duration(\"{name}\")."),
    "NO_CONTEXT_ENTRY_FOUND": (
        "里面没有“{name}”这一项。这一项可能没有时写 get value(结构, \"{name}\")，没有则得到 null。",
        "There is no entry “{name}”. Where it may be absent, write get value(context, \"{name}\"), which gives null.",
    ),
    "null entry": (
        "“.{name}”前面的内容是空值，没有“{name}”。可能为空时先判断：if x = null then … else x.{name}。",
        "What stands before “.{name}” is null. Where it may be, ask first: if x = null then … else x.{name}.",
    ),
    "NO_FUNCTION_FOUND": ("没有函数“{name}”。{nearest}", "There is no function “{name}”. {nearest}"),
    "INVALID_TYPE": ("不能把{left} 与{right} {verb}。", "Cannot {verb} {left} and {right}."),
    "INVALID_COMPARISON": (
        "不能比较{left} 与{right}。两边的类型要相同：文本转数字用 number(x)，文本转日期用 date(x)。",
        "Cannot compare {left} with {right}. Both sides need one type: number(x) and date(x) convert text.",
    ),
    "null comparison": (
        "不能比较{left} 与{right}。可能为空时先判断 x != null and …。",
        "Cannot compare {left} with {right}. First ask x != null and ….",
    ),
    "NOT_BOOLEAN": ("这里要真假值（true 或 false），却得到{found}。", "Expected true or false here but got {found}."),
    "anything": ("别的内容", "something else"),
    "INVALID_ARGUMENTS": (
        "函数的参数不对：{source}{detail}。请检查参数的个数、类型以及是否为空。",
        "Wrong arguments: {source}{detail}. Check how many there are, their types, and whether one is null.",
    ),
    "invalid value": ("{value} 不是有效的{type}：{source}。", "{value} is no valid {type}: {source}."),
    "SYNTAX": ("语法不对，在“{token}”处读不下去。", "Syntax error at “{token}”."),
    "unfinished": ("语法不对，表达式没有写完。", "Syntax error: the expression is not finished."),
    "ERROR": ("表达式无法计算（{detail}）。", "The expression cannot be evaluated ({detail})."),
    "range of lists": ("不能用 >、<、区间来比较列表或结构。", "Lists and contexts cannot be ordered with >, < or ranges."),
    "NO_RULE": ("没有一条规则适用。{inputs}请补一条规则或默认值。", "No rule applies. {inputs}Add a rule or a default."),
    "NOT_UNIQUE": (
        "命中策略是“唯一”，却有多条规则适用：{rules}。{inputs}请把规则改到互不重叠，或改用 FIRST。",
        "The hit policy is UNIQUE but several rules apply: {rules}. {inputs}Make them exclusive, or use FIRST.",
    ),
    "NOT_ANY": ("命中策略是“任意”，但规则 {rules} 的输出不同。{inputs}", "The hit policy is ANY but the rules {rules} differ. {inputs}"),
    "inputs": ("输入：{inputs}。", "Inputs: {inputs}. "),
    "EMPTY": ("表达式是空的。", "The expression is empty."),
    "DIVISION_BY_ZERO": ("除数是零。", "Division by zero."),
    "UNSUPPORTED": ("用了不支持的写法。", "This is not supported."),
    "NOW_NOT_GIVEN": ("这里不能用 now() 或 today()：没有给出当前时间。", "now() and today() cannot be used here: no moment was given."),
    "NOT_A_NUMBER": ("结果不是有限的数字。", "The result is not a finite number."),
    "BAD_RESULT": ("结果是{type}，不能存入流程数据。", "The result is a {type}, which cannot be stored."),
    "RESULT_TOO_LARGE": ("结果太大（{characters} 个字符）。", "The result is too large ({characters} characters)."),
    "MISSING_INPUT": ("缺少输入“{name}”。{nearest}", "Input “{name}” is missing. {nearest}"),
    "INPUT_NOT_ALLOWED": ("值 {value} 不在允许的值（{allowed}）之内。", "{value} is not among the allowed values ({allowed})."),
    "TYPE_MISMATCH": ("值 {value} 的类型不对，应为 {expected}。", "{value} has the wrong type; expected {expected}."),
    "MISSING_REQUIREMENT": ("引用的元素“{id}”不存在。", "The required element “{id}” does not exist."),
    "NO_DECISION": ("没有决策“{id}”。{nearest}", "There is no decision “{id}”. {nearest}"),
    "CYCLE": ("决策“{name}”依赖它自己。", "Decision “{name}” depends on itself."),
    "RECURSION": ("函数互相调用，没有尽头。", "The functions call each other without end."),
    "TOO_MANY_ITERATIONS": ("循环超过 {limit} 次。", "More than {limit} rounds."),
    "TIMEOUT": ("计算超过 {seconds} 秒，已停止。", "Stopped after {seconds} s of computing."),
    "MEMORY": ("计算需要的内存超过 {megabytes} MB，已停止。", "Stopped: more than {megabytes} MB of memory needed."),
    "TOO_DEEP": ("表达式或数据嵌套太深，或函数没有尽头地调用自己。", "Nested too deep, or a function calls itself without end."),
    "TOO_LONG": ("表达式有 {characters} 个字符，超过上限 {limit}。", "The expression has {characters} characters; the limit is {limit}."),
    "DATA_TOO_LARGE": ("数据太大（{characters} 个字符）。", "The data is too large ({characters} characters)."),
    "TOO_MANY_ZONES": ("一次最多使用 {limit} 个时区，却出现了 {found} 个。", "At most {limit} time zones at once; found {found}."),
    "integer": (
        "数据里有超过 9007199254740991 的整数，计算时会失真。证件号、编号请存为文本。",
        "The data holds an integer above 9007199254740991, which would lose digits. Keep numbers of documents as text.",
    ),
    "depth": ("数据嵌套太深（超过 250 层）。", "The data is nested too deep (more than 250 levels)."),
    "kind": ("数据里有不能用于表达式的内容（{detail}）。", "The data holds something no expression can use ({detail})."),
    "FORM": ("表单“{id}”不能使用：{detail}", "Form “{id}” cannot be used: {detail}"),
    "HABIT": ("", ""),
    "nearest": ("你是不是想写{names}？", "Did you mean {names}?"),
    "or": ("或", " or "),
    "expression": ("表达式：{text}", "Expression: {text}"),
    "character": ("（第 {column} 个字符）", " (character {column})"),
    "line": ("（第 {line} 行第 {column} 个字符）", " (line {line}, character {column})"),
    "decision": ("决策“{name}”（{id}）", "decision “{name}” ({id})"),
    "rule": ("规则 {rule}（第 {row} 行）", "rule {rule} (row {row})"),
    "input": ("输入 {number}“{label}”", "input {number} “{label}”"),
    "output": ("输出 {number}“{label}”", "output {number} “{label}”"),
    "entry": ("条目“{name}”", "entry “{name}”"),
    "variable": ("输入数据“{name}”", "input data “{name}”"),
    "places": ("{places}：", "{places}: "),
    "comma": ("，", ", "),
}  # fmt: skip

#: Codes that share a sentence.
SAME = {
    "NO_PROPERTY_FOUND": "NO_CONTEXT_ENTRY_FOUND",
    "NO_FUNCTION": "NO_FUNCTION_FOUND",
    "FUNCTION_INVOCATION_FAILURE": "INVALID_ARGUMENTS",
}


def say(key: str, language: Language, /, **parts: object) -> str:
    """The sentence of ``key`` with its parts filled in."""
    text = TEXTS[key][language == "en"]
    return text.format_map(parts).strip(" ") if "{" in text else text
