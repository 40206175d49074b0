"""Partners: who gets told how a case stands, which window a region has, what a signature is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.db.case_tables import Party
from engine.db.partner_tables import Partner, PartnerMessage
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services import partner_keys, signed_requests
from engine.services.case_files import BY_PROCESS

from .conftest import MONDAY, SECRETS, World


@pytest.fixture
def register(world: World) -> World:
    rows = (("12345", "渠道", "440100", "市"), ("W440106", "窗口", "440106", "区"), ("W440100", "窗口", "440100", "市"))
    for code, kind, region, level in rows:
        world.session.add(Partner(code=code, name=f"示例{code}", kind=kind, region=region, level=level))
    world.session.flush()
    return world


def test_how_a_case_stands_is_queued_for_whoever_sent_it(register: World) -> None:
    register.case.external_no, register.case.facts = "GZ-1", {"partner": "12345"}
    register.call("partner-push", milestone="受理")
    (message,) = register.rows(PartnerMessage)
    assert (message.partner, message.event, message.state, message.external_no) == ("12345", "受理", "queued", "GZ-1")
    assert register.jobs[-1][:2] == ("partner-message", {"message": message.id})


def test_nobody_is_told_of_a_case_that_came_in_person(register: World) -> None:
    register.call("partner-push", milestone="受理")
    assert register.rows(PartnerMessage) == []


def test_a_partner_may_be_told_of_what_it_did_not_send(register: World) -> None:
    register.call("partner-tell", partner="12345", milestone="投诉登记", facts={"kind": "态度", "about": "13800000000"})
    (message,) = register.rows(PartnerMessage)
    assert (message.partner, message.event, message.case_no, message.external_no) == ("12345", "投诉登记", register.case.no, None)
    assert (message.facts["kind"], message.facts["status"]) == ("态度", register.case.status)
    assert "13800000000" not in str(message.facts)


def test_nobody_is_told_who_is_not_in_the_register(register: World) -> None:
    with pytest.raises(NotFound, match=r"partners\.csv"):
        register.call("partner-tell", partner="12333", milestone="投诉登记", facts=None)


def test_a_file_that_a_diagram_opened_came_in_as_the_one_before_it(register: World) -> None:
    order = register.case
    assert register.call("case-origin") == {"origin": {"channel": order.channel, "partner": None}}
    order.external_no, order.facts = "GZ-1", {"partner": "12345"}
    register.case = register.new_case(channel=BY_PROCESS, parent_no=order.no)
    assert register.call("case-origin") == {"origin": {"channel": order.channel, "partner": "12345"}}


def test_a_region_without_a_window_of_its_own_has_that_of_its_city(register: World) -> None:
    assert register.call("partner-find", region="440106", level=None)["partner"]["code"] == "W440106"
    assert register.call("partner-find", region="440112", level=None)["partner"]["code"] == "W440100"
    assert register.call("partner-find", region="某地", level=None) == {"partner": None}


def test_a_letter_to_a_partner_of_the_register_is_queued(register: World) -> None:
    partner = register.call("partner-find", region="440106", level=None)["partner"]
    sent = register.call("partner-letter", partner=partner, unit="天河区", ask="请核对缴费记录", mode="多地联办")
    assert sent["letter_sent_at"].startswith("2026-11-23T10:20")
    assert [message.event for message in register.rows(PartnerMessage)] == ["协同函"]


def test_an_order_has_begun_when_its_case_was_triaged(register: World) -> None:
    register.case.status = "待登记"
    assert register.call("order-state") == {"started": False}
    register.case.status = "已受理"
    assert register.call("order-state") == {"started": True}


def test_a_signature_holds_for_its_body_and_five_minutes() -> None:
    headers = signed_requests.sign("key of 12345", "12345", MONDAY, "nonce-0001", b"{}")
    assert signed_requests.verified(keys_of, MONDAY, headers, b"{}").partner == "12345"
    for body, later in ((b"{ }", timedelta(0)), (b"{}", timedelta(minutes=6))):
        with pytest.raises(NotAllowed):
            signed_requests.verified(keys_of, MONDAY + later, headers, body)
    with pytest.raises(NotAllowed):
        signed_requests.verified(keys_of, MONDAY, {**headers, "X-Doudi-Partner": "GRID"}, b"{}")
    with pytest.raises(NotAllowed):
        signed_requests.verified(keys_of, MONDAY, {}, b"{}")


def keys_of(partner: str) -> list[str]:
    return [f"key of {partner}"]


def test_a_partner_without_a_key_signs_with_the_derived_one(register: World) -> None:
    assert partner_keys.accepted_keys(register.session, SECRETS, "12345", MONDAY) == [partner_keys.derived_key(SECRETS, "12345")]


def test_the_first_key_ends_the_derived_one_and_is_kept_sealed(register: World) -> None:
    row, key = partner_keys.create(register.session, SECRETS, "12345", MONDAY, "system")
    assert partner_keys.accepted_keys(register.session, SECRETS, "12345", MONDAY) == [key]
    assert key.encode() not in row.sealed and row.mark not in key


def test_an_old_key_holds_until_its_moment_and_signs_for_us_as_long(register: World) -> None:
    session, until = register.session, MONDAY + timedelta(days=7)
    _, old = partner_keys.create(session, SECRETS, "12345", MONDAY, "system")
    _, new = partner_keys.rotate(session, SECRETS, "12345", MONDAY, until, "system")
    before, after = until - timedelta(seconds=1), until
    assert partner_keys.accepted_keys(session, SECRETS, "12345", before) == [old, new]
    assert partner_keys.own_key(session, SECRETS, "12345", before) == old
    assert partner_keys.accepted_keys(session, SECRETS, "12345", after) == [new]
    assert partner_keys.own_key(session, SECRETS, "12345", after) == new


def test_a_key_in_wrong_hands_ends_at_once_with_all_before_it(register: World) -> None:
    session = register.session
    partner_keys.create(session, SECRETS, "12345", MONDAY, "system")
    partner_keys.rotate(session, SECRETS, "12345", MONDAY, MONDAY + timedelta(days=7), "system")
    _, new = partner_keys.rotate(session, SECRETS, "12345", MONDAY, MONDAY, "system")
    assert partner_keys.accepted_keys(session, SECRETS, "12345", MONDAY) == [new]


def test_a_key_is_made_once_and_then_replaced(register: World) -> None:
    with pytest.raises(Conflict, match="partner-key create"):
        partner_keys.rotate(register.session, SECRETS, "12345", MONDAY, MONDAY, "system")
    partner_keys.create(register.session, SECRETS, "12345", MONDAY, "system")
    with pytest.raises(Conflict, match="partner-key rotate"):
        partner_keys.create(register.session, SECRETS, "12345", MONDAY, "system")
    with pytest.raises(NotFound, match=r"partners\.csv"):
        partner_keys.create(register.session, SECRETS, "nobody", MONDAY, "system")


def test_a_look_up_finds_the_open_case_of_the_same_person_and_matter(world: World) -> None:
    first = world.case
    second = world.new_case(MONDAY + timedelta(hours=1))
    found = world.call("arrival-lookup")["lookup"]
    assert found == {"known_before": 0, "duplicate": None}
    world.case = second
    assert world.call("arrival-lookup")["lookup"] == {"known_before": 1, "duplicate": first.no}
    world.session.get_one(Party, second.applicant_id).cert_index = "somebody else"
    assert world.call("arrival-lookup")["lookup"]["duplicate"] is None
