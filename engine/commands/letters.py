"""Carrying notices out of the building, and what a person does with them: resend, cancel, hand over on paper, read, decline.

A postman takes messages in one transaction, talks to the gateway in none, and settles each in another: a gateway that is slow or dead
holds up its own channel and nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.channels.contract import Channel, ChannelFailed, ChannelRefused, Message
from engine.channels.http_gateway import signature
from engine.db.case_tables import Case, Notice, NoticePreference, NoticeRead
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.cursors import is_row_number
from engine.queries.notices import station_audience
from engine.queries.visibility import require_may_see
from engine.services import evidence, outbox, receivers

#: So many messages are taken at a time.
BATCH = 10
#: They look after the outbox.
SENDERS = ("window", "window_head", "coordinator", "admin")
#: A receipt is believed this long after it was signed.
RECEIPT_LIFE = timedelta(minutes=5)


def has_due(engine: Engine, channel: str) -> bool:
    """Whether a message waits for this way out."""
    with engine.database.reading() as session:
        return outbox.has_due(session, engine.clock.now(), channel)


def send_due(engine: Engine, name: str, channel: Channel) -> ChannelFailed | None:
    """Carry the next messages of one channel. Gives why it has to rest; the messages left are put back then."""
    now = engine.clock.now()
    with engine.database.transaction() as session:
        taken = outbox.take(session, engine.secrets, now, name, BATCH)
    for place, one in enumerate(taken):
        if failure := _send(engine, channel, one):
            with engine.database.transaction() as session:
                outbox.put_back(session, taken[place + 1 :], engine.clock.now())
            return failure
    return None


def resend(engine: Engine, actor: Actor, notice_id: int) -> None:
    """A failed message is tried again under its key; one that went out or was suppressed goes out once more as a message of its own."""
    with engine.database.transaction() as session:
        row = _for_sender(session, actor, notice_id)
        if row.state in ("queued", "sending"):
            raise Conflict(f"Expected notice {notice_id} to be settled but it is under way.").coded("under-way")
        now = engine.clock.now()
        if row.state in ("failed", "cancelled"):
            row.state, row.attempts, row.error, row.next_attempt_at = "queued", 0, None, now
        else:
            session.add(_copy(row, now))
        evidence.record(session, now, actor, row.case_no or "notices", "notice:resend", notice=row.id, template=row.template)


def cancel(engine: Engine, actor: Actor, notice_id: int) -> None:
    """A message that has not gone out does not go out."""
    with engine.database.transaction() as session:
        row = _for_sender(session, actor, notice_id)
        if row.state not in ("queued", "failed"):
            raise Conflict(f"Expected notice {notice_id} to wait but it is {row.state}.").coded("gone-out")
        row.state, row.next_attempt_at = "cancelled", None
        evidence.record(session, engine.clock.now(), actor, row.case_no or "notices", "notice:cancel", notice=row.id, template=row.template)


def hand_over_slip(engine: Engine, actor: Actor, notice_id: int) -> None:
    """The applicant has the paper in his hands."""
    with engine.database.transaction() as session:
        row, now = _for_sender(session, actor, notice_id), engine.clock.now()
        if row.audience != receivers.APPLICANT:
            raise Conflict(f"Expected notice {notice_id} to be for the applicant but it is for {row.audience}.")
        row.state, row.sent_at, row.delivered_at, row.next_attempt_at = "delivered", row.sent_at or now, now, None


def take_receipt(engine: Engine, channel: str, timestamp: str, given: str, body: bytes, facts: Mapping[str, object]) -> None:
    """What a gateway says afterwards: keys id, state (delivered or failed), reason. Raises NotAllowed unless the gateway signed it."""
    secret = {"sms": engine.settings.channels.sms_key, "wechat": engine.settings.channels.wechat_key}.get(channel, "")
    key = str(facts.get("id") or "")
    is_signed = bool(secret) and hmac.compare_digest(given.encode(), signature(secret.encode(), timestamp, key, body).encode())
    if not is_signed or not _is_fresh(timestamp, engine.clock.now()):
        raise NotAllowed("Expected a receipt that the gateway signed just now but got another.")
    if facts.get("state") not in ("delivered", "failed"):
        raise InvalidInput("Expected delivered or failed as the state of a receipt but got another.")
    reason = str(facts.get("reason") or "the gateway could not deliver it")[:200]
    with engine.database.transaction() as session:
        if not outbox.acknowledge(session, engine.secrets, channel, key, facts["state"] == "delivered", reason, engine.clock.now()):
            raise NotFound("Expected a receipt for a message of ours but it is for none.")


def mark_read(engine: Engine, actor: Actor, notice_ids: Iterable[int]) -> None:
    """Station messages that a person has seen; those that are not for him are passed over."""
    wanted = [number for number in notice_ids if is_row_number(number)][:500]
    with engine.database.transaction() as session:
        mine = select(Notice.id).where(Notice.id.in_(wanted), station_audience(actor))
        known = select(NoticeRead.notice_id).where(NoticeRead.account_id == actor.id)
        fresh = session.scalars(mine.where(Notice.id.not_in(known)))
        session.add_all(NoticeRead(account_id=actor.id, notice_id=number, read_at=engine.clock.now()) for number in fresh)


def choose_channels(engine: Engine, public_token: str, wanted: Iterable[str]) -> None:
    """The channels by which an applicant wants to hear what is not critical; the others are declined."""
    declined = set(receivers.CITIZEN_CHANNELS) - set(wanted)
    with engine.database.transaction() as session:
        case = session.scalar(select(Case).where(Case.public_token == public_token))
        if case is None or case.applicant_id is None:
            raise NotFound("Expected a link that belongs to a case but it belongs to none.")
        session.execute(delete(NoticePreference).where(NoticePreference.party_id == case.applicant_id))
        now = engine.clock.now()
        session.add_all(NoticePreference(party_id=case.applicant_id, channel=channel, opted_out_at=now) for channel in sorted(declined))


def _send(engine: Engine, channel: Channel, one: outbox.Taken) -> ChannelFailed | None:
    """One message, outside of every transaction. What a gateway does never harms the postman."""
    failure: ChannelFailed | None = None
    refusal, reference = "", ""
    try:
        reference = channel.send(Message(one.key, one.address, one.subject, one.text, engine.clock.now())).reference
    except ChannelFailed as error:
        failure = error
    except ChannelRefused as error:
        refusal = str(error)
    except Exception as error:  # a fault of ours in one message must not hold up the others
        refusal = f"{type(error).__name__}"
    with engine.database.transaction() as session:
        now = engine.clock.now()
        if failure is not None:
            outbox.settle_failed(session, one, str(failure), now)
        elif refusal:
            outbox.settle_refused(session, one, refusal, now)
        else:
            outbox.settle_sent(session, one, reference, now)
    return failure


def _copy(row: Notice, now: datetime) -> Notice:
    """The same message to the same receiver, to go out once more."""
    copy = Notice(case_no=row.case_no, template=row.template, audience=row.audience, body=row.body, created_at=now)
    copy.channel, copy.is_critical, copy.receiver, copy.next_attempt_at = row.channel, row.is_critical, row.receiver, now
    if row.channel not in outbox.OUTSIDE:
        copy.state, copy.sent_at, copy.next_attempt_at = "sent", now, None
    return copy


def _for_sender(session: Session, actor: Actor, notice_id: int) -> Notice:
    if not actor.has_group(*SENDERS):
        raise NotAllowed("Expected somebody of the window to look after the outbox but you are not.")
    row = session.get(Notice, notice_id, with_for_update=True) if is_row_number(notice_id) else None
    if row is None:
        raise NotFound(f"Expected notice {notice_id} to exist but it does not.")
    case = session.get(Case, row.case_no) if row.case_no else None
    if case is not None:
        require_may_see(session, case, actor)
    return row


def _is_fresh(timestamp: str, now: datetime) -> bool:
    return timestamp.isdecimal() and len(timestamp) <= 12 and abs(now.timestamp() - int(timestamp)) <= RECEIPT_LIFE.total_seconds()
