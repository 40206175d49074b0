"""A form that asks for the number of a case takes only one that exists: the person reads so while they can still mend it."""

from __future__ import annotations

import pytest

from engine.case_opening import CaseIntake
from engine.clock import as_local
from engine.errors import InvalidInput
from engine.trials.centre import Template
from engine.trials.playing import Player

APPLICANT = {"kind": "自然人", "name": "张示例", "phone": "13800000000"}
ANSWERS = {
    "first_contact": {"result": "已联系", "note": "已电话核实。"},
    "matter": "M13",
    "triage_facts": {"cause": "系统故障", "nature": "办事", "has_open_case": True, "department_count": 1},
    "grading_facts": {"cause": "系统故障", "government_levels": 1, "cross_region": "否", "department_count": 1},
}


def test_an_arrival_is_merged_into_an_open_case_only(prepared: Template) -> None:
    moment = as_local("2026-11-23T10:00")
    with prepared.opened(moment) as centre:
        main, arrival = Player(centre), Player(centre)
        text = "办无犯罪记录证明系统老是报错,跑了两趟都没有办成。"
        main.open(CaseIntake(applicant=APPLICANT, channel="现场", text=text, received_at=moment, matter_code="M13"), "window")
        arrival.open(CaseIntake(applicant=APPLICANT, channel="微信", text=text, received_at=moment, is_registered=False), "window")
        for wrong in ("BBC440103-20261123-0999", arrival.key):
            with pytest.raises(InvalidInput) as refused:
                arrival.complete("register_arrival", {**ANSWERS, "duplicate_of": wrong})
            assert "没有编号为" in refused.value.fields["duplicate_of"][0]
        arrival.complete("register_arrival", {**ANSWERS, "duplicate_of": main.key})
        assert arrival.report().status == "已并案"
