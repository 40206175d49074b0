"""What is wrong in a CSV file, in Chinese, by the code of the finding. Knows no file."""

from __future__ import annotations

from collections.abc import Mapping

#: Code → (what is wrong, remedy). ``{value}`` is what stands there, ``{expected}`` what should, ``{column}`` the column.
CHINESE: Mapping[str, tuple[str, str]] = {
    "unreadable": ("没有这个文件，或者读不出来", "请把可读的文件放在一起。"),
    "too-large": ("文件太大：最多 {expected} 字节，现在是 {value} 字节", "请删去不属于这里的内容。"),
    "encoding": ("文件不是 UTF-8 编码", "请另存为“CSV UTF-8”。"),
    "csv": ("不是合格的 CSV：{value}", "请改正这一行的引号。"),
    "cells": ("应有 {expected} 个单元格，实际有 {value} 个", "内容里有逗号的，请用英文双引号括起来。"),
    "missing-column": ("缺少“{column}”列", "表头请写成 {expected}。"),
    "unknown-column": ("没有“{column}”这一列", "表头请写成 {expected}。"),
    "duplicate-column": ("“{column}”列出现了不止一次", "表头请写成 {expected}。"),
    "duplicate": ("{value} 与第 {expected} 行重复", "请删除其中一行，或者改正代码。"),
    "overlap": ("{value} 与第 {expected} 行同一天有效", "请让前一行在后一行生效的前一天失效。"),
    "successor": ("“{column}”的“{value}”就是这个事项自己", "请填接续它的事项代码，没有的留空。"),
    "not-covered": (
        "“{column}”的 {value} 在 {expected} 不在有效期内，这一行却有效",
        "请让这一行同时失效，或者改为接续它的代码。",
    ),
    "empty": ("“{column}”不能为空", "请填写“{column}”。"),
    "nul": ("“{column}”里有无法保存的空字符", "请重新填写这一格。"),
    "value": ("“{column}”的内容“{value}”不合要求，应为{expected}", "请改正“{column}”。"),
    "liaison": ("部门 {value} 缺少联络员 {expected}（A、B 岗都要有）", "请在 liaisons.csv 中补上这一行。"),
    "one-thing": ("只有牵头部门的行可以填 one_thing", "请在这里填 false。"),
    "lead": ("事项 {value} 在 responsibilities.csv 中应恰有一个牵头部门，实际有 {expected} 个", "请只留一个牵头部门，其余为配合部门。"),
    "no-lead": ("事项 {value} 在 {expected} 没有牵头部门", "请让 responsibilities.csv 中有一个牵头行在这一天有效。"),
    "share-item": ("共享材料与材料来源或提供部门对不上：“{value}”", "请改正共享材料，或者在 departments.csv 中补上。"),
    "validity": ("失效日 {value} 早于生效日 {expected}", "请改正其中一个日期。"),
    "placeholder": ("有空的或没有闭合的占位符", "请在 {{ 和 }} 之间写明占位符的名称。"),
    "undeclared": ("用到了没有声明的变量“{value}”", "请在 variables 中补上（现有：{expected}），或者改正占位符。"),
    "unused-variable": ("声明的变量“{value}”文本中没有用到", "请从 variables 中删去，或者写进文本。"),
    "personal-data": ("通知中不能出现个人信息和不予受理的理由：“{value}”", "请去掉，改为指向 {{短链}}。"),
    "missing-row": ("缺少“{value}”这一行，程序要用到它", "请补上“{value}”这一行。"),
    "start-form": ("“{value}”有人可以发起，但没有写明发起表单", "请填写 start_form，或者清空 openers 并把 public 改为 false。"),
    "nobody": ("“{value}”没有人可以办理", "请在 groups 中写明岗位，或者把 public 改为 true。"),
    "unknown-code": ("“{column}”的代码“{value}”不存在", "请改正“{column}”，或者补上它所指的行。"),
}

#: What a column takes, as its reader says it.
_EXPECTED = {
    "true or false": " true 或 false",
    "a whole number from 0 to 9999": " 0 到 9999 的整数",
    "a date such as 2027-01-01": "日期，如 2027-01-01",
    "a department code such as D01": "部门代码，如 D01",
    "a matter code such as M01": "事项代码，如 M01",
    "a code such as N01": "代码，如 N01",
    "an id such as X01": "编号，如 X01",
    "a limit such as 5个工作日": "时限，如 5个工作日",
    "an id such as MSG-01": "编号，如 MSG-01",
    "a key of small letters such as complaint": "小写字母的代号，如 complaint",
    "2 to 4 capitals such as TS": " 2 至 4 个大写字母，如 TS",
}


def in_chinese(code: str, column: str, value: str, expected: str) -> tuple[str, str]:
    """(what is wrong, remedy)."""
    wanted = _EXPECTED.get(expected) or expected.replace("at most ", "最多 ").replace(" characters", " 个字").replace(" or ", "或")
    message, remedy = CHINESE[code]
    facts = {"column": column, "value": value, "expected": wanted}
    return message.format_map(facts) + "。", remedy.format_map(facts)
