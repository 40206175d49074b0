"""The two baselines: SpiffWorkflow in memory, and SpiffWorkflow with its whole workflow as JSON in a row."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.camunda.parser.CamundaParser import CamundaParser
from SpiffWorkflow.camunda.serializer.config import CAMUNDA_CONFIG

WORKLOAD = Path(__file__).with_name("workload.bpmn")
ORDER = ("task_a", "task_b", "task_c1", "task_c2", "task_c3", "task_d")


def workload_spec() -> Any:
    """Workload W with its FEEL script written in Python, the only language the library runs."""
    source = WORKLOAD.read_text("utf-8").replace("{ total: amount * 2 }", "total = amount * 2")
    parser = CamundaParser()
    parser.add_bpmn_xml(etree.parse(io.BytesIO(source.encode())), filename="workload.bpmn")
    return parser.get_spec("workload")


def in_memory(spec: Any) -> Callable[[int], None]:
    """One case from start to end without any persistence."""

    def run_case(number: int) -> None:
        workflow = _started(spec, number)
        for element in ORDER:
            _complete(workflow, element)
        assert workflow.is_completed()

    return run_case


def json_in_a_row(spec: Any, folder: Path) -> Callable[[int], None]:
    """One case with load, complete, advance, save and a durable commit at each of its seven steps."""
    serializer = BpmnWorkflowSerializer(registry=BpmnWorkflowSerializer.configure(CAMUNDA_CONFIG))
    connection = sqlite3.connect(folder / "json-in-a-row.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE workflow (id INTEGER PRIMARY KEY, state TEXT)")

    def run_case(number: int) -> None:
        workflow = _started(spec, number)
        connection.execute("INSERT INTO workflow VALUES (?, ?)", (number, serializer.serialize_json(workflow)))
        connection.commit()
        for element in ORDER:
            (state,) = connection.execute("SELECT state FROM workflow WHERE id = ?", (number,)).fetchone()
            workflow = serializer.deserialize_json(state)
            _complete(workflow, element)
            connection.execute("UPDATE workflow SET state = ? WHERE id = ?", (serializer.serialize_json(workflow), number))
            connection.commit()

    return run_case


def _started(spec: Any, number: int) -> BpmnWorkflow:
    workflow = BpmnWorkflow(spec)
    workflow.task_tree.data.update({"amount": 150, "case_no": f"W-{number}"})
    workflow.do_engine_steps()
    return workflow


def _complete(workflow: BpmnWorkflow, element: str) -> None:
    task = next(task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.name == element)
    task.data[f"{element}_note"] = "checked"
    task.run()
    workflow.do_engine_steps()
