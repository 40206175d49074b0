"""What is wrong with a DMN or form file, in words for an analyst: Chinese and English. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from engine.errors import Finding, InvalidDefinition
from engine.feel.sentences import Language


def said(key: str, language: Language, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Message and remedy of a finding."""
    message, remedy = TEXTS[key][language == "en"]
    return message.format_map(facts), remedy.format_map(facts)


def place(key: str, language: Language, /, **facts: Any) -> str:
    """Where in a file: a column, a cell, an expression."""
    return PLACES[key][language == "en"].format_map(facts)


def code_of(key: str) -> str:
    """The code of a finding: several texts may share one."""
    return key.partition("/")[0]


def finding(
    file: str, line: int | None, identity: str | None, name: str | None, key: str, language: Language, facts: Mapping[str, Any]
) -> Finding:
    message, remedy = said(key, language, facts)
    return Finding(file, line, identity, name, code_of(key), message, remedy)


def refuse(file: str, line: int | None, key: str, language: Language, /, **facts: Any) -> NoReturn:
    """A file that cannot be looked at further."""
    found = finding(file, line, None, None, key, language, facts)
    raise InvalidDefinition(f"{file}: {found.message}", [found])


def refuse_all(file: str, language: Language, findings: list[Finding]) -> NoReturn:
    raise InvalidDefinition(f"{file}: {place('to mend', language, count=len(findings))}", findings)


Texts = tuple[tuple[str, str], tuple[str, str]]

