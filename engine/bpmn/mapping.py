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
        given = {**token.local} if mapping.is_local else source
        if mapping.target is None:
            result.update(given)
        elif mapping.value is None:
            result[mapping.target] = given.get(mapping.variable or "")
        elif mapping.value.is_feel:
            result[mapping.target] = asked(owned, asked(token.top.host.evaluate, mapping.value.source, given))
        else:
            result[mapping.target] = mapping.value.source
    return result
