"""Reference data: loaded whole or not at all, with every fault named by file, line and column."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.db.case_tables import CalendarDay, Department, Expert, Material, Matter, NegativeItem, NoticeTemplate, Responsibility
from engine.db.tables import CandidateGroup
from engine.errors import Finding, InvalidDefinition
from engine.services import reference

from .conftest import MONDAY, World

SHIPPED = Path(__file__).resolve().parents[2] / "processes"

TODAY = MONDAY.date()
FILES = {
    "departments.csv": "code,abbr,name,name_en,core12,share_items,uscc\n"
    "D01,SC,市场监督管理局,AMR,true,登记信息;股东信息,11440103DEMG00019G\n"
    "D05,MZ,民政局,CA,false,,11440103DEMG00051U\n",
    "liaisons.csv": "department,role,name\nD01,A,周敏\nD01,B,陈立\nD05,A,谢峰\nD05,B,邓洁\n",
    "matters.csv": "code,name,name_en,tags,promise_wd\nM01,企业开办,Starting,高频;一件事,1\nM12,低保,Allowance,,20\n",
    "materials.csv": "id,matter,name,class,source,share_department,share_item,commit_ok,risk\n"
    "M01-01,M01,章程,核心,申请人,,,false,false\n"
    'M01-02,M01,"证明,原件",可容缺,共享,D01,股东信息,true,false\n',
    "responsibilities.csv": "matter,department,role,basis,one_thing\n"
    "M01,D01,牵头,权责清单,true\nM01,D05,协办,权责清单,false\nM12,D05,牵头,权责清单,false\n",
    "negative_list.csv": "code,name,name_en,definition,notice,refer_to,example,source\nN01,不予办理,No,禁止的事项,出具告知书,,,\n",
    "experts.csv": "id,name,type,type_en,domains,mode\nX01,示例·顾律师,律师,Lawyer,合同;法律,驻点\n",
    "calendar.csv": "date,type,source,confirmed\n2027-01-01,法定,推算,false\n2027-01-02,调休上班,推算,false\n",
    "messages.csv": 'id,event,text,audience,critical\nMSG-01,登记成功,"工单{工单号},请查询{短链}。",申请人,true\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    content = (folder / name).read_text("utf-8")
    assert old in content
    (folder / name).write_text(content.replace(old, new, 1), encoding="utf-8")


def findings(world: World, folder: Path) -> list[Finding]:
    before = _everything(world)
    with pytest.raises(InvalidDefinition) as refused:
        reference.load(world.session, reference.files_in(folder), TODAY)
    assert _everything(world) == before
    return list(refused.value.findings)


def _everything(world: World) -> list[int]:
    return [
        len(world.rows(table))
        for table in (Department, Matter, Material, Responsibility, NegativeItem, Expert, NoticeTemplate, CalendarDay)
    ]


def test_the_shipped_reference_data_loads(world: World) -> None:
    counts = reference.load(world.session, reference.files_in(SHIPPED / "reference"), TODAY)
    assert {name: counts[name] for name in ("departments", "matters", "negative_list", "experts")} == {
        "departments": 21,
        "matters": 26,
        "negative_list": 12,
        "experts": 8,
    }
    assert counts["messages"] == len(world.rows(NoticeTemplate))


def test_every_table_has_what_the_files_say(world: World, folder: Path) -> None:
    reference.load(world.session, reference.files_in(folder), TODAY)
    department = world.session.get_one(Department, "D01")
    assert (department.name, department.share_items, department.liaison_b) == ("市场监督管理局", ["登记信息", "股东信息"], "陈立")
    shared = next(row for row in world.rows(Material) if row.name == "证明,原件")
    assert (shared.id, shared.source, shared.share_department, shared.share_item) == ("M01-02", "共享", "D01", "股东信息")
    assert (shared.material_class, shared.is_commitment_allowed) == ("可容缺", True)
    lead = next(row for row in world.rows(Responsibility) if (row.matter_code, row.role) == ("M01", "牵头"))
    assert "一件事" in lead.basis
    assert world.session.get_one(CandidateGroup, "D05").kind == "department"
    assert world.session.get_one(Matter, "M01").tags == ["高频", "一件事"]


def test_loading_again_changes_nothing_and_a_changed_row_is_taken(world: World, folder: Path) -> None:
    reference.load(world.session, reference.files_in(folder), TODAY)
    before = _everything(world)
    rewrite(folder, "matters.csv", "低保", "最低生活保障")
    reference.load(world.session, reference.files_in(folder), TODAY)
    assert _everything(world) == before
    assert world.session.get_one(Matter, "M12").name == "最低生活保障"


def test_a_row_that_left_the_file_leaves_the_table_unless_a_case_needs_it(world: World, folder: Path) -> None:
    reference.load(world.session, reference.files_in(folder), TODAY)
    rewrite(folder, "matters.csv", "M01,企业开办,Starting,高频;一件事,1\nM12,低保,Allowance,,20\n", "M13,证明,Proof,,3\n")
    rewrite(folder, "materials.csv", FILES["materials.csv"].split("\n", 1)[1], "")
    (folder / "responsibilities.csv").write_text("matter,department,role,basis,one_thing\nM13,D01,牵头,权责清单,false\n", "utf-8")
    (folder / "experts.csv").write_text("id,name,type,type_en,domains,mode\n", "utf-8")
    reference.load(world.session, reference.files_in(folder), TODAY)
    assert [row.code for row in world.rows(Matter)] == ["M01", "M13"]  # the case of this test is about M01
    assert world.rows(Material) == [] and world.rows(Expert) == []


def test_a_department_that_left_the_file_leaves_unless_somebody_belongs_to_it(world: World, folder: Path) -> None:
    reference.load(world.session, reference.files_in(folder), TODAY)
    assert {row.code for row in world.rows(Department)} == {"D01", "D05"}  # D02 and D03 of the arrangement had nobody


def test_a_file_saved_by_a_spreadsheet_with_a_mark_at_its_start_loads(world: World, folder: Path) -> None:
    (folder / "experts.csv").write_text(FILES["experts.csv"].replace("\n", "\r\n"), encoding="utf-8-sig")
    assert reference.load(world.session, reference.files_in(folder), TODAY)["experts"] == 1


def test_a_confirmed_day_replaces_the_provisional_one(world: World, folder: Path) -> None:
    rewrite(folder, "calendar.csv", "2027-01-02,调休上班,推算,false\n", "2027-01-01,工作,国务院通知,true\n")
    reference.load(world.session, reference.files_in(folder), TODAY)
    assert [(row.day, row.type, row.is_confirmed) for row in world.rows(CalendarDay)] == [(date(2027, 1, 1), "工作", True)]
    (folder / "calendar.csv").write_text(FILES["calendar.csv"], "utf-8")
    reference.load(world.session, reference.files_in(folder), TODAY)
    assert world.session.get_one(CalendarDay, date(2027, 1, 1)).type == "工作"


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "column", "code"),
    [
        ("departments.csv", "D01,SC", "X1,SC", 2, "code", "value"),
        ("departments.csv", "市场监督管理局", "", 2, "name", "empty"),
        ("departments.csv", "true", "yes", 2, "core12", "value"),
        ("departments.csv", "11440103DEMG00019G", "11440103DEMG00019A", 2, "uscc", "value"),
        ("departments.csv", "D05,MZ", "D01,MZ", 3, "code", "duplicate"),
        ("departments.csv", "code,abbr", "code,short", 1, "abbr", "missing-column"),
        ("departments.csv", "code,abbr", "code,short", 1, "short", "unknown-column"),
        ("departments.csv", "code,abbr,name,", "code,abbr,name,name,", 1, "name", "duplicate-column"),
        ("departments.csv", "D05,MZ,民政局", "D05,MZ,民政局,多", 3, None, "cells"),
        ("departments.csv", "民政局", '"民政局', 3, None, "csv"),
        ("departments.csv", "民政局", "民政\x00局", 3, "name", "nul"),
        ("liaisons.csv", "D05,B,邓洁\n", "", 3, "code", "liaison"),
        ("liaisons.csv", "D05,B", "D99,B", 5, "department", "unknown-code"),
        ("liaisons.csv", "D05,B", "D05,C", 5, "role", "value"),
        ("matters.csv", "M01,企业开办,Starting,高频;一件事,1", "M01,企业开办,Starting,高频;一件事,-1", 2, "promise_wd", "value"),
        ("materials.csv", "M01-01,M01", "M01-01,M77", 2, "matter", "unknown-code"),
        ("materials.csv", "M01-02,M01", "M01-01,M01", 3, "id", "duplicate"),
        ("materials.csv", "股东信息", "户籍", 3, "share_item", "share-item"),
        ("materials.csv", "共享,D01", "共享,D77", 3, "share_department", "unknown-code"),
        ("materials.csv", "申请人,,", "申请人,D01,", 2, "share_item", "share-item"),
        ("materials.csv", "核心", "重要", 2, "class", "value"),
        ("responsibilities.csv", "M12,D05,牵头", "M12,D05,协办", 3, "code", "lead"),
        ("responsibilities.csv", "M01,D05,协办", "M01,D05,牵头", 2, "code", "lead"),
        ("responsibilities.csv", "M01,D05,协办,权责清单,false", "M01,D05,协办,权责清单,true", 3, "one_thing", "one-thing"),
        ("responsibilities.csv", "M01,D05,", "M01,D01,", 3, "matter", "duplicate"),
        ("responsibilities.csv", "M01,D05,", "M01,D66,", 3, "department", "unknown-code"),
        ("negative_list.csv", "N01", "A01", 2, "code", "value"),
        ("experts.csv", "X01", "1", 2, "id", "value"),
        ("calendar.csv", "2027-01-01", "2027-13-01", 2, "date", "value"),
        ("calendar.csv", "法定", "假日", 2, "type", "value"),
        ("calendar.csv", "2027-01-02", "2027-01-01", 3, "date", "duplicate"),
        ("messages.csv", "{短链}", "{}", 2, "text", "placeholder"),
        ("messages.csv", "{短链}", "{短链", 2, "text", "placeholder"),
        ("messages.csv", "{短链}", "{身份证号}", 2, "text", "personal-data"),
        ("messages.csv", "登记成功", "长" * 81, 2, "event", "value"),
    ],
)
def test_a_faulty_cell_is_named_and_nothing_is_loaded(
    world: World, folder: Path, name: str, old: str, new: str, line: int, column: str | None, code: str
) -> None:
    rewrite(folder, name, old, new)
    found = findings(world, folder)
    place = name if code not in ("liaison", "lead") else {"liaison": "departments.csv", "lead": "matters.csv"}[code]
    assert (place, line, column, code) in [(finding.file, finding.line, finding.element_id, finding.code) for finding in found]
    assert all(finding.message.startswith("Expected") and finding.remedy for finding in found)


def test_all_faults_of_all_files_are_named_at_once(world: World, folder: Path) -> None:
    rewrite(folder, "departments.csv", "D01,SC", "X1,SC")
    rewrite(folder, "experts.csv", "X01", "1")
    (folder / "calendar.csv").unlink()
    assert {(finding.file, finding.code) for finding in findings(world, folder)} == {
        ("departments.csv", "value"),
        ("experts.csv", "value"),
        ("calendar.csv", "unreadable"),
    }


def test_a_file_in_another_encoding_is_refused_with_the_line(world: World, folder: Path) -> None:
    (folder / "experts.csv").write_bytes(FILES["experts.csv"].encode("gb18030"))
    assert [(finding.file, finding.line, finding.code) for finding in findings(world, folder)] == [("experts.csv", 2, "encoding")]


def test_a_huge_file_is_refused_unread(world: World, folder: Path) -> None:
    (folder / "experts.csv").write_bytes(b"x" * 3_000_001)
    assert [finding.code for finding in findings(world, folder)] == ["too-large"]


def test_an_empty_file_lacks_its_columns(world: World, folder: Path) -> None:
    (folder / "experts.csv").write_text("")
    assert {finding.code for finding in findings(world, folder)} == {"missing-column"}


def test_a_folder_that_does_not_exist_is_refused_file_by_file(world: World, tmp_path: Path) -> None:
    assert len(findings(world, tmp_path / "none")) == len(FILES)


def test_the_notice_texts_may_stand_beside_the_folder(world: World, folder: Path, tmp_path: Path) -> None:
    beside = tmp_path / "centre"
    shutil.copytree(folder, beside / "reference", ignore=shutil.ignore_patterns("centre"))
    (beside / "notices").mkdir()
    (beside / "reference" / "messages.csv").rename(beside / "notices" / "messages.csv")
    assert reference.load(world.session, reference.files_in(beside / "reference"), TODAY)["messages"] == 1
