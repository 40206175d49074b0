"""Materials: what is missing, one complete notice, and what is asked for later on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import vocabulary
from engine.db.case_tables import CaseEntry, Material, Matter
from engine.db.file_tables import Attachment, Document
from engine.errors import InvalidInput, NotFound
from engine.services.context import OperationContext, TemplateVersion
from engine.services.files import FileStore
from tests.conftest import PROJECT
from tests.services.conftest import MONDAY, SECRETS, World

TEMPLATE = (PROJECT / "processes" / "documents" / "one_time_notice.md").read_bytes()


@pytest.fixture
def context(world: World, tmp_path: Path) -> OperationContext:
    world.session.add(Matter(code="M06", name="建筑工程施工许可", promise_days=5))
    world.session.flush()
    for position, (name, kind, source) in enumerate(
        (
            ("施工许可申请表", "核心", "申请人"),
            ("用地批准手续", "核心", "共享"),
            ("监理合同备案证明", "可容缺", "申请人"),
            ("营业执照", "核心", "电子证照"),
        )
    ):
        row = Material(id=f"M06-0{position + 1}", matter_code="M06", name=name, material_class=kind, source=source, position=position)
        row.share_department, row.licence = ("D07" if source == "共享" else None), ("营业执照" if source == "电子证照" else None)
        world.session.add(row)
    world.session.flush()
    return world.context(files=FileStore(tmp_path / "files", SECRETS), template=lambda key: TemplateVersion(3, TEMPLATE))


def call(context: OperationContext, name: str, **inputs: Any) -> dict[str, Any]:
    result = dict(vocabulary.call(context, name, inputs))
    context.session.flush()
    return result


def attach(world: World, material: str, **changes: Any) -> None:
    row = {"name": b"n", "address": "a" * 64, "digest": "d" * 64, "media_type": "application/pdf", "size": 1, "uploaded_by": "applicant"}
    world.session.add(Attachment(case_no=world.case.no, material=material, uploaded_at=MONDAY, **{**row, **changes}))
    world.session.flush()


def test_everything_that_is_not_there_is_a_gap_in_the_order_of_the_list(context: OperationContext) -> None:
    found = call(context, "materials-check", matter="M06", provided=["M06-01"])
    assert [gap["id"] for gap in found["gaps"]] == ["M06-02", "M06-03", "M06-04"]
    assert not found["complete"]
    shared, tolerable, licence = found["gaps"]
    assert (shared["shared"], shared["share_department"]) == (True, "D07")
    assert (tolerable["class"], tolerable["promise_days"]) == ("可容缺", 5)
    assert (licence["licence"], licence["licence_name"]) == (True, "营业执照")


def test_an_attachment_fills_its_gap_until_it_is_removed(world: World, context: OperationContext) -> None:
    attach(world, "M06-01")
    attach(world, "M06-03", removed_at=MONDAY)
    assert [gap["id"] for gap in call(context, "materials-check", matter="M06")["gaps"]] == ["M06-02", "M06-03", "M06-04"]


def test_nothing_is_missing_where_no_matter_is_known(context: OperationContext) -> None:
    assert call(context, "materials-check", matter=None) == {"gaps": [], "complete": True}


def test_an_unknown_matter_is_named(context: OperationContext) -> None:
    with pytest.raises(NotFound, match="M99"):
        call(context, "materials-check", matter="M99")


def test_a_number_that_is_not_on_the_list_counts_for_nothing_and_stops_nobody(context: OperationContext) -> None:
    found = call(context, "materials-check", matter="M06", provided=["M06-01", "M06-99", "M12-01"])
    assert found["gaps"] == call(context, "materials-check", matter="M06", provided=["M06-01"])["gaps"]


def handled(*names: str, handling: str = "一次性告知补正") -> list[dict[str, str | None]]:
    return [{"id": "x", "name": name, "handling": handling, "limit": "15个工作日"} for name in names]


def test_one_notice_tells_everything(world: World, context: OperationContext) -> None:
    result = call(context, "materials-notice", handled=handled("监理合同备案证明", "施工许可申请表"), supply_by="2026-12-14")
    assert result == {"notice_no": "荔政办告〔2026〕1号", "asked_later": []}
    assert [row.template for row in world.rows(Document)] == ["one_time_notice"]
    assert [row.kind for row in world.rows(CaseEntry)] == ["一次性告知"]


def test_what_was_not_in_the_notice_and_is_asked_later_is_on_record(world: World, context: OperationContext) -> None:
    call(context, "materials-notice", handled=handled("监理合同备案证明"))
    result = call(context, "materials-notice", handled=handled("监理合同备案证明", "爱人无房证明"))
    assert result["asked_later"] == ["爱人无房证明"]
    later = [row for row in world.rows(CaseEntry) if row.kind == "告知后另要材料"]
    assert [row.facts["materials"] for row in later] == [["爱人无房证明"]]


def test_what_was_exempt_before_and_is_asked_now_was_told(context: OperationContext) -> None:
    call(context, "materials-notice", handled=handled("用地批准手续", handling="免提交(数据共享核验)"))
    assert call(context, "materials-notice", handled=handled("用地批准手续"))["asked_later"] == []


@pytest.mark.parametrize("rows", [[], [{"id": "x"}], [{"name": "", "handling": "补正"}], [{"name": "a", "handling": 3}]])
def test_a_notice_about_nothing_is_refused(context: OperationContext, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput):
        call(context, "materials-notice", handled=rows)


def test_a_material_counts_on_the_days_it_is_valid(world: World, context: OperationContext) -> None:
    world.session.get_one(Material, "M06-01").valid_to = MONDAY.date().replace(day=1)
    world.session.flush()
    assert "M06-01" not in [gap["id"] for gap in call(context, "materials-check", matter="M06")["gaps"]]
