"""What is wrong in a data file is said in the language of whoever mends it."""

from __future__ import annotations

import re

import pytest

from engine.errors import InvalidDefinition
from engine.services import reference
from engine.services.csv_tables import Findings, read_file
from engine.services.csv_words import CHINESE, in_chinese
from tests.conftest import PROJECT

FILES = reference.files_in(PROJECT / "processes" / "reference")
HEADER = FILES["experts.csv"].splitlines(keepends=True)[0]
ROOM = ("services/csv_tables.py", "services/reference_checks.py", "services/kind_files.py")


def test_every_finding_of_a_data_file_has_chinese_words() -> None:
    sources = [(PROJECT / "engine" / name).read_text("utf-8") for name in ROOM]
    named = {code for source in sources for code in re.findall(r'"([a-z-]+)",\s*(?:message|f?"Expected)', source)}
    assert len(named) > 12 and named <= CHINESE.keys()
    assert all(message and remedy for message, remedy in (in_chinese(code, "c", "v", "e") for code in CHINESE))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "不是 UTF-8 编码"),
        (b"nothing\n1\n", "没有“nothing”这一列"),
        (HEADER + b"X01\n", "个单元格"),
        (HEADER.replace(b"\n", b",more\n"), "没有“more”这一列"),
        (b'id,"', "不是合格的 CSV"),
    ],
)
def test_a_broken_table_is_explained_in_chinese(content: bytes, words: str) -> None:
    findings = Findings(language="zh")
    read_file(content, reference.SHAPES["experts.csv"], findings)
    told = " ".join(one.message + one.remedy for one in findings.items)
    assert words in told and "Expected" not in told


def test_a_code_that_no_file_holds_is_explained_in_chinese_and_in_english() -> None:
    broken = {**FILES, "responsibilities.csv": FILES["responsibilities.csv"].replace(b"\nM01,", b"\nM99,", 1)}
    with pytest.raises(InvalidDefinition) as chinese:
        reference.read(broken, "zh")
    with pytest.raises(InvalidDefinition) as english:
        reference.read(broken)
    assert [one.code for one in chinese.value.findings] == [one.code for one in english.value.findings]
    assert "代码“M99”不存在" in chinese.value.findings[0].message and "Expected" in english.value.findings[0].message
