"""Opening files: what a post may open, drafts that live on the server, discarding them on purpose."""

from __future__ import annotations

from collections.abc import Callable

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.queries.form_drafts import draft_of
from engine.services import form_drafts

from .conftest import Person

Persons = Callable[[str], Person]
TYPED = {"applicant.name": "张示例", "text": "施工许可只差一份证明", "channel": "电话"}


def test_everybody_is_offered_what_their_post_may_open(person: Persons) -> None:
    assert "登记来件" in person("window-a").get("/files/new").words
    assert "没有可以发起的事项" in person("auditor").get("/files/new").words


def test_whoever_may_not_open_a_kind_is_told_before_filling_in(person: Persons) -> None:
    answer = person("auditor").get("/cases/new")
    assert answer.status == 403 and "您的岗位不能发起这类事项" in answer.words


def test_an_unknown_kind_is_no_page(person: Persons) -> None:
    assert person("window-a").get("/files/new/nothing").status == 404


def test_a_draft_is_there_on_another_computer(person: Persons) -> None:
    assert "草稿已于" in person("window-a").post("/cases/new/draft", TYPED, **{"HX-Request": "true"}).words
    page = person("window-a").get("/cases/new")
    assert page.value("applicant.name") == "张示例" and "已载入您 2026-11-23 10:00 保存的草稿" in page.words


def test_a_draft_is_for_its_writer_alone(person: Persons) -> None:
    person("window-a").post("/cases/new/draft", TYPED)
    assert person("window-b").get("/cases/new").value("applicant.name") == ""


def test_a_draft_is_kept_sealed(person: Persons, engine: Engine) -> None:
    person("window-a").post("/cases/new/draft", TYPED | {"applicant.name": "龘示例"})
    assert "龘示例".encode() not in b"".join(path.read_bytes() for path in engine.settings.data_folder.glob("doudi.db*"))


def test_discarding_a_draft_takes_a_second_look_and_leaves_nothing(person: Persons, engine: Engine, clerk: Actor) -> None:
    somebody = person("window-a")
    somebody.post("/cases/new/draft", TYPED)
    page = somebody.get("/cases/new")
    assert page.find("//details/form[@action='/cases/new/discard']")
    answer = somebody.post("/cases/new/discard")
    assert answer.location == "/cases/new" and draft_of(engine, clerk, "open:case") is None
    again = somebody.get(answer.location)
    assert again.value("applicant.name") == "" and again.find("//span[@data-forget='window-a:open:case']")


def test_a_registered_case_leaves_no_draft(person: Persons, engine: Engine, clerk: Actor) -> None:
    from .test_registration import FIELDS

    somebody = person("window-a")
    somebody.post("/cases/new/draft", TYPED)
    assert somebody.post("/cases/new", FIELDS).status == 303
    assert draft_of(engine, clerk, "open:case") is None


def test_old_drafts_go_when_a_new_one_is_kept(engine: Engine, clerk: Actor, clock: MovableClock, person: Persons) -> None:
    person("window-a").post("/cases/new/draft", TYPED)
    clock.advance(days=31)
    with engine.database.transaction() as session:
        form_drafts.keep(session, engine.secrets, clerk.id, "open:other", {}, clock.now())
    assert draft_of(engine, clerk, "open:case") is None


def test_what_was_typed_comes_back_when_a_session_ends(person: Persons) -> None:
    page = person("window-a").post("/cases/new/entered", TYPED)
    assert page.value("text") == TYPED["text"]
