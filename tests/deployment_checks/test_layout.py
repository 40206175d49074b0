"""Whether a diagram can be read as it is drawn: each fault is planted once, the right drawing is quiet."""

from __future__ import annotations

import pytest

from engine.deployment_checks.advice_texts import SEVERITIES
from engine.feel import Feel
from tests.commands.conftest import START_END, user_task
from tests.deployment_checks.advised import advised, places
from tests.deployment_checks.test_variables_at_places import diagram

CODES = (
    "not-drawn",
    "element-not-drawn",
    "flow-not-drawn",
    "shapes-overlap",
    "label-overlaps",
    "flow-crosses",
    "outside-lane",
    "flow-backwards",
)
#: Left, top, width, height of each shape; points of each line. f0: s>a, f1: a>b, f2: b>e.
SHAPES = {"s": (0, 22, 36, 36), "a": (100, 0, 100, 80), "b": (260, 0, 100, 80), "e": (420, 22, 36, 36)}
LINES = {"f0": [(36, 40), (100, 40)], "f1": [(200, 40), (260, 40)], "f2": [(360, 40), (420, 40)]}
BODY = START_END + user_task("a") + user_task("b")
LANES = (
    '<bpmn:laneSet id="l"><bpmn:lane id="one" name="一"><bpmn:flowNodeRef>s</bpmn:flowNodeRef><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
    "<bpmn:flowNodeRef>b</bpmn:flowNodeRef><bpmn:flowNodeRef>e</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
)


def _box(tag: str, place: tuple[float, ...]) -> str:
    x, y, width, height = place
    return f'<{tag}:Bounds x="{x}" y="{y}" width="{width}" height="{height}" />'


def drawn(shapes: dict, lines: dict, labels: dict | None = None, body: str = BODY, flows: str = "s>a a>b b>e") -> bytes:
    """A diagram with a drawing; ``labels``: places of labels by element."""
    written = {key: f"<bpmndi:BPMNLabel>{_box('dc', place)}</bpmndi:BPMNLabel>" for key, place in (labels or {}).items()}
    parts = [
        f'<bpmndi:BPMNShape id="{key}_di" bpmnElement="{key}">{_box("dc", place)}{written.get(key, "")}</bpmndi:BPMNShape>'
        for key, place in shapes.items()
    ] + [
        f'<bpmndi:BPMNEdge id="{key}_di" bpmnElement="{key}">'
        + "".join(f'<di:waypoint x="{x}" y="{y}" />' for x, y in points)
        + f"{written.get(key, '')}</bpmndi:BPMNEdge>"
        for key, points in lines.items()
    ]
    spaces = (
        ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
        ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    )
    plane = f'<bpmndi:BPMNPlane id="P" bpmnElement="p">{"".join(parts)}</bpmndi:BPMNPlane>'
    whole = f'<bpmndi:BPMNDiagram id="D"{spaces}>{plane}</bpmndi:BPMNDiagram></bpmn:definitions>'
    return diagram("p", body, flows).replace(b"</bpmn:definitions>", whole.encode())


def told(feel: Feel, source: bytes) -> list[tuple[str, str | None]]:
    return places(advised(feel, {"p.bpmn": source}), *CODES)


def test_a_drawing_without_faults_is_quiet(feel: Feel) -> None:
    lane = {"one": (-40, -20, 520, 120)}
    assert told(feel, drawn({**lane, **SHAPES}, LINES, {"s": (0, 65, 36, 14), "f0": (50, 20, 40, 14)}, LANES + BODY)) == []


def test_a_file_without_any_drawing_is_told_once(feel: Feel) -> None:
    assert told(feel, diagram("p", BODY, "s>a a>b b>e")) == [("not-drawn", "p")]


def test_elements_and_flows_that_are_not_drawn_are_warnings(feel: Feel) -> None:
    shapes = {key: place for key, place in SHAPES.items() if key != "b"}
    lines = {key: points for key, points in LINES.items() if key != "f2"}
    assert told(feel, drawn(shapes, lines)) == [("element-not-drawn", "b"), ("flow-not-drawn", "f2")]


