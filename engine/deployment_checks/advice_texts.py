"""How severe each finding about layout, tables, forms, people, time and names is, and what it says in both languages. Finds nothing."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.findings import Language
from engine.errors import Severity

Texts = Mapping[Language, tuple[str, str]]


def _entry(severity: Severity, zh: str, zh_remedy: str, en: str, en_remedy: str) -> tuple[Severity, Texts]:
    return severity, {"zh": (zh, zh_remedy), "en": (en, en_remedy)}


# fmt: off
_ENTRIES: Mapping[str, tuple[Severity, Texts]] = {
    # --- layout of diagrams
    "not-drawn": _entry("info",
        "文件里没有图形信息,流程图无法显示。", "请在建模器里打开并排好版,再保存。",
        "The file holds no drawing: the diagram cannot be shown.", "Open it in a modeler, lay it out, save it."),
    "element-not-drawn": _entry("warning",
        "图上看不到这个元素,但它会执行。", "请在建模器里把它画出来,或删除它。",
        "This element is not drawn, yet it runs.", "Draw it in the modeler, or delete it."),
    "flow-not-drawn": _entry("warning",
        "图上看不到这条顺序流,但它会执行。", "请在建模器里删除后重新连线。",
        "This sequence flow is not drawn, yet it runs.", "Delete it in the modeler and connect again."),
    "shapes-overlap": _entry("warning",
        "图形与“{other}”重叠。", "请把其中一个移开。",
        "Its shape overlaps “{other}”.", "Move one of them away."),
    "label-overlaps": _entry("info",
        "文字压在“{other}”上。", "请移动文字。",
        "Its label lies over “{other}”.", "Move the label."),
    "flow-crosses": _entry("info",
        "连线穿过了与它无关的“{other}”,容易看错。", "请让连线绕开。",
        "The line runs through “{other}”, to which it does not belong.", "Lead it around."),
    "outside-lane": _entry("warning",
        "属于泳道“{lane}”,却画在它外面。", "请移进泳道;建模器会更新归属。",
        "It belongs to the lane “{lane}” but is drawn outside of it.", "Move it into its lane; the modeler then says whose it is."),
    "flow-backwards": _entry("info",
        "从右向左指向“{target}”,但并不是回到前面的步骤。", "请把“{target}”放到右边,让图从左往右读。",
        "It leads to the left, to “{target}”, without going back to an earlier step.",
        "Place “{target}” to the right, so that the diagram reads from left to right."),
    # --- decision tables
    "rows-overlap": _entry("warning",
        "规则“{row}”(第 {number} 行)与“{other}”(第 {other_number} 行)会同时成立,例如:{example}。UNIQUE 表遇到这种情况会停下报错。",
        "请改其中一行的条件,或改用 FIRST。",
        "The rows {row} (no. {number}) and {other} (no. {other_number}) hold together, for example: {example}. A UNIQUE table then fails.",
        "Change the conditions of one of them, or use FIRST."),
    "rows-differ": _entry("warning",
        "规则“{row}”(第 {number} 行)与“{other}”(第 {other_number} 行)会同时成立而结果不同,例如:{example}。ANY 表遇到这种情况会停下报错。",
        "请让两行的结果相同,或改其中一行的条件。",
        "The rows {row} (no. {number}) and {other} (no. {other_number}) hold together with different answers, for example: {example}. "
        "An ANY table then fails.",
        "Give both the same answer, or change the conditions of one of them."),
    "row-masked": _entry("warning",
        "规则“{row}”(第 {number} 行)永远不会生效:前面的规则({others})已经包含它的全部情况。", "请把它移到前面,改条件,或删除。",
        "The row {row} (no. {number}) never decides: the rows before it ({others}) hold wherever it does.",
        "Move it up, change its conditions, or delete it."),
    "row-never": _entry("warning",
        "规则“{row}”(第 {number} 行)永远不会成立:“{columns}”不会有这样的值。", "请改正这一格,或补上输入的允许值。",
        "The row {row} (no. {number}) never holds: “{columns}” has no such value.",
        "Correct the cell, or add to the allowed values of the input."),
    "table-gap": _entry("warning",
        "没有规则适用于:{example}。遇到这种情况会停下报错。", "请为它加一行,或加一行全是“-”的兜底规则,或给输出设默认值。",
        "No row holds for: {example}. The decision then fails.", "Add a row for it, a last row of dashes, or a default output."),
    "table-not-judged": _entry("info",
        "有 {count} 行的单元格是一般表达式({rows}),是否重叠、遗漏无法判断。", "请人工核对这些行,或改写成值、范围、not(…)。",
        "{count} rows have cells that are general expressions ({rows}): whether they overlap or leave gaps is not judged.",
        "Look at these rows yourself, or write values, ranges, not(…)."),
    "table-too-large": _entry("info",
        "表太大({rows} 行、{columns} 个输入),是否重叠、遗漏没有逐一判断。", "请拆成几个决策。",
        "The table is too large ({rows} rows, {columns} inputs) to judge overlaps and gaps.", "Split it into several decisions."),
    # --- forms
    "form-unused": _entry("info",
        "没有流程使用表单“{key}”。", "请在用户任务上填写 formKey,或删除这个表单。",
        "No process uses the form {key!r}.", "Name it as the form key of a user task, or delete it."),
    "fields-unread": _entry("info",
        "填写的内容没有流程、决策或别的表单用到:{fields}。", "只作留痕可以不改;否则请检查标识,或去掉字段。",
        "No process, decision or other form reads what is entered here: {fields}.",
        "Leave it when it is meant for the record only; else check the key, or drop the field."),
    "field-hidden": _entry("warning",
        "必填字段“{key}”永远隐藏,没有人填得了。", "请改正隐藏条件,或取消必填。",
        "The required field {key!r} is always hidden.", "Correct the condition, or do not require it."),
    "form-expression": _entry("warning",
        "字段的条件或表达式:{problem}", "请改用本表单的字段或此前已有的变量。",
        "A condition or expression of the field: {problem}", "Name a field of this form, or a variable that exists before it."),
    "field-unset": _entry("warning",
        "表单“{form}”只显示字段“{label}”({key}),但前面没有步骤给它赋值,会是空白。", "请在前面赋值,或改正字段的标识。",
        "The form {form!r} only shows “{label}” ({key}), but nothing sets it before: it stays empty.",
        "Set it before this step, or correct the key of the field."),
    # --- people
    "nobody": _entry("warning",
        "没有写明由谁办理:办理人、候选人、候选组都是空的,没有人会看到这个任务。", "请填写候选组(如 window)或办理人。",
        "Nobody is named for it, neither assignee nor candidates: nobody will see the task.",
        "Name a candidate group (such as window) or an assignee."),
    "group-empty": _entry("warning",
        "候选组“{group}”里没有在用的账号,没有人能办理。", "请先把人员加入这个组,或改派给别的组。",
        "Nobody active is in the candidate group {group!r}: nobody can do this task.", "Put somebody into the group, or name another."),
    "group-empty-too": _entry("info",
        "候选组“{group}”里没有在用的账号。", "请把人员加入这个组,或去掉它。",
        "Nobody active is in the candidate group {group!r}.", "Put somebody into the group, or drop it."),
    "no-account": _entry("warning",
        "没有名为“{account}”的在用账号。", "请改成已有的账号;要用变量请写成“={account}”。",
        "There is no active account {account!r}.", "Name one that exists; a variable is written as “={account}”."),
    # --- time
    "limit-unwatched": _entry("info",
        "有时限({limit}),但没有定时器盯着:逾期时流程什么也不做。", "需要催办或升级时,请加边界定时事件。",
        "It has a limit ({limit}) that no timer watches: nothing happens when it is overdue.",
        "Add a timer at its border where somebody is to be reminded or the case to be raised."),
    "timer-short": _entry("warning",
        "定时“{text}”不到一分钟。", "请检查单位:PT5M 是五分钟,P5M 是五个月。",
        "The timer “{text}” is shorter than a minute.", "Check the unit: PT5M is five minutes, P5M five months."),
    "timer-long": _entry("warning",
        "定时“{text}”超过十年。", "请检查单位:PT5M 是五分钟,P5M 是五个月。",
        "The timer “{text}” is longer than ten years.", "Check the unit: PT5M is five minutes, P5M five months."),
    "no-default": _entry("warning",
        "没有默认路径,而这些条件不一定有一个成立:{conditions}。都不成立时流程会停下报错。", "请把其中一条设为默认路径。",
        "It has no default flow, and perhaps none of its conditions holds: {conditions}. The process then stops with an error.",
        "Make one of its flows the default."),
    "no-way-on": _entry("warning",
        "没有默认路径,而遇到 {example} 时没有条件成立,流程会停下报错。条件:{conditions}", "请为它加一条路径,或把其中一条设为默认路径。",
        "It has no default flow, and with {example} none of its conditions holds: the process stops. Conditions: {conditions}",
        "Add a flow for it, or make one the default."),
    # --- names
    "unnamed": _entry("info",
        "没有名称,任务清单和轨迹里只会显示标识。", "请用“动词+对象”命名,如“核对材料”。",
        "It has no name: lists and histories show its id.", "Name it by a verb and an object, such as “Check the papers”."),
    "name-twice": _entry("info",
        "与“{other}”同名“{name}”,轨迹里分不清。", "请写明区别。",
        "It has the same name “{name}” as {other}: histories do not tell them apart.", "Say in what they differ."),
    "given-id": _entry("info",
        "标识“{id}”是建模器随手给的,变量、日志和迁移里看不出含义。", "请改成有含义的英文标识,如 check_papers;已有在办件时请用迁移对应。",
        "The id {id!r} is the modeler's own and says nothing in logs and migrations.",
        "Give it one that speaks, such as check_papers; map it in a migration where cases are running."),
    "no-lanes": _entry("info",
        "有人工任务但没有泳道,看不出谁办哪一步。", "请加上泳道,每个岗位一条。",
        "It has user tasks but no lanes: who does which step cannot be seen.", "Add lanes, one for each post."),
}
# fmt: on

SEVERITIES: Mapping[str, Severity] = {code: severity for code, (severity, _) in _ENTRIES.items()}
TEXTS: Mapping[str, Texts] = {code: texts for code, (_, texts) in _ENTRIES.items()}
