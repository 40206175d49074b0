"""Documents on paper: whole, selectable, numbered pages, rare names and missing signs."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from engine.services import printing
from engine.services.document_templates import Block, Span
from engine.services.printing import Printed, Sheet, print_document

SHEET = Sheet("不予受理告知书", "荔政办拒〔2026〕7号", "荔湾区政务服务中心", "2026年11月23日", "校验码 0123456789abcdef")


def paragraph(text: str) -> Block:
    return Block("paragraph", (((Span(text),),),))


def read(printed: Printed) -> str:
    pages = PdfReader(io.BytesIO(printed.content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def test_title_number_text_issuer_and_day_can_be_selected() -> None:
    text = read(print_document(SHEET, [paragraph("经研判,您反映的事项不属于本窗口受理范围。")]))
    for part in (
        "不予受理告知书",
        "荔政办拒〔2026〕7号",
        "不属于本窗口受理范围",
        "荔湾区政务服务中心",
        "2026年11月23日",
        "校验码0123456789abcdef",
    ):
        assert part in text.replace(" ", "")


def test_its_fonts_are_embedded_as_far_as_used() -> None:
    printed = print_document(SHEET, [paragraph("张㛃䶮")])
    fonts = [font.get_object() for page in PdfReader(io.BytesIO(printed.content)).pages for font in page["/Resources"]["/Font"].values()]
    used = [font for font in fonts if font["/BaseFont"] != "/Helvetica"]
    assert used and all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)
    assert len(printed.content) < 60_000


def test_rare_names_can_be_copied_beyond_the_basic_plane() -> None:
    assert "张\U0002cc56㛃" in read(print_document(SHEET, [paragraph("张\U0002cc56㛃")]))


def test_a_sign_that_the_font_lacks_is_shown_by_its_number() -> None:
    printed = print_document(SHEET, [paragraph("𠮷野家 😀️")])
    assert printed.missing == ("😀", "𠮷")
    assert "〔U+20BB7〕野家〔U+1F600〕" in read(printed).replace(" ", "")


def test_markup_in_a_text_is_printed_as_it_stands() -> None:
    hostile = '<b>粗</b> <img src="file:///etc/passwd"/> &lt; <a href="javascript:x">'
    assert hostile.replace(" ", "") in read(print_document(SHEET, [paragraph(hostile)])).replace(" ", "")


def test_ten_thousand_characters_go_over_many_pages_with_their_numbers() -> None:
    printed = print_document(SHEET, [paragraph("政务服务" * 2_500)])
    assert printed.pages > 15
    assert f"— {printed.pages} —" in read(printed)
    assert read(printed).count("政务服务") >= 2_400


@pytest.mark.parametrize("length", [1, 300, 10_000])
def test_a_table_cell_of_any_length_is_printed_whole(length: int) -> None:
    head, row = ((Span("材料"),), (Span("说明"),)), ((Span("合同"),), (Span("长" * length),))
    printed = print_document(SHEET, [Block("table", (head, row, row))])
    assert read(printed).count("长") == 2 * length


def test_every_kind_of_block_is_printed() -> None:
    blocks = [
        Block("heading", (((Span("一、事由"),),),), 2),
        Block("bullets", (((Span("甲"),),), ((Span("乙", is_bold=True),),))),
        Block("numbers", (((Span("丙"),),),)),
        Block("line", (), 0),
        Block("table", (((Span("列"),), (Span("值"),)), ((Span("丁"),),))),
    ]
    text = read(print_document(SHEET, blocks))
    for part in ("一、事由", "甲", "乙", "1.", "丙", "丁"):
        assert part in text


def test_the_same_document_prints_to_the_same_bytes() -> None:
    assert print_document(SHEET, [paragraph("一")]).content == print_document(SHEET, [paragraph("一")]).content


def test_selectors_of_variants_are_no_signs() -> None:
    missing: set[str] = set()
    assert printing.printable("龍\ufe00️\U000e0100", missing) == "龍"
    assert not missing
