"""The work calendar as administrators meet it: read, preview a notice, take it in."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from .conftest import Answer, Person

HEADER = "date,type,source,confirmed\n"
NOTICE = HEADER + "2027-01-01,法定,国务院办公厅通知,true\n2027-01-04,休息,国务院办公厅通知,true\n2027-10-01,法定,国务院办公厅通知,true\n"


def previewed(admin: Person, text: str) -> Answer:
    return admin.post("/calendar/preview", {"notice": (BytesIO(text.encode()), "notice.csv")})


def test_an_administrator_previews_a_notice_and_takes_it_in(person: Callable[[str], Person]) -> None:
    admin = person("admin")
    page = previewed(admin, NOTICE)
    assert page.status == 200 and "2027-01-04" in page.words and "确认导入" in page.words
    (content,) = page.find("//input[@name='content']/@value")
    taken = admin.post("/calendar/import", {"content": content, "reason": "国务院办公厅通知"})
    assert taken.status == 303
    calendar = admin.get("/calendar").words
    assert "放假安排已公布到 2027-12-31" in calendar and "2027-01-04" in calendar


def test_what_is_wrong_is_said_by_line_and_cannot_be_taken_in(person: Callable[[str], Person]) -> None:
    page = previewed(person("admin"), HEADER + "2027-01-04,休息,通知,true\n2027-01-04,半天,通知,true\n2026-01-05,休息,通知,true\n")
    assert page.status == 422 and "第 3 行" in page.words and "第 4 行" in page.words and "确认导入" not in page.words


def test_others_may_not_change_the_calendar(person: Callable[[str], Person]) -> None:
    assert person("window-a").get("/calendar").status == 403
    assert person("auditor").get("/calendar").status == 200
    assert "导入放假安排" not in person("auditor").get("/calendar").words


def test_a_file_that_was_changed_on_the_way_is_refused(person: Callable[[str], Person]) -> None:
    assert person("admin").post("/calendar/import", {"content": "没有", "reason": "x"}).status == 422
    assert previewed(person("admin"), "").status == 303
