"""Tables of the engine: definitions, process instances, user tasks, jobs, history, evidence. One class a table."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db.base import Base, Json, Moment, RowId

#: SQLite keeps the rows in the order of their primary key: one tree to write in place of two.
KEY_ORDER = {"sqlite_with_rowid": False}


class Deployment(Base):
    """An atomic set of resources: all of it was deployed, or nothing."""

    __tablename__ = "deployment"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10), default="approved")  # checked | approved | refused
    checks: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # what was checked and passed
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    review: Mapped[str] = mapped_column(Text, default="")


class Resource(Base):
    """The bytes of a file, once, whatever number of versions hold them."""

    __tablename__ = "resource"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Definition(Base):
    """One immutable version of a process, a decision or a form."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("kind", "key", "version", name="uq_definition_version"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # process | decision | form | notice | reference | scenario
    key: Mapped[str] = mapped_column(String(120))
    version: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(200), default="")
    version_tag: Mapped[str | None] = mapped_column(String(80))
    file: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(ForeignKey("resource.sha256"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    is_layout_only: Mapped[bool] = mapped_column(default=False)  # only the drawing differs from the version before


class DeploymentItem(Base):
    """A definition that a deployment holds, whether it was new in it or unchanged: what binding "deployment" reads."""

    __tablename__ = "deployment_item"
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"), primary_key=True)


class StartEvent(Base):
    """A start event that something outside triggers. Only the newest version of a process has any here."""

    __tablename__ = "start_event"
    __table_args__ = (Index("ix_start_event_kind_name", "kind", "name"),)
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"), primary_key=True)
    element_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    process_key: Mapped[str] = mapped_column(String(120), index=True)
    kind: Mapped[str] = mapped_column(String(8))  # message | signal | timer
    name: Mapped[str] = mapped_column(String(120))


class ProcessInstance(Base):
    """A running or ended process. ``state`` is opaque here; ``version`` refuses a concurrent change."""

    __tablename__ = "process_instance"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"), index=True)
    business_key: Mapped[str] = mapped_column(String(60), index=True)
    org_unit: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[str] = mapped_column(String(10), default="active")  # active | suspended | ended | cancelled
    state: Mapped[bytes] = mapped_column(LargeBinary, deferred=False)
    version: Mapped[int] = mapped_column()
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_event: Mapped[str | None] = mapped_column(String(120))
    __mapper_args__ = {"version_id_col": version}


class UserTask(Base):
    """One piece of work for a person. The id is ``<instance>-<token>``."""

    __tablename__ = "user_task"
    __table_args__ = (
        Index("ix_user_task_business_key_ended", "business_key", "ended_at"),
        KEY_ORDER,
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    token: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    process_key: Mapped[str] = mapped_column(String(120))
    business_key: Mapped[str] = mapped_column(String(60))
    org_unit: Mapped[str] = mapped_column(String(40))
    lane: Mapped[str | None] = mapped_column(String(120))
    assignee: Mapped[str | None] = mapped_column(String(80))
    candidate_users: Mapped[list[str]] = mapped_column(Json, default=list)
    candidate_groups: Mapped[list[str]] = mapped_column(Json, default=list)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    warn_at: Mapped[datetime | None] = mapped_column(Moment)
    follow_up_at: Mapped[datetime | None] = mapped_column(Moment)
    priority: Mapped[int] = mapped_column(default=50)
    form_key: Mapped[str | None] = mapped_column(String(120))
    form_definition_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None] = mapped_column(String(12))  # completed | cancelled
    completed_by: Mapped[str | None] = mapped_column(String(80))
    submitted: Mapped[dict[str, Any] | None] = mapped_column(Json)
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class InboxEntry(Base):
    """Who sees an open user task, in the order of its due date. The primary key is the inbox's index.

    ``audience`` is ``user:<account>`` or ``group:<org unit>:<group>``; a claimed task has its assignee's entry only.
    """

    __tablename__ = "inbox_entry"
    __table_args__ = KEY_ORDER
    audience: Mapped[str] = mapped_column(String(160), primary_key=True)
    due_key: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    task_id: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class Subscription(Base):
    """A token that waits for a message or a signal."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_name_key", "name", "correlation_key"),)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    token: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # message | signal
    name: Mapped[str] = mapped_column(String(120))
    correlation_key: Mapped[str | None] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))


class Job(Base):
    """Work that falls due: a timer, a continuation, a delivery. ``run_at`` is the due time and, while claimed, the end of the lease."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    instance_id: Mapped[int | None] = mapped_column(RowId)
    token: Mapped[int | None]
    element_id: Mapped[str | None] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    due_at: Mapped[datetime] = mapped_column(Moment)
    run_at: Mapped[datetime] = mapped_column(Moment, index=True)
    owner: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index("ix_job_instance_token", "instance_id", "token"),)


class Incident(Base):
    """A token that cannot go on until a person retries it, or a job out of retries."""

    __tablename__ = "incident"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    instance_id: Mapped[int | None] = mapped_column(RowId, index=True)
    token: Mapped[int | None]
    job_id: Mapped[int | None] = mapped_column(RowId)
    element_id: Mapped[str | None] = mapped_column(String(120))
    message: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment, index=True)


