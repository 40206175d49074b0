"""Input that cannot be right: it is refused with the field or the row and what to do about it, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import deployments, jobs
from engine.errors import Finding, InvalidDefinition
from tests.attacks.conftest import REGISTRATION
from tests.conftest import PROJECT
from tests.webapp.conftest import Answer, Person

Persons = Callable[[str], Person]
Counts = Callable[[], dict[str, int]]
PROCESSES = PROJECT / "processes"
FIRM = {"applicant.kind": "企业", "applicant.cert_type": "统一社会信用代码"}
WITHDRAWAL = {"withdrawal.reason": "申请人已自行办妥。", "confirmed": "true"}


@pytest.fixture
def unchanged(everything: Counts) -> Callable[[], object]:
    """``with unchanged():`` no table has a row more or less afterwards."""

    @contextmanager
    def hold() -> Iterator[None]:
        before = everything()
        yield
        assert everything() == before

    return hold


def fault(page: Answer, field: str) -> str:
    """What is said beside a field."""
    return " ".join(one.text_content() for one in page.find(f"//*[@id='field-{field.replace('.', '-')}-error']"))


def findings(engine: Engine, file: str, content: str) -> list[Finding]:
    with pytest.raises(InvalidDefinition) as refused:
        deployments.deploy(engine, SYSTEM, {f"processes/{file}": content.encode()}, "change")
    return list(refused.value.findings)


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"applicant.cert_no": "110105194912310021"}, "applicant.cert_no", "校验"),
        ({"applicant.cert_no": "11010519491331002X"}, "applicant.cert_no", "出生"),
        ({"applicant.cert_no": "1101051949123"}, "applicant.cert_no", "18"),
        ({**FIRM, "applicant.cert_no": "91350100M000100Y4Z"}, "applicant.cert_no", "第18位"),
        ({"applicant.phone": "1391234567"}, "applicant.phone", "11位"),
    ],
)
def test_a_wrong_code_is_explained_beside_its_field(
    person: Persons, unchanged: Callable[[], object], typed: dict[str, str], field: str, words: str
) -> None:
    clerk = person("window-a")
    with unchanged():
        page = clerk.post("/cases/new", REGISTRATION | typed)
    assert page.status == 422 and words in fault(page, field), fault(page, field)


def test_a_matter_that_nobody_knows_is_refused_beside_its_field(person: Persons, unchanged: Callable[[], object]) -> None:
    clerk = person("window-a")
    with unchanged():
        page = clerk.post("/cases/new", REGISTRATION | {"matter": "M99"})
    assert page.status == 422 and fault(page, "matter")


def test_an_order_of_the_hotline_that_came_before_is_refused_with_its_case(person: Persons, unchanged: Callable[[], object]) -> None:
    clerk = person("window-a")
    order = REGISTRATION | {"channel": "12345", "external_no": "GZ12345-0001"}
    number = clerk.post("/cases/new", order).location.rpartition("/")[2].partition("?")[0]
    with unchanged():
        page = clerk.post("/cases/new", order)
    assert page.status == 409 and number in page.words


def test_an_opinion_after_the_case_was_withdrawn_is_refused_with_what_became_of_it(
    engine: Engine, person: Persons, task_of: Callable[[Person, str], str], complex_case: str, unchanged: Callable[[], object]
) -> None:
    department, clerk = person("d03"), person("window-a")
    address = task_of(department, complex_case)
    version = department.get(address).value("version")
    withdrawn = clerk.post(f"/cases/{complex_case}/actions/withdraw", WITHDRAWAL)
    assert withdrawn.status == 303, withdrawn.words
    while jobs.run_due_jobs(engine, "w"):
        pass
    with unchanged():
        page = department.post(address, {"version": version, "opinion": "同意", "reply": "同意办理。"})
    assert page.status == 409 and "这项任务已经撤销" in page.words and "请查看工单" in page.words


@pytest.mark.parametrize("level", ["5", "1"])
def test_a_rating_of_a_case_that_is_not_closed_is_refused(
    person: Persons, stranger: Person, link: str, unchanged: Callable[[], object], level: str
) -> None:
    with unchanged():
        page = stranger.post(f"{link}/rate", {"rating.level": level, "rating.text": "还没办完"})
    assert page.status == 409 and "您的提交没有执行" in page.words and "请返回进度页" in page.words


def test_a_day_that_stands_twice_in_the_calendar_is_refused_with_its_line(
    engine: Engine, clock: MovableClock, unchanged: Callable[[], object]
) -> None:
    content = (PROCESSES / "reference" / "calendar.csv").read_text("utf-8-sig")
    with unchanged():
        (found,) = findings(engine, "reference/calendar.csv", content + content.splitlines()[1] + "\n")
    assert (found.line, found.element_id, found.code) == (len(content.splitlines()) + 1, "date", "duplicate")
    assert "2" in found.message and "请删除其中一行" in found.remedy


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("notices/messages.csv", "{短链}", "{短链}{没有声明}", "undeclared"),
        ("documents/refusal_notice.md", "{说明}", "{说明}{没有声明}", "document-placeholder"),
    ],
)
def test_a_template_with_an_unknown_variable_is_refused_with_its_line(
    engine: Engine, unchanged: Callable[[], object], file: str, old: str, new: str, code: str
) -> None:
    content = (PROCESSES / file).read_text("utf-8-sig")
    assert old in content
    with unchanged():
        found = findings(engine, file, content.replace(old, new, 1))
    assert {one.code for one in found} == {code}
    assert all(one.line and one.remedy and "没有声明" in one.message for one in found)


def test_a_department_that_rows_still_name_cannot_leave_the_table(engine: Engine, unchanged: Callable[[], object]) -> None:
    head, first, *rest = (PROCESSES / "reference" / "departments.csv").read_text("utf-8-sig").splitlines()
    with unchanged():
        found = findings(engine, "reference/departments.csv", "\n".join([head, *rest]) + "\n")
    code = first.split(",")[0]
    assert {one.code for one in found} == {"unknown-code"}
    assert {one.file for one in found} >= {"liaisons.csv", "responsibilities.csv"}
    assert all(one.line and one.remedy and code in one.message for one in found), found[:3]
