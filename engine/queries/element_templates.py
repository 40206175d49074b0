"""The operations of ``engine.vocabulary`` as element templates, so that a modeler offers each with its inputs. Reads no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from engine.bpmn.findings import Language
from engine.operation_inputs import Input
from engine.vocabulary import OPERATIONS, Operation

#: The ids in diagrams: a template that is applied writes ``camunda:modelerTemplate="doudi.<operation>"``.
PREFIX = "doudi."
VERSION = 1

_CATEGORIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "case": ("工单", "Case"),
        "clock": ("时限", "Clocks"),
        "grade": ("时限", "Clocks"),
        "due": ("时限", "Clocks"),
        "departments": ("部门协办", "Departments"),
        "sub": ("部门协办", "Departments"),
        "coordination": ("部门协办", "Departments"),
        "meeting": ("部门协办", "Departments"),
        "card": ("督办", "Supervision"),
        "reply": ("群众", "The citizen"),
        "rating": ("群众", "The citizen"),
        "rectification": ("群众", "The citizen"),
        "notice": ("群众", "The citizen"),
    }
)

#: Input or output → Chinese label and hint; “operation.input” wins over “input”. English hints stand in the vocabulary.
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "reason": ("理由", "为什么"),
        "kind": ("时钟种类", "例如 respond（首次响应）"),
        "limit": ("时限", "例如 3个工作日、4个工作小时"),
        "from": ("起算时间", "不填就从现在起算"),
        "limits": ("各项时限", "时限表 DT03 的结果"),
        "level": ("等级", "简单、复杂或重大"),
        "effective_at": ("受理生效时间", "工单的生效时间"),
        "status": ("工单状态", "例如 已受理"),
        "result": ("办理结果", "例如 协调解决"),
        "matter": ("事项编码", "没有对应事项时写 =null"),
        "matter_name": ("事项名称", "没有对应事项时的叫法"),
        "tried": ("此前办理情况", "一个 context"),
        "trips": ("跑过几趟", "整数"),
        "triage": ("研判结论", "研判表 DT01 的结果"),
        "grade": ("分级结论", "分级表 DT02 的结果"),
        "into": ("主单受理号", "并入哪一件"),
        "departments": ("部门", "部门清单"),
        "lead_department": ("牵头部门", "部门编码；有争议时写 =null"),
        "ask": ("请协办的内容", "要部门做什么；没有就写 =null"),
        "sign_limit": ("签收时限", "例如 4个工作小时"),
        "opinion_due": ("意见截止", "不填就比工单早一个工作日"),
        "sub_order": ("协办单", "协办单或它的编号"),
        "deemed": ("视为签收", "逾期无人签收时为 =true"),
        "opinion": ("意见", "同意、不同意、需补充或已办结"),
        "basis": ("依据", "法律或政策；没有就写 =null"),
        "reply": ("答复", "用文字写的意见；没有就写 =null"),
        "sub_orders": ("协办单", "协办单清单"),
        "lamp": ("亮灯结果", "亮灯表 DT08 的结果"),
        "against": ("对象", "部门编码或账号；窗口自己写 =null"),
        "record": ("会议记录", "一个 context"),
        "meeting-record.kind": ("会议种类", "联席会议或领导小组"),
        "text": ("答复内容", "没有就写 =null"),
        "rating-record.level": ("评价等级", "1 到 5；没有评价写 =0"),
        "rating-record.text": ("评价内容", "没有就写 =null"),
        "tags": ("评价标签", "理由清单；没有就写 =null"),
        "second": ("整改后的评价", "整改后再评为 =true"),
        "template": ("通知文本", "编号，例如 MSG-01"),
        "to": ("发给谁", "applicant、owner、group:岗位 或 department:部门编码"),
        "values": ("占位符的值", '工单不知道的占位符，例如 ={"日期": due.finish}'),
        "owner": ("首接责任人", "存入哪个变量"),
        "due_at": ("到期时间", "存入哪个变量"),
        "due": ("各项到期时间", "存入哪个变量"),
        "lead_candidates": ("牵头部门候选", "存入哪个变量"),
        "summary": ("意见汇总", "存入哪个变量"),
        "coordination_count": ("协调次数", "存入哪个变量"),
        "meeting_id": ("会议编号", "存入哪个变量"),
        "absent_count": ("缺席部门数", "存入哪个变量"),
        "reply_ok": ("答复合格", "存入哪个变量"),
        "reply_problems": ("答复的问题", "存入哪个变量"),
        "rectifier": ("整改专员", "存入哪个变量"),
        "reopen_count": ("重开次数", "存入哪个变量"),
    }
)


def element_templates(language: Language = "zh") -> list[dict[str, Any]]:
    """One template an operation, as Camunda Modeler reads them from a file or bpmn-js from an array."""
    return [_template(operation, language) for operation in OPERATIONS.values()]


def _template(operation: Operation, language: Language) -> dict[str, Any]:
    category = operation.name.partition("-")[0]
    chinese, english = _CATEGORIES[category]
    return {
        "name": operation.title if language == "zh" else operation.title_en,
        "id": PREFIX + operation.name,
        "description": _description(operation, language),
        "version": VERSION,
        "category": {"id": english.lower().replace(" ", "-"), "name": chinese if language == "zh" else english},
        "appliesTo": ["bpmn:ServiceTask", "bpmn:Task"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "groups": [
            {"id": "inputs", "label": "输入" if language == "zh" else "Inputs"},
            {"id": "outputs", "label": "结果存入" if language == "zh" else "Results into"},
        ],
        "properties": list(_properties(operation, language)),
    }


def _description(operation: Operation, language: Language) -> str:
    if language == "en":
        return f"{', '.join(one.name for one in operation.inputs) or '—'} → {', '.join(operation.outputs) or '—'}"
    given, results = (
        [word_of(operation.name, name)[0] for name in names] for names in ([one.name for one in operation.inputs], operation.outputs)
    )
    return f"输入：{'、'.join(given) or '无'}；结果：{'、'.join(results) or '无'}"


def _properties(operation: Operation, language: Language) -> Iterator[dict[str, Any]]:
    yield {"type": "Hidden", "value": "external", "binding": {"type": "property", "name": "camunda:type"}}
    yield {"type": "Hidden", "value": operation.name, "binding": {"type": "property", "name": "camunda:topic"}}
    for one in operation.inputs:
        yield _input(operation, one, language)
    for name in operation.outputs:
        label = word_of(operation.name, name)[0] if language == "zh" else name.replace("_", " ")
        yield {
            "label": f"{label} ({name})",
            "type": "String",
            "group": "outputs",
            "value": name,
            "binding": {"type": "camunda:outputParameter", "source": f"={name}"},
        }


def _input(operation: Operation, one: Input, language: Language) -> dict[str, Any]:
    label, hint = word_of(operation.name, one.name) if language == "zh" else (one.name.replace("_", " "), one.description)
    shown: dict[str, Any] = {
        "label": f"{label} ({one.name})",
        "description": hint,
        "type": "String",
        "group": "inputs",
        "binding": {"type": "camunda:inputParameter", "name": one.name},
    }
    return {**shown, "constraints": {"notEmpty": True}} if one.required else {**shown, "optional": True}


def word_of(operation: str, name: str) -> tuple[str, str]:
    """Chinese label and hint of an input or output."""
    return WORDS.get(f"{operation}.{name}") or WORDS[name]