class ElementRun(Base):
    """One visit of a token to an element: the history that timeline, heat and statistics read."""

    __tablename__ = "element_run"
    #: Who stands in a version now: only the few open visits are in the index.
    __table_args__ = (
        Index("ix_element_run_open", "definition_id", sqlite_where=text("left_at IS NULL"), postgresql_where=text("left_at IS NULL")),
        KEY_ORDER,
    )
    instance_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    token: Mapped[int] = mapped_column(primary_key=True)
    definition_id: Mapped[int] = mapped_column(RowId)
    process_key: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))
    element_name: Mapped[str] = mapped_column(String(200), default="")
    type: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(12))
    actor: Mapped[str | None] = mapped_column(String(80))


class DecisionRun(Base):
    """A decision taken by a table: inputs, rows hit, version and why that version. Kept with the case for ever."""

    __tablename__ = "decision_run"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    instance_id: Mapped[int] = mapped_column(RowId, index=True)
    business_key: Mapped[str] = mapped_column(String(60), index=True)
    element_id: Mapped[str] = mapped_column(String(120))
    decision_key: Mapped[str] = mapped_column(String(120))
    definition_id: Mapped[int] = mapped_column(RowId)
    version: Mapped[int] = mapped_column()
    hits: Mapped[list[str]] = mapped_column(Json)
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    outputs: Mapped[Any] = mapped_column(Json)
    decided_at: Mapped[datetime] = mapped_column(Moment)
    in_force_since: Mapped[datetime | None] = mapped_column(Moment)
    chosen_because: Mapped[str] = mapped_column(String(20), default="")  # a word of engine.versions.Reason


class Evidence(Base):
    """An append-only fact, chained to the one before it in the same chain (a case, or the deployments)."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("chain", "sequence", name="uq_evidence_chain"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    chain: Mapped[str] = mapped_column(String(60))
    sequence: Mapped[int]
    event: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(80))
    facts: Mapped[str] = mapped_column(Text)  # canonical JSON, exactly the bytes that were hashed
    recorded_at: Mapped[str] = mapped_column(String(40))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class EvidenceSeal(Base):
    """A signed Merkle root over the evidence rows ``first_id`` … ``last_id``."""

    __tablename__ = "evidence_seal"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    first_id: Mapped[int] = mapped_column(RowId)
    last_id: Mapped[int] = mapped_column(RowId)
    root: Mapped[str] = mapped_column(String(64))
    previous_root: Mapped[str] = mapped_column(String(64))
    algorithm: Mapped[str] = mapped_column(String(40))
    key_id: Mapped[str] = mapped_column(String(40))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(Moment)


class Account(Base):
    """A person who logs in."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    org_unit: Mapped[str] = mapped_column(ForeignKey("org_unit.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(10), default="zh")
    session_stamp: Mapped[int] = mapped_column(default=0)  # raised at log-out everywhere and at password change
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted
    email: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted
    reset_hash: Mapped[str | None] = mapped_column(String(200))  # of a code that sets a new password, once
    reset_until: Mapped[datetime | None] = mapped_column(Moment)


class AccountLeave(Base):
    """Days on which somebody stands in for an account, once he has accepted (请假交接).

    ``has_return``: what the deputy has not done by the end goes back.
    """

    __tablename__ = "account_leave"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    deputy_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200), default="")
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    declined_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
    has_return: Mapped[bool] = mapped_column(default=True)
    begun_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class TaskHandOver(Base):
    """A user task that a deputy has because somebody is on leave."""

    __tablename__ = "task_hand_over"
    leave_id: Mapped[int] = mapped_column(ForeignKey("account_leave.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("user_task.id"), primary_key=True)


class Membership(Base):
    """An account in a candidate group."""

    __tablename__ = "membership"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("candidate_group.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(1), default="A")  # A/B substitution


class CandidateGroup(Base):
    """A group a diagram may name: a post of the window, or a department."""

    __tablename__ = "candidate_group"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[str] = mapped_column(String(12), default="post")  # post | department


class OrgUnit(Base):
    """A window, a district or a city: the scope of every list and right. Region code by GB/T 2260."""

    __tablename__ = "org_unit"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(12))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("org_unit.id"))
