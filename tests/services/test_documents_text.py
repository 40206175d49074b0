"""Templates of documents and their texts: what is refused in a template, what is filled in and how, what stays out."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.services.document_templates import BadTemplate, Block, Span, Template, read
from engine.services.document_texts import dumped, filled, loaded, revealed

HEAD = """+++
title = "一次性告知书"
title_en = "One-time notice"
prefix = "荔政办告"
audience = "applicant"
optional = ["备注"]
[variables]
"清单" = "欠缺的材料"
"期限" = "补正的最后一天"
"备注" = "另外要说的话"
+++
"""
KNOWN = {"事项": "建筑工程施工许可", "文号": "荔政办告〔2026〕1号"}


def template(body: str, head: str = HEAD) -> Template:
    return read((head + body).encode())


def text(blocks: tuple[Block, ...]) -> list[str]:
    return ["|".join("".join(span.text for span in cell) for cell in row) for block in blocks for row in block.rows]


def codes(content: str | bytes) -> list[str]:
    with pytest.raises(BadTemplate) as refusal:
        read(content.encode() if isinstance(content, str) else content)
    return [fault.code for fault in refusal.value.faults]


def test_placeholders_are_filled_from_the_case_and_from_values() -> None:
    found = filled(template("您申请的“{事项}”请于{期限}前补齐。\n"), "notice", KNOWN, {"期限": "2026-12-01"})
    assert text(found) == ["您申请的“建筑工程施工许可”请于2026年12月1日前补齐。"]


def test_a_list_alone_in_a_paragraph_becomes_a_numbered_list() -> None:
    (block,) = filled(template("{清单}\n"), "notice", KNOWN, {"清单": ["合同", "章程"]})
    assert (block.kind, text((block,))) == ("numbers", ["合同", "章程"])


def test_contexts_become_a_table_with_their_keys_as_heads() -> None:
    (block,) = filled(template("{清单}\n"), "notice", KNOWN, {"清单": [{"材料": "合同", "处理": "补正"}, {"材料": "章程", "备注": 3.0}]})
    assert (block.kind, text((block,))) == ("table", ["材料|处理|备注", "合同|补正|", "章程||3"])


def test_a_list_inside_a_sentence_is_written_with_marks() -> None:
    assert text(filled(template("尚缺{清单}。\n"), "notice", KNOWN, {"清单": ["合同", "章程"]})) == ["尚缺合同、章程。"]


def test_an_optional_value_that_is_missing_takes_its_paragraph_along() -> None:
    assert text(filled(template("一\n\n备注:{备注}\n\n- {备注}\n- 二\n"), "notice", KNOWN, {})) == ["一", "二"]


def test_a_heading_goes_with_what_stood_below_it() -> None:
    assert text(filled(template("## 一\n\n{备注}\n\n## 二\n\n正文\n"), "notice", KNOWN, {})) == ["二", "正文"]


@pytest.mark.parametrize(
    "hostile", ["<b>粗</b>", "**粗**", "| a | b |", "# 标题", "{事项}", "{申请人}", "<img src=x onerror=alert(1)>", "&lt;"]
)
def test_a_value_is_text_and_nothing_else(hostile: str) -> None:
    (block,) = filled(template("说明{期限}完\n"), "notice", KNOWN, {"期限": hostile})
    assert block.kind == "paragraph"
    assert "".join(span.text for span in block.spans) == f"说明{hostile}完"
    assert not any(span.is_bold or span.is_applicant for span in block.spans)


def test_the_applicants_name_is_a_gap_until_it_is_printed() -> None:
    blocks = filled(template("**{申请人}**:\n"), "notice", KNOWN, {})
    assert "示例" not in dumped(blocks).decode()
    assert text(revealed(blocks, "示例·何女士")) == ["示例·何女士:"]


def test_identity_numbers_in_values_are_masked() -> None:
    found = filled(template("{期限}\n"), "notice", KNOWN, {"期限": "身份证440103188501010017"})
    assert "440103188501010017" not in text(found)[0]


def test_a_text_keeps_its_full_stop_but_not_twice() -> None:
    assert text(filled(template("{期限}\n\n结论:{期限}。\n"), "notice", KNOWN, {"期限": "已补齐。"})) == ["已补齐。", "结论:已补齐。"]


def test_what_is_kept_reads_back_the_same() -> None:
    blocks = filled(template("# 一\n\n**甲**{期限}\n\n- 乙\n\n---\n"), "notice", KNOWN, {"期限": "今天"})
    assert loaded(dumped(blocks)) == blocks


def test_a_missing_value_is_named() -> None:
    with pytest.raises(InvalidInput, match="期限"):
        filled(template("{期限}\n"), "notice", KNOWN, {})


def test_an_undeclared_value_is_named() -> None:
    with pytest.raises(InvalidInput, match="原因"):
        filled(template("{期限}\n"), "notice", KNOWN, {"期限": "今天", "原因": "无"})


@pytest.mark.parametrize("value", ["字" * 20_001, ["行"] * 501])
def test_a_value_has_a_bounded_length(value: object) -> None:
    with pytest.raises(InvalidInput, match="at most"):
        filled(template("{期限}\n"), "notice", KNOWN, {"期限": value})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("没有设置的正文", ["document-front-matter"]),
        (b"\xff\xfe", ["document-encoding"]),
        ("+++\ntitle = [\n+++\n正文", ["document-toml"]),
        ("+++\n+++\n正文", ["document-missing"] * 3),
        (HEAD.replace('title = "一次性告知书"', f'title = "{"长" * 61}"') + "正文", ["document-long"]),
        (HEAD.replace('audience = "applicant"', 'audience = "press"') + "正文", ["document-audience"]),
        (HEAD.replace("optional", "optionel") + "正文", ["document-setting"]),
        (HEAD.replace('optional = ["备注"]', 'optional = ["别的"]') + "正文", ["document-optional"]),
        (HEAD, ["document-empty"]),
        (HEAD + "{没有声明}", ["document-placeholder"]),
        (HEAD + "{身份证号}", ["document-personal"]),
        (HEAD + "{ 开着", ["document-braces"]),
        (HEAD + "{}", ["document-braces"]),
        (HEAD.replace('"期限" =', '"事项" =') + "正文", ["document-built-in"]),
        (HEAD.replace('"期限" =', '"住址" =') + "正文", ["document-personal"]),
        (HEAD.replace('audience = "applicant"\n', "") + "{申请人}", ["document-applicant"]),
        (HEAD + "- 一\n  - 二", ["document-nested"]),
    ],
)
def test_a_template_is_refused_with_the_place(content: str | bytes, expected: list[str]) -> None:
    assert codes(content) == expected


def test_html_links_and_pictures_in_a_template_stay_text() -> None:
    (block,) = filled(template("<script>x</script> [a](http://b) ![c](d)\n"), "notice", KNOWN, {})
    assert block.spans == (Span("<script>x</script> [a](http://b) ![c](d)"),)
