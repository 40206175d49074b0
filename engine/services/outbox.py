"""The outbox's states: what waits for its way out, what is under way, what arrived, what never will. Sends nothing.

queued → sending → sent → delivered; failed when every attempt was in vain; suppressed when the applicant had said no; cancelled by hand.
A message that a postman took and never settled (he died) is taken again when his time is up: under the same key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.db.case_tables import Notice, NoticeTemplate
from engine.db.tables import Incident
from engine.services.parties import ENGLISH
from engine.services.secrets import Secrets

STATES = ("queued", "sending", "sent", "delivered", "failed", "suppressed", "cancelled")
OUTSIDE = ("sms", "wechat", "email")

MOST_ATTEMPTS = 8
#: After the first failure; each further one doubles it.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
#: How long a postman may take; afterwards somebody else tries.
LEASE = timedelta(minutes=5)

LONGEST_ERROR = 500


@dataclass(frozen=True)
class Taken:
    """A message that a postman holds; ``attempt`` is what the row must still have when he settles it."""

    notice_id: int
    attempt: int
    key: str
    address: str
    subject: str
    text: str


def has_due(session: Session, now: datetime, channel: str) -> bool:
    """Whether anything waits for this way out."""
    due = select(Notice.id).where(Notice.channel == channel, Notice.state.in_(("queued", "sending")), Notice.next_attempt_at <= now)
    return session.scalar(due.limit(1)) is not None


def take(session: Session, secrets: Secrets, now: datetime, channel: str, most: int) -> list[Taken]:
    """The next messages of a channel, critical ones first; others skip them until the lease ends."""
    due = select(Notice).where(Notice.channel == channel, Notice.state.in_(("queued", "sending")), Notice.next_attempt_at <= now)
    rows = list(session.scalars(due.order_by(Notice.is_critical.desc(), Notice.id).limit(most).with_for_update(skip_locked=True)))
    subjects = dict(session.execute(select(NoticeTemplate.id, NoticeTemplate.event)).tuples().all())
    taken = []
    for row in rows:
        row.state, row.attempts, row.next_attempt_at = "sending", row.attempts + 1, now + LEASE
        address = secrets.decrypt(row.receiver, "notice.receiver") if row.receiver else ""
        subject = subjects.get(row.template, row.template)
        text = row.body_en if row.language == ENGLISH and row.body_en else row.body
        taken.append(Taken(row.id, row.attempts, key_of(secrets, row.id), address, subject, text))
    return taken


def key_of(secrets: Secrets, notice_id: int) -> str:
    """Names a message for ever, and only here: two installations may share a gateway."""
    return f"{secrets.blind_index('outbox', 'installation')[:12]}-{notice_id}"


def put_back(session: Session, taken: Sequence[Taken], at: datetime) -> None:
    """Messages that were not tried after all: no attempt is spent."""
    for one in taken:
        row = _held(session, one)
        if row is not None:
            row.state, row.attempts, row.next_attempt_at = "queued", row.attempts - 1, at


def settle_sent(session: Session, one: Taken, reference: str, now: datetime) -> None:
    """The gateway took it."""
    row = _held(session, one)
    if row is not None:
        row.state, row.sent_at, row.error, row.next_attempt_at = "sent", now, None, None
        row.reference = reference or None


def settle_failed(session: Session, one: Taken, error: str, now: datetime) -> None:
    """The gateway did not take it: later again, or never after too many attempts."""
    row = _held(session, one)
    if row is None:
        return
    if row.attempts >= MOST_ATTEMPTS:
        settle_refused(session, one, error, now)
        return
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (row.attempts - 1))
    row.state, row.error, row.next_attempt_at = "queued", error[:LONGEST_ERROR], now + pause


def settle_refused(session: Session, one: Taken, error: str, now: datetime) -> None:
    """It will not arrive: somebody has to look, once for all messages of the channel."""
    row = _held(session, one)
    if row is not None:
        row.state, row.error, row.next_attempt_at = "failed", error[:LONGEST_ERROR], None
        _raise_incident(session, row, error, now)


def acknowledge(session: Session, secrets: Secrets, channel: str, key: str, is_delivered: bool, reason: str, now: datetime) -> bool:
    """What the gateway says afterwards. Gives whether the key was one of ours."""
    number = key.rpartition("-")[2]
    row = session.get(Notice, int(number)) if number.isdecimal() and len(number) < 19 and key == key_of(secrets, int(number)) else None
    if row is None or row.channel != channel:
        return False
    if is_delivered and row.state in ("sending", "sent"):
        row.state, row.delivered_at, row.next_attempt_at = "delivered", now, None
        row.sent_at = row.sent_at or now
    elif not is_delivered and row.state in ("sending", "sent"):
        row.state, row.error, row.next_attempt_at = "failed", reason[:LONGEST_ERROR], None
        _raise_incident(session, row, reason, now)
    return True


def queue_again(session: Session, channel: str, now: datetime) -> int:
    """Every failed message of a channel is tried from the beginning, under its old key. Gives how many."""
    failed = update(Notice).where(Notice.channel == channel, Notice.state == "failed")
    again = failed.values(state="queued", attempts=0, next_attempt_at=now).execution_options(synchronize_session=False)
    return int(session.connection().execute(again).rowcount)


def incident_element(channel: str) -> str:
    """How an incident names a channel."""
    return f"channel:{channel}"


def channel_of(element_id: str | None) -> str:
    """The channel that an incident is about; empty for every other incident."""
    kind, _, channel = (element_id or "").partition(":")
    return channel if kind == "channel" and channel in OUTSIDE else ""


def _held(session: Session, one: Taken) -> Notice | None:
    """The row, if nobody else has taken it meanwhile."""
    row = session.get(Notice, one.notice_id, with_for_update=True)
    return row if row is not None and row.state == "sending" and row.attempts == one.attempt else None


def _raise_incident(session: Session, row: Notice, error: str, now: datetime) -> None:
    element = incident_element(row.channel)
    if session.scalar(select(Incident.id).where(Incident.element_id == element, Incident.resolved_at.is_(None)).limit(1)) is None:
        told = f"Messages by {row.channel} do not arrive, {row.template} of {row.case_no or '-'} among them: {error}"
        session.add(Incident(element_id=element, message=told[:2000], created_at=now))
