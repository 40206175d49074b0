"""The signed request for another department's data, what a provider refuses, and what a case keeps of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine import vocabulary
from engine.channels.sharing import EmbeddedProvider, ShareRequest, Unavailable, signed
from engine.db.case_tables import CaseEntry, ShareQuery
from engine.errors import InvalidInput, NotAllowed
from engine.services import sharing
from engine.services.csv_tables import CsvRow
from tests.services.conftest import MONDAY, World

SECRET = b"a secret that both departments know"
ASKED = ShareRequest("BBC440103-20261123-0001", "D03", "户籍与同户关系", ("户号",), "办理不动产转移登记")
KINDS = {("D03", "户籍与同户关系"): "有条件", ("D01", "企业登记信息"): "无条件", ("D03", "印章备案"): "不予"}


def provider(**changes: object) -> EmbeddedProvider:
    return EmbeddedProvider(SECRET, KINDS, MONDAY, **changes)


def request(asked: ShareRequest = ASKED, key: str = "k1", nonce: str = "n1"):
    return signed(asked, SECRET, key, nonce, MONDAY)


def test_what_is_shared_without_condition_is_answered_at_once_with_the_wanted_fields_only():
    asked = ShareRequest("BBC1", "D01", "企业登记信息", ("企业名称",), "核验")
    answer = provider().ask(request(asked))
    assert (answer.state, list(answer.values)) == ("取得", ["企业名称"])


def test_what_is_shared_on_approval_waits_until_the_provider_has_approved():
    assert provider().ask(request()).state == "待审批"
    assert provider().ask(request(replace(ASKED, is_approved=True))).state == "取得"


def test_what_is_not_shared_or_not_known_cannot_be_had():
    assert provider().ask(request(replace(ASKED, item="印章备案"))).state == "不可得"
    assert provider().ask(request(replace(ASKED, item="没有这一项"))).state == "不可得"


def test_a_repeated_request_has_the_same_answer_by_its_key():
    side = provider()
    first = side.ask(request(nonce="n1"))
    assert side.ask(request(nonce="n2")) is first


@pytest.mark.parametrize("field", ["body", "key", "sent_at", "nonce"])
def test_a_request_changed_on_its_way_is_refused(field: str):
    sent = request()
    changed = replace(sent, **{field: b"{}" if field == "body" else "2026-11-23T10:21:00+08:00"})
    with pytest.raises(NotAllowed, match="signature"):
        provider().ask(changed)


def test_a_request_played_again_is_refused():
    side = provider()
    side.ask(request())
    with pytest.raises(NotAllowed, match="nonce"):
        side.ask(request())


def test_an_old_request_is_refused():
    late = replace(provider(), now=MONDAY + timedelta(minutes=6))
    with pytest.raises(NotAllowed, match="moment"):
        late.ask(request())


def test_a_provider_that_does_not_answer_says_so():
    with pytest.raises(Unavailable):
        provider(silent=("D03",)).ask(request())


class Items:
    """A rule book with two shared items."""

    def replay(self, definition_ids: Sequence[int], days: int) -> Mapping[str, Any]:
        return {}

    def rows(self, key: str) -> Sequence[CsvRow]:
        free = {"department": "D01", "item": "企业登记信息", "kind": "无条件", "fields": ["企业名称", "状态"], "limit": "2个工作日"}
        return [
            CsvRow(2, free),
            CsvRow(3, {**free, "department": "D03", "item": "居住证", "kind": "有条件", "fields": [], "limit": "5个工作日"}),
        ]


def ask(world: World, **inputs: Any) -> dict[str, Any]:
    given = {"department": "D01", "item": "企业登记信息", "purpose": "核验", **inputs}
    result = dict(vocabulary.call(world.context(rules=Items()), "share-request", given))
    world.session.flush()
    return result


def logged(world: World) -> list[tuple[str, str]]:
    return [(row.facts["item"], row.facts["state"]) for row in world.rows(CaseEntry) if row.kind == sharing.LOGGED]


def test_a_query_is_logged_with_its_case_and_its_answer_kept_sealed(world: World):
    found = ask(world, fields=["状态"])
    (row,) = world.rows(ShareQuery)
    assert (found["share_state"], found["share_values"]) == ("取得", {"状态": "已取得"})
    assert (row.case_no, row.fields, row.state) == (world.case.no, ["状态"], "取得")
    assert "示例" not in str(row.answer) and sharing.values_of(world.context(), row) == {"状态": "示例状态"}
    assert logged(world) == [("企业登记信息", "取得")] and "share:query" in world.events()


def test_what_the_case_has_is_not_asked_for_again_but_logged_again(world: World):
    ask(world)
    ask(world, fields=["状态"])
    assert len(world.rows(ShareQuery)) == 1 and len(logged(world)) == 2


def test_no_answer_is_counted_and_the_same_request_goes_out_again(world: World):
    outcomes = [ask(world, unreachable=True) for _ in range(3)]
    assert [(found["share_state"], found["share_attempts"]) for found in outcomes] == [("未应答", 1), ("未应答", 2), ("未应答", 3)]
    (row,) = world.rows(ShareQuery)
    assert ask(world)["share_state"] == "取得" and row.state == "取得"


def test_for_fields_that_the_item_has_not_nobody_is_asked_and_they_are_not_kept(world: World):
    found = ask(world, fields=["状态", "法定代表人身份证号"])
    (row,) = world.rows(ShareQuery)
    assert (found["share_state"], found["share_values"]) == ("不可得", {})
    assert (row.fields, row.content) == ([], None) and row.error == "没有所申请的字段,只能申请:企业名称、状态。"
    assert logged(world) == [("企业登记信息", "不可得")]


def test_an_approval_of_the_provider_brings_what_it_had_held_back(world: World):
    given = {"department": "D03", "item": "居住证", "fields": ["状态"]}
    assert (ask(world, **given)["share_state"], ask(world, **given, approved=True)["share_state"]) == ("待审批", "取得")


def test_an_item_nobody_shares_is_refused(world: World):
    with pytest.raises(InvalidInput) as refused:
        ask(world, item="没有这一项")
    assert "item" in refused.value.fields
