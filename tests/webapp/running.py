"""A small process with two versions and running instances, for the tests of migrating and operating."""

from __future__ import annotations

from itertools import pairwise

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import instances, jobs
from engine.commands.deployments import deploy
from engine.queries import versions

WINDOW_TASK = '<bpmn:userTask id="{id}" name="{name}" camunda:candidateGroups="window" />'
_FILE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="http://doudi/tests">
  <bpmn:process id="P90_visit" name="回访" isExecutable="true" camunda:historyTimeToLive="P1D">{body}</bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="P90_visit">{drawn}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""


def diagram(*tasks: tuple[str, str]) -> bytes:
    """start → the user tasks in a row → end, drawn."""
    ids = ["s", *(id_ for id_, _name in tasks), "e"]
    body = '<bpmn:startEvent id="s" name="开始" />' + "".join(WINDOW_TASK.format(id=id_, name=name) for id_, name in tasks)
    body += '<bpmn:endEvent id="e" name="结束" />'
    flows = [(f"f_{old}_{new}", old, new) for old, new in pairwise(ids)]
    body += "".join(f'<bpmn:sequenceFlow id="{id_}" sourceRef="{old}" targetRef="{new}" />' for id_, old, new in flows)
    drawn = "".join(_shape(id_, 160 * n, 36 if id_ in "se" else 100, 36 if id_ in "se" else 80) for n, id_ in enumerate(ids))
    drawn += "".join(_edge(id_, 160 * n) for n, (id_, _old, _new) in enumerate(flows))
    return _FILE.format(body=body, drawn=drawn).encode()


#: The second version has no “visit” any more, but “review”.
FIRST = (("call", "打电话"), ("visit", "上门"))
SECOND = (("call", "打电话"), ("review", "法制审核"))


def deploy_both(engine: Engine, actor: Actor, count: int = 3) -> tuple[int, int, list[int]]:
    """(old version, new version, instances begun on the old one)."""
    deploy(engine, actor, {"P90_visit.bpmn": diagram(*FIRST)}, "回访")
    begun = [instances.start_instance(engine, actor, "P90_visit", f"V-{n:04}", {"n": n, "note": "原来"}) for n in range(count)]
    deploy(engine, actor, {"P90_visit.bpmn": diagram(*SECOND)}, "回访改版")
    new, old = (one.definition_id for one in versions.versions_of(engine, "process", "P90_visit"))
    return old, new, begun


def work(engine: Engine) -> None:
    """Do what is due."""
    while jobs.run_due_jobs(engine, "test"):
        pass


def _shape(id_: str, x: int, width: int, height: int) -> str:
    bounds = f'<dc:Bounds x="{100 + x}" y="{140 - height // 2}" width="{width}" height="{height}" />'
    return f'<bpmndi:BPMNShape id="{id_}_di" bpmnElement="{id_}">{bounds}</bpmndi:BPMNShape>'


def _edge(id_: str, x: int) -> str:
    points = "".join(f'<di:waypoint x="{100 + x + shift}" y="140" />' for shift in (100, 160))
    return f'<bpmndi:BPMNEdge id="{id_}_di" bpmnElement="{id_}">{points}</bpmndi:BPMNEdge>'