@pytest.mark.parametrize(
    ("shapes", "lines", "labels", "expected"),
    [
        ({"b": (180, 40, 100, 80)}, {}, {}, [("shapes-overlap", "b")]),
        ({"b": (200, 0, 100, 80)}, {"f1": [(200, 40), (201, 40)]}, {}, []),
        ({}, {}, {"s": (90, 30, 60, 14)}, [("label-overlaps", "s")]),
        ({}, {}, {"f0": (90, 30, 60, 14)}, [("label-overlaps", "f0")]),
        ({}, {}, {"a": (110, 30, 60, 14)}, []),
        ({}, {"f0": [(36, 40), (400, 40), (400, 200), (150, 200), (150, 80)]}, {}, [("flow-crosses", "f0")]),
        ({}, {"f0": [(18, 58), (18, 200), (150, 200), (150, 80)]}, {}, []),
    ],
    ids=["overlap", "touching", "label of an event", "label of a flow", "label inside its own shape", "through another", "around"],
)
def test_what_is_in_the_way_of_each_other_is_told(feel: Feel, shapes: dict, lines: dict, labels: dict, expected: list) -> None:
    assert told(feel, drawn({**SHAPES, **shapes}, {**LINES, **lines}, labels)) == expected


def test_a_boundary_event_lies_on_its_task_and_a_task_inside_its_sub_process(feel: Feel) -> None:
    event = (
        '<bpmn:boundaryEvent id="t" name="到时" attachedToRef="a"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    inner = '<bpmn:startEvent id="s2" /><bpmn:endEvent id="e2" /><bpmn:sequenceFlow id="g" sourceRef="s2" targetRef="e2" />'
    body = BODY.replace(user_task("b"), f'<bpmn:subProcess id="b" name="b">{inner}</bpmn:subProcess>') + event
    shapes = {**SHAPES, "t": (130, 62, 36, 36), "s2": (270, 22, 20, 20), "e2": (330, 22, 20, 20)}
    lines = {**LINES, "g": [(290, 32), (330, 32)], "f3": [(148, 98), (148, 200), (438, 200), (438, 58)]}
    assert told(feel, drawn(shapes, lines, body=body, flows="s>a a>b b>e t>e")) == []
    assert told(feel, drawn({**shapes, "e": (340, 22, 36, 36)}, lines, body=body, flows="s>a a>b b>e t>e"))[0][0] == "shapes-overlap"


def test_an_element_outside_of_its_lane_is_a_warning(feel: Feel) -> None:
    lane = {"one": (-40, -20, 380, 120)}
    found = advised(feel, {"p.bpmn": drawn({**lane, **SHAPES}, LINES, body=LANES + BODY)})
    assert places(found, "outside-lane") == [("outside-lane", "b"), ("outside-lane", "e")]
    assert SEVERITIES["outside-lane"] == "warning" and "“一”" in next(one for one in found if one.code == "outside-lane").message


def test_a_flow_to_the_left_is_told_unless_it_leads_back(feel: Feel) -> None:
    swapped = {**SHAPES, "a": SHAPES["b"], "b": SHAPES["a"]}
    lines = {
        "f0": [(18, 58), (18, 200), (310, 200), (310, 80)],
        "f1": [(260, 40), (200, 40)],
        "f2": [(150, 80), (150, 120), (438, 120), (438, 58)],
    }
    assert told(feel, drawn(swapped, lines)) == [("flow-backwards", "f1")]
    gateway = BODY.replace(user_task("b"), '<bpmn:exclusiveGateway id="b" name="好了吗?" default="f2" />')
    condition = "<bpmn:conditionExpression>=true</bpmn:conditionExpression>"
    back = f'<bpmn:sequenceFlow id="again" sourceRef="b" targetRef="a">{condition}</bpmn:sequenceFlow>'
    loop = {**LINES, "again": [(310, 80), (310, 120), (150, 120), (150, 80)]}
    assert told(feel, drawn(SHAPES, loop, body=gateway + back)) == []


def test_unreadable_sizes_and_a_large_diagram_come_to_an_end(feel: Feel) -> None:
    broken = drawn(SHAPES, LINES).replace(b'x="100"', b'x="far"').replace(b'x="260"', b'x="1e400"')
    assert ("element-not-drawn", "a") in told(feel, broken)
    count = 600
    body = START_END + "".join(f'<bpmn:manualTask id="t{n}" name="t{n}" />' for n in range(count))
    flows = "s>t0 " + " ".join(f"t{n}>t{n + 1}" for n in range(count - 1)) + f" t{count - 1}>e"
    shapes = {**SHAPES, **{f"t{n}": (n * 150, 300, 100, 80) for n in range(count)}}
    lines = {f"f{n}": [(n * 150 - 50, 340), (n * 150, 340)] for n in range(count + 1)}
    assert {code for code, _ in told(feel, drawn(shapes, lines, body=body, flows=flows))} <= {"element-not-drawn", "flow-backwards"}
