"""Leave, deputies, turns: who does the work, and who must not."""

from __future__ import annotations

from datetime import date

import pytest

from engine.db.case_tables import CaseEntry
from engine.db.tables import AccountLeave, Definition, Deployment, ProcessInstance, Resource, UserTask
from engine.errors import InvalidInput
from engine.services import people

from .conftest import MONDAY, World, add_account

TODAY = date(2026, 11, 23)


def on_leave(world: World, account: str, deputy: str, **changes: object) -> AccountLeave:
    facts = {"from_on": date(2026, 11, 20), "to_on": date(2026, 11, 25), "created_by": account, "created_at": MONDAY, "accepted_at": MONDAY}
    leave = AccountLeave(account_id=account, deputy_id=deputy, **facts | changes)
    world.session.add(leave)
    world.session.flush()
    return leave


def completed(world: World, task_id: str, person: str, case_no: str) -> None:
    if not world.rows(ProcessInstance):
        world.session.add(Resource(sha256="0", content=b""))
        world.session.add(Deployment(id=1, name="test", created_at=MONDAY, created_by="test"))
        world.session.flush()
        place = {"file": "x.bpmn", "sha256": "0", "deployment_id": 1, "created_at": MONDAY}
        world.session.add(Definition(id=1, kind="process", key="P", version=1, **place))
        world.session.flush()
        world.session.add(ProcessInstance(id=1, definition_id=1, business_key=world.case.no, state=b"", started_at=MONDAY))
        world.session.flush()
    task = UserTask(id=task_id, instance_id=1, token=int(task_id.split("-")[1]), element_id="work", name="办理", process_key="P")
    task.business_key, task.org_unit, task.created_at, task.completed_by, task.outcome = case_no, "440103-01", MONDAY, person, "completed"
    world.session.add(task)
    world.session.flush()


@pytest.fixture
def officers(world: World) -> World:
    """Three complaint officers."""
    for number in (1, 2, 3):
        add_account(world.session, f"complaint-{number}", "complaint_officer")
    return world


def assigned(world: World, **inputs: object) -> str | None:
    person: str | None = world.call("person-assign", group="complaint_officer", **inputs)["person"]
    return person


def test_a_deputy_who_accepted_stands_in_on_the_days_of_the_leave(world: World) -> None:
    leave = on_leave(world, "clerk-a", "clerk-b")
    assert people.stand_in(world.session, "clerk-a", TODAY) == ("clerk-b", (leave.id,))
    for day in (date(2026, 11, 19), date(2026, 11, 26)):
        assert people.stand_in(world.session, "clerk-a", day) == ("clerk-a", ())


@pytest.mark.parametrize("changes", [{"accepted_at": None}, {"cancelled_at": MONDAY}, {"ended_at": MONDAY}])
def test_a_leave_that_nobody_accepted_or_that_is_over_changes_nothing(world: World, changes: dict[str, object]) -> None:
    on_leave(world, "clerk-a", "clerk-b", **changes)
    assert people.stand_in(world.session, "clerk-a", TODAY)[0] == "clerk-a"
    assert people.absent(world.session, ["clerk-a"], TODAY) == frozenset()


def test_the_deputy_of_a_deputy_stands_in_but_a_ring_leaves_the_work_where_it_is(world: World) -> None:
    on_leave(world, "clerk-a", "clerk-b")
    on_leave(world, "clerk-b", "head")
    assert people.stand_in(world.session, "clerk-a", TODAY)[0] == "head"
    on_leave(world, "head", "clerk-a")
    assert people.stand_in(world.session, "clerk-a", TODAY) == ("clerk-a", ())


def test_a_group_whose_members_are_all_away_keeps_them(world: World) -> None:
    on_leave(world, "clerk-a", "clerk-b")
    assert people.present(world.session, ["clerk-a", "clerk-b"], TODAY) == ["clerk-b"]
    assert people.present(world.session, ["clerk-a"], TODAY) == ["clerk-a"]


def test_everybody_has_his_turn_before_anybody_has_the_second(officers: World) -> None:
    assert [assigned(officers) for _ in range(4)] == ["complaint-1", "complaint-2", "complaint-3", "complaint-1"]
    assert [entry.kind for entry in officers.rows(CaseEntry)] == ["指派:complaint_officer"] * 4
    assert officers.events()[-1] == "person:assign"


def test_who_took_part_in_the_case_or_its_parent_is_left_out(officers: World) -> None:
    parent = officers.new_case(owner_id="complaint-1")
    officers.case.parent_no = parent.no
    completed(officers, "1-1", "complaint-2", parent.no)
    assert assigned(officers) == "complaint-3"
    completed(officers, "1-2", "complaint-3", officers.case.no)
    assert assigned(officers) is None


def test_an_exception_is_one_account_or_several(officers: World) -> None:
    assert assigned(officers, **{"except": "complaint-1"}) == "complaint-2"
    assert assigned(officers, **{"except": ["complaint-3", None]}) == "complaint-1"
    with pytest.raises(InvalidInput, match="account ids"):
        assigned(officers, **{"except": [7]})


def test_who_is_on_leave_is_passed_over(officers: World) -> None:
    on_leave(officers, "complaint-1", "complaint-2")
    assert assigned(officers) == "complaint-2"


def test_nobody_is_chosen_from_a_group_without_members(world: World) -> None:
    assert world.call("person-assign", group="supervisor") == {"person": None}
