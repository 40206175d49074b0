"""Posts: the candidate groups that people of the window, and those who look after it, belong to. Knows no account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Post:
    """A candidate group that is a post, with its name in both languages.

    ``sees``: every case of the person's scope, or only those the person has or had a share in.
    """

    id: str
    name: str
    name_en: str
    sees: Literal["all", "own"] = "all"


POSTS = (
    Post("window", "窗口专员", "Window clerks"),
    Post("window_head", "窗口负责人", "Heads of the window"),
    Post("coordinator", "政务局协调岗", "Coordinators"),
    Post("bureau_leader", "政务局分管领导", "Deputy heads of the bureau"),
    Post("leading_group_office", "领导小组办公室", "Office of the leading group"),
    Post("leading_group", "领导小组", "Leading group"),
    Post("city_office", "市级政务服务管理机构", "City office of government services"),
    Post("rectifier", "整改专员", "Rectification officers"),
    Post("complaint_officer", "投诉专员", "Complaint officers"),
    Post("supervisor", "督办员", "Supervisors"),
    Post("policy_researcher", "政策研究岗", "Policy researchers"),
    Post("knowledge_keeper", "案例管理员", "Keepers of the case library"),
    Post("data_officer", "数据管理岗", "Data officers"),
    Post("legal_officer", "司法审查岗", "Legal officers"),
    Post("staffing_officer", "编办权责清单岗", "Keepers of the lists of powers", "own"),
    Post("hr_officer", "人事考勤岗", "Staff and attendance officers", "own"),
    Post("finance_officer", "经费管理岗", "Budget officers", "own"),
    Post("expert", "专家", "Experts", "own"),
    Post("evaluator", "第三方评估机构", "Third-party evaluators", "own"),
    Post("citizen_supervisor", "群众监督员", "Citizen supervisors", "own"),
    Post("hotline", "12345热线", "12345 hotline", "own"),
    Post("grid_worker", "网格员", "Grid workers", "own"),
    Post("analyst", "流程分析师", "Process analysts"),
    Post("admin", "系统与流程管理员", "Administrators"),
    Post("auditor", "审计员", "Auditors"),
)

#: Posts that see cases and change none: who has no other puts nothing to a case.
LOOKING_ON = frozenset({"auditor", "analyst", "admin", "evaluator", "citizen_supervisor"})

#: Behind a department's code: the group of those who answer for the department.
LEADER_SUFFIX = "_leader"


def leader_group(department: str) -> str:
    """The group of a department's leaders (分管领导、主要领导): ``D01_leader``."""
    return f"{department}{LEADER_SUFFIX}"


#: Who heads the window answers for it, as leaders do for their department.
_HEADED = {"window_head": "window"}


def answered_for(groups: Iterable[str]) -> frozenset[str]:
    """The posts and departments that members of these groups belong to or answer for: what is said against those is said against them."""
    named = {group.removesuffix(LEADER_SUFFIX) for group in groups}
    return frozenset(named | {_HEADED[group] for group in named if group in _HEADED})


def answering_groups(names: Iterable[str]) -> frozenset[str]:
    """The groups whose members belong to these posts and departments or answer for them."""
    known = frozenset(names)
    heads = {head for head, headed in _HEADED.items() if headed in known}
    return known | heads | {leader_group(name) for name in known}
