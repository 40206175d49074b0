"""Forms: checks a form-js file, and says what validating a submission gave. Draws nothing; form-js in the realm decides."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from engine.errors import Finding, InvalidDefinition

#: Component types of form-js 2 that carry a value and so need a key.
KEYED = frozenset({
    "textfield", "textarea", "number", "checkbox", "checklist", "taglist", "radio", "select", "datetime", "filepicker", "expression",
})  # fmt: skip
_UNKEYED = frozenset(
    {"default", "text", "html", "image", "button", "spacer", "separator", "group", "dynamiclist", "table", "iframe", "documentPreview"}
)
_KEY = re.compile(r"[\w-]+(\.[\w-]+)*")
_CONDITION_PARTS = (("conditional", "hide"), ("validate", "min"), ("validate", "max"), ("validate", "minLength"), ("validate", "maxLength"))
_SHAPES: tuple[tuple[str, type, str], ...] = (
    ("id", str, "文本"), ("key", str, "文本"), ("path", str, "文本"), ("label", str, "文本"), ("validate", dict, "结构"),
    ("conditional", dict, "结构"), ("properties", dict, "结构"), ("values", list, "列表"), ("components", list, "列表"),
)  # fmt: skip
_FEEL_PARTS = ("valuesExpression", "expression", "readonly", "text", "label", "description")

#: Finds syntax problems: (kind of FEEL, text) → sentences.
Check = Callable[[Literal["e", "u"], str], list[str]]


@dataclass(frozen=True)
class FormOutcome:
    """What a submission gave: ``data`` without hidden and disabled fields, typed; ``errors`` by field key (empty when it is accepted).

    A field in a list is named ``list[0].key``. ``hidden``: ids of the components (outside of lists) that a condition hides.
    """

    data: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    hidden: frozenset[str] = frozenset()


def parse(source: bytes, file: str, limit: int, check: Check) -> dict[str, Any]:
    """The schema in ``source``; InvalidDefinition with all findings when something needs mending."""
    text = _decode(source, file, limit)
    schema = _load(text, file)
    findings = list(_findings(schema, _Place(file, text), check))
    if findings:
        raise InvalidDefinition(f"{file}: {len(findings)} 处需要修改。", findings)
    return schema


@dataclass(frozen=True)
class _Place:
    """Where findings are: the file, and its text to look up lines."""

    file: str
    text: str

    def finding(self, component: Mapping[str, Any], code: str, message: str, remedy: str) -> Finding:
        identity, label = component.get("id"), component.get("label") or component.get("key")
        known = identity if isinstance(identity, str) else None
        return Finding(self.file, self._line(component), known, label if isinstance(label, str) else None, code, message, remedy)

    def _line(self, component: Mapping[str, Any]) -> int | None:
        for name in ("id", "key", "type"):
            value = component.get(name)
            if not isinstance(value, str):
                continue
            match = re.search(rf'"{name}"\s*:\s*{re.escape(json.dumps(value, ensure_ascii=False))}', self.text)
            if match:
                return self.text.count("\n", 0, match.start()) + 1
        return None


def _decode(source: bytes, file: str, limit: int) -> str:
    if len(source) > limit:
        _refuse(file, None, "form.too_large", f"文件有 {len(source)} 字节，超过上限 {limit} 字节。", "请把表单拆小。")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        _refuse(file, line, "form.encoding", "文件不是 UTF-8 编码。", "请用 UTF-8 编码另存这个文件。")


def _load(text: str, file: str) -> dict[str, Any]:
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        _refuse(file, error.lineno, "form.not_json", f"文件不是完整的 JSON：{error.msg}。", "请用表单编辑器重新导出这个文件。")
    except RecursionError:
        _refuse(file, None, "form.not_json", "文件嵌套太深。", "请用表单编辑器重新导出这个文件。")
    if not isinstance(schema, dict):
        _refuse(file, 1, "form.not_json", "文件不是一个表单。", "请上传表单编辑器导出的 .form 文件。")
    return schema


def _findings(schema: Mapping[str, Any], place: _Place, check: Check) -> Iterator[Finding]:
    if not isinstance(schema.get("id"), str) or not schema["id"].strip():
        yield place.finding({}, "form.no_id", "表单没有标识（id）。", "请在表单编辑器里填写标识，任务用它引用表单。")
    if schema.get("type") != "default":
        yield place.finding({}, "form.not_form", "文件不是 form-js 表单：type 不是“default”。", "请上传表单编辑器导出的 .form 文件。")
    components = schema.get("components")
    if not isinstance(components, list) or not components:
        yield place.finding({}, "form.no_components", "表单里没有任何字段。", "请至少放一个字段。")
        return
    yield from _component_findings(components, place, check, (), {}, set())


def _component_findings(
    components: list[Any], place: _Place, check: Check, base: tuple[str, ...], keys: dict[str, str], ids: set[str]
) -> Iterator[Finding]:
    for component in components:
        if not isinstance(component, dict):
            yield place.finding({}, "form.component", "表单里有一处不是字段。", "请用表单编辑器重新导出这个文件。")
            continue
        yield from _shape_findings(component, place)
        yield from _own_findings(component, place, check)
        yield from _name_findings(component, place, base, keys, ids)
        inner = component.get("components")
        if isinstance(inner, list):
            path = component.get("path")
            deeper = (*base, *path.split(".")) if isinstance(path, str) and path else base
            yield from _component_findings(inner, place, check, deeper, keys, ids)


def _shape_findings(component: Mapping[str, Any], place: _Place) -> Iterator[Finding]:
    for name, shape, word in _SHAPES:
        if component.get(name) is not None and not isinstance(component[name], shape):
            yield place.finding(component, "form.shape", f"字段的“{name}”应为{word}。", "请用表单编辑器重新填写这一项。")
    values = component.get("values")
    if isinstance(values, list) and not all(isinstance(option, dict) and "value" in option for option in values):
        yield place.finding(component, "form.shape", "字段的选项里有一项没有值（value）。", "请用表单编辑器重新填写选项。")


def _own_findings(component: Mapping[str, Any], place: _Place, check: Check) -> Iterator[Finding]:
    kind = component.get("type")
    if not isinstance(kind, str) or kind not in KEYED | _UNKEYED:
        yield place.finding(component, "form.unknown_type", f"不认识字段类型“{kind}”。", f"请改为其中之一：{'、'.join(sorted(KEYED))}。")
    for name, text in _expressions(component):
        if not text.lstrip().startswith("="):
            yield place.finding(component, "form.feel", f"{name} 不是 FEEL 表达式：没有以“=”开头。", "请在表达式前加上“=”。")
            continue
        for problem in check("u" if name == "conditional.hide" else "e", text):
            yield place.finding(component, "form.feel", f"{name} 有误：{problem}", "请在表单编辑器里改正。")


def _expressions(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for outer, inner in _CONDITION_PARTS:
        part = component.get(outer)
        value = part.get(inner) if isinstance(part, dict) else None
        if isinstance(value, str) and (value.lstrip().startswith("=") or (inner == "hide" and value.strip())):
            yield f"{outer}.{inner}", value
    for name in _FEEL_PARTS:
        value = component.get(name)
        if isinstance(value, str) and value.startswith("="):
            yield name, value


def _name_findings(
    component: Mapping[str, Any], place: _Place, base: tuple[str, ...], keys: dict[str, str], ids: set[str]
) -> Iterator[Finding]:
    identity = component.get("id")
    if isinstance(identity, str) and identity in ids:
        yield place.finding(component, "form.duplicate_id", f"标识“{identity}”出现了两次。", "请让每个字段的标识不同。")
    ids.add(identity if isinstance(identity, str) else "")
    kind = component.get("type")
    if not isinstance(kind, str) or kind not in KEYED:
        return
    key = component.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        message = f"字段“{component.get('label') or identity}”没有键（key），或键里有不能用的字符。"
        yield place.finding(component, "form.no_key", message, "请填写键，例如 applicant.name。")
        return
    full = ".".join((*base, key))
    if full in keys:
        yield place.finding(component, "form.duplicate_key", f"键“{full}”用了两次（另一处是“{keys[full]}”）。", "请让每个字段的键不同。")
    keys[full] = str(component.get("label") or identity)


def _refuse(file: str, line: int | None, code: str, message: str, remedy: str) -> NoReturn:
    raise InvalidDefinition(f"{file}: {message}", [Finding(file, line, None, None, code, message, remedy)])
