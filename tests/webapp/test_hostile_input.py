"""Addresses and forms that no page of ours would send: answered as refusals, never as failures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Person

HUGE = "9" * 30


@pytest.mark.parametrize(
    "address",
    [
        f"/definitions/{HUGE}",
        f"/definitions/{HUGE}/bpmn",
        "/definitions/-1",
        f"/notices?after={HUGE}",
        "/notices?after=-5",
        "/notices?after=x",
        f"/tasks/{HUGE}-{HUGE}",
        "/tasks/..%2F..%2Fetc",
        "/tasks/%00",
        "/cases/%00",
        "/cases/' OR 1=1 --",
        "/cases?q=%25%25%25&status=%00",
        "/cases?after=x|y",
        "/cases?after=2026-11-23T10:00:00|",
        "/?q=%00",
        "/?after=AAAA",
        "/?after=%F0%9F%98%80",
        "/cases/export.csv?level=%27",
        "/static/../webapp/__init__.py",
        "/p/%00",
        "/login?next=%00",
    ],
)
def test_an_odd_address_is_refused_or_answered_but_never_fails(person: Callable[[str], Person], address: str) -> None:
    assert person("window-a").get(address).status in (200, 302, 400, 404, 422)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "\0", "applicant.name": "x"},
        {"text": "字" * 200_000, "applicant.name": "y" * 5000},
        {"channel": "不存在的渠道", "matter": "M999", "applicant.kind": "火星人", "trips": "-1", "triage_facts.department_count": "1e308"},
        {"applicant": "not a context", "triage_facts": "x", "triage_facts.emergency.more": "true"},
        {"applicant.cert_no": "<img src=x onerror=alert(1)>", "tried.date": "2026-13-45T99:99"},
    ],
    ids=["null character", "too long", "not offered", "wrong shape", "markup"],
)
def test_an_odd_form_is_refused_and_registers_nothing(person: Callable[[str], Person], fields: dict[str, str]) -> None:
    clerk = person("window-a")
    answer = clerk.post("/cases/new", fields)
    assert answer.status in (400, 422) and "<img src=x" not in answer.source
    assert "没有符合条件的工单" in clerk.get("/cases").words


@pytest.mark.parametrize("version", ["", "x", HUGE, "-1"])
def test_an_odd_version_completes_nothing_by_mistake(
    person: Callable[[str], Person], task_of: Callable[[Person, str], str], simple_case: str, version: str
) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    assert clerk.post(address, {"version": version}).status in (409, 422)


def test_a_submission_cannot_set_what_the_form_does_not_ask(
    person: Callable[[str], Person], task_of: Callable[[Person, str], str], simple_case: str
) -> None:
    clerk = person("window-a")
    address = task_of(clerk, simple_case)
    done = {
        "contact_log": "电话协调建设局窗口,同意容缺受理。",
        "coordination_outcome": "已解决",
        "conclusion": "容缺受理,补齐材料即可办结。",
    }
    answer = clerk.post(address, {"version": clerk.get(address).value("version"), **done, "owner": "window-b", "grade.level": "重大"})
    assert answer.status == 303
    page = clerk.get(f"/cases/{simple_case}")
    assert "示例·林晓" in page.words and "重大" not in page.find("//aside")[0].text_content()