#: Message and remedy by key, Chinese and English. What stands behind a slash tells texts of one code apart.
TEXTS: Mapping[str, Texts] = {
    "dmn.too_large": (
        ("文件有 {size} 字节，超过上限 {limit} 字节。", "请把决策拆成几个文件。"),
        ("The file has {size} bytes; at most {limit} are read.", "Split the decisions into several files."),
    ),
    "dmn.doctype": (
        ("文件里有 DOCTYPE 或 ENTITY 声明，可能被用来攻击，一律不接受。", "请删去 DOCTYPE 声明后再上传。"),
        ("The file has a DOCTYPE or ENTITY declaration, which attacks use; none is accepted.", "Remove the DOCTYPE declaration."),
    ),
    "dmn.not_xml": (
        ("文件不是完整的 XML：{detail}。", "请用 DMN 编辑器重新导出这个文件。"),
        ("The file is not complete XML: {detail}.", "Export the file from the DMN editor again."),
    ),
    "dmn.encoding": (
        ("文件不是 UTF-8 编码。", "请用 UTF-8 编码另存这个文件。"),
        ("The file is not encoded in UTF-8.", "Save the file in UTF-8."),
    ),
    "dmn.encoding/declared": (
        ("文件声明的编码是 {encoding}，只接受 UTF-8。", "请用 UTF-8 编码另存这个文件。"),
        ("The file says it is encoded in {encoding}; only UTF-8 is accepted.", "Save the file in UTF-8."),
    ),
    "dmn.root": (
        ("文件不是 DMN 模型：根元素是“{tag}”。", "请上传 DMN 编辑器导出的 .dmn 文件。"),
        ("The file is no DMN model: its root element is “{tag}”.", "Use a .dmn file as the DMN editor exports it."),
    ),
    "dmn.no_decision": (("文件里没有决策。", "请至少画一个决策。"), ("The file has no decision.", "Draw at least one.")),
    "dmn.duplicate_id": (
        ("标识“{id}”出现了 {count} 次。", "请让每个标识在文件里只出现一次。"),
        ("The id “{id}” occurs {count} times.", "Give every element an id of its own."),
    ),
    "dmn.missing_requirement": (
        ("“{name}”引用了不存在的元素“{id}”。", "请补上这个元素，或删去这条连线。"),
        ("“{name}” refers to an element “{id}” that does not exist.", "Add that element or remove the line to it."),
    ),
    "dmn.unknown_type": (
        ("“{name}”用了不认识的类型“{type}”。", "请改为 string、number、boolean、date 等类型。"),
        ("“{name}” has an unknown type “{type}”.", "Use string, number, boolean, date or another that exists."),
    ),
    "dmn.cycle": (
        ("决策“{name}”依赖它自己。", "请去掉成环的连线。"),
        ("Decision “{name}” depends on itself.", "Remove the line that closes the circle."),
    ),
    "dmn.too_many": (
        ("文件里有 {count} 条不同的表达式，超过上限 {limit}。", "请把决策拆成几个文件。"),
        ("The file has {count} different expressions; the limit is {limit}.", "Split the decisions into several files."),
    ),
    "dmn.feel": (
        ("{place}有误：{problem}", "请在 DMN 编辑器里改正这一格。"),
        ("{place}: {problem}", "Correct this cell in the DMN editor."),
    ),
    "dmn.language": (
        ("表达式语言是“{language}”，这里只支持 FEEL。", "请把表达式语言改为 FEEL，并改写表达式。"),
        ("The expression language is “{language}”; only FEEL is understood here.", "Set it to FEEL and rewrite the expression."),
    ),
    "dmn.language/function": (
        ("函数不是用 FEEL 写的。", "请用 FEEL 改写这个函数。"),
        ("The function is not written in FEEL.", "Rewrite it in FEEL."),
    ),
    "dmn.import": (
        ("文件引用了别的 DMN 文件，这里不支持。", "请把需要的决策复制到这个文件。"),
        ("The file imports another DMN file, which is not supported.", "Copy the decisions it needs into this file."),
    ),
    "dmn.no_logic": (
        ("决策没有内容（没有决策表，也没有表达式）。", "请为它画一张决策表，或删去这个决策。"),
        ("The decision is empty: no table, no expression.", "Give it a table, or remove it."),
    ),
    "dmn.rule_entries/no_output": (
        ("决策表没有输出列。", "请至少加一列输出。"),
        ("The table has no output column.", "Add at least one."),
    ),
    "dmn.rule_entries/inputs": (
        ("规则 {rule}（第 {row} 行）有 {found} 格输入，应为 {expected} 格。", "请补齐或删去多余的格。"),
        ("Rule {rule} (row {row}) has {found} input cells instead of {expected}.", "Add what is missing or remove what is too much."),
    ),
    "dmn.rule_entries/outputs": (
        ("规则 {rule}（第 {row} 行）有 {found} 格输出，应为 {expected} 格。", "请补齐或删去多余的格。"),
        ("Rule {rule} (row {row}) has {found} output cells instead of {expected}.", "Add what is missing or remove what is too much."),
    ),
    "dmn.rule_entries/relation": (
        ("关系表第 {row} 行有 {found} 格，应为 {expected} 格。", "请补齐或删去多余的格。"),
        ("Row {row} of the relation has {found} cells instead of {expected}.", "Add what is missing or remove what is too much."),
    ),
    "dmn.duplicate_output": (
        ("有 {count} 列输出都叫“{name}”。", "请给每列输出不同的名称。"),
        ("{count} output columns are named “{name}”.", "Give each a name of its own."),
    ),
    "dmn.hit_policy": (
        ("不认识命中策略“{policy}”。", "请改为其中之一：{known}。"),
        ("The hit policy “{policy}” is unknown.", "Use one of {known}."),
    ),
    "dmn.aggregation": (
        ("汇总方式“{aggregation}”不能用于命中策略 {policy}。", "汇总（SUM、MIN、MAX、COUNT）只用于 COLLECT。"),
        ("The aggregation “{aggregation}” does not go with the hit policy {policy}.", "SUM, MIN, MAX and COUNT go with COLLECT only."),
    ),
    "dmn.no_priority": (
        ("命中策略 {policy} 按输出值的先后排序，但没有一列输出写了输出值。", "请在输出列写明输出值，重要的在前。"),
        ("The hit policy {policy} orders by the output values, but no output column lists any.", "List them, the most important first."),
    ),
    "dmn.no_input": (
        ("第 {number} 列输入“{label}”没有表达式。", "请写明这一列取哪个变量。"),
        ("Input column {number} “{label}” has no expression.", "Say which variable the column takes."),
    ),
    "dmn.cell_type/text": (
        ("{place}的“{cell}”不会命中：输入“{label}”是文本。", '文本要用英文双引号括起，例如 "5"。'),
        ("{place}: “{cell}” is never hit, because the input “{label}” is text.", 'Put text in double quotes, such as "5".'),
    ),
    "dmn.cell_type/number": (
        ("{place}的“{cell}”不会命中：输入“{label}”是数字。", "数字不用引号，例如 5。"),
        ("{place}: “{cell}” is never hit, because the input “{label}” is a number.", "Write numbers without quotes, such as 5."),
    ),
    "form.import": (
        ("{detail}", "请在表单编辑器里打开这个文件，按提示改正。"),
        ("{detail}", "Open the file in the form editor and correct what it says."),
    ),
    "form.too_large": (
        ("文件有 {size} 字节，超过上限 {limit} 字节。", "请把表单拆小。"),
        ("The file has {size} bytes; at most {limit} are read.", "Split the form."),
    ),
    "form.encoding": (
        ("文件不是 UTF-8 编码。", "请用 UTF-8 编码另存这个文件。"),
        ("The file is not encoded in UTF-8.", "Save the file in UTF-8."),
    ),
    "form.not_json": (
        ("文件不是完整的 JSON：{detail}。", "请用表单编辑器重新导出这个文件。"),
        ("The file is not complete JSON: {detail}.", "Export the file from the form editor again."),
    ),
    "form.not_json/deep": (
        ("文件嵌套太深。", "请用表单编辑器重新导出这个文件。"),
        ("The file is nested too deep.", "Export the file from the form editor again."),
    ),
    "form.not_json/kind": (
        ("文件不是一个表单。", "请上传表单编辑器导出的 .form 文件。"),
        ("The file is no form.", "Use a .form file as the form editor exports it."),
    ),
    "form.no_id": (
        ("表单没有标识（id）。", "请在表单编辑器里填写标识，任务用它引用表单。"),
        ("The form has no id.", "Give it one in the form editor; tasks refer to it."),
    ),
    "form.not_form": (
        ("文件不是 form-js 表单：type 不是“default”。", "请上传表单编辑器导出的 .form 文件。"),
        ("The file is no form-js form: its type is not “default”.", "Use a .form file as the form editor exports it."),
    ),
    "form.no_components": (("表单里没有任何字段。", "请至少放一个字段。"), ("The form has no fields.", "Add at least one.")),
    "form.component": (
        ("表单里有一处不是字段。", "请用表单编辑器重新导出这个文件。"),
        ("Something in the form is no field.", "Export the file from the form editor again."),
    ),
    "form.shape/str": (
        ("字段的“{part}”应为文本。", "请用表单编辑器重新填写这一项。"),
        ("“{part}” of the field must be text.", "Enter it again in the form editor."),
    ),
    "form.shape/dict": (
        ("字段的“{part}”应为结构。", "请用表单编辑器重新填写这一项。"),
        ("“{part}” of the field must be a structure.", "Enter it again in the form editor."),
    ),
    "form.shape/list": (
        ("字段的“{part}”应为列表。", "请用表单编辑器重新填写这一项。"),
        ("“{part}” of the field must be a list.", "Enter it again in the form editor."),
    ),
    "form.shape/option": (
        ("字段的选项里有一项没有值（value）。", "请用表单编辑器重新填写选项。"),
        ("One choice of the field has no value.", "Enter the choices again in the form editor."),
    ),
    "form.unknown_type": (
        ("不认识字段类型“{kind}”。", "请改为其中之一：{known}。"),
        ("The field type “{kind}” is unknown.", "Use one of {known}."),
    ),
    "form.feel": (("{part} 有误：{problem}", "请在表单编辑器里改正。"), ("{part}: {problem}", "Correct it in the form editor.")),
    "form.feel/literal": (
        ("{part} 不是 FEEL 表达式：没有以“=”开头。", "请在表达式前加上“=”。"),
        ("{part} is no FEEL expression: it does not begin with “=”.", "Put “=” before the expression."),
    ),
    "form.duplicate_id": (
        ("标识“{id}”出现了两次。", "请让每个字段的标识不同。"),
        ("The id “{id}” occurs twice.", "Give every field an id of its own."),
    ),
    "form.no_key": (
        ("字段“{label}”没有键（key），或键里有不能用的字符。", "请填写键，例如 applicant.name。"),
        ("The field “{label}” has no key, or a key with characters that cannot be used.", "Enter a key such as applicant.name."),
    ),
    "form.duplicate_key": (
        ("键“{key}”用了两次（另一处是“{other}”）。", "请让每个字段的键不同。"),
        ("The key “{key}” is used twice (the other is “{other}”).", "Give every field a key of its own."),
    ),
}

