"""What the pages refuse on a working day: each says so, says what to do, keeps what was typed and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from . import answers
from .conftest import the_day, the_records
from .day import CaseFile, Day, Story
from .people import Browser, Citizen, Clerk

Open = Callable[[str], CaseFile]


def waits(case: CaseFile) -> Story:
    """The case arrives, and nobody does anything yet."""
    yield "11-24 12:00"
    case.kept["arrived"] = case.status


@pytest.fixture(scope="module")
def office(template: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The second morning: three cases wait, at the counter and with a department."""
    with the_day(template, tmp_path_factory.mktemp("office") / "data") as day:  # type: ignore[arg-type]
        day.play(the_records("K01", "K02", "K04"), dict.fromkeys(("K01", "K02", "K04"), waits), "11-24 14:00")
        yield day


@pytest.fixture
def stranger(office: Day) -> Clerk:
    """A clerk of the counter: no department."""
    return office.clerk("window-b")


def test_a_task_of_another_group_is_refused(office: Day, stranger: Clerk) -> None:
    case = office.files["K04"]
    address = case.clerk("D06").task(case.no, "签收")
    page = stranger.post(address, {**answers.signed(), "csrf_token": token_of(stranger)})
    assert page.status == 403
    assert "属于其他岗位" in page.said()
    assert ("签收", "区住房和城乡建设局 · 待认领") in case.holders()


def test_a_task_completed_twice_is_answered_with_what_became_of_it(office: Day) -> None:
    case = office.files["K04"]
    liaison = case.departments("签收")[0]
    address = liaison.task(case.no, "签收")
    form = liaison.claim(address).form("//form[@id='task-form']")
    form.fill(answers.signed())
    assert liaison.submit(form).status == 303
    again = liaison.submit(form)
    assert again.status == 409
    assert "已经办结" in again.said()
    assert [name for name, _ in case.holders()].count("签收") == 5


def test_a_stale_page_keeps_what_was_typed(office: Day) -> None:
    case = office.files["K01"]
    address = case.owner.task(case.no, "直接协调")
    form = case.owner.claim(address).form("//form[@id='task-form']")
    form.fill(answers.solved_directly("写了一半的处理意见,不能丢。"))
    elsewhere = case.owner.open(address)
    assert case.owner.submit(elsewhere.form("//form[contains(@action,'/unclaim')]")).status == 303
    case.owner.claim(address)
    page = case.owner.submit(form)
    assert page.status == 409
    assert "已有改动" in page.said()
    assert ("conclusion", "写了一半的处理意见,不能丢。") in page.form("//form[@id='task-form']").values()
    assert case.status == "协调中"


def test_an_incomplete_form_comes_back_with_what_was_typed(office: Day) -> None:
    case = office.files["K01"]
    form = case.owner.claim(case.owner.task(case.no, "直接协调")).form("//form[@id='task-form']")
    form.fill({"contact_log": "只写了经过,没有选结果。"})
    page = case.owner.submit(form)
    assert page.status == 422
    assert "协调结果" in page.text("//div[contains(@class,'notice-error')]")
    assert ("contact_log", "只写了经过,没有选结果。") in page.form("//form[@id='task-form']").values()


def test_an_unknown_case_number_is_said_to_be_unknown(stranger: Clerk) -> None:
    page = stranger.open("/cases/BBC440103-20261123-9999")
    assert page.status == 404
    assert "没有这个工单" in page.said()


def test_an_unknown_public_link_says_nothing_more(office: Day) -> None:
    assert Browser(office.app).open("/p/nothing-like-this").status == 404


def test_a_form_without_its_token_is_refused(office: Day) -> None:
    case = office.files["K01"]
    address = case.owner.task(case.no, "直接协调")
    page = case.owner.post(address, answers.solved_directly("没有令牌。"))
    assert page.status == 400
    assert "页面已失效" in page.said()
    assert case.status == "协调中"


def test_whoever_is_not_logged_in_goes_to_the_log_in_and_back(office: Day) -> None:
    case, account = office.files["K01"], office.clerk("window-head").account
    somebody = Clerk(office.app, account, office.password_of(account))
    page = somebody.open(f"/cases/{case.no}")
    assert (page.status, page.location) == (302, f"/login?next=/cases/{case.no}")
    assert somebody.log_in(f"/cases/{case.no}").location == f"/cases/{case.no}"
    assert somebody.case(case.no).texts("//h1") == ["建筑工程施工许可"]


def test_what_was_typed_survives_a_lost_session(office: Day) -> None:
    case = office.files["K01"]
    owner = Clerk(office.app, case.owner.account, office.password_of(case.owner.account))
    owner.log_in()
    address = owner.task(case.no, "直接协调")
    form = owner.claim(address).form("//form[@id='task-form']")
    form.fill(answers.solved_directly("午休前写好的意见。"))
    owner.forget()
    lost = owner.submit(form, referrer=address)
    assert lost.status == 401
    again = lost.form("//form[@action='/login']")
    again.fill({"login": owner.account, "password": office.password_of(owner.account)})
    page = owner.submit(owner.submit(again).form("//main//form"))
    assert ("conclusion", "午休前写好的意见。") in page.form("//form[@id='task-form']").values()


def test_a_case_cannot_be_joined_to_one_that_does_not_exist(stranger: Clerk) -> None:
    form = stranger.open("/cases/new").form("//form[@id='file-form']")
    form.fill(answers.walks_in() | {"triage_facts.has_open_case": True, "duplicate_of": "BBC440103-20261123-9999"})
    page = stranger.submit(form)
    assert page.status == 422
    assert "没有编号为“BBC440103-20261123-9999”的在办工单" in page.said()


def test_the_citizen_cannot_rate_before_being_asked(office: Day) -> None:
    citizen: Citizen = office.files["K01"].citizen
    page = citizen.look()
    assert page.document.xpath("//form[contains(@action,'/rate')]") == []
    token = citizen.open("/login").document.xpath("//input[@name='csrf_token']/@value")[0]
    assert citizen.post(f"{citizen.link}/rate", {"csrf_token": token, "rating.level": "5"}).status == 409


def test_a_department_sees_no_case_it_is_not_asked_about(office: Day) -> None:
    assert office.clerk("D12").open(f"/cases/{office.files['K01'].no}").status == 403


def token_of(browser: Browser) -> str:
    return str(browser.open("/cases").document.xpath("//input[@name='csrf_token']/@value")[0])
