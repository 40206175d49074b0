"""Templates of documents as files: drafted, checked, deployed as versions, read from the folder that they lie in."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.assembly import Engine
from engine.commands import change_sets, deployments
from engine.draft_files import blank
from engine.errors import InvalidDefinition, InvalidInput
from engine.queries import change_sets as shown
from engine.queries import documents
from tests.commands.conftest import ADMIN
from tests.commands.test_change_sets import ANALYST

FILE = "processes/documents/visit_notice.md"
GOOD = '+++\ntitle = "上门告知书"\ntitle_en = "Notice of a visit"\nprefix = "荔政办访"\n+++\n关于“{事项}”。\n'.encode()
BROKEN = GOOD.replace("事项".encode(), "身份证号".encode())


def test_a_template_is_drafted_and_deployed_as_a_version(engine: Engine) -> None:
    change_set = change_sets.create_change_set(engine, ANALYST, "上门", "新增文书")
    draft = change_sets.add_draft(engine, ANALYST, change_set, FILE, GOOD)
    assert shown.draft(engine, draft).kind == "document"
    result = change_sets.submit(engine, ANALYST, change_set, {})
    assert [(one.kind, one.key, one.version) for one in result.deployed] == [("document", "visit_notice", 1)]


def test_a_template_in_force_can_be_issued_by_hand(engine: Engine) -> None:
    deployments.install(engine, ADMIN, {FILE: GOOD}, "documents")
    assert [one.title for one in documents.templates(engine, ADMIN)] == ["上门告知书"]


def test_the_same_bytes_are_no_new_version(engine: Engine) -> None:
    deployments.install(engine, ADMIN, {FILE: GOOD}, "documents")
    assert deployments.install(engine, ADMIN, {FILE: GOOD}, "documents").deployed == ()


def test_a_template_that_asks_for_personal_data_is_refused_with_its_line(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as refusal:
        deployments.install(engine, ADMIN, {FILE: BROKEN}, "documents")
    (finding,) = refusal.value.findings
    assert (finding.file, finding.line, finding.code) == (FILE, 6, "document-personal")


@pytest.mark.parametrize("name", ["processes/documents/README.md", "processes/visit.md", "forms/visit.md", "processes/documents/../a.md"])
def test_other_texts_in_markdown_are_no_templates(engine: Engine, name: str) -> None:
    change_set = change_sets.create_change_set(engine, ANALYST, "上门", "新增文书")
    with pytest.raises(InvalidInput):
        change_sets.add_draft(engine, ANALYST, change_set, name, GOOD)


def test_a_folder_gives_its_templates_and_no_text_about_itself(tmp_path: Path) -> None:
    folder = tmp_path / "processes" / "documents"
    folder.mkdir(parents=True)
    for name in ("visit_notice.md", "README.md"):
        (folder / name).write_bytes(GOOD)
    (tmp_path / "processes" / "notes.md").write_bytes(GOOD)
    assert list(deployments.read_folders(tmp_path / "processes")) == [FILE]


def test_a_new_template_can_be_deployed_as_it_is(engine: Engine) -> None:
    file, content = blank("document", "visit_notice", "上门告知书")
    assert file == FILE
    assert deployments.install(engine, ADMIN, {file: content}, "documents").deployed[0].kind == "document"
