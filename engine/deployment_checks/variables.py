"""Which variables a diagram or a process may set, read from its elements: more rather than less. Judges no expression."""

from __future__ import annotations

import re

from engine.bpmn.source import XmlElement, camunda, local_name, text_of

#: Attributes that name a variable to be set.
_SETTING = ("resultVariable", "elementVariable", "errorCodeVariable", "errorMessageVariable", "escalationCodeVariable", "initiator")
_ITEMS = frozenset({"inputDataItem", "outputDataItem"})
_PARAMETERS = frozenset({"inputParameter", "outputParameter"})
_LAST_WORDS = re.compile(r'"([^"]+)"$|([^\W\d][\w ]*)$')
#: A longer key is not looked at, so that a long text is read once only.
_LONGEST_KEY = 200


def variables_set_in(root: XmlElement) -> frozenset[str]:
    """Every variable that something inside may set."""
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
