"""Each story of a case runs through the diagrams to its end, by the real tables and expressions."""

from __future__ import annotations

import pytest

from engine.feel import Feel

from .rehearsal import Rehearsal, Stage

TWO_DEPARTMENTS = {"triage_facts": {"department_count": 2, "cause": "部门不协调"}, "grading_facts": {"department_count": 2}}


@pytest.fixture(scope="module")
def stage(feel: Feel) -> Stage:
    return Stage(feel)


def sign_and_reply(case: Rehearsal, opinion: str) -> None:
    case.answer("sign_in")
    case.answer("opinion", opinion=opinion, reply="意见如下", **({} if opinion == "同意" else {"basis": "条例第8条"}))


def play_to_joint_meeting(stage: Stage) -> Rehearsal:
    case = Rehearsal(stage, **TWO_DEPARTMENTS)
    sign_and_reply(case, "不同意")
    case.answer("mediation", coordination_result="conflict")
    case.answer("call_meeting", meeting_notice={"time": "2026-11-25T09:00", "topic": "加装电梯", "place": "二楼"})
    return case


REFUSAL = {"negative_code": "N01", "basis": "条例", "explanation": "政策不予办理", "remedy": "行政复议"}


def play_to_bad_rating(stage: Stage) -> Rehearsal:
    case = Rehearsal(stage)
    case.answer("direct_coordination", coordination_outcome="已解决", conclusion="已补齐")
    case.answer_and_rate(1)
    return case


def test_a_simple_case_is_coordinated_answered_rated_and_archived(stage: Stage) -> None:
    case = Rehearsal(stage)
    assert case.hits("DT01") == ["T12"]
    assert case.hits("DT02") == ["G9"]
    assert case.waiting() == ["direct_coordination"]
    case.answer("direct_coordination", coordination_outcome="已解决", conclusion="已补齐")
    case.answer_and_rate(5)
    assert case.execution.completed
    assert case.execution.end_events == ("case_archived",)
    assert case.inputs("case-set-status", "status")[-1] == "已办结"
    assert [call.get("result") for name, call in case.stage.calls if call.get("status") == "已办结"] == ["协调解决"]
    assert [thrown.name for thrown in case.execution.thrown()] == ["工单办结"]


def test_an_online_arrival_gets_an_owner_and_is_registered_before_triage(stage: Stage) -> None:
    case = Rehearsal(stage, registered=False, owner=None)
    (wait,) = case.execution.waits().user_tasks.values()
    assert (wait.element_id, wait.assignee, wait.candidate_groups) == ("register_arrival", "clerk2", ("window",))
    case.let_pass("respond_overdue")
    assert [lamp["code"] for lamp in case.inputs("card-issue", "lamp")] == ["yellow_step"]
    case.answer("register_arrival", triage_facts={"cause": "材料不齐全"}, matter="M06")
    assert case.waiting() == ["direct_coordination"]


def test_an_emergency_is_diverted_at_once_without_a_respond_clock(stage: Stage) -> None:
    case = Rehearsal(stage, triage_facts={"emergency": True})
    assert case.execution.end_events == ("not_coordinated",)
    assert case.inputs("notice-send", "template") == ["MSG-02"]
    assert case.inputs("clock-start", "kind") == []


@pytest.mark.parametrize(
    ("facts", "task", "status"),
    [
        ({"negative_code": "N01"}, "refusal_notice", "已告知"),
        ({"closed_no_new_fact": True}, "refusal_notice", "已告知"),
        ({"tried_regular": False}, "referral", "已引导"),
    ],
)
def test_a_case_that_is_not_accepted_goes_its_own_way(stage: Stage, facts: dict, task: str, status: str) -> None:
    case = Rehearsal(stage, triage_facts=facts)
    assert case.waiting() == [task]
    case.answer(
        task,
        refusal=REFUSAL,
        referral={
            "department": "D12",
            "counter": "3号",
            "contact": "李",
            "phone": "020",
            "materials": None,
            "appointment": "2026-11-24T09:00",
        },
    )
    assert case.inputs("case-set-status", "status") == [status]
    assert case.inputs("document-issue", "template") == ["referral_slip" if task == "referral" else "refusal_notice"]


