"""Which variables a deployable file may set, read from its bytes: more rather than less. Judges no expression."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

from engine.bpmn.findings import Report
from engine.bpmn.source import XmlElement, camunda, children, local_name, read_xml, text_of

#: What several runs of one activity count.
LOOP_COUNTS = frozenset({"loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances"})

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
    return frozenset(name for element in root.iter("*") for name in _set_by(element)) if root is not None else frozenset()


def is_open(name: str, content: bytes, key: str) -> bool:
    """Whether anything unseen may bring variables: messages, signals, tasks without a form, all variables of another process."""
    root = read_xml(content, Report(name))
    drawn = next((process for process in children(root, "process") if process.get("id") == key), None) if root is not None else None
    return drawn is not None and any(_is_opening(element) for element in drawn.iter("*"))


def _is_opening(element: XmlElement) -> bool:
    tag = local_name(element)
    if tag in ("messageEventDefinition", "signalEventDefinition", "receiveTask"):
        return True
    if tag == "userTask":
        return not (element.get(camunda("formKey")) or element.get(camunda("formRef")))
    if tag == "scriptTask":
        return not element.get(camunda("resultVariable")) and not text_of(element.find("{*}script")).lstrip("= \n").startswith("{")
    return tag in ("in", "out") and element.get("variables") == "all"


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
