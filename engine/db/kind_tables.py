"""Tables of the kinds there are: of case files, of what may be done on them, of their statuses and clocks. Analysts fill them."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db.base import Base, Json


class CaseKind(Base):
    """A kind of case file (件别): the process it runs through, the form that opens it, who may open and own it."""

    __tablename__ = "case_kind"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(4), unique=True)
    process: Mapped[str] = mapped_column(String(120), index=True)
    start_form: Mapped[str | None] = mapped_column(String(120))
    openers: Mapped[list[str]] = mapped_column(Json, default=list)
    owner_group: Mapped[str | None] = mapped_column(String(80))
    is_public: Mapped[bool] = mapped_column(default=False)
    applicant: Mapped[str] = mapped_column(String(10), default="none")  # required | optional | none
    description: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)


class CaseAction(Base):
    """Something people may do on a case file (件上操作): a form whose values go out as a message that the case number correlates."""

    __tablename__ = "case_action"
    action: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    message: Mapped[str] = mapped_column(String(120))
    form: Mapped[str | None] = mapped_column(String(120))
    groups: Mapped[list[str]] = mapped_column(Json, default=list)
    kinds: Mapped[list[str]] = mapped_column(Json, default=list)
    statuses: Mapped[list[str]] = mapped_column(Json, default=list)
    is_public: Mapped[bool] = mapped_column(default=False)
    is_confirmed: Mapped[bool] = mapped_column(default=False)  # the page asks once more
    description: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)


class CaseStatus(Base):
    """A status of case files; with a closing one the service clocks stop and the file counts as closed."""

    __tablename__ = "case_status"
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_en: Mapped[str] = mapped_column(String(80))
    is_closing: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class ClockKind(Base):
    """A kind of clock; a service clock rests while the case is paused."""

    __tablename__ = "clock_kind"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    is_service: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