@pytest.mark.parametrize(("nature", "kind"), [("投诉", "complaint"), ("建议", "suggestion")])
def test_a_complaint_and_a_suggestion_get_a_file_of_their_own(stage: Stage, nature: str, kind: str) -> None:
    case = Rehearsal(stage, triage_facts={"nature": nature})
    assert case.execution.end_events == ("not_coordinated",)
    assert case.inputs("case-open", "kind") == [kind]
    assert case.inputs("case-set-status", "status") == ["已移交"]


def test_a_matter_of_another_region_is_followed_until_its_window_answers(stage: Stage) -> None:
    case = Rehearsal(stage, triage_facts={"in_jurisdiction": False})
    case.answer("hand_over", hand_over={"region": "440106", "unit": "天河区窗口"})
    case.answer("send_letter", letter={"unit": "天河区窗口", "ask": "请办理", "has_authority": False})
    case.receive("partner_signed")
    case.receive("partner_answered", partner_result={"outcome": "异地办结", "is_different": False})
    assert case.inputs("case-entry", "kind") == ["外部等待"]
    assert case.inputs("case-set-status", "status") == ["已移交"]


def test_a_guided_applicant_who_got_nowhere_flows_back(stage: Stage) -> None:
    case = Rehearsal(stage, triage_facts={"negative_code": "N01"})
    case.answer("refusal_notice", refusal=REFUSAL, referral={"department": None})
    case.let_pass("call_back_wait")
    case.answer("call_back", call_back_result="未办成")
    assert case.execution.completed
    assert ("case-return", {}) in case.stage.calls


def test_a_duplicate_is_merged_into_its_open_case(stage: Stage) -> None:
    case = Rehearsal(stage, triage_facts={"has_open_case": True}, duplicate_of="BBC440103-20261120-0002")
    assert case.execution.end_events == ("not_coordinated",)
    assert case.inputs("case-merge", "into") == ["BBC440103-20261120-0002"]


def test_the_head_of_the_window_may_overturn_a_planned_refusal(stage: Stage) -> None:
    case = Rehearsal(stage, triage_facts={"has_policy_room": False})
    case.let_pass("head_review_overdue")
    case.answer("head_review", review_decision="accept", review_opinion="指南外增设材料")
    assert case.waiting() == ["direct_coordination"]


def test_agreeing_departments_conclude_through_the_lead(stage: Stage) -> None:
    case = Rehearsal(stage, **TWO_DEPARTMENTS)
    assert case.hits("DT02") == ["G5"]
    assert case.waiting() == ["sign_in", "sign_in"]
    sign_and_reply(case, "同意")
    (wait,) = case.execution.waits().user_tasks.values()
    assert (wait.element_id, wait.candidate_groups) == ("lead_conclusion", ("D07",))
    case.answer("lead_conclusion", conclusion="同意并联办理")
    case.answer_and_rate(4)
    assert case.execution.end_events == ("case_archived",)


def test_silent_departments_count_as_signed_and_get_cards(stage: Stage) -> None:
    case = Rehearsal(stage, **TWO_DEPARTMENTS)
    case.let_pass("sign_overdue")
    assert case.inputs("sub-order-sign", "deemed") == [True, True]
    case.let_pass("opinion_overdue")
    assert [lamp["code"] for lamp in case.inputs("card-issue", "lamp")] == ["yellow_step", "yellow_step", "yellow", "yellow"]
    assert case.waiting() == ["opinion", "opinion"]


def test_a_joint_meeting_settles_a_conflict(stage: Stage) -> None:
    case = play_to_joint_meeting(stage)
    decided = {"attendance": "D07、D08", "positions": "各述", "consensus": "agreed", "resolution": "并联审批", "due": "2026-11-30"}
    case.answer("hold_meeting", meeting=decided)
    assert case.waiting() == ["sign_minutes", "sign_minutes"]
    case.let_pass("silence_agrees")
    case.answer("carry_out", conclusion="已落实")
    case.answer_and_rate(5)
    assert case.execution.end_events == ("case_archived",)


