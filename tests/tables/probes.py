"""One set of facts for each row of each table, as small a step from the usual facts as the row allows."""

from __future__ import annotations

from typing import Any

from .probes_of_appraisal import PROBES as OF_APPRAISAL
from .probes_of_feedback import PROBES as OF_FEEDBACK
from .probes_of_neighbours import PROBES as OF_NEIGHBOURS
from .probes_of_registers import OF_REGISTERS

USUAL_TRIAGE: dict[str, Any] = {
    "emergency": False,
    "nature": "办事",
    "has_open_case": False,
    "closed_no_new_fact": False,
    "negative_code": "-",
    "in_jurisdiction": True,
    "tried_regular": True,
    "has_policy_room": True,
    "department_count": 1,
    "cause": "其他",
}
USUAL_GRADING: dict[str, Any] = {
    "government_levels": 1,
    "no_consensus": False,
    "coordination_count": 0,
    "mass_or_safety": False,
    "department_count": 1,
    "cross_region": "否",
    "legacy": False,
    "cause": "其他",
}
NO_CANDIDATES: dict[str, Any] = dict.fromkeys(("responsibility", "one_thing", "issuer", "first_received", "supervisor"))
ON_TIME: dict[str, Any] = {
    "sign_overdue": False,
    "extensions": 0,
    "second_bad_rating": False,
    "absences": 0,
    "overdue_days": 0,
    "remaining_ratio": 0.5,
}


def pilot(mechanism: int, data: int, people: int, satisfaction: int) -> dict[str, Any]:
    return {"pilot_facts": {"mechanism": mechanism, "data": data, "people": people, "satisfaction": satisfaction}}


def budget(**facts: Any) -> dict[str, Any]:
    """A district's budget of 300,000 yuan without a fault, but for these facts."""
    sound = {"level": "县级", "total": 30, "salaries": 15, "equipment": 6, "maintenance": 2, "experts": 4.5, "training": 1, "other": 1.5}
    changed = {**sound, **facts}
    scale = changed["total"] / 30
    return {
        "budget_facts": {
            key: value * scale if key in sound and key not in ("level", "total", *facts) else value for key, value in changed.items()
        }
    }


def triage(**facts: Any) -> dict[str, Any]:
    return {"triage_facts": USUAL_TRIAGE | facts}


def grading(**facts: Any) -> dict[str, Any]:
    return {"grading_facts": USUAL_GRADING | facts}


def candidates(**facts: Any) -> dict[str, Any]:
    return {"lead_candidates": NO_CANDIDATES | facts}


def material(kind: str = "核心", **facts: Any) -> dict[str, Any]:
    """A material that is missing: core, without risk, of an applicant in good standing who wants no promise."""
    known = {"shared": False, "licence": False, "credit": "正常", "commit_ok": False, "risk": False, "willing": False, "promise_days": 5}
    return {"gap_facts": {**known, "class": kind, **facts}}


def card(**facts: Any) -> dict[str, Any]:
    return {"card_facts": ON_TIME | facts}


def rated(
    level: int, verdict: str = "未核实", legal_basis: str | None = None, situation: str | None = None, reopened: int = 0
) -> dict[str, Any]:
    verification = {"verdict": verdict, "legal_basis": legal_basis, "situation": situation}
    return {"rating": {"level": level}, "reopen_count": reopened, "verification": verification}


