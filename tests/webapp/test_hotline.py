"""The door for partner systems: signed, each order once, nothing without a signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest
from flask import Flask

from engine import partner_mail
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.channels import hotline
from engine.clock import MovableClock
from engine.commands.jobs import run_due_jobs
from engine.commands.partner_keys import create_key, rotate_key
from engine.db.case_tables import Case
from engine.db.partner_tables import Partner, PartnerMessage
from engine.db.tables import Job
from engine.errors import NotAllowed
from engine.services import partner_keys, signed_requests

from .conftest import Answer

ORDER: dict[str, Any] = {
    "external_no": "GZ12345-20261123-0007",
    "kind": "求助",
    "title": "养老保险转移",
    "text": "转移申请一直退回,跑了三趟没人说得清差哪一项。",
    "applicant": {"kind": "自然人", "name": "示例·何女士", "phone": "13800000000"},
}


class System:
    """A partner's computer."""

    def __init__(self, site: Flask, engine: Engine, code: str):
        self.client, self.engine, self.code, self.sent = site.test_client(), engine, code, 0
        self.key = partner_keys.derived_key(engine.secrets, code)

    def post(self, content: Any, door: str = "orders", nonce: str = "", **headers: str) -> Answer:
        self.sent += 1
        body = orjson.dumps(content)
        signed = signed_requests.sign(self.key, self.code, self.engine.clock.now(), nonce or f"{self.code}-{self.sent:08}", body)
        more = {"Accept": "application/json", **signed, **headers}
        return Answer(self.client.post(f"/api/partners/{door}", data=body, headers=more))


@pytest.fixture
def channel(site: Flask, engine: Engine) -> System:
    with engine.database.transaction() as session:
        for code, kind in (("12345", "渠道"), ("GRID", "渠道"), ("W440106", "窗口")):
            session.merge(Partner(code=code, name=code, kind=kind, region="440106"))
    return System(site, engine, "12345")


def messages(engine: Engine, direction: str) -> list[PartnerMessage]:
    with engine.database.reading() as session:
        return [row for row in session.query(PartnerMessage) if row.direction == direction]


def test_an_order_becomes_a_case_that_keeps_the_partners_number(channel: System) -> None:
    answer = channel.post(ORDER)
    assert answer.status == 201
    with channel.engine.database.reading() as session:
        case = session.get_one(Case, answer.json["case_no"])
        assert (case.external_no, case.channel, case.status) == (ORDER["external_no"], "12345", "待登记")
        assert case.facts == {"partner": "12345", "order_kind": "求助"}


def test_the_same_order_twice_is_one_case(channel: System) -> None:
    first, again = channel.post(ORDER), channel.post(ORDER)
    assert (again.status, again.json) == (200, {"case_no": first.json["case_no"], "is_new": False})


def test_another_partner_learns_nothing_by_guessing_a_number(channel: System, site: Flask) -> None:
    channel.post(ORDER)
    assert System(site, channel.engine, "GRID").post(ORDER).status == 403


@pytest.mark.parametrize("changed", [{"X-Doudi-Signature": "0" * 64}, {"X-Doudi-Timestamp": "1"}, {"X-Doudi-Partner": "GRID"}])
def test_what_is_not_signed_by_the_partner_is_refused(channel: System, changed: dict[str, str]) -> None:
    assert channel.post(ORDER, **changed).status == 403
    assert messages(channel.engine, "in") == []


def test_a_replaced_key_is_believed_until_its_moment_and_a_wrong_one_never(channel: System, clock: MovableClock) -> None:
    old = create_key(channel.engine, SYSTEM, "12345").key
    assert channel.post(ORDER).status == 403  # the derived key has ended
    channel.key = old
    assert channel.post(ORDER).status == 201
    new = rotate_key(channel.engine, SYSTEM, "12345", timedelta(days=7)).key
    assert channel.post(ORDER).status == 200
    clock.advance(days=7)
    assert channel.post(ORDER).status == 403
    channel.key = new
    assert channel.post(ORDER).status == 200


