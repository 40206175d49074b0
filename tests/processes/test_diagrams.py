"""Every diagram can be read on the wall: nothing overlaps, no line runs through a shape, everything has its name."""

from __future__ import annotations

import re
from itertools import combinations

from .drawn import BPMN, DIAGRAMS, NODES, Diagram

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
EXPECTED = {"P00_case_spine", "P01_first_contact", "P03_triage", "P05_graded_response", "P06_simple", "P07_departments"}
EXPECTED |= {"P08_joint_meeting", "P09_leading_group", "P16_answer", "P17_rectification"}


def test_the_ten_procedures_of_the_first_slice_are_drawn() -> None:
    assert set(DIAGRAMS) >= EXPECTED


def test_the_process_id_is_the_file_name_and_the_process_is_executable(key: str, diagram: Diagram) -> None:
    (process,) = diagram.elements("process")
    assert process.get("id") == key
    assert process.get("isExecutable") == "true"


def test_every_node_is_drawn_inside_its_lane(diagram: Diagram) -> None:
    outside = [
        node for node in diagram.nodes() if (lane := diagram.lane(node)) is None or not diagram.boxes[lane].contains(diagram.boxes[node])
    ]
    assert outside == []


def test_every_inner_node_is_drawn_inside_its_sub_process(diagram: Diagram) -> None:
    inner = {node: parent for node in diagram.nodes() if (parent := diagram.parent(node))}
    assert [node for node, parent in inner.items() if not diagram.boxes[parent].contains(diagram.boxes[node])] == []


def test_lanes_fill_their_pool_without_overlap(diagram: Diagram) -> None:
    lanes = [diagram.boxes[lane.get("id")] for lane in diagram.elements("lane")]
    (pool,) = (diagram.boxes[pool.get("id")] for pool in diagram.elements("participant"))
    assert all(pool.contains(lane) for lane in lanes)
    assert not any(one.overlaps(other) for one, other in combinations(lanes, 2))
    assert sum(lane.height for lane in lanes) == pool.height


def test_no_two_shapes_overlap(diagram: Diagram) -> None:
    nodes = diagram.nodes()
    free = [node for node, element in nodes.items() if element.tag != BPMN + "boundaryEvent"]
    touching = [
        (one, other)
        for one, other in combinations(free, 2)
        if diagram.parent(one) == diagram.parent(other) and diagram.boxes[one].overlaps(diagram.boxes[other], gap=20)
    ]
    assert touching == []


def test_boundary_events_sit_on_the_lower_border_of_their_host(diagram: Diagram) -> None:
    for event in diagram.elements("boundaryEvent"):
        box, host = diagram.boxes[event.get("id")], diagram.boxes[event.get("attachedToRef")]
        assert box.y + box.height / 2 == host.y + host.height
        assert host.x < box.x + box.width / 2 < host.x + host.width


def test_lines_are_orthogonal_and_end_at_their_shapes(diagram: Diagram) -> None:
    for line in diagram.lines:
        assert all(segment.width == 0 or segment.height == 0 for segment in line.segments()), line.id
        for end, point in ((line.source, line.points[0]), (line.target, line.points[-1])):
            box = diagram.boxes[end]
            assert box.x <= point[0] <= box.x + box.width, line.id
            assert box.y <= point[1] <= box.y + box.height, line.id


def test_no_line_runs_through_a_shape(diagram: Diagram) -> None:
    through = []
    for line in diagram.lines:
        around = {diagram.parent(line.source), diagram.parent(line.target)}
        for node in set(diagram.nodes()) - {line.source, line.target} - around:
            hosts = {event.get("id"): event.get("attachedToRef") for event in diagram.elements("boundaryEvent")}
            starts_here = hosts.get(line.source) == node
            segments = list(line.segments())[1:] if starts_here else line.segments()
            if any(segment.overlaps(diagram.boxes[node]) for segment in segments):
                through.append((line.id, node))
    assert through == []


def test_no_line_runs_back_through_its_own_shapes(diagram: Diagram) -> None:
    for line in diagram.lines:
        segments = list(line.segments())
        assert not any(segment.overlaps(diagram.boxes[line.source]) for segment in segments[1:]), line.id
        assert not any(segment.overlaps(diagram.boxes[line.target]) for segment in segments[:-1]), line.id


def test_lines_share_a_stretch_only_with_lines_of_the_same_source_or_target(diagram: Diagram) -> None:
    for one, other in combinations(diagram.lines, 2):
        if one.source == other.source or one.target == other.target:
            continue
        for a in one.segments():
            for b in other.segments():
                along = min(a.x + a.width, b.x + b.width) - max(a.x, b.x), min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
                assert not (min(along) == 0 and max(along) > 0), (one.id, other.id)


def test_labels_are_clear_of_shapes_lines_and_each_other(diagram: Diagram) -> None:
    groups = {group.get("id") for group in diagram.elements("group")}
    labels = {owner: box for owner, box in diagram.labels.items() if owner not in groups}
    shapes = {node: box for node, box in diagram.boxes.items() if node in diagram.nodes()}
    frames = {node.get("id") for node in diagram.elements("subProcess")}
    hidden = []
    for owner, label in labels.items():
        hidden += [(owner, node) for node, box in shapes.items() if node not in frames and label.overlaps(box)]
        hidden += [(owner, frame) for frame in frames if label.overlaps(shapes[frame]) and not shapes[frame].contains(label)]
        hidden += [(owner, line.id) for line in diagram.lines if any(label.overlaps(segment) for segment in line.segments())]
        hidden += [(owner, other) for other, box in labels.items() if other != owner and label.overlaps(box)]
    assert hidden == []


def test_everything_has_a_chinese_name_and_an_english_id(diagram: Diagram) -> None:
    named = diagram.elements(*NODES, "participant", "lane", "process")
    assert [node.get("id") for node in named if not CHINESE.search(node.get("name") or "")] == []
    assert [node.get("id") for node in named if not ENGLISH_ID.fullmatch(node.get("id"))] == []


def test_forks_ask_a_question_and_label_their_answers(diagram: Diagram) -> None:
    outgoing: dict[str, list[str | None]] = {}
    for flow in diagram.elements("sequenceFlow"):
        outgoing.setdefault(flow.get("sourceRef"), []).append(flow.get("name"))
    forks = [node for node in diagram.elements("exclusiveGateway", "eventBasedGateway") if len(outgoing[node.get("id")]) > 1]
    assert [node.get("id") for node in forks if not node.get("name").endswith("?")] == []
    assert [node.get("id") for node in forks if not all(outgoing[node.get("id")])] == []


def test_every_user_task_tells_its_reader_what_to_do(diagram: Diagram) -> None:
    silent = [task.get("id") for task in diagram.elements("userTask") if not (task.findtext(BPMN + "documentation") or "").strip()]
    assert silent == []


def test_a_gateway_forks_or_joins_but_never_both(diagram: Diagram) -> None:
    flows = [(flow.get("sourceRef"), flow.get("targetRef")) for flow in diagram.elements("sequenceFlow")]
    both = []
    for gateway in diagram.elements("exclusiveGateway", "eventBasedGateway"):
        leaving = [flow for flow in flows if flow[0] == gateway.get("id")]
        arriving = [flow for flow in flows if flow[1] == gateway.get("id")]
        if len(leaving) > 1 and len(arriving) > 1:
            both.append(gateway.get("id"))
    assert both == []
