"""Whatever is typed or posted: kept as readable text, refused beside its field, or shown as text. Never a failure, never a script."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

from tests.attacks.conftest import REGISTRATION, SCRIPT, WORDS, Persons, Rows, work_through
from tests.webapp.conftest import Answer, Person

NUMBERS = ["nan", "inf", "-inf", "1e400", "1e300", "1e20", "-1", "1.5", "１２三", "9" * 400]
LONG = "长" * 10_000
FORMULAS = ("=", "+", "-", "@", "＝", "＠")
SEARCHES = ("%", "_", "\\", "%25", "' or '1'='1", '"', "BBC%", "示例;--", "😀", "\u202e", "x" * 5000)
CURSORS = (
    "x", "|", "2026-01-01|x", "2026-11-23T00:00:00|x", "0001-01-01T00:00:00+14:00|x", "9999-12-31T23:59:59-14:00|x",
    "MjAyNi0wMS0wMSB4", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCB4", "-1", "NaN", "9" * 40, "é",
)  # fmt: skip


def test_a_number_that_is_none_is_explained_beside_its_field(person: Persons) -> None:
    clerk = person("window-a")
    for number in NUMBERS:
        page = clerk.post("/cases/new", REGISTRATION | {"trips": number})
        assert page.status == 422 and page.find("//*[@id='field-trips-error']"), number
        assert page.value("text") == REGISTRATION["text"], "Expected what was typed to stay."


def test_ten_thousand_characters_are_refused_beside_their_field(person: Persons) -> None:
    fields = ("applicant.name", "applicant.phone", "applicant.cert_no", "applicant.address", "title", "text")
    page = person("window-a").post("/cases/new", REGISTRATION | dict.fromkeys(fields, LONG))
    assert page.status == 422
    assert [field for field in fields if not page.find(f"//*[@id='field-{field.replace('.', '-')}-error']")] == []


def test_a_choice_that_nobody_offered_is_refused(person: Persons) -> None:
    clerk = person("window-a")
    for field in ("channel", "matter", "applicant.kind", "triage_facts.nature", "triage_facts.negative_code"):
        assert clerk.post("/cases/new", REGISTRATION | {field: SCRIPT}).status == 422, field


def test_characters_that_nobody_sees_are_left_out(person: Persons, rows: Rows) -> None:
    hidden = "\x07\x1b[31m\u202e\u200b\ufeff\u2066"
    answer = person("window-a").post("/cases/new", REGISTRATION | {"title": f"施{hidden}工", "text": f"第一行{hidden}\r\n第二行,{WORDS}😀"})
    assert answer.status == 303
    title, kept = rows("select title, text from case_file order by no desc")[0]
    assert title == "施[31m工" and kept == f"第一行[31m\n第二行,{WORDS}😀"


def test_a_name_without_a_character_to_see_is_no_name(person: Persons) -> None:
    clerk = person("window-a")
    for name in ("\u200b\u200b\u200b", "\u3000\u3000", "\x07\x1b\x7f", "\u202e\u2066"):
        page = clerk.post("/cases/new", REGISTRATION | {"applicant.name": name})
        assert page.status == 422 and page.find("//*[@id='field-applicant-name-error']"), ascii(name)


def test_fields_that_the_form_does_not_have_change_nothing(person: Persons, rows: Rows) -> None:
    more = {
        "owner": "admin",
        "org_unit": "440104-01",
        "status": "已归档",
        "no": "BBC1",
        "public_token": "x",
        "level": "重大",
        "x" * 5000: "y",
    }
    assert person("window-a").post("/cases/new", REGISTRATION | more).status == 303
    owner, unit, status, level, token = rows("select owner_id, org_unit, status, level, public_token from case_file")[0]
    assert (owner, unit, level) == ("window-a", "440103-01", "简单") and status != "已归档" and len(token) == 32


def test_markup_is_shown_as_text_on_every_page_of_a_case(person: Persons, stranger: Person, rows: Rows) -> None:
    clerk = person("window-a")
    answer = clerk.post(
        "/cases/new", REGISTRATION | {"title": SCRIPT[:60], "text": SCRIPT + REGISTRATION["text"], "applicant.name": "<b>司马</b>"}
    )
    number = answer.location.rsplit("/", 1)[1].partition("?")[0]
    work_through(clerk, number, SCRIPT + WORDS)
    link = f"/p/{rows('select public_token from case_file')[0][0]}"
    assert stranger.post(f"{link}/confirm", {"confirmation": "已解决"}).status == 303
    assert stranger.post(f"{link}/rate", {"rating.level": "1", "rating.text": SCRIPT}).status == 303
    task = f"/tasks/{rows('select id from user_task where completed_by = :who', who='window-a')[0][0]}"
    pages = [
        (clerk, page) for page in ("/", "/cases", f"/cases/{number}", "/notices", "/incidents", task, f"/cases?q={SCRIPT}", f"/?q={SCRIPT}")
    ]
    for reader, address in [*pages, (stranger, link)]:
        page = reader.get(address)
        assert page.status == 200
        assert page.find("//script[not(@src)] | //img[@onerror] | //main//b[starts-with(text(), '司马')]") == [], address


def test_no_cell_of_the_export_is_a_formula(person: Persons) -> None:
    clerk = person("window-a")
    for start in FORMULAS:
        assert clerk.post("/cases/new", REGISTRATION | {"title": f"{start}cmd|'/c calc'!A1", "text": f'"{start}1,\n{WORDS}'}).status == 303
    table = csv.reader(StringIO(clerk.get("/cases/export.csv").source.removeprefix("\ufeff")))
    cells = [cell for row in table for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULAS)] == []
    assert sum("cmd|" in cell for cell in cells) == len(FORMULAS)


def test_a_search_finds_what_it_says_and_nothing_else(person: Persons, simple_case: str) -> None:
    clerk = person("window-a")
    for address in ("/", "/cases"):
        for wanted in SEARCHES:
            page = Answer(clerk.client.get(address, query_string={"q": wanted}))
            assert page.status == 200 and f"/cases/{simple_case}" not in page.source, ascii(wanted)


def test_a_tampered_page_link_is_refused_or_shows_the_first_page(person: Persons) -> None:
    clerk = person("window-a")
    for address in ("/", "/cases", "/notices"):
        for cursor in CURSORS:
            assert clerk.client.get(address, query_string={"after": cursor}).status_code in (200, 422), (address, cursor)


def test_an_unknown_or_impossible_number_is_not_found(person: Persons) -> None:
    admin = person("admin")
    for address in ("/definitions/{}", "/definitions/{}/bpmn", "/tasks/{}", "/cases/{}", "/p/{}"):
        for number in ("0", "-1", "1.5", "9" * 40, "x", "%07", "..%2f..", "😀"):
            assert admin.get(address.format(number)).status == 404, (address, number)
    assert {admin.post(f"/incidents/{number}/retry").status for number in ("0", "9" * 40)} == {404}


def test_a_null_character_is_refused_wherever_it_stands(person: Persons, everything: Callable[[], dict[str, int]]) -> None:
    clerk = person("window-a")
    before = everything()
    assert {clerk.get(address).status for address in ("/?q=%00", "/cases?after=%00", "/tasks/%00", "/p/%00", "/cases/a%00b")} <= {400, 404}
    assert clerk.post("/cases/new", REGISTRATION | {"text": f"\x00{WORDS}"}).status == 400
    assert everything() == before
