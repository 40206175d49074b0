"""Tables of the domain: case files and what belongs to them, parties, notices, reference data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db.base import Base, Json, Moment, RowId


class Party(Base):
    """An applicant. Every personal field is encrypted; ``*_index`` are keyed blind indexes for search."""

    __tablename__ = "party"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[bytes] = mapped_column(LargeBinary)
    cert_type: Mapped[str | None] = mapped_column(String(20))
    cert_no: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    address: Mapped[bytes | None] = mapped_column(LargeBinary)
    cert_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    language: Mapped[str] = mapped_column(String(2), default="zh")


class Case(Base):
    """A case file (案卷): a case (工单), or a file of another kind such as a complaint. ``parent_no`` is the file it came from.

    ``facts`` are what registers, exports and figures read; never personal data.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_org_status", "org_unit", "status"),
        Index("ix_case_file_kind", "kind", "org_unit", "received_at"),
        Index(
            "ix_case_file_parent", "parent_no", sqlite_where=text("parent_no IS NOT NULL"), postgresql_where=text("parent_no IS NOT NULL")
        ),
    )
    no: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default="case")
    parent_no: Mapped[str | None] = mapped_column(String(40))
    external_no: Mapped[str | None] = mapped_column(String(60), unique=True)
    org_unit: Mapped[str] = mapped_column(ForeignKey("org_unit.id"))
    region: Mapped[str] = mapped_column(String(12))
    instance_id: Mapped[int | None] = mapped_column(RowId, index=True)
    channel: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)
    effective_at: Mapped[datetime] = mapped_column(Moment)
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    matter_code: Mapped[str | None] = mapped_column(String(10), index=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    tried: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    trips: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str] = mapped_column(String(20), default="其他")
    case_class: Mapped[str | None] = mapped_column(String(40))
    triage_row: Mapped[str | None] = mapped_column(String(10))
    grade_row: Mapped[str | None] = mapped_column(String(10))
    level: Mapped[str | None] = mapped_column(String(4))
    owner_id: Mapped[str | None] = mapped_column(String(80), index=True)
    first_owner_id: Mapped[str | None] = mapped_column(String(80))
    lead_department: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    result: Mapped[str | None] = mapped_column(String(40))
    coordination_count: Mapped[int] = mapped_column(default=0)
    reopen_count: Mapped[int] = mapped_column(default=0)
    merged_into: Mapped[str | None] = mapped_column(String(40), index=True)
    returned_from: Mapped[str | None] = mapped_column(String(40))
    public_token: Mapped[str] = mapped_column(String(40), unique=True)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class CaseNumber(Base):
    """The last number given out on a day in a region: ``{prefix}{region}-{yyyyMMdd}-{nnnn}``."""

    __tablename__ = "case_number"
    day_key: Mapped[str] = mapped_column(String(30), primary_key=True)
    last: Mapped[int]


class CaseClock(Base):
    """One running or stopped limit of a case. A moved due time is a new row; the old one has ``replaced_at``.

    A clock that rests has ``paused_at`` and ``remaining``, the seconds of working time that were left then.
    ``subject`` tells clocks of one kind apart, such as the opinions of several departments.
    """

    __tablename__ = "case_clock"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str | None] = mapped_column(String(60))
    limit_text: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    is_provisional: Mapped[bool] = mapped_column(default=False)
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    replaced_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    remaining: Mapped[int | None]
    actor: Mapped[str | None] = mapped_column(String(80))
    written_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(String(200))


class CaseEntry(Base):
    """A line of a case's ledger (台账): an extension, a return, a ruling, a commitment … ``facts`` hold no personal data."""

    __tablename__ = "case_entry"
    __table_args__ = (Index("ix_case_entry_kind", "kind", "id"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    element_id: Mapped[str | None] = mapped_column(String(120))


class ShareQuery(Base):
    """A query of another department's data for a case (数据共享): what was asked and why, and what came back.

    ``answer`` names the fields that came, ``content`` is what they say, sealed, for this case only.
    """

    __tablename__ = "share_query"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    department: Mapped[str] = mapped_column(String(10))
    item: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(200))
    fields: Mapped[list[str]] = mapped_column(Json, default=list)
    state: Mapped[str] = mapped_column(String(20))
    answer: Mapped[dict[str, Any] | None] = mapped_column(Json)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[str] = mapped_column(String(80))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    request_key: Mapped[str | None] = mapped_column(String(40), unique=True)
    element_id: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)


class SubOrder(Base):
    """A department's share of a case (协办单). A binding one was ruled on and cannot be returned; a cancelled one asks nothing any more."""

    __tablename__ = "sub_order"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    department: Mapped[str] = mapped_column(String(10), index=True)
    role: Mapped[str] = mapped_column(String(10))
    ask: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime] = mapped_column(Moment)
    sign_due_at: Mapped[datetime] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    is_deemed_signed: Mapped[bool] = mapped_column(default=False)
    opinion_due_at: Mapped[datetime] = mapped_column(Moment)
    opinion: Mapped[str | None] = mapped_column(String(20))
    basis: Mapped[str | None] = mapped_column(Text)
    reply: Mapped[str | None] = mapped_column(Text)
    replied_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    is_binding: Mapped[bool] = mapped_column(default=False)


