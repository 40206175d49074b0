"""Carrying notices out: once in effect, at least once on the way, whatever the gateway does; and what people do with them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.channels import choose, fakes
from engine.channels.contract import Channel, ChannelFailed, ChannelRefused, Message, Receipt
from engine.channels.fakes import FakeGateway, FakeMailServer
from engine.channels.http_gateway import HttpGateway, signature
from engine.channels.mail import Mail
from engine.clock import MovableClock
from engine.commands import incidents, letters
from engine.db.case_tables import Notice, NoticeTemplate
from engine.db.tables import Incident
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.postman import Postman
from engine.services import outbox
from engine.settings import SMS_BODY, ChannelSettings
from tests.commands.conftest import ADMIN, HEAD, WINDOW

SECRET = "shared with the gateway"
BODY = "您的工单“M06”已登记。\n查询:https://x/p/abc"


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with fakes.http_gateway(SECRET) as running:
        yield running


@pytest.fixture
def mails() -> Iterator[FakeMailServer]:
    with fakes.mail_server() as running:
        yield running


def sms(gateway: FakeGateway, secret: str = SECRET, seconds: float = 5) -> HttpGateway:
    return HttpGateway(f"{gateway.url}/send", secret, SMS_BODY, seconds)


def queue(engine: Engine, *, channel: str = "sms", **changes: object) -> int:
    with engine.database.transaction() as session:
        if session.get(NoticeTemplate, "MSG-01") is None:
            session.add(NoticeTemplate(id="MSG-01", event="登记成功", text="", audience="申请人"))
        row = Notice(template="MSG-01", audience="applicant", body=BODY, created_at=engine.clock.now(), channel=channel)
        row.receiver, row.next_attempt_at = engine.secrets.encrypt("13800001234", "notice.receiver"), engine.clock.now()
        for name, value in changes.items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        return row.id


def row_of(engine: Engine, notice: int) -> Notice:
    with engine.database.reading() as session:
        found = session.get_one(Notice, notice)
        session.expunge(found)
        return found


def open_incidents(engine: Engine) -> list[tuple[int, str | None]]:
    with engine.database.reading() as session:
        return [tuple(row) for row in session.execute(select(Incident.id, Incident.element_id).where(Incident.resolved_at.is_(None)))]


# ── the gateways ────────────────────────────────────────────────────────────


def test_a_message_arrives_signed_with_its_key_and_its_text(engine: Engine, gateway: FakeGateway) -> None:
    notice = queue(engine)
    assert letters.send_due(engine, "sms", sms(gateway)) is None
    ((key, body),) = gateway.taken.items()
    assert orjson.loads(body) == {"mobile": "13800001234", "content": BODY, "id": key, "time": engine.clock.now().isoformat()}
    row = row_of(engine, notice)
    assert (row.state, row.attempts, row.reference) == ("sent", 1, "gateway-1") and row.sent_at == engine.clock.now()


def test_a_message_that_came_twice_counts_once(engine: Engine, gateway: FakeGateway) -> None:
    """The answer got lost, or the postman died: the same key comes again."""
    notice = queue(engine)
    letters.send_due(engine, "sms", sms(gateway))
    with engine.database.transaction() as session:
        row = session.get_one(Notice, notice)
        row.state, row.next_attempt_at = "sending", engine.clock.now() - timedelta(seconds=1)
    letters.send_due(engine, "sms", sms(gateway))
    assert len(gateway.requests) == 2 and len(gateway.taken) == 1
    assert row_of(engine, notice).state == "sent"


def test_a_gateway_with_another_secret_refuses_and_somebody_has_to_look(engine: Engine, gateway: FakeGateway) -> None:
    notice = queue(engine)
    assert letters.send_due(engine, "sms", sms(gateway, "another secret")) is None
    assert gateway.forged == 1 and row_of(engine, notice).state == "failed"
    assert [element for _, element in open_incidents(engine)] == ["channel:sms"]


@pytest.mark.parametrize("status", [500, 503, 429, 408, 302])
def test_a_gateway_that_is_in_trouble_is_asked_again_later(engine: Engine, gateway: FakeGateway, status: int) -> None:
    gateway.status = status
    notice = queue(engine)
    failure = letters.send_due(engine, "sms", sms(gateway))
    row = row_of(engine, notice)
    if status == 302:  # a message goes where the installation says and nowhere else
        assert row.state == "failed" and len(gateway.requests) == 1
        return
    assert isinstance(failure, ChannelFailed) and row.state == "queued" and str(status) in (row.error or "")
    assert row.next_attempt_at == engine.clock.now() + outbox.FIRST_PAUSE


def test_a_form_is_filled_in_as_a_form(gateway: FakeGateway) -> None:
    channel = HttpGateway(gateway.url, SECRET, "mobile={to}&content={text}&id={key}", 5)
    message = Message("k-1", "13800001234", "", "a&b=c 中", fixed_moment())
    assert channel.body_of(message) == b"mobile=13800001234&content=a%26b%3Dc+%E4%B8%AD&id=k-1"


@pytest.mark.parametrize("text", ['"}, {"x": "', "{to}{key}", "\\", "\u2028", '</script>"'])
def test_a_text_cannot_break_out_of_the_request(text: str) -> None:
    channel = HttpGateway("http://localhost", SECRET, SMS_BODY, 5)
    assert orjson.loads(channel.body_of(Message("k", "1", "", text, fixed_moment())))["content"] == text


@pytest.mark.parametrize(("url", "body"), [("file:///etc/passwd", SMS_BODY), ("ftp://x", SMS_BODY), ("https://x", '{"a": {name}}')])
def test_an_address_or_a_template_that_cannot_work_is_refused_at_the_start(url: str, body: str) -> None:
    with pytest.raises(InvalidInput):
        choose.channels_of(ChannelSettings(sms_url=url, sms_body=body))


def fixed_moment() -> datetime:
    return datetime(2026, 11, 23, tzinfo=UTC)


def mail(server: FakeMailServer, **changes: object) -> Mail:
    given = ChannelSettings(smtp_host=server.host, smtp_port=server.port, smtp_security="none", smtp_sender="window@example.gov.cn")
    return Mail(replace(given, **changes))


def test_an_e_mail_arrives(engine: Engine, mails: FakeMailServer) -> None:
    notice = queue(engine, channel="email", receiver=engine.secrets.encrypt("li@example.gov.cn", "notice.receiver"))
    assert letters.send_due(engine, "email", mail(mails)) is None
    assert mails.recipients == ["li@example.gov.cn"] and b"Auto-Submitted: auto-generated" in mails.letters[0]
    assert row_of(engine, notice).state == "sent"


def test_a_recipient_that_the_mail_server_does_not_know_is_final_and_a_full_box_is_not(engine: Engine, mails: FakeMailServer) -> None:
    first, second = queue(engine, channel="email"), queue(engine, channel="email")
    mails.answer = "550 no such person"
    letters.send_due(engine, "email", mail(mails))
    assert {row_of(engine, one).state for one in (first, second)} == {"failed"}
    third = queue(engine, channel="email")
    mails.answer = "452 full"
    assert letters.send_due(engine, "email", mail(mails)) is not None
    assert row_of(engine, third).state == "queued"


def test_mail_elsewhere_goes_encrypted_or_not_at_all(mails: FakeMailServer) -> None:
    with pytest.raises(InvalidInput):
        mail(mails, smtp_host="mail.example.gov.cn")
    with pytest.raises(ChannelFailed):  # the fake offers no encryption
        mail(mails, smtp_security="starttls").send(Message("k", "li@example.gov.cn", "s", "t", fixed_moment()))
    assert mails.letters == []


# ── the postman ─────────────────────────────────────────────────────────────


class Scripted:
    """Answers what the test says; the last answer stays."""

    def __init__(self, *answers: Exception | None):
        self.answers, self.keys = list(answers), list[str]()

    def send(self, message: Message) -> Receipt:
        self.keys.append(message.key)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is not None:
            raise answer
        return Receipt()


def carry(engine: Engine, channel: Channel, clock: MovableClock, rounds: int) -> None:
    for _ in range(rounds):
        letters.send_due(engine, "sms", channel)
        clock.advance(hours=1)


def test_a_message_is_tried_with_growing_pauses_and_then_given_up(engine: Engine, clock: MovableClock) -> None:
    notice, channel = queue(engine), Scripted(ChannelFailed("no answer"))
    carry(engine, channel, clock, outbox.MOST_ATTEMPTS + 3)
    assert len(channel.keys) == outbox.MOST_ATTEMPTS and len(set(channel.keys)) == 1
    assert row_of(engine, notice).state == "failed"


def test_a_person_has_the_messages_of_a_channel_tried_again(engine: Engine, clock: MovableClock) -> None:
    notices, channel = [queue(engine) for _ in range(3)], Scripted(ChannelRefused("never"))
    carry(engine, channel, clock, 1)
    ((number, element),) = open_incidents(engine)
    assert element == "channel:sms"
    incidents.retry_incident(engine, ADMIN, number)
    assert open_incidents(engine) == []
    carry(engine, Scripted(None), clock, 1)
    assert {row_of(engine, one).state for one in notices} == {"sent"}


def test_a_failure_puts_the_rest_of_the_batch_back_untried(engine: Engine) -> None:
    notices, channel = [queue(engine) for _ in range(3)], Scripted(ChannelFailed("busy"))
    letters.send_due(engine, "sms", channel)
    assert [row_of(engine, one).attempts for one in notices] == [1, 0, 0] and len(channel.keys) == 1


def test_critical_messages_go_first(engine: Engine) -> None:
    ordinary, critical, channel = queue(engine), queue(engine, is_critical=True), Scripted(None)
    letters.send_due(engine, "sms", channel)
    assert [int(key.rpartition("-")[2]) for key in channel.keys] == [critical, ordinary]


def test_a_message_that_a_dead_postman_held_is_taken_again_when_his_time_is_up(engine: Engine, clock: MovableClock) -> None:
    notice = queue(engine)
    with engine.database.transaction() as session:
        outbox.take(session, engine.secrets, engine.clock.now(), "sms", 10)
    channel = Scripted(None)
    letters.send_due(engine, "sms", channel)
    assert channel.keys == [] and row_of(engine, notice).state == "sending"
    clock.advance(minutes=6)
    letters.send_due(engine, "sms", channel)
    assert row_of(engine, notice).state == "sent"


def test_a_postman_who_was_too_slow_settles_nothing(engine: Engine, clock: MovableClock) -> None:
    notice = queue(engine)
    with engine.database.transaction() as session:
        (slow,) = outbox.take(session, engine.secrets, engine.clock.now(), "sms", 10)
    clock.advance(minutes=6)
    letters.send_due(engine, "sms", Scripted(None))
    with engine.database.transaction() as session:
        outbox.settle_refused(session, slow, "late", engine.clock.now())
    assert row_of(engine, notice).state == "sent"


def test_a_fault_of_ours_in_one_message_does_not_hold_up_the_others(engine: Engine) -> None:
    first, second = queue(engine), queue(engine)
    letters.send_due(engine, "sms", Scripted(ZeroDivisionError("13800001234"), None))
    assert (row_of(engine, first).state, row_of(engine, second).state) == ("failed", "sent")
    assert "13800001234" not in (row_of(engine, first).error or "")


def test_a_channel_that_failed_rests_while_the_others_go_on(engine: Engine, clock: MovableClock) -> None:
    queue(engine)
    letter = queue(engine, channel="wechat")
    dead, living = Scripted(ChannelFailed("dead")), Scripted(None)
    postman = Postman(engine, {"sms": dead, "wechat": living})
    for name in ("sms", "sms", "wechat"):
        postman.run_once(name)
    assert len(dead.keys) == 1 and row_of(engine, letter).state == "sent"
    clock.advance(minutes=10)
    postman.run_once("sms")
    assert len(dead.keys) == 2


def test_a_gateway_that_holds_the_line_holds_no_case_up(engine: Engine, gateway: FakeGateway) -> None:
    gateway.holds.set()
    queue(engine)
    postman = Postman(engine, {"sms": sms(gateway)})
    postman.start()
    try:
        while not gateway.requests:
            time.sleep(0.005)  # until the message is on its way
        queue(engine)  # a case goes on and writes: no transaction waits for the gateway
    finally:
        gateway.release.set()
        postman.stop()


# ── receipts ────────────────────────────────────────────────────────────────


def receipt(engine: Engine, notice: int, state: str = "delivered", secret: str = SECRET, at: str = "") -> None:
    given = replace(engine, settings=replace(engine.settings, channels=ChannelSettings(sms_url="http://localhost", sms_key=SECRET)))
    key, timestamp = outbox.key_of(engine.secrets, notice), at or str(int(engine.clock.now().timestamp()))
    facts = {"id": key, "state": state, "reason": "switched off"}
    body = orjson.dumps(facts)
    letters.take_receipt(given, "sms", timestamp, signature(secret.encode(), timestamp, key, body), body, facts)


def test_a_receipt_says_that_a_message_was_delivered_or_never_will_be(engine: Engine) -> None:
    first, second = queue(engine), queue(engine)
    letters.send_due(engine, "sms", Scripted(None))
    receipt(engine, first)
    receipt(engine, second, "failed")
    assert (row_of(engine, first).state, row_of(engine, second).state) == ("delivered", "failed")
    assert row_of(engine, second).error == "switched off" and len(open_incidents(engine)) == 1


def test_a_receipt_that_is_forged_old_or_for_nothing_changes_nothing(engine: Engine) -> None:
    notice = queue(engine)
    letters.send_due(engine, "sms", Scripted(None))
    with pytest.raises(NotAllowed):
        receipt(engine, notice, secret="guessed")
    with pytest.raises(NotAllowed):
        receipt(engine, notice, at=str(int(engine.clock.now().timestamp()) - 301))
    with pytest.raises(NotAllowed):
        receipt(engine, notice, at="１")
    with pytest.raises(NotFound):
        receipt(engine, 999)
    with pytest.raises(InvalidInput):
        receipt(engine, notice, state="lost")
    assert row_of(engine, notice).state == "sent"


# ── by hand ─────────────────────────────────────────────────────────────────


def test_a_failed_message_is_tried_again_and_a_sent_one_goes_out_as_another(engine: Engine) -> None:
    notice = queue(engine)
    letters.send_due(engine, "sms", Scripted(ChannelRefused("never")))
    letters.resend(engine, HEAD, notice)
    letters.send_due(engine, "sms", Scripted(None))
    assert row_of(engine, notice).state == "sent"
    letters.resend(engine, HEAD, notice)
    channel = Scripted(None)
    letters.send_due(engine, "sms", channel)
    assert len(channel.keys) == 1 and channel.keys[0] != outbox.key_of(engine.secrets, notice)


def test_a_message_that_waits_can_be_cancelled_and_one_that_went_out_cannot(engine: Engine) -> None:
    notice = queue(engine)
    letters.cancel(engine, HEAD, notice)
    channel = Scripted(None)
    letters.send_due(engine, "sms", channel)
    assert channel.keys == [] and row_of(engine, notice).state == "cancelled"
    with pytest.raises(Conflict):
        letters.cancel(engine, HEAD, notice)
    letters.resend(engine, HEAD, notice)
    with pytest.raises(Conflict):
        letters.resend(engine, HEAD, notice)


def test_only_the_window_looks_after_the_outbox(engine: Engine) -> None:
    notice, liaison = queue(engine), Actor("d01", "示例·周敏", frozenset({"D01"}), WINDOW, frozenset({WINDOW}))
    for attempt in (letters.resend, letters.cancel, letters.hand_over_slip):
        with pytest.raises(NotAllowed):
            attempt(engine, liaison, notice)
        with pytest.raises(NotFound):
            attempt(engine, HEAD, 2**63)
