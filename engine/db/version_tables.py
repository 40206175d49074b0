"""Tables of change: drafts and change sets, which version is active where, migrations of running instances. One class a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db.base import Base, Json, Moment, RowId
from engine.db.tables import KEY_ORDER


class ChangeSet(Base):
    """Drafts that belong together, with a title and a reason. Submitted, it becomes a deployment and changes no more."""

    __tablename__ = "change_set"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default="open", index=True)  # open | submitted | abandoned
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deployment_id: Mapped[int | None] = mapped_column(ForeignKey("deployment.id"))
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Draft(Base):
    """A file of a change set as it is typed now. ``version`` refuses to overwrite what somebody else saved meanwhile."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("change_set_id", "file", name="uq_draft_file"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    change_set_id: Mapped[int] = mapped_column(ForeignKey("change_set.id"))
    file: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(ForeignKey("resource.sha256"))
    base_sha256: Mapped[str | None] = mapped_column(ForeignKey("resource.sha256"))  # the deployed content it began with; None: a new file
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[str] = mapped_column(String(80))
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class DraftRevision(Base):
    """What a draft was after a save: its history, append-only."""

    __tablename__ = "draft_revision"
    __table_args__ = KEY_ORDER
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("resource.sha256"))
    saved_at: Mapped[datetime] = mapped_column(Moment)
    saved_by: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200), default="")


class Activation(Base):
    """A span of time in which a version is the one in force, everywhere or below one org unit (a pilot).

    Of the spans that hold now, the one of the nearest org unit counts, then the one that began last. A case is judged by the span that held
    when it was accepted, unless a later one covers open cases; one that was taken back counts for nobody any more.
    """

    __tablename__ = "activation"
    __table_args__ = (Index("ix_activation_kind_key", "kind", "key"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(120))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"), index=True)
    org_unit: Mapped[str] = mapped_column(String(40), default="")  # empty: everywhere
    active_from: Mapped[datetime] = mapped_column(Moment)
    active_until: Mapped[datetime | None] = mapped_column(Moment)
    activated_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text, default="")
    deployment_id: Mapped[int | None] = mapped_column(ForeignKey("deployment.id"))
    ended_by: Mapped[str | None] = mapped_column(String(80))
    end_reason: Mapped[str | None] = mapped_column(Text)
    covers_open_cases: Mapped[bool] = mapped_column(default=False)
    is_taken_back: Mapped[bool] = mapped_column(default=False)


class Suspension(Base):
    """A process that must not start, for all versions or for one, until somebody lifts it."""

    __tablename__ = "suspension"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    process_key: Mapped[str] = mapped_column(String(120), index=True)
    definition_id: Mapped[int | None] = mapped_column(ForeignKey("definition.id"))
    suspended_at: Mapped[datetime] = mapped_column(Moment)
    suspended_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text, default="")
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_by: Mapped[str | None] = mapped_column(String(80))


class Migration(Base):
    """One move of many running instances from a definition version to another, in batches; ``undo_of`` names the one it takes back."""

    __tablename__ = "migration"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    process_key: Mapped[str] = mapped_column(String(120))
    source_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    plan: Mapped[dict[str, Any]] = mapped_column(Json)
    timers: Mapped[str] = mapped_column(String(10))  # keep | recompute
    status: Mapped[str] = mapped_column(String(10), index=True)  # running | paused | done | stopped
    reason: Mapped[str] = mapped_column(Text, default="")
    undo_of: Mapped[int | None] = mapped_column(ForeignKey("migration.id"))
    total: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class MigrationItem(Base):
    """One instance of a migration, and what came of it."""

    __tablename__ = "migration_item"
    __table_args__ = (Index("ix_migration_item_status", "migration_id", "status"), KEY_ORDER)
    migration_id: Mapped[int] = mapped_column(ForeignKey("migration.id"), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(10))  # pending | moved | kept | refused
    detail: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
