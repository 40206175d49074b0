"""What people tend to do: how long a task takes them, who answers at all, what they choose. Without habits everything is equally likely."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from engine.simulation.caseload import WORDS
from engine.simulation.filling import Wishes

#: What a file lets people do without asking for it, by message: no question waits for an answer here.
OFFERS = frozenset(
    {
        "appointment_changed", "appraisal_appealed", "card_appealed", "case_supplemented", "case_withdrawn", "complaint_extension",
        "cross_region_asked", "data_needed", "exemption_requested", "expert_asked", "extension_requested",
        "order_wrong", "owner_change_asked", "pause_requested", "regrade_asked", "revive_requested", "staff_left",
        "tolerance_grace_asked", "unmerge_asked",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Habits:
    """``late`` is the share of tasks done after their due time, ``silent`` the share of questions to citizens that nobody answers.

    ``taken_up`` is the share of offers (a pause, an appeal) that somebody makes use of; ``inclined`` says otherwise for some messages,
    and how likely an action with that message is chosen among those that are possible, beside 1 for the others. ``ordered`` is the
    share of what comes in by itself that a partner system sends as a signed order.
    """

    wishes: Wishes = field(default_factory=dict)
    late: float = 0.25
    silent: float = 0.3
    left_empty: float = 0.5
    #: The chance on a working day that somebody does something on an open case beside its tasks, and that a file of another kind is opened.
    acted_on: float = 0.05
    opened: float = 0.25
    taken_up: float = 0.1
    inclined: Mapping[str, float] = field(default_factory=dict)
    ordered: float = 0.0
    #: The share of what comes in that somebody has said before, and the chance on a working day that a material of a case comes on paper.
    said_again: float = 0.0
    handed_in: float = 0.0
    #: The longest a late task takes beyond its due time, in working time.
    latest: timedelta = timedelta(hours=70)
    shortest: timedelta = timedelta(minutes=6)

    def answers(self, chance: random.Random, message: str) -> bool:
        """Whether somebody will answer a question, or take up an offer."""
        share = self.inclined.get(message, self.taken_up) if message in OFFERS else 1 - self.silent
        return chance.random() < share

    def handling(self, chance: random.Random, limit: timedelta | None) -> timedelta:
        """Working time until somebody has done a task that is due in ``limit`` of working time."""
        if limit is None or limit <= timedelta(0):
            return max(self.shortest, timedelta(hours=chance.expovariate(1 / 3)))
        if chance.random() < self.late:
            return limit + max(timedelta(minutes=5), self.latest * chance.random() ** 3)
        return max(self.shortest, limit * chance.betavariate(1.6, 3.2))


def going_home(habits: Habits) -> Habits:
    """Nothing is begun any more: what would wait for years, an article or somebody at their post, comes to its end."""
    wishes = {**habits.wishes, "renewal.decision": [("失效", 1.0)]}
    return replace(habits, wishes=wishes, inclined={**habits.inclined, "staff_left": 10.0})


#: A centre in its first year (建设方案 1.3, 2.1): most matters are solved, some come too late, few are rated badly.
ORDINARY = Habits(
    wishes={
        "triage_facts.emergency": [(False, 0.985), (True, 0.015)],
        "triage_facts.nature": [("办事", 0.9), ("投诉", 0.05), ("建议", 0.05)],
        "triage_facts.cause": [
            ("材料不齐全", 0.3), ("部门不协调", 0.2), ("推诿拖延", 0.15), ("数据不一致", 0.12),
            ("系统故障", 0.1), ("政策不明确", 0.1), ("其他", 0.03),
        ],
        "triage_facts.department_count": [(1, 0.55), (2, 0.22), (3, 0.15), (5, 0.08)],
        "triage_facts.negative_code": [("-", 0.9), ("N01", 0.02), ("N03", 0.03), ("N04", 0.02), ("N08", 0.03)],
        "triage_facts.in_jurisdiction": [(True, 0.95), (False, 0.05)],
        "triage_facts.tried_regular": [(True, 0.88), (False, 0.12)],
        "triage_facts.has_policy_room": [(True, 0.94), (False, 0.06)],
        "triage_facts.has_open_case": [(False, 1.0)],
        "triage_facts.closed_no_new_fact": [(False, 0.985), (True, 0.015)],
        "grading_facts.government_levels": [(1, 0.96), (2, 0.03), (3, 0.01)],
        "grading_facts.cross_region": [("否", 0.88), ("跨区", 0.05), ("跨市", 0.03), ("跨省", 0.04)],
        "grading_facts.mass_or_safety": [(False, 0.97), (True, 0.03)],
        "grading_facts.legacy": [(False, 0.94), (True, 0.06)],
        "trips": [(0, 0.2), (1, 0.3), (2, 0.25), (3, 0.15), (5, 0.1)],
        "first_contact.result": [("已联系", 0.95), ("未接通", 0.05)],
        "review_decision": [("accept", 0.5), ("refuse", 0.5)],
        "coordination_outcome": [("已解决", 0.72), ("需一个部门协办", 0.2), ("需升级", 0.08)],
        "opinion": [("同意", 0.84), ("已办结", 0.08), ("不同意", 0.06), ("需补充", 0.02)],
        "coordination_result": [("agreed", 0.7), ("conflict", 0.3)],
        "meeting.consensus": [("agreed", 0.8), ("conflict", 0.2)],
        "office_decision": [("召开专题会", 0.6), ("批示", 0.3), ("退回", 0.1)],
        "minutes.disposition": [("执行", 0.85), ("上报", 0.1), ("依法不能", 0.05)],
        "reply.result": [("协调解决", 0.5), ("直接解决", 0.35), ("告知承诺解决", 0.07), ("解释说明(未解决)", 0.08)],
        "call_back_result": [("办成", 0.9), ("未办成", 0.1)],
        "confirmation": [("已解决", 0.95), ("未解决", 0.05)],
        "rating.level": [(5, 0.55), (4, 0.28), (3, 0.1), (2, 0.05), (1, 0.02)],
        "verification.verdict": [("属实", 0.5), ("部分属实", 0.25), ("不属实", 0.1), ("误评", 0.13), ("恶意", 0.02)],
        "verification.situation": [("清楚", 0.7), ("复杂", 0.3)],
        "review_result": [("同意", 0.9), ("不同意", 0.1)],
        "sign_decision": [("无异议", 0.95), ("有文字异议", 0.05)],
    },
    late=0.06,
    silent=0.35,
    acted_on=0.012,
    opened=0.3,
    taken_up=0.02,
    inclined={"case_withdrawn": 0.02, "order_wrong": 0.005, "staff_left": 0.005, "unmerge_asked": 0.1},
)  # fmt: skip

#: Facts as usual, so that most matters come past triage, and one in three about the matter whose materials may follow later; every choice
#: after that is equally likely: for walks into every corner.
CURIOUS = Habits(
    wishes={
        **{key: wish for key, wish in ORDINARY.wishes.items() if key.startswith(("triage_facts.", "grading_facts.", "review_decision"))},
        "triage_facts.has_open_case": [(False, 0.85), (True, 0.15)],
        "matter": [(matter, 6.0 if matter == "M06" else 1.0) for matter in WORDS],
        "choice.tolerance": [("愿意", 0.8), ("不愿意", 0.2)],
        "choice.commitment": [("愿意", 0.8), ("不愿意", 0.2)],
        "signed": [("已签", 0.8), ("拒签", 0.2)],
        "credit": [("正常", 0.9), ("失信未修复", 0.1)],
        "coordination_outcome": [("材料欠缺", 0.4), ("已解决", 0.2), ("需一个部门协办", 0.2), ("需升级", 0.2)],
        "pause_reason": [("待补正", 0.5), ("待确认", 0.2), ("检验检测", 0.2), ("不可抗力", 0.1)],
        "applicant_told": [("是", 0.9), ("否", 0.1)],
        "extension_days": [(1, 0.4), (2, 0.3), (5, 0.2), (30, 0.1)],
    },
    acted_on=0.12,
    inclined={
        "appraisal_appealed": 0.7, "case_withdrawn": 0.03, "complaint_extension": 0.5, "extension_requested": 3.0, "order_wrong": 0.1,
        "pause_requested": 3.0, "regrade_asked": 2.0, "revive_requested": 0.6, "staff_left": 0.3, "tolerance_grace_asked": 0.3,
        "unmerge_asked": 3.0,
    },
    ordered=0.5,
    said_again=0.15,
    handed_in=0.1,
)  # fmt: skip
