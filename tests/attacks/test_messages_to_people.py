"""Attacks by way of notices and accounts: foreign outboxes, scripts in messages, formulas in exports, rights by form fields."""

from __future__ import annotations

from sqlalchemy import text

from engine.assembly import Engine

from .conftest import PASSWORD, SCRIPT, Person, Persons, Rows


def notice_of(rows: Rows, case: str) -> int:
    return int(rows("select max(id) from notice where case_no = :no and audience = 'applicant'", no=case)[0][0])


def test_another_window_neither_reads_prints_nor_moves_our_notices(neighbour: Person, rows: Rows, simple_case: str) -> None:
    number, before = notice_of(rows, simple_case), rows("select state, count(*) from notice group by state")
    assert simple_case not in neighbour.get("/notices").words + neighbour.get("/messages").words
    assert simple_case not in neighbour.get("/notices/export.csv").source
    assert neighbour.get(f"/notices/{number}/slip").status == 403
    assert {neighbour.post(f"/notices/{number}/{action}").status for action in ("resend", "cancel", "handed")} == {403}
    assert rows("select state, count(*) from notice group by state") == before


def test_a_script_in_a_message_is_text_on_every_page(person: Persons, engine: Engine, rows: Rows, simple_case: str) -> None:
    number = notice_of(rows, simple_case)
    with engine.database.transaction() as session:
        session.execute(text("update notice set body = :body, audience = 'user:window-a' where id = :id"), {"body": SCRIPT, "id": number})
    clerk = person("window-a")
    for page in ("/notices", "/messages", f"/notices/{number}/slip"):
        answer = clerk.get(page)
        assert answer.status == 200 and "<script>alert(1)" not in answer.source and not answer.find("//img[@onerror]")


def test_a_message_is_no_formula_in_a_spreadsheet(person: Persons, engine: Engine, rows: Rows, simple_case: str) -> None:
    number = notice_of(rows, simple_case)
    with engine.database.transaction() as session:
        session.execute(text("update notice set body = :body where id = :id"), {"body": "=HYPERLINK(1)", "id": number})
    assert "'=HYPERLINK(1)" in person("window-a").get("/notices/export.csv").source


def test_marking_messages_of_others_as_read_does_nothing(person: Persons, rows: Rows, complex_case: str) -> None:
    numbers = [row[0] for row in rows("select id from notice where audience = 'department:D01'")]
    assert numbers
    person("d12").post("/messages/read", {"notice": [*map(str, numbers), "x", "-1", "9" * 30]})
    assert rows("select count(*) from notice_read")[0][0] == 0


def test_nobody_gets_rights_by_adding_fields_to_a_form(person: Persons, rows: Rows) -> None:
    before = rows("select account_id, group_id from membership order by 1, 2")
    clerk, head = person("window-a"), person("window-head")
    for somebody in (clerk, head):
        assert somebody.post("/people/window-a/groups", {"group": "admin", "role:admin": "A"}).status == 403
        assert somebody.post("/people/new", {"account_id": "x", "name": "x", "org_unit": "440103-01", "group": "admin"}).status == 403
        assert somebody.post("/people/window-b/code").status == 403
    clerk.post("/people/window-a/contact", {"phone": "", "email": "", "group": "admin", "is_active": "0"})
    assert rows("select account_id, group_id from membership order by 1, 2") == before


def test_an_administrator_of_another_window_reaches_nobody_of_ours(neighbour: Person, rows: Rows) -> None:
    before = rows("select id, password_hash, session_stamp, is_active from account order by id")
    for address in ("groups", "code", "close", "open", "contact", "hand-over"):
        assert neighbour.post(f"/people/window-a/{address}", {"group": "admin", "receiver": "neighbour"}).status == 403
    assert neighbour.get("/people/window-a").status == 403
    assert neighbour.post("/people/new", {"account_id": "spy", "name": "间谍", "org_unit": "440103-01", "group": "admin"}).status == 403
    assert (
        neighbour.post(
            "/people/leave", {"account_id": "window-a", "deputy": "neighbour", "from_on": "2026-11-23", "to_on": "2026-11-24"}
        ).status
        == 403
    )
    assert rows("select id, password_hash, session_stamp, is_active from account order by id") == before


def test_a_code_that_was_used_or_replaced_opens_nothing(person: Persons, stranger: Person) -> None:
    admin = person("admin")
    code = lambda: admin.post("/people/window-b/code").find("//p[@class='one-time-code']/code/text()")[0]  # noqa: E731
    first, second = code(), code()
    fields = {"login": "window-b", "password": "a long enough word", "again": "a long enough word"}
    assert stranger.post("/password/code", {**fields, "code": first}).status == 422
    assert stranger.log_in("window-b", PASSWORD).status == 401
    assert stranger.post("/password/code", {**fields, "code": second}).status == 303
    assert stranger.post("/password/code", {**fields, "code": second}).status == 422
