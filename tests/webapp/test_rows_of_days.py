"""Reference data as of a day: rows that do not hold yet or any more are marked, and the version that judges that day is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.assembly import Engine
from engine.clock import MovableClock
from tests.cases.test_rows_of_acceptance import dated, deploy
from tests.webapp.conftest import Person

Persons = Callable[[str], Person]


@pytest.fixture
def page(engine: Engine, clock: MovableClock, person: Persons) -> tuple[Person, str, str]:
    """An administrator, the address of the first version of the materials, and that of the second, some rows of which have days."""
    clock.advance(days=1)
    deploy(engine, "materials", dated("M06-02,", "2026-12-01", "", "M06-99,M06,旧表,核心,申请人,,,false,false,,原件,,,2026-11-20"))
    admin = person("admin")
    links = admin.get("/definitions/reference/materials").find("//table//a[contains(@class,'row-link')]/@href")
    second, first = links[:2]
    return admin, first, second


def marks(admin: Person, address: str) -> dict[str, str]:
    rows = admin.get(address).find("//tr[@class='muted']/td[1]")
    return {row.find("code").text_content(): row.find("span").text_content() for row in rows}


@pytest.mark.parametrize(
    ("day", "marked"),
    [
        ("", {"M06-02": "未生效", "M06-99": "已失效"}),
        ("2026-11-20", {"M06-02": "未生效"}),
        ("2026-12-01", {"M06-99": "已失效"}),
        ("no day", {"M06-02": "未生效", "M06-99": "已失效"}),
    ],
)
def test_rows_that_do_not_hold_on_the_day_are_marked(page: tuple[Person, str, str], day: str, marked: dict[str, str]) -> None:
    admin, _first, second = page
    assert marks(admin, f"{second}?on={day}") == marked


def test_the_version_that_judges_cases_of_the_day_is_linked(page: tuple[Person, str, str]) -> None:
    admin, first, second = page
    (link,) = admin.get(f"{second}?on=2026-11-23").find("//p[@class='hint']//a")
    assert link.get("href") == f"{first}?on=2026-11-23" and "第 1 版" in link.text_content()
    assert admin.get(f"{second}?on=2026-11-24").find("//p[@class='hint']//a") == []


def test_a_file_whose_rows_have_no_days_asks_for_none(person: Persons) -> None:
    admin = person("admin")
    (address, *_older) = admin.get("/definitions/reference/calendar").find("//table//a[contains(@class,'row-link')]/@href")
    assert admin.get(address).find("//input[@type='date']") == []
