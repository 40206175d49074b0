"""Drafts: saved with a version, never overwritten silently, bounded, changed by analysts only, frozen once submitted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.actors import Actor
from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands import change_sets, instances
from engine.commands.change_sets import DraftConflict
from engine.db.tables import Definition, ProcessInstance
from engine.draft_files import LARGEST_FILE, blank
from engine.errors import Conflict, InvalidDefinition, InvalidInput, NotAllowed, NotFound
from engine.queries import change_sets as shown
from engine.queries.inbox import InboxQuery, inbox
from engine.settings import Settings
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, deploy, diagram, user_task

ANALYST = Actor("analyst", "示例·沈析", frozenset({"analyst"}), WINDOW, frozenset({WINDOW}))
SECOND = Actor("analyst-b", "示例·陆析", frozenset({"analyst"}), WINDOW, frozenset({WINDOW}))
AUDITOR = Actor("auditor", "示例·审计", frozenset({"auditor"}), WINDOW, frozenset({WINDOW}))

FILE = "processes/P90_visit.bpmn"
GOOD = diagram("visit", START_END + user_task("work"), "s>work work>e")
CHANGED = diagram("visit", START_END + user_task("other"), "s>other other>e")
BROKEN = diagram("visit", START_END + user_task("work", 'camunda:candidateGroups="nobody"'), "s>work work>e")
THEIRS = diagram("visit", START_END + user_task("theirs"), "s>theirs theirs>e")


@pytest.fixture
def change_set(engine: Engine) -> int:
    return change_sets.create_change_set(engine, ANALYST, "上门核查", "街道要求增加上门核查")


@pytest.fixture
def draft(engine: Engine, change_set: int) -> int:
    return change_sets.add_draft(engine, ANALYST, change_set, FILE, GOOD)


def test_a_draft_keeps_its_bytes_and_every_state_it_had(engine: Engine, draft: int, clock: MovableClock) -> None:
    clock.advance(minutes=5)
    assert change_sets.save_draft(engine, SECOND, draft, CHANGED, 1, "换成另一步") == 2
    view = shown.draft(engine, draft)
    assert (view.content, view.base, view.kind, view.version) == (CHANGED, None, "process", 2)
    assert [(one.number, one.by_name, one.note) for one in view.history] == [(2, "analyst-b", "换成另一步"), (1, "analyst", "")]
    assert shown.revision(engine, draft, 1) == GOOD


def test_saving_the_same_bytes_makes_no_new_version(engine: Engine, draft: int) -> None:
    assert change_sets.save_draft(engine, ANALYST, draft, GOOD, 1) == 1
    assert len(shown.draft(engine, draft).history) == 1


def test_a_stale_version_is_refused_with_all_three_sides(engine: Engine, draft: int) -> None:
    change_sets.save_draft(engine, SECOND, draft, THEIRS, 1)
    with pytest.raises(DraftConflict) as error:
        change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1)
    found = error.value
    assert (found.theirs_version, found.theirs, found.base, found.by) == (2, THEIRS, GOOD, "analyst-b")
    assert shown.draft(engine, draft).content == THEIRS


def test_a_version_nobody_ever_had_is_refused_beside_the_first_state(engine: Engine, draft: int) -> None:
    for version in (0, -1, 99, 2**70):
        with pytest.raises(DraftConflict) as error:
            change_sets.save_draft(engine, ANALYST, draft, CHANGED, version)
        assert error.value.base == GOOD


def test_of_many_who_save_the_same_version_at_once_one_wins_and_all_others_are_told(engine: Engine, draft: int) -> None:
    contents = [diagram("visit", START_END + user_task(f"step_{n}"), f"s>step_{n} step_{n}>e") for n in range(6)]

    def save(content: bytes) -> int | DraftConflict:
        try:
            return change_sets.save_draft(engine, ANALYST, draft, content, 1)
        except DraftConflict as conflict:
            return conflict

    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(save, contents))
    assert answers.count(2) == 1 and sum(isinstance(answer, DraftConflict) for answer in answers) == 5
    assert shown.draft(engine, draft).content == contents[answers.index(2)]


def test_mine_can_be_saved_over_theirs_on_purpose_and_theirs_stays_in_the_history(engine: Engine, draft: int) -> None:
    change_sets.save_draft(engine, SECOND, draft, THEIRS, 1)
    assert change_sets.save_draft(engine, ANALYST, draft, CHANGED, 2) == 3
    assert shown.revision(engine, draft, 2) == THEIRS


def test_two_people_who_type_the_same_do_not_conflict(engine: Engine, draft: int) -> None:
    change_sets.save_draft(engine, SECOND, draft, CHANGED, 1)
    assert change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1) == 2


def test_an_earlier_state_is_restored_as_a_new_version(engine: Engine, draft: int) -> None:
    change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1)
    assert change_sets.restore_revision(engine, ANALYST, draft, 1, 2) == 3
    assert shown.draft(engine, draft).content == GOOD
    with pytest.raises(NotFound):
        change_sets.restore_revision(engine, ANALYST, draft, 77, 3)
    with pytest.raises(DraftConflict):
        change_sets.restore_revision(engine, ANALYST, draft, 2, 1)


def test_a_draft_begins_with_what_is_deployed(engine: Engine, change_set: int) -> None:
    deploy(engine, GOOD)
    draft = change_sets.add_draft(engine, ANALYST, change_set, "0.bpmn")
    view = shown.draft(engine, draft)
    assert view.content == view.base == GOOD
    file = shown.change_set(engine, change_set).files[0]
    assert (file.is_new, file.is_changed, file.is_moved) == (False, False, False)
    assert [(one.file, one.key, one.version) for one in shown.deployed_files(engine)] == [("0.bpmn", "visit", 1)]


def test_a_file_that_is_not_deployed_needs_a_content(engine: Engine, change_set: int) -> None:
    with pytest.raises(NotFound):
        change_sets.add_draft(engine, ANALYST, change_set, FILE)


def test_a_file_is_in_a_change_set_once(engine: Engine, change_set: int, draft: int) -> None:
    with pytest.raises(Conflict):
        change_sets.add_draft(engine, ANALYST, change_set, FILE, CHANGED)


def test_removing_a_file_forgets_its_history(engine: Engine, change_set: int, draft: int) -> None:
    change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1)
    with pytest.raises(DraftConflict):
        change_sets.remove_draft(engine, ANALYST, draft, 1)
    change_sets.remove_draft(engine, ANALYST, draft, 2)
    assert shown.change_set(engine, change_set).files == ()
    change_sets.add_draft(engine, ANALYST, change_set, FILE, GOOD)


@pytest.mark.parametrize(
    "file",
    [
        "../x.bpmn", "/etc/passwd", "processes/../../x.bpmn", "processes/..bpmn", "processes\\x.bpmn", "C:/x.bpmn", "x.bpmn", "",
        "processes/x.exe", "processes/x", "forms/x.bpmn", "processes/notices/other.csv", "processes/a/b.bpmn", "processes/x\0.bpmn",
        "processes/x\n.bpmn", "processes/\u202ex.bpmn", "processes/.x.bpmn", "processes/" + "x" * 300 + ".bpmn",
        "processes/x.bpmn/../../../y.bpmn",
    ],
)  # fmt: skip
def test_a_file_name_outside_of_the_two_folders_is_refused(engine: Engine, change_set: int, file: str) -> None:
    with pytest.raises(InvalidInput) as error:
        change_sets.add_draft(engine, ANALYST, change_set, file, GOOD)
    assert "file" in error.value.fields
    assert shown.change_set(engine, change_set).files == ()


@pytest.mark.parametrize(
    "content", [b"x" * (LARGEST_FILE + 1), b"<a>\0</a>", "<a>流程</a>".encode("gb18030")], ids=["3 MB", "NUL", "encoding"]
)
def test_content_that_no_page_could_show_is_refused(engine: Engine, change_set: int, draft: int, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        change_sets.add_draft(engine, ANALYST, change_set, "processes/other.bpmn", content)
    with pytest.raises(InvalidInput):
        change_sets.save_draft(engine, ANALYST, draft, content, 1)
    assert shown.draft(engine, draft).content == GOOD


@pytest.mark.parametrize("actor", [CLERK, AUDITOR], ids=["clerk", "auditor"])
def test_only_analysts_and_administrators_change_drafts(engine: Engine, change_set: int, draft: int, actor: Actor) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: change_sets.create_change_set(engine, actor, "x", ""),
        lambda: change_sets.rename(engine, actor, change_set, "x", "", None),
        lambda: change_sets.abandon(engine, actor, change_set),
        lambda: change_sets.add_draft(engine, actor, change_set, "processes/other.bpmn", GOOD),
        lambda: change_sets.save_draft(engine, actor, draft, CHANGED, 1),
        lambda: change_sets.restore_revision(engine, actor, draft, 1, 1),
        lambda: change_sets.remove_draft(engine, actor, draft, 1),
        lambda: change_sets.submit(engine, actor, change_set, {}),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert shown.change_set(engine, change_set).status == "open"


def test_a_change_set_needs_a_title_and_is_renamed_by_one_person_at_a_time(engine: Engine, change_set: int) -> None:
    with pytest.raises(InvalidInput):
        change_sets.create_change_set(engine, ANALYST, "  \u200b ", "")
    change_sets.rename(engine, ANALYST, change_set, "新标题", "新理由", 1)
    with pytest.raises(Conflict):
        change_sets.rename(engine, SECOND, change_set, "别的标题", "", 1)
    assert shown.change_set(engine, change_set).title == "新标题"


def test_saving_a_draft_leaves_the_version_of_its_change_set_alone(engine: Engine, change_set: int, draft: int) -> None:
    change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1)
    assert shown.change_set(engine, change_set).version == 1


def test_checks_name_every_finding_and_submission_refuses_errors(engine: Engine, change_set: int, draft: int) -> None:
    change_sets.save_draft(engine, ANALYST, draft, BROKEN, 1)
    assert [(one.code, one.element_id, one.file) for one in shown.checked(engine, change_set)] == [
        ("missing-candidate-group", "work", FILE)
    ]
    with pytest.raises(InvalidDefinition):
        change_sets.submit(engine, ANALYST, change_set, {})
    assert (shown.change_set(engine, change_set).status, shown.deployed_files(engine)) == ("open", ())


def test_what_an_analyst_submits_waits_for_an_administrator_even_without_four_eyes(engine: Engine, change_set: int, draft: int) -> None:
    deploy(engine, GOOD)
    change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1)
    result = change_sets.submit(engine, ANALYST, change_set, {})
    assert result.is_waiting and [one.version for one in result.deployed] == [2]
    number = instances.start_instance(engine, ADMIN, "visit", "C-1", {})
    with engine.database.reading() as session:
        assert session.get_one(Definition, session.get_one(ProcessInstance, number).definition_id).version == 1


def test_submission_deploys_at_once_without_four_eyes_and_freezes_the_change_set(engine: Engine, change_set: int, draft: int) -> None:
    result = change_sets.submit(engine, ADMIN, change_set, {"scenarios": 3})
    assert [(one.key, one.version, one.file) for one in result.deployed] == [("visit", 1, FILE)] and not result.is_waiting
    view = shown.change_set(engine, change_set)
    assert (view.status, view.deployment_id) == ("submitted", result.id)
    attempts: list[Callable[[], object]] = [
        lambda: change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1),
        lambda: change_sets.add_draft(engine, ANALYST, change_set, "processes/other.bpmn", GOOD),
        lambda: change_sets.remove_draft(engine, ANALYST, draft, 1),
        lambda: change_sets.rename(engine, ANALYST, change_set, "x", "", None),
        lambda: change_sets.restore_revision(engine, ANALYST, draft, 1, 1),
        lambda: change_sets.submit(engine, ANALYST, change_set, {}),
        lambda: change_sets.abandon(engine, ANALYST, change_set),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict):
            attempt()
    assert shown.draft(engine, draft).content == GOOD


def test_with_four_eyes_a_submission_waits_and_nothing_new_is_in_force(engine: Engine, settings: Settings, clock: MovableClock) -> None:
    deploy(engine, GOOD)
    careful = build_engine(replace(settings, four_eyes=True), clock)
    change_set = change_sets.create_change_set(careful, ANALYST, "换一步", "")
    draft = change_sets.add_draft(careful, ANALYST, change_set, "0.bpmn")
    change_sets.save_draft(careful, ANALYST, draft, CHANGED, 1)
    result = change_sets.submit(careful, ANALYST, change_set, {})
    assert result.is_waiting and [one.version for one in result.deployed] == [2]
    instances.start_instance(careful, ADMIN, "visit", "C-1", {})
    assert [task.element_id for task in inbox(careful, CLERK, InboxQuery()).items] == ["work"]
    careful.database.dispose()


def test_an_empty_or_unchanged_change_set_is_not_submitted(engine: Engine, change_set: int) -> None:
    with pytest.raises(InvalidInput):
        change_sets.submit(engine, ANALYST, change_set, {})
    deploy(engine, GOOD)
    change_sets.add_draft(engine, ANALYST, change_set, "0.bpmn")
    with pytest.raises(InvalidInput):
        change_sets.submit(engine, ANALYST, change_set, {})
    assert shown.change_set(engine, change_set).status == "open"


def test_a_version_deployed_meanwhile_is_pointed_out(engine: Engine, change_set: int) -> None:
    deploy(engine, GOOD)
    draft = change_sets.add_draft(engine, ANALYST, change_set, "0.bpmn")
    change_sets.save_draft(engine, ANALYST, draft, CHANGED, 1)
    deploy(engine, THEIRS)
    assert shown.change_set(engine, change_set).files[0].is_moved
    found = [(one.code, one.severity) for one in shown.checked(engine, change_set) if one.severity != "info"]
    assert found == [("base-moved", "warning")]


def test_an_abandoned_change_set_stays_readable(engine: Engine, change_set: int, draft: int) -> None:
    change_sets.abandon(engine, ADMIN, change_set)
    assert [one.id for one in shown.change_sets(engine, "abandoned")] == [change_set]
    assert shown.change_sets(engine, "open") == ()
    assert shown.draft(engine, draft).content == GOOD


def test_numbers_of_nothing_are_not_found(engine: Engine) -> None:
    for number in (0, -1, 7, 2**70):
        for attempt in (
            lambda number=number: change_sets.save_draft(engine, ANALYST, number, GOOD, 1),
            lambda number=number: change_sets.add_draft(engine, ANALYST, number, FILE, GOOD),
            lambda number=number: shown.draft(engine, number),
            lambda number=number: shown.change_set(engine, number),
            lambda number=number: shown.revision(engine, number, number),
        ):
            with pytest.raises(NotFound):
                attempt()


@pytest.mark.parametrize("kind", ["process", "decision", "form", "scenario"])
def test_a_blank_file_passes_every_check_but_those_of_its_content(engine: Engine, change_set: int, kind: str) -> None:
    file, content = blank(kind, "visit", "上门“核查”<&>\\")
    change_sets.add_draft(engine, ANALYST, change_set, file, content)
    assert [one for one in shown.checked(engine, change_set) if one.severity == "error"] == []


def test_a_blank_file_needs_an_id_that_a_diagram_can_name(engine: Engine) -> None:
    for key, name in (("", "x"), ("../x", "x"), ("1x", "x"), ("x", ""), ("x", "a\nb")):
        with pytest.raises(InvalidInput):
            blank("process", key, name)
    with pytest.raises(InvalidInput):
        blank("notice", "x", "x")
