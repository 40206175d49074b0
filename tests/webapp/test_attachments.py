"""Attachments: put to a case, fetched as a download only, refused with a clear word, removed on record; by staff and by the citizen."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from engine.assembly import Engine
from engine.channels import virus_scan
from engine.services.files import FileStore

from .conftest import Answer, Person

Persons = Callable[[str], Person]

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "PNG")
    return target.getvalue()


def upload(person: Person, address: str, content: bytes, name: str = "材料.pdf", **fields: Any) -> Answer:
    data = {"csrf_token": person.token(), "file": (io.BytesIO(content), name), **fields}
    return Answer(person.client.post(address, data=data, content_type="multipart/form-data", headers={"Referer": "http://localhost/"}))


@pytest.fixture
def window(person: Persons) -> Person:
    return person("window-a")


@pytest.fixture
def link(window: Person, simple_case: str) -> str:
    return str(window.get(f"/cases/{simple_case}").find("//p[@class='public-link']/a/@href")[0])


def kept(site: Flask) -> list[Path]:
    engine: Engine = site.extensions["doudi"]
    return [path for path in engine.settings.files_folder.rglob("*") if path.is_file()]


def fetched(person: Person, page: Answer) -> Any:
    (address,) = set(page.find("//a[@download]/@href"))
    return person.client.get(address)


def test_a_file_is_put_to_a_case_and_comes_back_as_a_download(window: Person, simple_case: str) -> None:
    answer = upload(window, f"/cases/{simple_case}/attachments", PDF, "监理合同.pdf")
    assert answer.status == 303 and answer.location.endswith("#attachments")
    page = window.get(f"/cases/{simple_case}")
    assert "监理合同.pdf" in page.words and "未查毒" in page.words
    response = fetched(window, page)
    assert response.data == PDF
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"] and "'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


def test_the_suffix_follows_the_content_not_the_name(window: Person, simple_case: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", picture(), "发票.pdf.exe")
    assert "发票.pdf.png" in window.get(f"/cases/{simple_case}").words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\秘密\\a.pdf", "a.pdf"),
        ("..", "附件.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ("<script>.pdf", "script.pdf"),
    ],
)
def test_a_name_is_only_a_name(window: Person, simple_case: str, site: Flask, name: str, shown: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", PDF, name)
    assert shown in window.get(f"/cases/{simple_case}").words
    assert all(len(path.name) == 64 for path in kept(site))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\0" + b"\0" * 99, "只接收"),
        (b"<html><script>", "只接收"),
        (b"", "空的"),
        (b"%PDF-1.7 half", "损坏"),
        (b"PK\x03\x04zip", "损坏"),
    ],
)
def test_a_hostile_file_is_refused_with_a_clear_word(window: Person, simple_case: str, site: Flask, content: bytes, words: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", content)
    page = window.get(f"/cases/{simple_case}")
    assert words in page.words and not page.find("//a[@download]")
    assert kept(site) == []


def test_a_file_above_the_bound_is_refused(window: Person, simple_case: str, site: Flask) -> None:
    engine: Engine = site.extensions["doudi"]
    site.extensions["doudi"] = replace(engine, settings=replace(engine.settings, attachment_bytes=1000))
    upload(window, f"/cases/{simple_case}/attachments", PDF + b"0" * 1000 + b"%%EOF")
    assert "太大" in window.get(f"/cases/{simple_case}").words


def test_a_hundred_megabytes_are_refused_before_they_are_read(window: Person, simple_case: str) -> None:
    sent = {"CONTENT_LENGTH": str(100_000_000)}
    address, kind = f"/cases/{simple_case}/attachments", "multipart/form-data; boundary=x"
    answer = Answer(window.client.post(address, data=b"--x\r\n", content_type=kind, environ_overrides=sent))
    assert answer.status == 413 and "文件太大" in answer.words


def test_no_more_files_than_the_bound(window: Person, simple_case: str, site: Flask) -> None:
    engine: Engine = site.extensions["doudi"]
    site.extensions["doudi"] = replace(engine, settings=replace(engine.settings, attachments_per_case=1))
    upload(window, f"/cases/{simple_case}/attachments", PDF)
    upload(window, f"/cases/{simple_case}/attachments", picture())
    assert "已到上限" in window.get(f"/cases/{simple_case}").words


def test_an_equal_file_is_kept_once(window: Person, simple_case: str, site: Flask) -> None:
    for _ in range(2):
        upload(window, f"/cases/{simple_case}/attachments", PDF)
    assert len(kept(site)) == 1
    assert len(window.get(f"/cases/{simple_case}").find("//section[@id='attachments']//tbody/tr")) == 1


def test_a_file_fills_its_material(window: Person, simple_case: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", PDF, material="M06-01")
    (row,) = [
        row for row in window.get(f"/cases/{simple_case}").find("//section[@id='materials']//tbody/tr") if "M06-01" in row.text_content()
    ]
    assert "已提供" in row.text_content()


def test_a_material_of_another_matter_is_refused(window: Person, simple_case: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", PDF, material="M01-01")
    assert "请选择本事项的材料" in window.get(f"/cases/{simple_case}").words


def test_a_material_on_paper_is_put_on_record(window: Person, simple_case: str) -> None:
    assert window.post(f"/cases/{simple_case}/materials/M06-08/received").status == 303
    assert "已收纸质" in window.get(f"/cases/{simple_case}").words


def test_a_file_with_a_virus_is_refused(window: Person, simple_case: str, site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    engine: Engine = site.extensions["doudi"]
    site.extensions["doudi"] = replace(engine, settings=replace(engine.settings, virus_scan='sh -c "cat >/dev/null; exit 1"'))
    upload(window, f"/cases/{simple_case}/attachments", PDF)
    assert "查出病毒" in window.get(f"/cases/{simple_case}").words
    assert kept(site) == []


@pytest.mark.parametrize(("code", "verdict"), [(0, "clean"), (1, "infected")])
def test_a_command_may_be_the_scanner(code: int, verdict: str) -> None:
    assert virus_scan.scan(f'sh -c "cat >/dev/null; exit {code}"', PDF) == verdict


def test_a_scanner_that_does_not_answer_lets_nothing_in(window: Person, simple_case: str, site: Flask) -> None:
    engine: Engine = site.extensions["doudi"]
    site.extensions["doudi"] = replace(engine, settings=replace(engine.settings, virus_scan="clamd:/nowhere/clamd.ctl"))
    answer = upload(window, f"/cases/{simple_case}/attachments", PDF)
    assert answer.status == 507 and kept(site) == []


def test_removing_asks_for_a_reason_and_leaves_a_record(window: Person, simple_case: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", PDF, "传错了.pdf")
    page = window.get(f"/cases/{simple_case}")
    (ask,) = page.find("//a[contains(@href,'/remove')]/@href")
    (file,) = set(page.find("//a[@download]/@href"))
    assert "传错了.pdf" in window.get(ask).words
    assert window.post(ask, {"reason": ""}).status == 422
    assert window.post(ask, {"reason": "传到了别人的工单"}).status == 303
    page = window.get(f"/cases/{simple_case}")
    assert "传到了别人的工单" in page.words and not page.find("//section[@id='attachments']//a[@download]")
    assert window.get(file).status == 404
    assert window.post(ask, {"reason": "再来一次"}).status == 409


def test_a_full_disk_is_said_and_nothing_is_kept(window: Person, simple_case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.errors import StorageFailed

    def full(_store: FileStore, _content: bytes) -> str:
        raise StorageFailed("Expected room for the file but the disk is full.")

    monkeypatch.setattr(FileStore, "put", full)
    answer = upload(window, f"/cases/{simple_case}/attachments", PDF)
    assert answer.status == 507 and "磁盘已满" in answer.words
    assert not window.get(f"/cases/{simple_case}").find("//section[@id='attachments']//tbody/tr")


def test_who_may_not_see_the_case_gets_no_file(window: Person, person: Persons, stranger: Person, simple_case: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", PDF)
    (file,) = set(window.get(f"/cases/{simple_case}").find("//a[@download]/@href"))
    department = person("d21")
    assert department.get(file).status == 403
    assert upload(department, f"/cases/{simple_case}/attachments", PDF).status == 403
    assert stranger.get(file).status in (302, 303, 401)


def test_who_only_looks_on_puts_nothing_to_a_case(person: Persons, simple_case: str) -> None:
    assert upload(person("auditor"), f"/cases/{simple_case}/attachments", PDF).status == 403


def test_a_citizen_uploads_behind_the_link_and_sees_only_what_is_shared(
    window: Person, stranger: Person, link: str, simple_case: str
) -> None:
    upload(window, f"/cases/{simple_case}/attachments", picture(), "内部意见.png")
    assert upload(stranger, f"{link}/attachments", PDF, "我的合同.pdf").status == 303
    page = stranger.get(link)
    assert "我的合同.pdf" in page.words and "内部意见" not in page.words
    assert fetched(stranger, page).data == PDF
    window.post(window.get(f"/cases/{simple_case}").find("//form[contains(@action,'/share')]/@action")[0])
    assert "内部意见" in stranger.get(link).words


def test_a_citizen_cannot_fetch_what_is_not_shared(window: Person, stranger: Person, link: str, simple_case: str) -> None:
    upload(window, f"/cases/{simple_case}/attachments", picture())
    (file,) = set(window.get(f"/cases/{simple_case}").find("//a[@download]/@href"))
    number = file.split("/")[-2]
    assert stranger.get(f"{link}/attachments/{number}").status == 404
    assert stranger.get(f"/p/wrong-token/attachments/{number}").status == 404


def test_staff_does_not_upload_in_the_citizens_place(window: Person, link: str) -> None:
    assert upload(window, f"{link}/attachments", PDF).status == 403


def test_once_the_case_is_closed_the_citizen_uploads_nothing(stranger: Person, link: str, simple_case: str, site: Flask) -> None:
    from engine.db.case_tables import Case

    engine: Engine = site.extensions["doudi"]
    with engine.database.transaction() as session:
        session.get_one(Case, simple_case).closed_at = engine.clock.now()
    assert upload(stranger, f"{link}/attachments", PDF).status == 409
    assert not stranger.get(link).find("//input[@type='file']")
