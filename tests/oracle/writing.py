"""Drawn models as BPMN files, and as other files that mean the same. Knows XML; knows no execution."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from tests.bpmn import diagrams as bpmn
from tests.bpmn.conftest import NOON
from tests.oracle.drawing import Event, Level, Model, Node, Sum

CODES = ("E1", "E2")
ROOTS = [
    *(bpmn.message(f"m{number}") for number in (1, 2)),
    *(bpmn.signal(f"s{number}") for number in (1, 2)),
    *(bpmn.error(code, code) for code in CODES),
    *(bpmn.escalation(code.replace("E", "L"), code.replace("E", "L")) for code in CODES),
]
_GATEWAYS = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway", "first": "eventBasedGateway"}


def xml_of(model: Model) -> bytes:
    return bpmn.file_of(*ROOTS, *(bpmn.process(*_parts(level), key=key) for key, level in model.levels.items()))


def twin_of(model: Model, dice: random.Random) -> bytes:
    """Another file that means the same: elements in another order, with notes and a layout."""
    levels = {key: _shuffled(level, dice) for key, level in sorted(model.levels.items(), key=lambda item: (item[0] != "P", item[0]))}
    note = '<bpmn:textAnnotation id="note"><bpmn:text>moved</bpmn:text></bpmn:textAnnotation>'
    drawn = [bpmn.process(*_parts(level), *([note] if key == "P" else []), key=key) for key, level in levels.items()]
    return bpmn.file_of(*ROOTS, *drawn)


def _shuffled(level: Level, dice: random.Random) -> Level:
    """Flows and event sub-processes keep their order: it has a meaning."""
    nodes = [replace(node, inner=_shuffled(node.inner, dice)) if node.inner else node for node in level.nodes]
    others = [node for node in nodes if node.kind != "guard"]
    dice.shuffle(others)
    return replace(level, nodes=(*others, *(node for node in nodes if node.kind == "guard")))


def _parts(level: Level, begun_by: str = "") -> list[str]:
    parts = [_node(node, begun_by) for node in level.nodes]
    for node in level.nodes:
        for event in node.boundaries:
            content = (*_keyed(event.event), _definition(event.event))
            parts.append(bpmn.boundary(event.id, node.id, *content, interrupting=event.interrupting))
        if node.handler is not None:
            parts.append(bpmn.undoing(node.id, _node(node.handler)))
    return parts + [bpmn.flow(flow.source, flow.target, flow.condition and flow.condition.feel, flow.id) for flow in level.flows]


def _node(node: Node, begun_by: str = "") -> str:
    default = {"default": node.default} if node.default else {}
    events = [*_keyed(node.event), _definition(node.event)] if node.event is not None else []
    match node.kind:
        case "start":
            return begun_by or bpmn.start(node.id)
        case "end":
            return bpmn.end(node.id, *events)
        case "throw":
            return bpmn.throw(node.id, *events)
        case "catch":
            return bpmn.catch(node.id, *events)
        case "xor" | "and" | "or" | "first":
            return bpmn.element(_GATEWAYS[node.kind], node.id, **default)
        case "sub":
            assert node.inner is not None
            return bpmn.element("transaction" if node.transaction else "subProcess", node.id, *_marker(node), *_parts(node.inner))
        case "guard":
            return _guard(node, events)
        case "call":
            return _called(node)
        case "task":
            return bpmn.user(node.id, *_marker(node))
        case "script":
            assert node.sets is not None
            text = f"{{{node.sets.target}: {node.sets.feel}}}"
            return bpmn.element("scriptTask", node.id, f"<bpmn:script>{text}</bpmn:script>", *_marker(node))
        case "service":
            assert node.event is not None and node.condition is not None
            inputs = {"is_wrong": f"={node.condition.feel}", "code": f'="{node.event.name}"'}
            return bpmn.service(node.id, "risk", bpmn.parameters(inputs), *_marker(node))


def _guard(node: Node, events: list[str]) -> str:
    assert node.inner is not None
    begun_by = bpmn.start(node.inner.start.id, *events, isInterrupting="true" if node.interrupting else "false")
    return bpmn.element("subProcess", node.id, *_parts(node.inner, begun_by), triggeredByEvent="true")


def _called(node: Node) -> str:
    assert node.call is not None
    mappings = [*_passing("in", node.call.ins), *_passing("out", node.call.outs)]
    return bpmn.call(node.id, node.call.key, bpmn.extensions(*mappings), *_marker(node))


def _passing(way: str, sums: tuple[Sum, ...] | None) -> list[str]:
    if sums is None:
        return [bpmn.mapping(way, variables="all")]
    sources = [{"source": sum.source} if sum.added is None else {"sourceExpression": f"={sum.feel}"} for sum in sums]
    return [bpmn.mapping(way, **source, target=sum.target) for source, sum in zip(sources, sums, strict=True)]


def _marker(node: Node) -> list[str]:
    many, loop = node.many, node.loop
    if many is not None:
        number = [] if many.items is not None else [bpmn.cardinality(str(many.cardinality))]
        enough = [bpmn.until(many.enough.feel)] if many.enough else []
        output = [bpmn.collected("got", f"={many.output}")] if many.output else []
        over = {"collection": f"={list(many.items)}", "elementVariable": "item"} if many.items is not None else {}
        return [bpmn.many(*number, *output, *enough, sequential=many.sequential, **over)]
    if loop is not None:
        condition = loop.condition.feel if loop.condition else None
        return [bpmn.looped(condition, loopMaximum=str(loop.maximum), testBefore="true" if loop.test_before else "false")]
    return []


def _keyed(event: Event) -> list[str]:
    if event.key is None:
        return []
    return [bpmn.correlation(f'=if {event.key} = null then "none" else string({event.key})')]


def _definition(event: Event) -> str:
    match event.kind:
        case "timer":
            return _timer(event)
        case "condition":
            assert event.condition is not None
            return bpmn.conditional(event.condition.feel)
        case "link":
            return bpmn.link(event.name or "")
        case "compensate":
            return "<bpmn:compensateEventDefinition" + (f' activityRef="{event.name}"' if event.name else "") + "/>"
        case _:
            return bpmn.definition(event.kind, event.name)


def _timer(event: Event) -> str:
    timer = event.timer
    assert timer is not None
    match timer.kind:
        case "date":
            return bpmn.timer("timeDate", (NOON + timedelta(minutes=timer.minutes)).isoformat())
        case "duration":
            return bpmn.timer("timeDuration", f"PT{timer.minutes}M")
        case "cycle":
            return bpmn.timer("timeCycle", f"R{timer.times or ''}/PT{timer.minutes}M")
