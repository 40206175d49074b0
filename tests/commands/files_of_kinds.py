"""Kinds of case files and actions for tests, with diagrams and forms of a few words."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from engine.assembly import Engine
from engine.commands import deployments
from engine.commands.jobs import run_due_jobs
from engine.db.case_tables import Case, CaseEntry
from engine.db.kind_tables import CaseAction, CaseKind
from engine.db.tables import Account, CandidateGroup, Membership, ProcessInstance
from engine.queries.inbox import InboxItem, InboxQuery, inbox
from engine.services.case_files import OPENED
from tests.commands.conftest import ADMIN, CLERK, WINDOW

START = '<bpmn:startEvent id="s" name="开始" />'
END = '<bpmn:endEvent id="e" name="结束" />'
BY_MESSAGE = '<bpmn:startEvent id="s" name="来信"><bpmn:messageEventDefinition messageRef="m_go" /></bpmn:startEvent>'
BY_SIGNAL = '<bpmn:startEvent id="s" name="听到"><bpmn:signalEventDefinition signalRef="g_heard" /></bpmn:startEvent>'


_FIELDS = {"title": "textfield", "text": "textarea", "benefit": "textfield", "applicant.name": "textfield", "applicant.phone": "textfield"}
_PARTS = [{"key": key, "type": kind, "label": key, "id": f"field_{n}"} for n, (key, kind) in enumerate(_FIELDS.items())]
#: The form ``said`` of every kind and action here.
SAID_FORM = json.dumps({"type": "default", "id": "said", "schemaVersion": 18, "components": _PARTS}).encode()


def add_kind(engine: Engine, kind: str, process: str, **columns: Any) -> None:
    given = {"name": "建议件", "name_en": "Suggestion", "prefix": kind[:2].upper(), "openers": ["window"], "start_form": "said"}
    with engine.database.transaction() as session:
        session.merge(CaseKind(kind=kind, process=process, **{**given, **columns}))


def add_action(engine: Engine, action: str, **columns: Any) -> None:
    given = {"name": "撤回", "name_en": "Withdraw", "message": "go", "form": None, "groups": ["window"], "kinds": ["suggestion"]}
    with engine.database.transaction() as session:
        session.merge(CaseAction(action=action, **{**given, **columns}))


def add_people(engine: Engine, group: str, *accounts: str) -> None:
    with engine.database.transaction() as session:
        session.merge(CandidateGroup(id=group, name=group))
        session.flush()
        for account in accounts:
            session.merge(Account(id=account, name=f"示例·{account}", password_hash="none", org_unit=WINDOW))
            session.flush()
            session.merge(Membership(account_id=account, group_id=group))


def deploy(engine: Engine, *diagrams: bytes) -> None:
    files = {f"{n}.bpmn": source for n, source in enumerate(diagrams)}
    deployments.deploy(engine, ADMIN, {**files, "said.form": SAID_FORM}, "test")


def service(element_id: str, topic: str, **inputs: str) -> str:
    """A service task; inputs in FEEL when they begin with ``=``."""
    mapped = "".join(f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>' for name, text in inputs.items())
    inside = f"<bpmn:extensionElements><camunda:inputOutput>{mapped}</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>"
    return f'<bpmn:serviceTask id="{element_id}" name="{element_id}" camunda:type="external" camunda:topic="{topic}">{inside}'


def case(engine: Engine, case_no: str) -> Case:
    with engine.database.reading() as session:
        return session.get_one(Case, case_no)


def children(engine: Engine, case_no: str) -> list[Case]:
    with engine.database.reading() as session:
        return list(session.scalars(select(Case).where(Case.parent_no == case_no).order_by(Case.no)))


def entries(engine: Engine, case_no: str) -> list[tuple[str, dict[str, Any]]]:
    with engine.database.reading() as session:
        written = select(CaseEntry).where(CaseEntry.case_no == case_no, CaseEntry.kind != OPENED)
        rows = session.scalars(written.order_by(CaseEntry.id))
        return [(row.kind, row.facts) for row in rows]


def instances(engine: Engine, case_no: str) -> list[ProcessInstance]:
    with engine.database.reading() as session:
        return list(session.scalars(select(ProcessInstance).where(ProcessInstance.business_key == case_no).order_by(ProcessInstance.id)))


def run_jobs(engine: Engine) -> None:
    while run_due_jobs(engine, "w"):
        pass


def tasks(engine: Engine) -> list[InboxItem]:
    return list(inbox(engine, CLERK, InboxQuery()).items)
