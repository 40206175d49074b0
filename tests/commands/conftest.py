"""A small engine: tables, one window with two people, and diagrams written in a few lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.actors import Actor
from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands import deployments
from engine.db import case_tables  # noqa: F401 - its tables belong to the schema
from engine.db.base import Base
from engine.db.tables import OrgUnit
from engine.settings import Settings
from engine.submission import DeploymentResult

WINDOW = "440103-01"
CLERK = Actor("clerk", "示例·林晓", frozenset({"window"}), WINDOW, frozenset({WINDOW}))
COLLEAGUE = Actor("colleague", "示例·陈晨", frozenset({"window"}), WINDOW, frozenset({WINDOW}))
HEAD = Actor("head", "示例·赵敏", frozenset({"window_head"}), WINDOW, frozenset({WINDOW}))
ADMIN = Actor("admin", "示例·管理", frozenset({"admin"}), WINDOW, frozenset({WINDOW}))
ELSEWHERE = Actor("elsewhere", "示例·别处", frozenset({"window"}), "440104-01", frozenset({"440104-01"}))

_FILE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://doudi/tests">
  <bpmn:message id="m_go" name="go" />
  <bpmn:process id="{key}" name="{key}" isExecutable="true" camunda:historyTimeToLive="P1D">{body}</bpmn:process>
</bpmn:definitions>"""


def diagram(key: str, body: str, flows: str) -> bytes:
    """A BPMN file. ``flows`` lists sequence flows: "a>b b>c"."""
    drawn = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}" />' for n, (a, b) in enumerate(f.split(">") for f in flows.split())
    )
    return _FILE.format(key=key, body=body + drawn).encode()


def user_task(element_id: str, extra: str = 'camunda:candidateGroups="window"') -> str:
    return f'<bpmn:userTask id="{element_id}" name="{element_id}" {extra} />'


START_END = '<bpmn:startEvent id="s" name="开始" /><bpmn:endEvent id="e" name="结束" />'


@pytest.fixture
def engine(settings: Settings, clock: MovableClock) -> Engine:
    Path(settings.data_folder).mkdir(parents=True, exist_ok=True)
    built = build_engine(settings, clock)
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    yield built
    built.database.dispose()


@pytest.fixture
def two_steps(engine: Engine) -> Engine:
    """start → first → second → end, both for the window."""
    deploy(engine, diagram("two_steps", START_END + user_task("first") + user_task("second"), "s>first first>second second>e"))
    return engine


@pytest.fixture
def one_timer(engine: Engine) -> Engine:
    """start → wait one hour → after → end."""
    wait = (
        '<bpmn:intermediateCatchEvent id="wait" name="等一小时"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    deploy(engine, diagram("one_timer", START_END + wait + user_task("after"), "s>wait wait>after after>e"))
    return engine


def deploy(engine: Engine, *sources: bytes) -> DeploymentResult:
    return deployments.deploy(engine, ADMIN, {f"{n}.bpmn": source for n, source in enumerate(sources)}, "test")
