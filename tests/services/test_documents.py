"""Documents of a case: numbered without gaps, printed with the applicant's name, kept without it, taken back but never gone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from engine.clock import as_local
from engine.db.file_tables import Document
from engine.errors import Conflict, InvalidInput, NotFound, StorageFailed
from engine.services import documents
from engine.services.context import OperationContext, TemplateVersion
from engine.services.files import FileStore
from tests.services.conftest import SECRETS, World

NOTICE = """+++
title = "受理通知书"
title_en = "Notice of acceptance"
prefix = "荔政办受"
audience = "applicant"
[variables]
"说明" = "另外要说的话"
"部门" = "去哪里办"
+++
**{申请人}**:

您反映的“{事项}”(工单{工单号})已于{日期}受理,由{首接责任人}负责。{说明}请联系{部门}。
""".encode()
VALUES = {"说明": "请保持电话畅通。", "部门": "D01"}


@pytest.fixture
def context(world: World, tmp_path: Path) -> OperationContext:
    files = FileStore(tmp_path / "files", SECRETS)
    return world.context(files=files, template=lambda key: TemplateVersion(7, NOTICE))


def issued(context: OperationContext, **values: Any) -> Document:
    return documents.issue(context, "acceptance_notice", {**VALUES, **values})


def printed(context: OperationContext, document: Document) -> str:
    assert context.files is not None and document.address is not None
    pages = PdfReader(io.BytesIO(context.files.get(document.address))).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_the_printed_document_names_the_applicant_and_the_kept_text_does_not(context: OperationContext) -> None:
    document = issued(context)
    assert "示例·何女士" in printed(context, document)
    assert "何女士" not in str(documents.text_of(SECRETS, document))


def test_nothing_of_it_lies_in_clear_in_the_row(context: OperationContext) -> None:
    assert "请保持电话畅通".encode() not in issued(context).content


def test_numbers_follow_each_other_within_a_year_and_a_kind(context: OperationContext) -> None:
    assert [issued(context).number for _ in range(3)] == [f"荔政办受〔2026〕{number}号" for number in (1, 2, 3)]
    assert documents.next_number(context.session, "荔政办受", as_local("2027-01-04T09:00")) == "荔政办受〔2027〕1号"
    assert documents.next_number(context.session, "荔政督", context.now) == "荔政督〔2026〕1号"


def test_a_refused_document_uses_no_number(world: World, context: OperationContext) -> None:
    with pytest.raises(InvalidInput), world.session.begin_nested():
        documents.issue(context, "acceptance_notice", {})
    assert issued(context).number.endswith("〔2026〕1号")


def test_a_department_is_named_not_coded(context: OperationContext) -> None:
    assert "D01" not in printed(context, issued(context))


def test_issuing_leaves_evidence_with_the_digest_of_the_file(world: World, context: OperationContext) -> None:
    document = issued(context)
    assert context.files is not None and document.address is not None
    assert document.digest == documents.content_digest(context.files.get(document.address))
    assert "document:issue" in world.events()


def test_a_document_is_found_by_its_number_however_it_is_typed(context: OperationContext) -> None:
    document = issued(context)
    assert documents.find(context.session, " 荔政办受[2026] 1号 ") is document
    assert documents.find(context.session, "荔政办受〔2026〕2号") is None


def test_the_check_code_on_the_paper_is_of_this_number_and_text(context: OperationContext) -> None:
    first, second = issued(context), issued(context)
    assert documents.code_of(SECRETS, first) in printed(context, first)
    assert documents.code_of(SECRETS, first) != documents.code_of(SECRETS, second)


def test_a_draft_takes_no_number_and_keeps_nothing(world: World, context: OperationContext) -> None:
    draft = documents.drafted(context, "acceptance_notice", VALUES)
    assert "×号" in draft.sheet.number
    assert world.rows(Document) == []
    assert issued(context).number.endswith("〔2026〕1号")


def test_a_document_that_was_taken_back_keeps_its_number_and_its_file(world: World, context: OperationContext) -> None:
    document = issued(context)
    documents.void(context, document, "写错了事项")
    assert document.state == "void"
    assert "受理通知书" in printed(context, document)
    assert issued(context).number.endswith("2号")
    assert "document:void" in world.events()
    with pytest.raises(Conflict):
        documents.void(context, document, "再来一次")


def test_taking_back_needs_a_reason(context: OperationContext) -> None:
    with pytest.raises(InvalidInput):
        documents.void(context, issued(context), "")


def test_a_template_that_is_not_deployed_is_named(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="reply_letter"):
        documents.issue(world.context(files=FileStore(tmp_path, SECRETS)), "reply_letter", {})


def test_without_a_folder_nothing_is_issued(world: World) -> None:
    with pytest.raises(StorageFailed):
        documents.issue(world.context(template=lambda key: TemplateVersion(7, NOTICE)), "acceptance_notice", VALUES)


def test_a_full_disk_issues_nothing(world: World, context: OperationContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_store: FileStore, _content: bytes) -> str:
        raise StorageFailed("the disk is full")

    with monkeypatch.context() as patched, pytest.raises(StorageFailed), world.session.begin_nested():
        patched.setattr(FileStore, "put", full)
        issued(context)
    assert world.rows(Document) == []
    assert issued(context).number.endswith("〔2026〕1号")
