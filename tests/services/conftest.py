"""A window with its people, three departments, one matter, one case; and the context an operation gets."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import vocabulary
from engine.activations import BEGINNING
from engine.actors import Actor
from engine.clock import as_local
from engine.db.base import Base
from engine.db.case_tables import Case, CaseClock, Department, Matter, NoticeTemplate, Responsibility
from engine.db.database import Database
from engine.db.tables import Account, CandidateGroup, Definition, Deployment, Evidence, Membership, OrgUnit, Resource
from engine.db.version_tables import Activation
from engine.services import accounts, cases, parties
from engine.services.case_kinds import read_kinds
from engine.services.context import OperationContext
from engine.services.secrets import Secrets
from engine.services.working_time import WorkCalendar

WINDOW = "440103-01"
MONDAY = as_local("2026-11-23T10:20")
CALENDAR = WorkCalendar()
SECRETS = Secrets(b"the key of the tests, long enough for all")
CLERK = Actor("clerk-a", "示例·林晓", frozenset({"window"}), WINDOW, frozenset({WINDOW}))
APPLICANT = {
    "kind": "自然人",
    "name": "示例·何女士",
    "cert_type": "居民身份证",
    "cert_no": "440103188501010017",
    "phone": "13800001234",
    "address": "芳村示例路1号",
}
PEOPLE = (
    ("clerk-a", "window", "A"),
    ("clerk-b", "window", "B"),
    ("head", "window_head", "A"),
    ("officer-1", "rectifier", "A"),
    ("officer-2", "rectifier", "A"),
)
TEMPLATES = {
    "MSG-01": "您反映的“{事项}”已登记,工单{工单号},首接责任人{姓名}{电话}。查询:{短链}。",
    "MSG-08": "您的工单已定为{等级},由{牵头部门}牵头、{N}个部门配合,预计{日期}前办结。",
    "MSG-17": "我们已核实并整改:{摘要}。",
    "MSG-23": "定于{时间}召开协调会,议题{议题},请{部门}参加。",
}


@dataclass
class World:
    """One transaction of the test and what operations did in it."""

    session: Session
    case: Case
    now: datetime = MONDAY
    actor: Actor = CLERK
    variables: dict[str, Any] = field(default_factory=dict)
    jobs: list[tuple[str, dict[str, Any], datetime | None]] = field(default_factory=list)

    def context(self, **changes: Any) -> OperationContext:
        base = OperationContext(
            session=self.session,
            now=self.now,
            calendar=CALENDAR,
            secrets=SECRETS,
            actor=self.actor,
            instance_id=1,
            case_no=self.case.no,
            element_id="step",
            element_name="步骤",
            variables=self.variables,
            schedule=lambda kind, payload, run_at: self.jobs.append((kind, payload, run_at)),
            kinds=read_kinds(self.session),
        )
        return replace(base, **changes)

    def call(self, name: str, **inputs: Any) -> dict[str, Any]:
        """Run an operation as a diagram does, on what the test arranged."""
        self.session.flush()
        result = dict(vocabulary.call(self.context(), name, inputs))
        self.session.flush()
        return result

    def put_in_force(self, name: str, content: str, at: datetime | None = None, *, covers_open_cases: bool = False) -> None:
        """A version of a data file, in force since ever, or from a moment on."""
        key, digest = name.removesuffix(".csv"), hashlib.sha256(content.encode()).hexdigest()
        version = 1 + len([row for row in self.rows(Definition) if row.key == key])
        deployment = Deployment(name=name, created_at=MONDAY, created_by="test")
        self.session.merge(Resource(sha256=digest, content=content.encode()))
        self.session.add(deployment)
        self.session.flush()
        row = Definition(kind="reference", key=key, version=version, name=key, file=f"processes/reference/{name}", sha256=digest)
        row.deployment_id, row.created_at = deployment.id, MONDAY
        self.session.add(row)
        self.session.flush()
        span = Activation(kind="reference", key=key, definition_id=row.id, org_unit="", active_from=at or BEGINNING)
        span.activated_by, span.reason, span.covers_open_cases = "test", "", covers_open_cases
        self.session.add(span)
        self.session.flush()

    def rows(self, table: type[Base]) -> list[Any]:
        self.session.flush()
        return list(self.session.scalars(select(table)))

    def clock(self, kind: str) -> CaseClock:
        """The latest clock of a kind that was not replaced."""
        return next(row for row in reversed(self.rows(CaseClock)) if row.kind == kind and row.replaced_at is None)

    def events(self) -> list[str]:
        return [row.event for row in self.rows(Evidence)]

    def new_case(self, at: datetime = MONDAY, **changes: Any) -> Case:
        return new_case(self.session, at, **changes)


def new_case(session: Session, at: datetime, **changes: Any) -> Case:
    """A case registered at ``at`` by clerk A."""
    party = parties.create_party(session, SECRETS, at, APPLICANT)
    particulars = {"org_unit": WINDOW, "region": "440103", "channel": "现场", "matter_code": "M01", "owner_id": "clerk-a"} | changes
    number = cases.next_number(session, "440103", at)
    text = str(particulars.pop("text", "开办企业要交两遍材料,窗口互相等对方先办。"))
    return cases.create_case(session, number=number, calendar=CALENDAR, received_at=at, text=text, applicant_id=party.id, **particulars)


def add_account(session: Session, account_id: str, group: str, role: str = "A", org_unit: str = WINDOW) -> None:
    """An account without a password that opens anything."""
    session.add(Account(id=account_id, name=f"示例·{account_id}", password_hash="none", org_unit=org_unit))
    session.flush()
    session.add(Membership(account_id=account_id, group_id=group, role=role))
    session.flush()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file every test starts from, made once."""
    path = tmp_path_factory.mktemp("services") / "template.db"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        _fill(session)
    database.dispose()  # the last connection takes the write-ahead log into the file
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(template, tmp_path / "test.db")
    opened = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def shared(template: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{template}")
    yield opened
    opened.dispose()


@pytest.fixture
def world(shared: Database) -> Iterator[World]:
    """A transaction that is rolled back, so that the tests may share one file."""
    with Session(shared.engine, expire_on_commit=False, autoflush=False) as session:
        yield World(session, new_case(session, MONDAY))
        session.rollback()


def _fill(session: Session) -> None:
    accounts.ensure_posts(session)
    session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    for number, name in enumerate(("市场监督管理局", "税务局", "公安分局"), 1):
        session.add(Department(code=f"D0{number}", name=name, uscc="11440103DEMG00019G", liaison_a="周敏"))
        session.add(CandidateGroup(id=f"D0{number}", name=name, kind="department"))
    session.add(Matter(code="M01", name="企业开办", promise_days=1))
    session.flush()
    session.add(Responsibility(matter_code="M01", department="D02", role="协办", position=0))
    session.add(Responsibility(matter_code="M01", department="D01", role="牵头", basis="权责清单、“一件事”清单", position=1))
    for template_id, text in TEMPLATES.items():
        session.add(NoticeTemplate(id=template_id, event="事件", text=text, audience="申请人"))
    for account_id, group, role in PEOPLE:
        add_account(session, account_id, group, role)