class Meeting(Base):
    """A joint meeting or a meeting of the leading group about a case."""

    __tablename__ = "meeting"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    record: Mapped[dict[str, Any]] = mapped_column(Json)
    absent_count: Mapped[int] = mapped_column(default=0)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class Card(Base):
    """A lamp or card (黄牌、红牌) issued against a department or a person."""

    __tablename__ = "card"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    lamp: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(20))
    against: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    element_id: Mapped[str | None] = mapped_column(String(120))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revocation: Mapped[str | None] = mapped_column(String(200))


class Rating(Base):
    """The citizen's rating of a case: 1–5, or 0 for the default after silence."""

    __tablename__ = "rating"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    level: Mapped[int]
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    text: Mapped[str] = mapped_column(Text, default="")
    is_second: Mapped[bool] = mapped_column(default=False)
    is_counted: Mapped[bool] = mapped_column(default=True)
    rated_at: Mapped[datetime] = mapped_column(Moment)


class Notice(Base):
    """The outbox: one message to one recipient by one channel, written with the change that asks for it, sent later.

    ``receiver`` is the address it goes to, encrypted; a critical message goes out whatever the recipient opted out of.
    ``body_en`` is what applicants read who read English; ``language`` is that of the message that goes out.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_due", "channel", "state", "next_attempt_at"),
        Index("ix_notice_audience", "audience", "id"),
    )
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str | None] = mapped_column(String(40), index=True)
    template: Mapped[str] = mapped_column(String(20))
    audience: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(20), default="outbox")
    state: Mapped[str] = mapped_column(String(12), default="queued", index=True)  # see engine.services.outbox
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    receiver: Mapped[bytes | None] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    is_critical: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str | None] = mapped_column(String(80))  # what the gateway calls it
    body_en: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="zh")


class NoticeRead(Base):
    """Somebody of the staff has read a station message."""

    __tablename__ = "notice_read"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(Moment)


class NoticePreference(Base):
    """A person who does not want messages by this channel."""

    __tablename__ = "notice_preference"
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    opted_out_at: Mapped[datetime] = mapped_column(Moment)


class Department(Base):
    """A department that handles matters. The code is also its candidate group."""

    __tablename__ = "department"
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    abbreviation: Mapped[str] = mapped_column(String(20), default="")
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    is_core: Mapped[bool] = mapped_column(default=False)
    uscc: Mapped[str] = mapped_column(String(18))
    share_items: Mapped[list[str]] = mapped_column(Json, default=list)
    liaison_a: Mapped[str] = mapped_column(String(40), default="")
    liaison_b: Mapped[str] = mapped_column(String(40), default="")


class Matter(Base):
    """What can be applied for."""

    __tablename__ = "matter"
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(240), default="")
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    promise_days: Mapped[int] = mapped_column(default=0)


class Material(Base):
    """A material of a matter: class, source, whether a commitment may stand in for it."""

    __tablename__ = "material"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    matter_code: Mapped[str] = mapped_column(ForeignKey("matter.code"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    material_class: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(80))
    share_department: Mapped[str | None] = mapped_column(String(10))
    share_item: Mapped[str | None] = mapped_column(String(80))
    licence: Mapped[str | None] = mapped_column(String(80))
    form: Mapped[str] = mapped_column(String(20), default="")
    validity_days: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    is_commitment_allowed: Mapped[bool] = mapped_column(default=False)
    is_risk: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Responsibility(Base):
    """Who leads and who helps in a matter (权责清单): table DT04. ``review`` is what it decides there (协调意见, 法定许可 …)."""

    __tablename__ = "responsibility"
    matter_code: Mapped[str] = mapped_column(ForeignKey("matter.code"), primary_key=True)
    department: Mapped[str] = mapped_column(ForeignKey("department.code"), primary_key=True)
    role: Mapped[str] = mapped_column(String(10))
    basis: Mapped[str] = mapped_column(String(40), default="权责清单")
    review: Mapped[str] = mapped_column(String(10), default="")
    position: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class NegativeItem(Base):
    """An entry of the negative list (负面清单)."""

    __tablename__ = "negative_item"
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    source: Mapped[str] = mapped_column(String(120), default="")
    definition: Mapped[str] = mapped_column(Text)
    notice: Mapped[str] = mapped_column(Text)
    refer_to: Mapped[str] = mapped_column(Text)
    example: Mapped[str] = mapped_column(Text, default="")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Expert(Base):
    """An expert who may be consulted. ``details`` are the further columns of the roster."""

    __tablename__ = "expert"
    id: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    type: Mapped[str] = mapped_column(String(40))
    domains: Mapped[str] = mapped_column(String(120))
    mode: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class NoticeTemplate(Base):
    """The text of a message with its placeholders: the variables it declares, the channels it goes out by (none: any)."""

    __tablename__ = "notice_template"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    event: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    text: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text, default="")
    variables: Mapped[list[str]] = mapped_column(Json, default=list)
    channels: Mapped[list[str]] = mapped_column(Json, default=list)
    audience: Mapped[str] = mapped_column(String(80))
    is_critical: Mapped[bool] = mapped_column(default=False)


class CalendarDay(Base):
    """A day that differs from the published calendar: an import, or a provisional holiday."""

    __tablename__ = "calendar_day"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    type: Mapped[str] = mapped_column(String(10))  # 工作 | 休息 | 法定 | 调休上班
    source: Mapped[str] = mapped_column(String(120))
    is_confirmed: Mapped[bool] = mapped_column(default=True)


class CalendarImport(Base):
    """A holiday notice that is being taken in: how many cases it has reached, moved and told."""

    __tablename__ = "calendar_import"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    content_digest: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(12), default="running")  # running | done
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    told: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80))
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
