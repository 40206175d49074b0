"""What a person tells the window stays in the encrypted party: not in rows, logs, evidence or on pages of others."""

from __future__ import annotations

import logging

import pytest

from engine.settings import Settings
from tests.attacks.conftest import REGISTRATION, WORDS, Persons, Rows, work_through
from tests.webapp.conftest import Person

SECRETS = ("司马探针", "13912345678", "11010119500307038X", "探针巷七号")


def registered(clerk: Person, **fields: str) -> str:
    answer = clerk.post("/cases/new", REGISTRATION | {name.replace("__", "."): text for name, text in fields.items()})
    assert answer.status == 303, answer.words
    return answer.location.rsplit("/", 1)[1].partition("?")[0]


def test_no_file_and_no_log_names_the_applicant(person: Persons, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    clerk = person("window-a")
    told = f"司马探针(电话13912345678,证件11010119500307038X,住示例路探针巷七号)反映:{WORDS}"
    number = registered(clerk, text=told, title="司马探针的施工许可", **{"tried.reason": told})
    work_through(clerk, number, f"{WORDS}有事请致电13912345678,证件11010119500307038X。")
    kept = b"".join(path.read_bytes() for path in settings.data_folder.rglob("*") if path.is_file())
    for secret in SECRETS:
        assert secret.encode() not in kept, f"{secret} lies open in the data folder."
        assert secret not in caplog.text, f"{secret} stands in the log."


def test_the_citizens_page_masks_what_a_clerk_wrote_about_the_applicant(person: Persons, stranger: Person, rows: Rows) -> None:
    clerk = person("window-a")
    number = registered(clerk)
    work_through(clerk, number, f"司马探针您好,电话13912345678:{WORDS}")
    page = stranger.get(f"/p/{rows('select public_token from case_file where no = :no', no=number)[0][0]}")
    assert "给您的答复" in page.words and WORDS[:8] in page.words
    assert [secret for secret in SECRETS if secret in page.source] == []


def test_the_name_of_a_firm_is_public_and_stays(person: Persons, rows: Rows) -> None:
    firm = {"applicant__kind": "企业", "applicant__name": "探针建筑公司", "applicant__cert_type": "", "text": f"探针建筑公司:{WORDS}"}
    number = registered(person("window-a"), **firm)
    assert rows("select text from case_file where no = :no", no=number)[0][0].startswith("探针建筑公司")
