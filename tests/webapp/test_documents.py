"""Documents on the pages: drafted, issued, read, fetched, taken back; the applicant's own behind the link; papers verified."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader

from .conftest import Answer, Person

Persons = Callable[[str], Person]
ORDER = {
    "template": "supervision_order",
    "v:责任单位": "示例局",
    "v:标识": "黄牌",
    "v:事由": "超期1个工作日",
    "v:要求": "- 立即办理\n- 书面说明",
}
NOTICE = {"template": "acceptance_notice", "v:补充说明": "请保持电话畅通。"}


@pytest.fixture
def window(person: Persons) -> Person:
    return person("window-a")


@pytest.fixture
def link(window: Person, simple_case: str) -> str:
    return str(window.get(f"/cases/{simple_case}").find("//p[@class='public-link']/a/@href")[0])


def issued(window: Person, case_no: str, fields: dict[str, str] = ORDER) -> str:
    """The address of a document just issued."""
    answer = window.post(f"/cases/{case_no}/documents", fields)
    assert answer.status == 303, answer.words
    return answer.location


def pdf_text(response: Any) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages).split())


def test_every_template_in_force_can_be_chosen(window: Person, simple_case: str) -> None:
    page = window.get(f"/cases/{simple_case}/documents/new")
    assert {"refusal_notice", "reply_letter", "monthly_circular"} <= set(page.find("//select[@name='template']/option/@value"))


def test_a_draft_is_shown_before_it_is_issued(window: Person, simple_case: str) -> None:
    page = window.post(f"/cases/{simple_case}/documents/new", ORDER)
    assert page.status == 200 and "×号" in page.words and "立即办理" in page.words
    assert "还没有文书" in window.get(f"/cases/{simple_case}").words


def test_a_draft_can_be_fetched_and_changed(window: Person, simple_case: str) -> None:
    response = window.client.post(f"/cases/{simple_case}/documents/draft.pdf", data={"csrf_token": window.token(), **ORDER})
    assert "督办单" in pdf_text(response)
    page = window.post(f"/cases/{simple_case}/documents/new", {**ORDER, "action": "edit"})
    assert page.value("v:事由") == "超期1个工作日"


def test_a_missing_value_is_named_and_what_was_typed_stays(window: Person, simple_case: str) -> None:
    page = window.post(f"/cases/{simple_case}/documents/new", {**ORDER, "v:要求": ""})
    assert page.status == 422 and "请填写:要求" in page.words
    assert page.value("v:事由") == "超期1个工作日"


def test_missing_signs_are_told_before_issuing(window: Person, simple_case: str) -> None:
    page = window.post(f"/cases/{simple_case}/documents/new", {**ORDER, "v:事由": "𠮷野家😀"})
    assert "字体没有这些字" in page.words


def test_html_in_a_value_stays_text(window: Person, simple_case: str) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    page = window.post(f"/cases/{simple_case}/documents/new", {**ORDER, "v:事由": hostile})
    assert hostile in page.words and not page.find("//main//img")
    address = issued(window, simple_case, {**ORDER, "v:事由": hostile})
    assert hostile.replace(" ", "") in pdf_text(window.client.get(f"{address}/file"))


def test_ten_thousand_characters_are_issued_and_more_than_the_bound_refused(window: Person, simple_case: str) -> None:
    issued(window, simple_case, {**ORDER, "v:事由": "超期情况。" * 2_000})
    assert window.post(f"/cases/{simple_case}/documents", {**ORDER, "v:事由": "字" * 20_001}).status == 422


def test_an_issued_document_is_listed_read_and_fetched(window: Person, simple_case: str) -> None:
    address = issued(window, simple_case)
    page = window.get(address)
    assert "荔政督〔2026〕1号" in page.words and "立即办理" in page.words
    assert "荔政督〔2026〕1号" in window.get(f"/cases/{simple_case}").words
    response = window.client.get(f"{address}/file")
    assert response.mimetype == "application/pdf" and "sandbox" in response.headers["Content-Security-Policy"]
    assert "荔政督〔2026〕1号" in pdf_text(response)


def test_the_page_masks_the_applicant_and_the_paper_names_them(window: Person, simple_case: str) -> None:
    address = issued(window, simple_case, NOTICE)
    assert "张示例" not in window.get(address).source
    assert "张示例" in pdf_text(window.client.get(f"{address}/file"))


def test_the_applicant_fetches_own_documents_and_no_inner_ones(window: Person, stranger: Person, link: str, simple_case: str) -> None:
    own, inner = issued(window, simple_case, NOTICE), issued(window, simple_case)
    page = stranger.get(link)
    (address,) = page.find("//a[contains(@href,'/documents/')]/@href")
    assert "受理通知书" in pdf_text(stranger.client.get(address))
    assert stranger.get(f"{link}/documents/{inner.rsplit('/', 1)[-1]}").status == 404
    assert stranger.get(f"/p/wrong/documents/{own.rsplit('/', 1)[-1]}").status == 404


def test_the_head_takes_a_document_back_and_its_number_is_not_used_again(window: Person, person: Persons, simple_case: str) -> None:
    address = issued(window, simple_case)
    assert window.post(f"{address}/void", {"reason": "写错了单位"}).status == 403
    head = person("window-head")
    assert head.post(f"{address}/void", {"reason": ""}).status == 422
    assert head.post(f"{address}/void", {"reason": "写错了单位"}).status == 303
    assert "已作废" in window.get(address).words and "写错了单位" in window.get(address).words
    assert "荔政督〔2026〕2号" in window.get(issued(window, simple_case)).words


def test_who_may_not_see_the_case_reads_and_issues_nothing(window: Person, person: Persons, simple_case: str) -> None:
    address, department = issued(window, simple_case), person("d21")
    assert department.get(address).status == 403
    assert department.get(f"{address}/file").status == 403
    assert department.post(f"/cases/{simple_case}/documents", ORDER).status == 403
    assert person("auditor").post(f"/cases/{simple_case}/documents", ORDER).status == 403


def test_an_unknown_template_is_not_found(window: Person, simple_case: str) -> None:
    assert window.post(f"/cases/{simple_case}/documents/new", {"template": "nothing"}).status == 404
    assert window.get(f"/cases/{simple_case}/documents/new?template=nothing").status == 404


def checked(stranger: Person, **fields: Any) -> Answer:
    data = {"csrf_token": stranger.token(), **fields}
    return Answer(stranger.client.post("/verify", data=data, content_type="multipart/form-data", headers={"Referer": "http://localhost/"}))


def test_a_paper_is_verified_by_number_and_code_or_by_its_file(window: Person, person: Persons, stranger: Person, simple_case: str) -> None:
    address = issued(window, simple_case, NOTICE)
    page, file = window.get(address), window.client.get(f"{address}/file").data
    code = page.find("//dd[@class='number']/text()")[0]
    for proof in ({"code": code}, {"code": f" {code.upper()} "}, {"file": (io.BytesIO(file), "a.pdf")}):
        answer = checked(stranger, number="荔政办受[2026]1号", **proof)
        assert answer.status == 200 and "是本中心出具的文书" in answer.words
        assert "张" not in answer.find("string(//main)")
    person("window-head").post(f"{address}/void", {"reason": "写错了事项"})
    assert "现已作废" in checked(stranger, number="荔政办受〔2026〕1号", code=code).words


@pytest.mark.parametrize("proof", ["", "0" * 16, "x" * 500, "' or 1=1 --"])
def test_a_wrong_proof_and_an_unknown_number_answer_the_same(window: Person, stranger: Person, simple_case: str, proof: str) -> None:
    issued(window, simple_case, NOTICE)
    wrong, unknown = (checked(stranger, number=f"荔政办受〔2026〕{number}号", code=proof) for number in (1, 99))
    assert wrong.status == unknown.status == 422
    assert wrong.find("string(//main//div[@role='alert'])") == unknown.find("string(//main//div[@role='alert'])")


def test_a_changed_file_is_not_verified(window: Person, stranger: Person, simple_case: str) -> None:
    file = window.client.get(f"{issued(window, simple_case, NOTICE)}/file").data
    assert checked(stranger, number="荔政办受〔2026〕1号", file=(io.BytesIO(file + b" "), "a.pdf")).status == 422


def test_anybody_with_the_number_of_a_case_and_a_record_sees_that_it_stands_in_the_evidence(
    window: Person, stranger: Person, simple_case: str
) -> None:
    file = window.client.get(f"{issued(window, simple_case, NOTICE)}/file").data
    answer = checked(stranger, number=simple_case, file=(io.BytesIO(file), "a.pdf"))
    assert answer.status == 200 and "没有改动过" in answer.words and "等待当日封存" in answer.words
    assert checked(stranger, number=simple_case, file=(io.BytesIO(file + b" "), "a.pdf")).status == 422
    assert checked(stranger, number="BBC440103-20261123-9999", file=(io.BytesIO(file), "a.pdf")).status == 422


def numbers(page: Answer) -> list[str]:
    return [str(one) for one in page.find("//main//tbody/tr/td[1]//text()[normalize-space()]")]


def test_the_register_finds_documents_by_number_case_template_day_and_state(window: Person, person: Persons, simple_case: str) -> None:
    issued(window, simple_case)
    void = issued(window, simple_case, NOTICE)
    person("window-head").post(f"{void}/void", {"reason": "写错了事项"})
    order, notice = "荔政督〔2026〕1号", "荔政办受〔2026〕1号"
    assert numbers(window.get("/documents")) == [notice, order]
    found = {
        "q=荔政督[2026]1": [order], "q=督办": [order], f"q={simple_case}": [notice, order], "q=nothing": [],
        "template=acceptance_notice": [notice],
        "state=void": [notice], "state=valid": [order], "from=2026-11-23&to=2026-11-23": [notice, order], "from=2026-11-24": [],
        "unit=440103-01": [notice, order], "unit=440100": [], "sort=earliest": [order, notice], "sort=case": [order, notice],
    }  # fmt: skip
    assert {filters: numbers(window.get(f"/documents?{filters}")) for filters in found} == found


def test_the_register_says_which_documents_can_be_verified_and_opens_their_files(window: Person, person: Persons, simple_case: str) -> None:
    issued(window, simple_case)
    void = issued(window, simple_case, NOTICE)
    person("window-head").post(f"{void}/void", {"reason": "写错了事项"})
    page = window.get("/documents")
    assert [cell.split()[0] for cell in (one.text_content() for one in page.find("//main//tbody/tr/td[5]"))] == ["已作废", "有效，可核验"]
    (checked_at,) = page.find("//main//tbody//a[starts-with(@href, '/verify')]/@href")
    assert window.get(checked_at).value("number") == "荔政督〔2026〕1号"
    files = page.find("//main//tbody//a[contains(@href, '/file')]/@href")
    assert [window.client.get(file).mimetype for file in files] == ["application/pdf"] * 2


@pytest.mark.parametrize("sort", ["latest", "earliest", "case"])
def test_pages_of_the_register_follow_each_other_without_gap_or_repetition(window: Person, simple_case: str, sort: str) -> None:
    for _ in range(21):
        issued(window, simple_case)
    first = window.get(f"/documents?sort={sort}")
    second = window.get(str(first.find("//nav[@class='pager']/a/@href")[-1]))
    assert len(numbers(first)) == 20 and sorted(numbers(first) + numbers(second)) == sorted(f"荔政督〔2026〕{n}号" for n in range(1, 22))


@pytest.mark.parametrize("after", ["nonsense", "0", "9" * 30, "|", "x|y"])
@pytest.mark.parametrize("sort", ["latest", "case"])
def test_a_page_link_of_another_list_is_explained(window: Person, sort: str, after: str) -> None:
    assert window.get(f"/documents?sort={sort}&after={after}").status == 422


def test_the_register_shows_nobody_documents_of_cases_they_may_not_see(window: Person, person: Persons, simple_case: str) -> None:
    issued(window, simple_case)
    page = person("d21").get("/documents")
    assert page.status == 200 and numbers(page) == [] and "还没有您能看的文书" in page.words
    assert "荔政督" not in person("d21").get("/documents/export.csv").source
    assert numbers(person("coordinator").get("/documents")) == ["荔政督〔2026〕1号"]


def test_the_register_is_exported_as_it_is_filtered(window: Person, simple_case: str) -> None:
    issued(window, simple_case)
    issued(window, simple_case, NOTICE)
    lines = window.get("/documents/export.csv?q=督办").source.splitlines()
    assert lines[0].startswith("\ufeff文号,文书") and len(lines) == 2
    assert lines[1].startswith("荔政督〔2026〕1号,督办单,supervision_order,") and "张示例" not in lines[1]


def test_the_register_can_be_reached_and_says_what_to_do_when_it_is_empty(window: Person) -> None:
    assert window.get("/registers").find("//main//a[@href='/documents']") and window.get("/").find("//header//a[@href='/documents']")
    assert "去工单" in window.get("/documents").words and "清除条件" in window.get("/documents?q=x").words


def test_the_register_is_english_for_english_readers(window: Person, simple_case: str) -> None:
    issued(window, simple_case, NOTICE)
    window.post("/language", {"language": "en"})
    page = window.get("/documents")
    assert "Register of documents" in page.words and "In force, can be verified" in page.words and "Notice of acceptance" in page.words