def test_a_department_that_stays_away_twice_is_bound_and_gets_a_red_card(stage: Stage) -> None:
    case = play_to_joint_meeting(stage)
    absent = {"attendance": "D07", "positions": "缺席", "consensus": "conflict", "absent_department": "D08"}
    case.answer("hold_meeting", meeting=absent)
    assert case.waiting() == ["call_meeting"]
    case.answer("call_meeting", meeting_notice={"time": "2026-11-26T09:00", "topic": "加装电梯", "place": "二楼"})
    case.answer("hold_meeting", meeting=absent | {"consensus": "agreed", "resolution": "并联审批", "due": "2026-11-30"})
    assert case.hits("DT08") == ["K3"]
    assert case.inputs("card-issue", "against") == ["D08"]
    assert case.waiting() == ["sign_minutes", "sign_minutes"]


def test_no_consensus_raises_the_case_to_the_leading_group(stage: Stage) -> None:
    case = play_to_joint_meeting(stage)
    case.answer("hold_meeting", meeting={"attendance": "D07", "positions": "各述", "consensus": "conflict"})
    case.answer("sign_minutes")
    assert case.hits("DT02") == ["G5", "G2"]
    assert len(case.inputs("departments-route", "matter")) == 1
    case.answer("draft_request", request={"facts": "事实"})
    case.answer("office_review", office_decision="退回")
    case.answer("draft_request", request={"facts": "补充"})
    case.answer("office_review", office_decision="召开专题会")
    case.let_pass("decision_late")
    case.let_pass("decision_late")
    case.answer("leader_decision", leader_form="专题会", leader_decided_on="2026-12-01", leader_instruction="并联审批")
    orders = {"disposition": "执行", "resolution": "并联", "lead_department": "D08", "due": "2026-12-10", "ask": "并联审批"}
    case.answer("record_minutes", minutes=orders)
    sign_and_reply(case, "已办结")
    case.answer("lead_conclusion", conclusion="已办结")
    case.answer_and_rate(3)
    assert case.execution.end_events == ("case_archived",)


@pytest.mark.parametrize(("disposition", "task"), [("上报", "report_upward"), ("依法不能", "explain_remedy")])
def test_the_leading_group_may_report_upward_or_explain(stage: Stage, disposition: str, task: str) -> None:
    case = Rehearsal(stage, grading_facts={"mass_or_safety": True})
    assert case.hits("DT02") == ["G4"]
    case.answer("draft_request", request={"facts": "事实"})
    case.answer("office_review", office_decision="批示")
    case.answer("leader_decision", leader_form="专题会", leader_decided_on="2026-12-01", leader_instruction="阅")
    case.answer("record_minutes", minutes={"disposition": disposition, "resolution": "如文", "due": "2026-12-10"})
    case.answer(task, conclusion="已书面说明")
    if disposition == "上报":
        assert case.waiting() == ["send_letter"]
        case.answer("send_letter", letter={"unit": "市级管理机构", "ask": "请统筹", "has_authority": False})
        case.receive("partner_signed")
        case.let_pass("stage_answer_due")
        case.receive("partner_answered", partner_result={"outcome": "异地办结", "is_different": False})
        assert case.inputs("notice-send", "template")[-1] == "MSG-92"
    assert case.waiting() == ["draft_reply"]


def test_two_failed_coordinations_raise_the_case_without_a_meeting(stage: Stage) -> None:
    case = Rehearsal(stage, **TWO_DEPARTMENTS)
    stage.coordinated = 1
    sign_and_reply(case, "不同意")
    case.answer("mediation", coordination_result="conflict")
    assert case.hits("DT02") == ["G5", "G3"]
    assert case.waiting() == ["draft_request"]


def test_a_simple_case_may_need_one_department_and_then_an_upgrade(stage: Stage) -> None:
    case = Rehearsal(stage)
    case.let_pass("finish_overdue")
    case.answer("direct_coordination", coordination_outcome="需一个部门协办", helper_department="D08", ask="出具意见")
    sign_and_reply(case, "不同意")
    case.answer("mediation", coordination_result="conflict")
    assert case.hits("DT02") == ["G9", "G5"]
    assert case.waiting() == ["sign_in", "sign_in"]


def test_an_empty_reply_goes_back_to_its_author(stage: Stage) -> None:
    case = Rehearsal(stage)
    case.answer("direct_coordination", coordination_outcome="已解决", conclusion="已补齐")
    case.answer("draft_reply", reply={"text": "已办", "result": "直接解决"})
    (token,) = case.execution.waits().user_tasks
    assert case.waiting() == ["draft_reply"]
    assert case.execution.variables_of(token)["reply_problems"] == "答复太短"


