"""Who a notice goes to and by which way: critical ones always, others as the applicant wants, staff by station message."""

from __future__ import annotations

from typing import Any

import pytest

from engine.db.case_tables import Case, Expert, Notice, NoticePreference, NoticeTemplate, Party
from engine.db.tables import Account
from engine.errors import InvalidInput
from engine.services import account_changes, notices, parties

from .conftest import APPLICANT, MONDAY, SECRETS, World, add_account

ALL = frozenset({"sms", "wechat", "email"})


def template(world: World, *, critical: bool, channels: tuple[str, ...] = (), **changes: Any) -> None:
    row = NoticeTemplate(id="MSG-X", event="事件", text="工单{工单号}", audience="申请人", is_critical=critical, channels=list(channels))
    for name, value in changes.items():
        setattr(row, name, value)
    world.session.merge(row)
    world.session.flush()


def sent(world: World, to: str = "applicant", channels: frozenset[str] = ALL, **values: Any) -> list[Notice]:
    before = len(world.rows(Notice))
    notices.send(world.context(channels=channels), "MSG-X", to, values)
    return list(world.rows(Notice)[before:])


def ways(found: list[Notice]) -> list[tuple[str, str, str]]:
    return [(row.audience, row.channel, row.state) for row in found]


def declines(world: World, *channels: str) -> None:
    party = world.case.applicant_id
    world.session.add_all(NoticePreference(party_id=party, channel=channel, opted_out_at=MONDAY) for channel in channels)
    world.session.flush()


def test_without_channels_everything_stands_on_the_outbox_page(world: World) -> None:
    template(world, critical=True)
    for to, audience in (("applicant", "applicant"), ("owner", "user:clerk-a"), ("group:window", "group:window")):
        assert ways(sent(world, to, frozenset())) == [(audience, "outbox", "queued")]


def test_a_critical_notice_goes_by_sms_whatever_was_declined(world: World) -> None:
    template(world, critical=True)
    declines(world, "sms", "wechat")
    (row,) = sent(world)
    assert (row.channel, row.state, row.is_critical) == ("sms", "queued", True)
    assert row.receiver is not None and SECRETS.decrypt(row.receiver, "notice.receiver") == "13800001234"


def test_another_notice_goes_by_the_first_channel_that_was_not_declined(world: World) -> None:
    template(world, critical=False)
    assert ways(sent(world)) == [("applicant", "wechat", "queued")]
    declines(world, "wechat")
    assert ways(sent(world)) == [("applicant", "sms", "queued")]
    declines(world, "sms")
    assert ways(sent(world)) == [("applicant", "wechat", "suppressed")]
    assert ways(sent(world, channels=frozenset())) == [("applicant", "outbox", "suppressed")]


def test_a_text_keeps_to_its_own_channels(world: World) -> None:
    template(world, critical=False, channels=("sms", "paper"))
    assert ways(sent(world)) == [("applicant", "sms", "queued")]


@pytest.mark.parametrize("phone", ["", "020-81234567"])
def test_who_has_no_mobile_number_gets_it_on_paper(world: World, phone: str) -> None:
    template(world, critical=True)
    world.case.applicant_id = parties.create_party(world.session, SECRETS, MONDAY, APPLICANT | {"phone": phone}).id
    assert ways(sent(world)) == [("applicant", "paper", "queued")]


def test_staff_read_a_station_message_and_critical_ones_ring_as_well(world: World) -> None:
    template(world, critical=True)
    first, second = world.session.get_one(Account, "clerk-a"), world.session.get_one(Account, "clerk-b")
    account_changes.set_contact(SECRETS, first, "13900005678", "a@example.gov.cn")
    account_changes.set_contact(SECRETS, second, "", "b@example.gov.cn")
    assert ways(sent(world, "group:window")) == [
        ("group:window", "station", "queued"),
        ("user:clerk-a", "sms", "queued"),
        ("user:clerk-b", "email", "queued"),
    ]
    template(world, critical=False)
    assert ways(sent(world, "group:window")) == [("group:window", "station", "queued")]


def test_a_person_reads_in_the_own_language(world: World) -> None:
    template(world, critical=True, text_en="Case {工单号}", variables=["工单号"])
    account = world.session.get_one(Account, "clerk-a")
    account_changes.set_contact(SECRETS, account, "13900005678", "")
    account.language = "en"
    assert [row.body.split(" ")[0][:4] for row in sent(world, "person:clerk-a")] == ["工单BB", "Case"]


def test_an_expert_is_reached_through_the_own_account(world: World) -> None:
    template(world, critical=True)
    add_account(world.session, "x01", "expert")
    account_changes.set_contact(SECRETS, world.session.get_one(Account, "x01"), "13900005678", "")
    world.session.add(Expert(id="X01", name="示例·顾律师", type="律师", domains="合同", mode="远程", details={"account": "x01"}))
    assert ways(sent(world, "expert:X01")) == [("expert:X01", "station", "queued"), ("user:x01", "sms", "queued")]


@pytest.mark.parametrize("to", ["", "nobody", "person:nobody", "group:nobody", "department:D99", "expert:X99", "applicant:1", "person:"])
def test_a_receiver_that_is_nobody_is_refused(world: World, to: str) -> None:
    template(world, critical=True)
    with pytest.raises(InvalidInput, match="as the receiver"):
        sent(world, to)


def test_a_file_without_an_applicant_tells_none(world: World) -> None:
    template(world, critical=True)
    world.case.applicant_id = None
    with pytest.raises(InvalidInput, match="has none"):
        sent(world)
    assert ways(sent(world, "owner")) == [("user:clerk-a", "station", "queued")]


def test_the_telephone_of_who_is_responsible_is_told_and_that_of_others_is_masked(world: World) -> None:
    template(world, critical=True, text="{姓名}{电话},{摘要}", variables=["姓名", "电话", "摘要"])
    assert sent(world, 摘要="打13800009999")[0].body == "示例·clerk-a12345,打138****9999"
    account_changes.set_contact(SECRETS, world.session.get_one(Account, "clerk-a"), "13900005678", "")
    (row,) = sent(world, 摘要="打13900005678或13800009999,身份证440103188501010017,示例·何女士住芳村示例路1号")
    assert row.body == "示例·clerk-a13900005678,打139****5678或138****9999,身份证****,示例·*女士住****"


def test_nobody_can_type_what_stands_for_the_telephone(world: World) -> None:
    template(world, critical=True, text="{电话},{摘要}", variables=["电话", "摘要"])
    account_changes.set_contact(SECRETS, world.session.get_one(Account, "clerk-a"), "13900005678", "")
    assert sent(world, 摘要="好\ue000")[0].body == "13900005678,好"


def test_applicants_of_merged_cases_are_told_by_their_own_ways(world: World) -> None:
    template(world, critical=True)
    child: Case = world.new_case(status="已并案", merged_into=world.case.no)
    child.applicant_id = parties.create_party(world.session, SECRETS, MONDAY, APPLICANT | {"phone": ""}).id
    assert [(row.case_no, row.channel) for row in sent(world)] == [(world.case.no, "sms"), (child.no, "paper")]
    assert len(world.rows(Party)) >= 2
