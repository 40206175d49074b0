"""Which variables a deployable file may set, read from its bytes: more rather than less. Judges no expression."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

from engine.bpmn.findings import Report
from engine.bpmn.source import XmlElement, camunda, local_name, read_xml, text_of

#: Attributes that name a variable to be set.
_SETTING = ("resultVariable", "elementVariable", "errorCodeVariable", "errorMessageVariable", "escalationCodeVariable", "initiator")
_ITEMS = frozenset({"inputDataItem", "outputDataItem"})
_PARAMETERS = frozenset({"inputParameter", "outputParameter"})
_LAST_WORDS = re.compile(r'"([^"]+)"$|([^\W\d][\w ]*)$')
#: A longer key is not looked at, so that a long text is read once only.
_LONGEST_KEY = 200
_DMN_OUTPUT = re.compile(r'<(?:\w+:)?output\b[^<>]*?\bname="([^"]+)"')


def variables_set_by(name: str, content: bytes) -> frozenset[str]:
    """Every variable that a deployable file may set anywhere: more rather than less."""
    suffix = PurePath(name).suffix
    if suffix == ".form":
        return frozenset(_form_variables(json.loads(content)))
    if suffix == ".dmn":
        return frozenset(_DMN_OUTPUT.findall(content.decode("utf-8", "ignore"))) | {"rule"}
    root = read_xml(content, Report(name))
    return variables_set_in(root) if root is not None else frozenset()


def variables_set_in(root: XmlElement) -> frozenset[str]:
    """The same of a diagram or a process."""
    return frozenset(name for element in root.iter("*") for name in _set_by(element))


def _set_by(element: XmlElement) -> list[str]:
    tag = local_name(element)
    names = [element.get(camunda(attribute)) for attribute in _SETTING]
    if tag in _PARAMETERS or tag in _ITEMS:
        names.append(element.get("name") or element.get("id"))
    elif tag in ("in", "out"):
        names.append(element.get("target"))
    elif tag == "loopDataOutputRef":
        names.append(text_of(element))
    elif tag == "script":
        names += _context_keys(text_of(element))
    return [name for name in names if name]


def _context_keys(script: str) -> list[str]:
    """What stands before each colon, at every depth."""
    found = [_LAST_WORDS.search(part[-_LONGEST_KEY:].rstrip()) for part in script.split(":")[:-1]]
    return [match[1] or match[2] for match in found if match is not None]


def _form_variables(component: Any) -> list[str]:
    names, todo = [], [component]
    while todo:
        part = todo.pop()
        names += [str(part[key]).split(".")[0] for key in ("key", "path") if part.get(key)]
        todo += part.get("components", [])
    return names
