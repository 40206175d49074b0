"""``camunda:in`` and ``camunda:out``: what passes between a process and the process it calls. Nothing passes unmapped."""

from __future__ import annotations

from engine.bpmn.data import Variables, owned
from engine.bpmn.host import asked
from engine.bpmn.settings import Mapping
from engine.bpmn.token import Token


def mapped(token: Token, mappings: tuple[Mapping, ...], source: Variables) -> Variables:
    """The variables that ``mappings`` take from ``source``; a missing source variable gives null, as in Camunda."""
    result: Variables = {}
    for mapping in mappings:
        if mapping.source is None:
            result.update(source)
        elif mapping.target is not None:
            if mapping.source.is_feel:
                value = asked(owned, asked(token.top.host.evaluate, mapping.source.source, source))
            else:
                value = source.get(mapping.source.source)
            result[mapping.target] = value
    return result