PLACES: Mapping[str, tuple[str, str]] = {
    "to mend": ("{count} 处需要修改。", "{count} things to mend."),
    "allowed": ("类型“{name}”的允许值", "The allowed values of type “{name}”"),
    "constraint": ("类型“{name}”的约束", "The constraint of type “{name}”"),
    "expression": ("“{name}”的表达式", "The expression of “{name}”"),
    "parameter": ("{place}（参数 {name}）", "{place} (parameter {name})"),
    "result": ("结果", "result"),
    "input": ("第 {number} 列输入“{label}”的表达式", "The expression of input column {number} “{label}”"),
    "input values": ("第 {number} 列输入“{label}”的允许值", "The allowed values of input column {number} “{label}”"),
    "output values": ("第 {number} 列输出“{label}”的输出值", "The output values of column {number} “{label}”"),
    "default": ("第 {number} 列输出“{label}”的默认值", "The default of output column {number} “{label}”"),
    "rule": ("规则 {rule}（第 {row} 行）", "Rule {rule} (row {row})"),
    "input cell": ("规则 {rule}（第 {row} 行）第 {number} 列输入“{label}”", "Rule {rule} (row {row}), input {number} “{label}”"),
    "output cell": ("规则 {rule}（第 {row} 行）第 {number} 列输出“{label}”", "Rule {rule} (row {row}), output {number} “{label}”"),
}