def test_silence_is_unconfirmed_and_rated_by_default(stage: Stage) -> None:
    case = Rehearsal(stage)
    case.answer("direct_coordination", coordination_outcome="已解决", conclusion="已补齐")
    case.answer("draft_reply", reply={"text": "已经为您补齐材料。", "result": "直接解决"})
    case.answer("confirm_reply", reply={"answered_by": "当面"})
    case.let_pass("confirmation_overdue")
    case.let_pass("rating_overdue")
    assert case.hits("DT07") == ["R2"]
    assert case.execution.variables["confirmation"] == "未确认"
    assert case.execution.end_events == ("case_archived",)


def test_a_case_that_is_not_solved_counts_as_badly_rated(stage: Stage) -> None:
    case = Rehearsal(stage)
    case.answer("direct_coordination", coordination_outcome="已解决", conclusion="已补齐")
    case.answer("draft_reply", reply={"text": "已经为您补齐材料。", "result": "直接解决"})
    case.answer("confirm_reply", reply={"answered_by": "当面"})
    case.receive("case_confirmed", confirmation="未解决")
    case.receive("case_rated", rating={"level": 5})
    assert case.waiting() == ["verify_rating"]
    case.answer("verify_rating", verification={"verdict": "属实", "legal_basis": "缺", "situation": "清楚"})
    case.answer("explain", explanation="缺少法定依据")
    assert [call.get("result") for name, call in case.stage.calls if call.get("status") == "已办结"] == ["未解决"]


def test_a_justified_bad_rating_is_rectified_and_rated_again(stage: Stage) -> None:
    case = play_to_bad_rating(stage)
    case.let_pass("contact_overdue")
    assert [lamp["code"] for lamp in case.inputs("card-issue", "lamp")] == ["red"]
    case.answer("verify_rating", verification={"verdict": "属实", "legal_basis": "有", "situation": "清楚"})
    case.let_pass("rectify_overdue")
    case.answer("rectify", rectification={"summary": "已整改"})
    case.receive("case_rated", rating={"level": 3})
    assert case.hits("DT07") == ["R4", "R8"]
    assert case.execution.variables["reopen_count"] == 1
    assert case.execution.end_events == ("case_archived",)


def test_a_rating_given_by_mistake_is_reviewed_by_two(stage: Stage) -> None:
    case = play_to_bad_rating(stage)
    case.answer("verify_rating", verification={"verdict": "未核实"})
    case.answer("verify_rating", verification={"verdict": "误评"})
    case.answer("review_rating", review_result="同意")
    case.answer("review_rating_second", review_result="不同意")
    case.answer("verify_rating", verification={"verdict": "误评"})
    case.answer("review_rating", review_result="同意")
    case.answer("review_rating_second", review_result="同意")
    assert case.hits("DT07") == ["R4", "R4", "R5", "R5"]
    assert case.execution.end_events == ("case_archived",)


def test_a_second_bad_rating_raises_the_case_one_level(stage: Stage) -> None:
    case = play_to_bad_rating(stage)
    case.answer("verify_rating", verification={"verdict": "属实", "legal_basis": "有", "situation": "复杂"})
    case.answer("rectify", rectification={"summary": "已整改"})
    case.receive("case_rated", rating={"level": 2})
    assert case.hits("DT08") == ["K2"]
    assert case.hits("DT02") == ["G9", "G7"]
    assert case.waiting() == ["call_meeting"]


def test_an_escalated_case_runs_to_its_archive_with_a_second_round_of_rating(stage: Stage) -> None:
    case = play_to_bad_rating(stage)
    case.answer("verify_rating", verification={"verdict": "属实", "legal_basis": "有", "situation": "复杂"})
    case.answer("rectify", rectification={"summary": "已整改"})
    case.receive("case_rated", rating={"level": 2})
    case.answer("call_meeting", meeting_notice={"time": "2026-12-25T09:00", "topic": "材料互认", "place": "二楼"})
    case.answer("hold_meeting", meeting={"positions": "同意", "consensus": "agreed", "resolution": "互认", "due": "2026-12-30"})
    case.answer("sign_minutes")
    case.answer("carry_out", conclusion="已互认")
    case.answer_and_rate(4)
    assert case.inputs("rating-record", "second") == [False, True, True]
    assert case.execution.variables["reopen_count"] == 2
    assert case.execution.end_events == ("case_archived",)
