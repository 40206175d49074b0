"""Who got hold of a cookie, a link or a list of passwords gets no further."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from engine.assembly import Engine
from tests.attacks.conftest import PASSWORD, Persons, Rows
from tests.webapp.conftest import Answer, Person
from webapp.security import limiter

FOREIGN = (
    "//evil.example", "/\\evil.example", "/\t/evil.example", "\n//evil.example", "https://evil.example", "javascript:alert(1)",
    "///evil.example", "http:evil.example", "/x\r\nSet-Cookie: a=b",
)  # fmt: skip
CARRIED = ('[["a", "\\ud800"]]', "[" * 100_000, '{"a": 1}', '[["a", "b", "c"]]', "null", "1", "[[1, 2]]", '[["x\\"><script>", "y"]]')


def cookie_of(somebody: Person) -> str:
    cookie = somebody.client.get_cookie("doudi")
    assert cookie is not None
    return cookie.value


def with_cookie(site: Flask, value: str) -> Person:
    thief = Person(site)
    thief.client.set_cookie("doudi", value)
    return thief


def fresh(site: Flask) -> Person:
    with site.app_context():
        limiter.reset()
    return Person(site)


def test_a_copied_cookie_is_worth_nothing_after_the_log_out(site: Flask, person: Persons) -> None:
    clerk = person("window-a")
    thief = with_cookie(site, cookie_of(clerk))
    assert thief.get("/").status == 200
    clerk.post("/logout")
    assert thief.get("/").location.startswith("/login")


def test_a_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(person: Persons) -> None:
    here, elsewhere = person("window-a"), person("window-a")
    assert here.post("/password", {"old": PASSWORD, "password": "a wholly new one", "again": "a wholly new one"}).status == 303
    assert here.get("/").status == 200 and elsewhere.get("/").location.startswith("/login")


def test_a_closed_account_is_out_at_once_and_cannot_come_back(engine: Engine, site: Flask, person: Persons) -> None:
    clerk = person("window-b")
    with engine.database.transaction() as session:
        session.connection().exec_driver_sql("update account set is_active = 0 where id = 'window-b'")
    assert clerk.get("/").location.startswith("/login")
    assert Person(site).log_in("window-b").status == 401


def test_passwords_are_not_tried_without_end_and_the_right_one_waits_too(site: Flask) -> None:
    thief = Person(site)
    assert [thief.log_in("window-a", "wrong").status for _ in range(12)] == [401] * 10 + [429] * 2
    assert thief.log_in("window-a").status == 429, "Expected the limit to hide whether the password was right."
    assert thief.log_in("window-b").status == 303, "Expected the limit to hold for one account."


def test_a_present_password_is_not_tried_without_end(person: Persons) -> None:
    clerk = person("window-a")
    tried = {"old": "wrong", "password": "a wholly new one", "again": "a wholly new one"}
    assert 429 in [clerk.post("/password", tried).status for _ in range(12)]


def test_a_refused_log_in_says_the_same_for_every_reason(site: Flask) -> None:
    answers = {fresh(site).log_in(login, "wrong").words.replace(login, "") for login in ("window-a", "nobody", "system", "' or 1=1--")}
    assert len(answers) == 1


def test_strange_logins_and_passwords_are_refused_like_others(site: Flask) -> None:
    for login in ("", " window-a", "WINDOW-A", "window-a|0", "x" * 100_000, "😀", "\u202ewindow-a"):
        assert fresh(site).log_in(login).status == 401, login[:20]
    for password in ("", PASSWORD + " ", PASSWORD.upper(), "x" * 1_000_000):
        assert fresh(site).log_in("window-a", password).status == 401, password[:20]


def test_tampered_and_forged_cookies_log_nobody_in(site: Flask, person: Persons) -> None:
    known = cookie_of(person("window-a"))
    for value in ("x", "a.b.c", known[:-3] + "AAA", known + "x", ""):
        assert with_cookie(site, value).get("/").location.startswith("/login"), value[:20]
    serializer = SecureCookieSessionInterface().get_signing_serializer(site)
    assert serializer is not None
    for identity in ("window-a|99", "window-a|", "|0", "window-a", "window-a|²", "window-a|" + "9" * 40, "nobody|0", "x" * 5000 + "|0"):
        cookie = str(serializer.dumps({"_user_id": identity, "_fresh": True}))
        assert with_cookie(site, cookie).get("/").location.startswith("/login"), identity[:20]


def test_the_token_of_another_session_carries_out_nothing(person: Persons, rows: Rows, simple_case: str) -> None:
    clerk, colleague = person("window-a"), person("window-b")
    task = rows("select id from user_task where business_key = :no", no=simple_case)[0][0]
    foreign = {"csrf_token": colleague.token()}
    assert clerk.client.post(f"/tasks/{task}/unclaim", data=foreign).status_code == 400
    assert clerk.client.post("/logout", data=foreign).status_code == 400
    assert rows("select assignee from user_task where id = :id", id=task) == [("window-a",)] and clerk.get("/").status == 200


def test_no_link_leads_elsewhere_after_the_log_in(site: Flask) -> None:
    for target in FOREIGN:
        somebody = fresh(site)
        assert somebody.log_in("window-a", next=target).location == "/", ascii(target)
        answer = Answer(somebody.client.get("/login", query_string={"next": target}))
        assert answer.status in (302, 400) and answer.location in ("/", ""), ascii(target)


def test_a_tampered_carried_form_fails_nothing_and_runs_nothing(site: Flask) -> None:
    for carried in CARRIED:
        answer = fresh(site).log_in("window-a", next="/cases/new", carried=carried)
        assert answer.status in (200, 303) and "<script>" not in answer.source, carried[:30]


def test_every_answer_carries_the_headers_that_protect_its_reader(site: Flask, person: Persons) -> None:
    clerk, wanted = person("window-a"), {"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"}
    asked = [("GET", "/"), ("GET", "/nothing"), ("POST", "/logout"), ("PUT", "/"), ("FOO", "/"), ("TRACE", "/"), ("GET", "/p/x")]
    asked += [
        ("GET", "/static/app.css"),
        ("GET", "/static/nothing"),
        ("GET", "/definitions/0"),
        ("OPTIONS", "/cases"),
        ("GET", "/static/%2e%2e/x"),
    ]
    for method, address in asked:
        response = clerk.client.open(address, method=method)
        assert response.status_code < 500 and wanted <= set(response.headers.keys()), (method, address)
        assert "script-src 'self';" in response.headers["Content-Security-Policy"], (method, address)
        response.close()


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(site: Flask) -> None:
    set_cookie = Answer(site.test_client().get("/login")).headers["Set-Cookie"]
    assert "HttpOnly" in set_cookie and "SameSite=Lax" in set_cookie and "Domain" not in set_cookie


def test_a_program_is_told_in_json_what_is_wrong_and_no_more(person: Persons, stranger: Person) -> None:
    json = {"Accept": "application/json"}
    assert stranger.get("/", **json).status == 401 and stranger.get("/tasks/1-1", **json).json["error"] == "log_in"
    refused = person("d21").get("/cases/BBC440103-20261123-9999", **json)
    assert refused.status == 404 and set(refused.json) == {"status", "error", "message", "advice", "detail"}
    assert "Traceback" not in refused.source