#: table → row → facts that must hit this row and no other.
PROBES: dict[str, dict[str, dict[str, Any]]] = {
    "DT01": {
        "T01": triage(emergency=True),
        "T02": triage(nature="投诉"),
        "T03": triage(has_open_case=True),
        "T04": triage(closed_no_new_fact=True),
        "T05": triage(negative_code="N01"),
        "T06": triage(in_jurisdiction=False),
        "T07": triage(nature="建议"),
        "T08": triage(tried_regular=False),
        "T09": triage(has_policy_room=False),
        "T10": triage(cause="政策不明确"),
        "T11": triage(department_count=2),
        "T12": triage(cause="材料不齐全"),
        "T13": triage(cause="推诿拖延"),
        "T14": triage(),
    },
    "DT02": {
        "G1": grading(government_levels=2),
        "G2": grading(no_consensus=True),
        "G3": grading(coordination_count=2),
        "G4": grading(mass_or_safety=True),
        "G5": grading(department_count=2),
        "G6": grading(cross_region="跨省"),
        "G7": grading(legacy=True),
        "G8": grading(cause="政策不明确"),
        "G9": grading(cause="材料不齐全"),
        "G10": grading(),
    },
    "DT03": {
        "L1": {"grade": {"level": "简单"}},
        "L2": {"grade": {"level": "复杂"}},
        "L3": {"grade": {"level": "重大"}},
    },
    "DT05": {
        "F1": candidates(responsibility="D06"),
        "F2": candidates(one_thing="D01"),
        "F3": candidates(issuer="D07"),
        "F4": candidates(first_received="D02"),
        "F5": candidates(supervisor="D09"),
        "F6": candidates(),
    },
    "DT06": {
        "C1": material(shared=True),
        "C2": material(licence=True),
        "C3": material(credit="失信未修复", commit_ok=True, willing=True),
        "C4": material(commit_ok=True, willing=True),
        "C5": material(kind="可容缺", risk=True, commit_ok=True, willing=True),
        "C6": material(willing=True),
        "C7": material(kind="可容缺"),
    },
    "DT07": {
        "R1": rated(3),
        "R2": rated(0),
        "R3": rated(2, reopened=2),
        "R4": rated(2),
        "R5": rated(1, "误评"),
        "R6": rated(1, "不属实"),
        "R7": rated(2, "部分属实", "缺", "复杂"),
        "R8": rated(2, "属实", "有", "清楚"),
        "R9": rated(2, "属实", "有", "复杂"),
    },
    "DT08": {
        "K1": card(extensions=3),
        "K2": card(second_bad_rating=True),
        "K3": card(absences=2),
        "K4": card(overdue_days=3),
        "K5": card(overdue_days=1),
        "K6": card(sign_overdue=True),
        "K7": card(remaining_ratio=0.2),
        "K8": card(),
    },
    "DT40": {
        "Q1": pilot(22, 22, 22, 22),
        "Q2": pilot(20, 20, 10, 20),
        "Q3": pilot(10, 10, 10, 10),
    },
    "DT41": {
        "J1": budget(level="市级", total=49.9),
        "J2": budget(total=19.9),
        "J3": budget(salaries=14.9),
        "J4": budget(equipment=6.1),
        "J5": budget(experts=4.4),
        "J6": budget(training=0),
    },
    "DT42": {
        "H1": {"training_facts": {"phase": "岗前", "hours": 40, "topics": 0}},
        "H2": {"training_facts": {"phase": "年度", "hours": 20, "topics": 1}},
        "H3": {"training_facts": {"phase": "年度", "hours": 20, "topics": 0}},
    },
    "DT43": {
        "S1": {"sampling_facts": {"checked": 9, "accuracy": 1}},
        "S2": {"sampling_facts": {"checked": 30, "accuracy": 0.98}},
        "S3": {"sampling_facts": {"checked": 30, "accuracy": 0.97}},
    },
    "DT44": {
        "F1": {"gaming_facts": {"active_rating_rate": 0.59, "reopened": 0, "closed": 100, "extended": 0}},
        "F2": {"gaming_facts": {"active_rating_rate": 0.6, "reopened": 6, "closed": 100, "extended": 0}},
        "F3": {"gaming_facts": {"active_rating_rate": 0.6, "reopened": 0, "closed": 100, "extended": 21}},
        "F4": {"gaming_facts": {"active_rating_rate": 0.6, "reopened": 0, "closed": 100, "extended": 0, "long_pauses": 6}},
    },
    "DT45": {"O1": {"onsite_facts": {"core": True}}, "O2": {"onsite_facts": {"core": False}}},
    "DT46": {"V1": {"turnover_facts": {"rate": 0.05}}, "V2": {"turnover_facts": {"rate": 0.051}}},
}
PROBES |= OF_APPRAISAL
PROBES |= OF_FEEDBACK
PROBES |= OF_REGISTERS
PROBES |= OF_NEIGHBOURS
