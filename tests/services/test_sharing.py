"""The signed request for another department's data, what a provider refuses, and what a case keeps of the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.channels.sharing import EmbeddedProvider, ShareRequest, Unavailable, signed
from engine.errors import NotAllowed
from tests.services.conftest import MONDAY

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
