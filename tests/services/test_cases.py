"""The life of a case: number, owner, status, merging, closing, reopening."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest

from engine.clock import as_local
from engine.db.case_tables import Case
from engine.db.database import Database
from engine.db.tables import Account, AccountLeave, OrgUnit
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import cases

from .conftest import MONDAY, WINDOW, World, add_account, new_case

GRADE = {"level": "复杂", "rule": "G5"}


def test_numbers_count_up_within_a_day_and_region(world: World) -> None:
    assert world.case.no == "BBC440103-20261123-0001"
    assert world.new_case().no == "BBC440103-20261123-0002"
    assert cases.next_number(world.session, "440103", as_local("2026-11-24T00:10")) == "BBC440103-20261124-0001"
    assert cases.next_number(world.session, "440104", MONDAY) == "BBC440104-20261123-0001"


def test_numbers_have_no_gap_when_a_registration_fails(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as session:
        cases.next_number(session, "440103", MONDAY)
        raise RuntimeError("the registration fails")
    with database.transaction() as session:
        assert cases.next_number(session, "440103", MONDAY).endswith("-0001")


def test_numbers_have_no_gap_and_no_double_when_clerks_register_together(database: Database) -> None:
    numbers: list[str] = []

    def register() -> None:
        for _ in range(10):
            with database.transaction() as session:
                numbers.append(cases.next_number(session, "440103", MONDAY))

    clerks = [threading.Thread(target=register) for _ in range(4)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert sorted(numbers) == [f"BBC440103-20261123-{number:04}" for number in range(1, 41)]


def test_a_case_takes_effect_at_the_next_opening(world: World) -> None:
    assert world.new_case(as_local("2026-12-03T20:15")).effective_at == as_local("2026-12-04T09:00")


def test_identity_numbers_in_the_request_are_masked(world: World) -> None:
    case = world.new_case(text="我是440103188501010017,办不了无犯罪记录证明。", tried=[{"reason": "打13800001234没人接", "trips": 3}])
    assert "440103188501010017" not in case.text + case.title
    assert case.tried == [{"reason": "打138****1234没人接", "trips": 3}]


def test_a_case_without_a_title_is_called_by_its_first_words(world: World) -> None:
    assert world.new_case(text="办" * 100).title == "办" * 60


@pytest.mark.parametrize("changes", [{"text": " "}, {"text": "长" * 2001}])
def test_a_case_that_cannot_be_right_is_not_written(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="Expected"):
        world.new_case(**changes)


def test_an_external_order_is_registered_once(world: World) -> None:
    first = world.new_case(external_no="12345-1")
    with pytest.raises(Conflict, match=first.no):
        world.new_case(external_no="12345-1")


def test_the_citizens_link_cannot_be_guessed(world: World) -> None:
    assert re.fullmatch(r"[\w-]{32}", world.case.public_token)
    assert world.case.public_token != world.new_case().public_token


def test_an_unknown_case_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="BBC0"):
        cases.get_case(world.session, "BBC0")
    with pytest.raises(NotFound, match="step"):
        world.context(case_no="").case()


# ---- owners ----------------------------------------------------------------


def test_online_arrivals_go_to_the_clerks_by_turns(world: World) -> None:
    owners = []
    for minute in range(1, 4):
        world.case = new_case(world.session, MONDAY + timedelta(minutes=minute), owner_id=None)
        owners.append(world.call("case-assign-owner")["owner"])
    assert owners == ["clerk-b", "clerk-a", "clerk-b"]


def test_the_first_owner_keeps_the_case(world: World) -> None:
    assert world.call("case-assign-owner") == {"owner": "clerk-a"}
    assert world.events() == []


def test_a_clerk_who_left_gets_no_more_cases(world: World) -> None:
    world.session.get_one(Account, "clerk-b").is_active = False
    world.session.flush()
    assert cases.next_owner(world.session, WINDOW, MONDAY) == "clerk-a"


def test_a_window_without_clerks_has_no_next_owner(world: World) -> None:
    for clerk in ("clerk-a", "clerk-b"):
        world.session.get_one(Account, clerk).is_active = False
    world.case = world.new_case(owner_id=None)
    world.session.flush()
    assert cases.next_owner(world.session, WINDOW, MONDAY) is None
    assert world.call("case-assign-owner") == {"owner": None}


def test_the_backup_takes_over_and_the_first_owner_stays_on_record(world: World) -> None:
    assert world.call("case-owner-backup", reason="首次响应超时") == {"owner": "clerk-b"}
    assert (world.case.owner_id, world.case.first_owner_id) == ("clerk-b", "clerk-a")


def test_the_head_of_the_window_stands_in_when_there_is_no_other_clerk(world: World) -> None:
    world.session.get_one(Account, "clerk-b").is_active = False
    assert world.call("case-owner-backup", reason="首次响应超时") == {"owner": "head"}


def test_a_window_of_one_person_has_no_backup(world: World) -> None:
    for account in ("clerk-b", "head"):
        world.session.get_one(Account, account).is_active = False
    with pytest.raises(NotFound, match="second clerk"):
        world.call("case-owner-backup", reason="首次响应超时")


def test_the_more_senior_unit_helps_a_window_without_people_of_its_own(world: World) -> None:
    world.session.add(OrgUnit(id="440103-02", name="街道窗口", region="440103", parent_id=WINDOW))
    world.session.flush()
    assert cases.next_owner(world.session, "440103-02", MONDAY) == "clerk-a"
    add_account(world.session, "street-clerk", "window", org_unit="440103-02")
    assert cases.next_owner(world.session, "440103-02", MONDAY) == "street-clerk"


# ---- status ----------------------------------------------------------------


def test_a_status_is_set_with_its_result(world: World) -> None:
    world.call("case-set-status", status="待答复", result="协调解决")
    assert (world.case.status, world.case.result, world.case.closed_at) == ("待答复", "协调解决", None)
    world.call("case-set-status", status="待确认")
    assert world.case.result == "协调解决"


@pytest.mark.parametrize("status", ["已告知", "已引导", "已移交", "已分流", "已归档"])
def test_a_status_at_the_end_of_the_service_stops_every_clock(world: World, status: str) -> None:
    world.call("clock-start", kind="respond", limit="1工作小时")
    world.call("clock-start", kind="finish", limit="3个工作日")
    world.call("case-set-status", status=status)
    assert world.case.closed_at == MONDAY
    assert {world.clock(kind).stopped_at for kind in ("respond", "finish")} == {MONDAY}


def test_an_unknown_status_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="已归档"):
        world.call("case-set-status", status="完成")


@pytest.mark.parametrize("result", ["请自行咨询相关部门", "走法律途径", "长" * 41])
def test_sending_the_person_away_is_no_result(world: World, result: str) -> None:
    with pytest.raises(InvalidInput, match="result"):
        world.call("case-set-status", status="待答复", result=result)


def test_triage_and_grade_are_kept_with_their_rows(world: World) -> None:
    world.call("case-record-triage", triage={"conclusion": "受理:协调解决类", "rule": "T11"})
    world.call("case-record-grade", grade=GRADE)
    case = world.case
    assert (case.triage_row, case.case_class, case.grade_row, case.level) == ("T11", "受理:协调解决类", "G5", "复杂")


def test_a_case_to_merge_into_that_was_closed_meanwhile_is_none_any_more(world: World) -> None:
    main, triage = world.new_case(), {"conclusion": "并案", "rule": "T03"}
    assert world.call("case-record-triage", triage=triage, main=main.no) == {"duplicate_of": main.no}
    main.closed_at = world.now
    assert world.call("case-record-triage", triage=triage, main=main.no) == {"duplicate_of": None}
    assert world.call("case-record-triage", triage=triage) == {"duplicate_of": None}


def test_a_grade_without_a_known_level_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="简单, 复杂 or 重大"):
        world.call("case-record-grade", grade={"level": "特急"})


# ---- merging, returning ----------------------------------------------------


def test_a_case_joins_the_open_main_case(world: World) -> None:
    main, world.case = world.case, world.new_case(MONDAY + timedelta(hours=1))
    world.call("case-merge", into=main.no)
    assert (world.case.status, world.case.merged_into, world.case.closed_at) == ("已并案", main.no, MONDAY)


def test_a_case_joins_the_main_case_of_a_merged_one(world: World) -> None:
    main, middle = world.case, world.new_case(MONDAY + timedelta(hours=1))
    middle.merged_into = main.no
    world.case = world.new_case(MONDAY + timedelta(hours=2))
    world.call("case-merge", into=middle.no)
    assert world.case.merged_into == main.no


def test_a_case_does_not_join_itself_a_closed_or_an_unknown_case(world: World) -> None:
    with pytest.raises(Conflict, match="another case"):
        world.call("case-merge", into=world.case.no)
    with pytest.raises(NotFound):
        world.call("case-merge", into="BBC440103-20261123-9999")
    closed = world.new_case()
    closed.closed_at = MONDAY
    with pytest.raises(Conflict, match="open"):
        world.call("case-merge", into=closed.no)
    assert world.case.merged_into is None


def test_the_open_case_about_the_same_matter_is_found(world: World) -> None:
    later = world.new_case(MONDAY + timedelta(days=2))
    assert cases.find_open_case(world.session, "M01", later.no) == world.case.no
    assert cases.find_open_case(world.session, None, later.no) is None
    assert cases.find_open_case(world.session, "M02", later.no) is None
    world.case.closed_at = MONDAY
    world.session.flush()
    assert cases.find_open_case(world.session, "M01", later.no) is None


def test_a_case_older_than_thirty_days_is_no_duplicate(world: World) -> None:
    later = world.new_case(MONDAY + timedelta(days=31))
    assert cases.find_open_case(world.session, "M01", later.no) is None


def test_a_returned_case_is_registered_by_a_background_job(world: World) -> None:
    world.call("case-return")
    assert world.jobs == [("case-return", {"case_no": world.case.no}, None)]


# ---- the end, and after ----------------------------------------------------


def test_closing_archives_the_case_and_stops_its_clocks(world: World) -> None:
    world.call("clock-start", kind="finish", limit="3个工作日")
    world.call("case-close", result="协调解决")
    assert (world.case.status, world.case.result, world.case.closed_at) == ("已归档", "协调解决", MONDAY)
    assert world.clock("finish").stopped_at == MONDAY
    assert world.events()[-1] == "case:close"


def test_closing_keeps_the_result_that_was_there(world: World) -> None:
    world.case.result = "直接解决"
    world.call("case-close")
    assert world.case.result == "直接解决"


def test_reopening_keeps_the_number_and_sets_new_due_times(world: World) -> None:
    world.call("case-close", result="协调解决")
    world.now = as_local("2026-12-01T10:00")
    assert world.call("case-reopen", limit="5个工作日") == {"reopen_count": 1, "due_at": "2026-12-08T17:00:00+08:00"}
    assert (world.case.status, world.case.closed_at, world.case.reopen_count) == ("已重开", None, 1)
    assert {world.clock(kind).due_at for kind in ("rectify", "finish")} == {as_local("2026-12-08T17:00")}


def test_failed_coordinations_are_counted(world: World) -> None:
    assert [world.call("coordination-count")["coordination_count"] for _ in range(2)] == [1, 2]
    assert world.session.get_one(Case, world.case.no).coordination_count == 2


def test_a_clerk_on_leave_gets_no_case_and_takes_none_over(world: World) -> None:
    on = MONDAY.date()
    leave = AccountLeave(account_id="clerk-b", deputy_id="clerk-a", from_on=on, to_on=on, created_by="head", created_at=MONDAY)
    leave.accepted_at = MONDAY
    world.session.add(leave)
    world.session.flush()
    assert cases.next_owner(world.session, WINDOW, MONDAY) == "clerk-a"
    assert world.call("case-owner-backup", reason="请假")["owner"] == "head"


def test_a_merge_that_was_a_mistake_is_undone_and_the_case_begins_anew(world: World) -> None:
    main = world.new_case()
    world.call("case-merge", into=main.no)
    world.call("case-unmerge")
    assert (world.case.status, world.case.merged_into, world.case.closed_at) == ("待研判", None, None)
    assert world.jobs[-1][:2] == ("file-start", {"case_no": world.case.no})
    assert world.events()[-1] == "case:unmerge"


def test_a_case_that_was_not_merged_or_is_closed_otherwise_cannot_be_taken_out(world: World) -> None:
    with pytest.raises(Conflict, match=r"Expected case .* to be merged into another"):
        world.call("case-unmerge")
    world.call("case-merge", into=world.new_case().no)
    world.call("case-set-status", status="已归档")
    with pytest.raises(Conflict, match="but it is 已归档"):
        world.call("case-unmerge")
