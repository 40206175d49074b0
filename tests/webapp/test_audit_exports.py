"""An auditor takes a case file along, and checks it without us: whatever was changed is named."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.cli import main
from engine.commands.evidence import seal_evidence
from engine.db.case_tables import Case, CaseEntry
from engine.db.tables import Evidence
from engine.desk import at_desk
from engine.queries.evidence import proof_of_record
from engine.services import documents, entries
from engine.services.audit_packs import verified
from engine.services.documents import content_digest

from .conftest import Person

Persons = Callable[[str], Person]
CIRCULAR = {"月份": "2026年11月", "总体": "经费使用平稳"}
NO = "JF440103-20261123-0001"
SHEETS = {"file.csv", "ledger.csv", "tasks.csv", "decisions.csv", "documents.csv", "notices.csv"}


@pytest.fixture
def empty_file(engine: Engine, clerk: Actor) -> str:
    """A budget file of which nothing is known yet."""
    with engine.database.transaction() as session:
        now = engine.clock.now()
        about = {"no": NO, "kind": "budget", "org_unit": clerk.org_unit, "region": "440103", "channel": "系统", "title": "经费", "text": ""}
        session.add(Case(**about, received_at=now, effective_at=now, status="待登记", public_token="x" * 30, tried=[], facts={}))
    return NO


@pytest.fixture
def budget_file(engine: Engine, empty_file: str) -> str:
    """The same with figures, a line in the ledger and a document."""
    with engine.database.transaction() as session:
        case = session.get_one(Case, empty_file)
        case.facts = {"solved_rate": 0.9}
        desk = at_desk(engine, session, SYSTEM, case)
        entries.add(desk, "经费评估", {"score": 88, "advice": "维持"})
        documents.issue(desk, "monthly_circular", CIRCULAR)
    return empty_file


def test_an_export_holds_everything_and_is_checked_without_the_installation(
    person: Persons, engine: Engine, budget_file: str, tmp_path: Path
) -> None:
    seal_evidence(engine)
    content = _exported(person("auditor"), budget_file)
    files = _files(content)
    assert SHEETS | {"README.txt", "manifest.json", "manifest.sig", "evidence.json", "ledger.json"} <= set(files)
    assert "经费评估" in files["ledger.csv"].decode() and [name for name in files if name.startswith("documents/")]
    found = _checked(content, tmp_path, engine.secrets.key_id)
    assert found.exit_code == 0, found.output
    assert NO in found.stdout and "1 seals; 0 events are not sealed yet" in found.stdout


def test_the_key_to_compare_stands_on_the_page_of_the_evidence(person: Persons, engine: Engine) -> None:
    assert engine.secrets.key_id in person("auditor").get("/evidence").words


def test_taking_a_file_along_is_recorded_and_the_pack_is_known_again(person: Persons, engine: Engine, budget_file: str) -> None:
    content = _exported(person("admin"), budget_file)
    proof = proof_of_record(engine, budget_file, content_digest(content))
    assert proof is not None and (proof.event, proof.is_whole) == ("case:export", True)


def test_a_case_of_a_citizen_goes_along_without_the_citizen(person: Persons, simple_case: str) -> None:
    files = _files(_exported(person("auditor"), simple_case))
    everything = b"".join(files.values()).decode(errors="replace")
    assert simple_case in everything and "DT01" in files["decisions.csv"].decode() and "张示例" not in everything
    assert "监理合同备案证明" not in everything and "施工许可" in files["file.csv"].decode()
    assert "13800000000" not in everything and files["tasks.csv"].count(b"\r\n") > 1 and files["notices.csv"].count(b"\r\n") > 1


def test_an_empty_file_says_that_there_is_nothing(person: Persons, empty_file: str) -> None:
    content = _exported(person("auditor"), empty_file)
    files, report = _files(content), verified(content)
    assert all(files[name].count(b"\r\n") == 1 for name in SHEETS - {"file.csv"})
    assert (report.rows, report.seals, report.faults) == (0, 0, ())


def test_the_sheets_are_in_the_readers_language(person: Persons, budget_file: str) -> None:
    auditor = person("auditor")
    auditor.post("/language", {"language": "en"})
    assert "Audit export of Budget" in _files(_exported(auditor, budget_file))["README.txt"].decode()


@pytest.mark.parametrize("account", ["window-a", "window-head", "analyst", "finance-officer"])
def test_other_posts_take_no_case_along(person: Persons, engine: Engine, simple_case: str, account: str) -> None:
    somebody = person(account)
    assert somebody.post(f"/evidence/exports/{simple_case}").status == 403
    assert "审计导出" not in somebody.get("/registers/case").words + somebody.get(f"/cases/{simple_case}").words
    with engine.database.reading() as session:
        assert not session.scalars(select(Evidence).where(Evidence.event == "case:export")).all()


def test_the_finance_officer_takes_budget_files_along(person: Persons, budget_file: str) -> None:
    officer = person("finance-officer")
    address = f"/evidence/exports/{budget_file}"
    assert officer.get("/registers/budget").find(f"//form[@action='{address}']")
    assert officer.get(f"/cases/{budget_file}").find(f"//form[@action='{address}']")
    assert verified(_exported(officer, budget_file)).faults == ()


def test_a_file_that_is_not_there_is_said_to_be_missing(person: Persons) -> None:
    assert person("auditor").post("/evidence/exports/nothing").status == 404


def test_a_row_changed_in_the_database_is_named(person: Persons, engine: Engine, budget_file: str, tmp_path: Path) -> None:
    with engine.database.transaction() as session:
        session.execute(update(Evidence).where(Evidence.chain == budget_file, Evidence.sequence == 1).values(actor="somebody"))
    found = _checked(_exported(person("auditor"), budget_file), tmp_path)
    assert found.exit_code == 1 and f"{budget_file} #1: its content was changed." in found.stderr


def test_a_ledger_line_changed_or_removed_is_named(person: Persons, engine: Engine, budget_file: str) -> None:
    with engine.database.transaction() as session:
        line = session.scalars(select(CaseEntry).where(CaseEntry.case_no == budget_file)).one()
        line.facts = {**line.facts, "score": 99}
    assert verified(_exported(person("auditor"), budget_file)).faults == ("Ledger line 1 (经费评估): it is not what was recorded.",)
    with engine.database.transaction() as session:
        session.delete(session.get_one(CaseEntry, 1))
    assert verified(_exported(person("auditor"), budget_file)).faults == ("Ledger line 1 (经费评估): it was recorded but is missing.",)


def test_what_was_changed_in_the_pack_is_named(person: Persons, budget_file: str) -> None:
    files = _files(_exported(person("auditor"), budget_file))
    paper = next(name for name in files if name.startswith("documents/"))
    assert verified(_zip({**files, "ledger.csv": b"none"})).faults == ("ledger.csv: its content was changed.",)
    assert verified(_zip({name: files[name] for name in files if name != "tasks.csv"})).faults == ("tasks.csv: it is missing.",)
    assert verified(_zip({**files, "more.csv": b""})).faults == ("more.csv: the manifest does not list it.",)
    assert f"{paper}: it is not the document that was issued." in verified(_zip({**files, paper: b"%PDF"})).faults


def test_a_manifest_rewritten_to_fit_has_no_valid_signature(person: Persons, budget_file: str) -> None:
    files = _files(_exported(person("auditor"), budget_file))
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["ledger.csv"] = content_digest(b"none")
    changed = {**files, "ledger.csv": b"none", "manifest.json": json.dumps(manifest).encode()}
    assert verified(_zip(changed)).faults == ("manifest.json: its signature is not valid.",)


def test_a_seal_that_was_made_up_covers_nothing(person: Persons, engine: Engine, budget_file: str) -> None:
    seal_evidence(engine)
    files = _files(_exported(person("auditor"), budget_file))
    chain = json.loads(files["evidence.json"])
    chain["seals"][0]["root"] = "0" * 64
    faults = verified(_zip({**files, "evidence.json": json.dumps(chain).encode()})).faults
    assert any(fault.startswith("Seal 1 ") and "signature" in fault for fault in faults)
    assert f"{budget_file} #1: it is not what seal 1 covers." in faults


def test_another_key_than_the_published_one_is_a_fault(person: Persons, budget_file: str, tmp_path: Path) -> None:
    found = _checked(_exported(person("auditor"), budget_file), tmp_path, "0" * 16)
    assert found.exit_code == 1 and "The key: expected 0000000000000000" in found.stderr


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all"])
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    found = _checked(content, tmp_path)
    assert found.exit_code == 1 and "Expected an audit export of a case file" in found.stderr


def test_a_zip_of_other_things_is_refused_in_words(tmp_path: Path) -> None:
    strange = [{"a.txt": b"hello"}, {"manifest.json": b"[]", "evidence.json": b"{}", "ledger.json": b"[]"}]
    assert all("Expected an audit export" in _checked(_zip(files), tmp_path).stderr for files in strange)


def _exported(somebody: Person, case_no: str) -> bytes:
    answer = somebody.client.post(f"/evidence/exports/{case_no}", data={"csrf_token": somebody.token()})
    assert (answer.status_code, answer.mimetype) == (200, "application/zip"), answer.get_data(as_text=True)[:500]
    assert f"audit-{case_no}.zip" in answer.headers["Content-Disposition"]
    return bytes(answer.data)


def _checked(content: bytes, folder: Path, key: str = "") -> Result:
    file = folder / "export.zip"
    file.write_bytes(content)
    return CliRunner().invoke(main, ["verify-export", str(file), *(["--key", key] if key else [])])


def _files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
