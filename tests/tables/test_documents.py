"""The templates of documents as analysts deliver them: each is read, filled with all and with only the needed values, and printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.services.document_templates import APPLICANT, BUILT_IN, read
from engine.services.document_texts import filled, revealed
from engine.services.printing import Sheet, print_document
from tests.conftest import PROJECT

TEMPLATES = sorted(path for path in (PROJECT / "processes" / "documents").glob("*.md") if path.stem != "README")
KNOWN = {word: f"示例{word}" for word in BUILT_IN}
#: What the window must be able to issue (告知、引荐、容缺、承诺、督办、会议、答复、通报).
NEEDED = {
    "acceptance_notice", "refusal_notice", "referral_slip", "tolerance_commitment", "tolerance_notice", "one_time_notice",
    "supervision_order", "meeting_minutes", "reply_letter", "monthly_circular",
}  # fmt: skip


def test_every_document_that_the_window_needs_has_a_template() -> None:
    assert {path.stem for path in TEMPLATES} >= NEEDED


def test_no_two_templates_share_a_number() -> None:
    prefixes = [read(path.read_bytes()).prefix for path in TEMPLATES]
    assert len(prefixes) == len(set(prefixes))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_is_filled_and_printed(path: Path) -> None:
    template = read(path.read_bytes())
    rows = [{"材料": "监理合同备案证明", "处理": "容缺受理"}]
    full = {name: rows if name in ("清单", "部门情况") else f"示例{name}。" for name in template.variables}
    for values in (full, {name: value for name, value in full.items() if name not in template.optional}):
        blocks = revealed(filled(template, path.stem, KNOWN, values), "示例·何女士")
        assert not any("{" in span.text for block in blocks for row in block.rows for cell in row for span in cell)
        printed = print_document(Sheet(template.title, f"{template.prefix}〔2026〕1号", "示例窗口", "2026年11月23日", "校验码"), blocks)
        assert printed.missing == ()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_names_the_applicant_only_where_the_applicant_gets_it(path: Path) -> None:
    template = read(path.read_bytes())
    assert (APPLICANT in template.placeholders) <= (template.audience == "applicant")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_variable_that_is_declared_is_used(path: Path) -> None:
    template = read(path.read_bytes())
    assert set(template.variables) <= template.placeholders


def test_a_refusal_says_basis_explanation_remedy_and_where_to_go() -> None:
    refusal = read((PROJECT / "processes" / "documents" / "refusal_notice.md").read_bytes())
    assert {"依据", "说明", "救济", "去向"} <= refusal.placeholders