def test_what_we_send_is_signed_with_the_key_the_partner_knows(channel: System, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Mapping[str, str], bytes]] = []
    monkeypatch.setattr(hotline, "deliver", lambda address, headers, body: sent.append((headers, body)))
    key = create_key(channel.engine, SYSTEM, "W440106").key
    partner_mail.send(channel.engine, queued(channel))
    assert signed_requests.verified(lambda _: [key], channel.engine.clock.now(), *sent[0]).partner == "W440106"


def test_only_the_command_line_makes_keys(engine: Engine) -> None:
    with pytest.raises(NotAllowed):
        create_key(engine, Actor("admin", "示例·管", frozenset({"admin"}), "440103-01", frozenset()), "12345")


def test_a_recorded_request_for_another_order_is_refused(channel: System) -> None:
    channel.post(ORDER, nonce="used-before-1")
    assert channel.post({**ORDER, "external_no": "other"}, nonce="used-before-1").status == 403


def test_a_partner_nobody_knows_is_told_so(channel: System, site: Flask) -> None:
    assert System(site, channel.engine, "NOBODY").post(ORDER).status == 404


def test_each_missing_field_is_named(channel: System) -> None:
    answer = channel.post({"kind": "闲聊"})
    assert answer.status == 422
    assert set(answer.json["fields"]) == {"external_no", "applicant", "kind"}


def test_a_window_answers_only_letters_that_it_got(channel: System, site: Flask) -> None:
    window = System(site, channel.engine, "W440106")
    answer = {"case_no": channel.post(ORDER).json["case_no"], "event": "签收"}
    assert window.post(answer, "answers").status == 404
    with channel.engine.database.transaction() as session:
        session.add(letter(str(answer["case_no"]), channel))
    assert window.post(answer, "answers").status == 204
    assert window.post({**answer, "event": "答复", "outcome": "已阅"}, "answers").status == 422
    with channel.engine.database.reading() as session:
        thrown = [job.payload for job in session.query(Job) if job.kind == "message"]
    assert {"name": "partner_signed", "key": answer["case_no"], "variables": {}} in thrown


def letter(case_no: str, channel: System) -> PartnerMessage:
    now = channel.engine.clock.now()
    known = {"nonce": "nonce-0001", "case_no": case_no, "event": "协同函"}
    return PartnerMessage(partner="W440106", direction="out", state="queued", created_at=now, **known)


def queued(channel: System) -> int:
    with channel.engine.database.transaction() as session:
        message = letter("BBC-1", channel)
        session.add(message)
        session.flush()
        return message.id


def test_what_is_queued_stays_on_the_machine_when_the_partner_has_no_address(channel: System) -> None:
    partner_mail.send(channel.engine, queued(channel))
    assert [(one.state, one.attempts) for one in messages(channel.engine, "out")] == [("sent", 1)]


def test_three_failures_raise_an_alarm_and_then_it_rests(channel: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_there(address: str, headers: object, body: bytes) -> None:
        raise hotline.Unreachable("Expected somebody but nobody is there.")

    monkeypatch.setattr(hotline, "deliver", nobody_there)
    number = queued(channel)
    for _ in range(4):
        partner_mail.send(channel.engine, number)
    (message,) = messages(channel.engine, "out")
    assert (message.state, message.attempts, message.error) == ("failed", 3, "Expected somebody but nobody is there.")
    with channel.engine.database.reading() as session:
        names = [job.payload.get("name") for job in session.query(Job) if job.kind == "message"]
    assert names.count("partner_push_failed") == 1


def test_a_job_carries_it_out(channel: System) -> None:
    number = queued(channel)
    with channel.engine.database.transaction() as session:
        now = channel.engine.clock.now()
        session.add(Job(kind="partner-message", payload={"message": number}, due_at=now, run_at=now))
    run_due_jobs(channel.engine, "w")
    assert [one.state for one in messages(channel.engine, "out")] == ["sent"]


def test_nothing_is_sent_without_tls() -> None:
    with pytest.raises(hotline.Unreachable, match="https"):
        hotline.deliver("http://127.0.0.1:9/", {}, b"{}")
    with pytest.raises(hotline.Unreachable):
        hotline.deliver("https://127.0.0.1:9/", {}, b"{}")
