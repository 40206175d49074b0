"""The version tags that decisions and forms carry in their files; those of processes their parser reads. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

#: Camunda has one namespace for DMN and another for BPMN.
_TAG = "{http://camunda.org/schema/1.0/dmn}versionTag"


def decision_tags(content: bytes) -> dict[str, str]:
    """Decision id to its ``camunda:versionTag``, of a DMN file that was read without fault."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    return {element.get("id", ""): tag for element in root.iter("{*}decision") if (tag := element.get(_TAG))}


def form_tag(schema: Mapping[str, Any]) -> str | None:
    """The ``versionTag`` of a form's schema."""
    return str(schema.get("versionTag") or "") or None
