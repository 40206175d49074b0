"""Opening case files: the party, the file, and its process, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case, Matter, Party
from engine.db.tables import ProcessInstance
from engine.errors import InvalidInput
from engine.services import case_files, cases, evidence, matters, parties
from engine.services.case_kinds import CASE, Kind

#: The process every case runs through.
SPINE = "P00_case_spine"

#: Facts that hold when nobody said otherwise (domain F-5).
TRIAGE_DEFAULTS: Mapping[str, Any] = {
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
GRADING_DEFAULTS: Mapping[str, Any] = {
    "government_levels": 1,
    "no_consensus": False,
    "coordination_count": 0,
    "mass_or_safety": False,
    "department_count": 1,
    "cross_region": "否",
    "legacy": False,
    "cause": "其他",
}


#: What the opening of a case gives to its process, and every start to its own.
CASE_VARIABLES = frozenset(
    case_files.OWN_VARIABLES
    | {"case_no", "channel", "received_at", "effective_at", "applicant_kind", "matter", "matter_name", "org_unit", "registered", "owner"}
    | {"triage_facts", "grading_facts", "duplicate_of", "returned_from", "reopen_count"}
)


@dataclass(frozen=True)
class CaseIntake:
    """What is known when a case is opened. ``applicant`` holds personal data and goes to the party only.

    An arrival that nobody took in person is not registered yet: a clerk does that within one working hour (P01).
    """

    applicant: Mapping[str, Any]
    channel: str
    text: str
    received_at: datetime
    matter_code: str | None = None
    title: str | None = None
    tried: tuple[Mapping[str, Any], ...] = ()
    trips: int = 0
    triage_facts: Mapping[str, Any] = field(default_factory=dict)
    grading_facts: Mapping[str, Any] = field(default_factory=dict)
    duplicate_of: str | None = None
    returned_from: str | None = None
    external_no: str | None = None
    is_registered: bool = True


def open_case(engine: Engine, session: Session, actor: Actor, intake: CaseIntake) -> Case:
    """Give out a number, keep the applicant apart and encrypted, start the spine. Their name leaves the free text."""
    intake = _without_applicant(intake)
    triage_facts = {**TRIAGE_DEFAULTS, **_given(intake.triage_facts)}
    matter = _matter(session, intake.matter_code, intake.received_at, engine.clock.now())
    case = cases.create_case(
        session,
        number=cases.next_number(session, engine.settings.region, intake.received_at),
        org_unit=unit_of(engine, actor),
        region=engine.settings.region,
        applicant_id=parties.create_party(session, engine.secrets, engine.clock.now(), intake.applicant).id,
        calendar=engine.reference.read(session).calendar,
        received_at=intake.received_at,
        channel=intake.channel,
        matter_code=matter.code if matter else None,
        title=intake.title or (matter.name if matter else intake.text[:40]),
        text=intake.text,
        tried=[dict(row) for row in intake.tried],
        trips=intake.trips,
        cause=str(triage_facts["cause"]),
        owner_id=_owner(engine, session, actor, unit_of(engine, actor)) if intake.is_registered else None,
        returned_from=intake.returned_from,
        external_no=intake.external_no,
    )
    facts = {"channel": intake.channel, "matter": case.matter_code, "digest": evidence.digest(intake.text)}
    evidence.record(session, engine.clock.now(), actor, case.no, "case:register", **facts)
    variables = _variables(session, case, matter, triage_facts, intake)
    case.coordination_count = int(variables["grading_facts"]["coordination_count"])  # what failed before counts towards G3
    case.instance_id = runtime.start(engine, session, actor, SPINE, case.no, variables).id
    session.flush()
    return case


def open_file(
    engine: Engine,
    session: Session,
    actor: Actor,
    kind: str,
    values: Mapping[str, Any],
    *,
    parent_no: str | None = None,
    applicant: Mapping[str, Any] | None = None,
    channel: str = "现场",
) -> Case:
    """Open a file of any kind with what its start form submitted, and start its process.

    ``applicant`` (or the form's own) goes to the party only; ``title`` and ``text`` are the file's, the rest are its facts.
    Raises InvalidInput by field, NotFound for a kind or a parent that is not there.
    """
    chosen = engine.reference.read(session).kinds.kind(kind)
    person = {**(values.get("applicant") or {}), **(applicant or {})}
    if chosen.kind == CASE:
        return open_case(engine, session, actor, intake_of({**values, "applicant": person}, engine.clock.now()))
    opening = _opening(engine, session, actor, chosen, values, person, parent_no)
    case = case_files.create_file(
        session, engine.reference.read(session).calendar, replace(opening, channel=str(values.get("channel") or channel))
    )
    case_files.record_opening(session, engine.clock.now(), actor, case)
    if actor.org_unit:
        case_files.record_opener(session, engine.clock.now(), actor, case)
    case.instance_id = runtime.start(engine, session, actor, chosen.process, case.no, case_files.own_variables(case)).id
    session.flush()
    return case


def unit_of(engine: Engine, actor: Actor) -> str:
    """The window of the person; who belongs to a district or city has none, so that the case goes to the centre's own."""
    return actor.org_unit if actor.org_unit and len(actor.scope) <= 1 else engine.settings.org_unit


def _opening(
    engine: Engine, session: Session, actor: Actor, kind: Kind, values: Mapping[str, Any], person: Mapping[str, Any], parent_no: str | None
) -> case_files.Opening:
    party = _party(engine, session, kind, person)
    parent = cases.get_case(session, parent_no) if parent_no else None
    return case_files.Opening(
        kind=kind,
        org_unit=parent.org_unit if parent else unit_of(engine, actor),
        region=parent.region if parent else engine.settings.region,
        received_at=engine.clock.now(),
        applicant_id=party.id if party else None,
        parent_no=parent_no,
        matter_code=_code(_matter(session, values.get("matter"), engine.clock.now(), engine.clock.now())),
        opener=actor.id if actor.org_unit else None,
        **_words(kind, values, person),
    )


def start_file(engine: Engine, session: Session, case_no: str) -> None:
    """The process of a file that a diagram opened begins; one that was merged by mistake begins anew with what was known."""
    case = cases.get_case(session, case_no)
    chosen = engine.reference.read(session).kinds.kind(case.kind)
    variables = _known_variables(engine, session, case) if chosen.kind == CASE else case_files.own_variables(case)
    case.instance_id = runtime.start(engine, session, SYSTEM, chosen.process, case.no, variables).id
    session.flush()


def open_returned_case(engine: Engine, session: Session, case_no: str) -> Case:
    """A referred person came back without success (回流): a new case with the regular channel now tried."""
    old = session.get_one(Case, case_no)
    known = _last_variables(engine, session, old)
    intake = CaseIntake(
        applicant={},
        channel=old.channel,
        text=old.text,
        received_at=engine.clock.now(),
        matter_code=matters.open_now(session, old.matter_code, engine.clock.now()),
        tried=(*old.tried, {"channel": "引荐后回流", "reason": f"{old.no} 引导后仍未办成"}),
        trips=old.trips + 1,
        triage_facts={**known.get("triage_facts", {}), "tried_regular": True},
        grading_facts=known.get("grading_facts", {}),
        returned_from=old.no,
    )
    return _open_for_same_applicant(engine, session, old, intake)


def intake_of(values: Mapping[str, Any], received_at: datetime) -> CaseIntake:
    """What the registration form submitted."""
    tried = values.get("tried") or {}
    return CaseIntake(
        applicant=values.get("applicant") or {},
        channel=str(values.get("channel") or "现场"),
        text=str(values.get("text") or ""),
        received_at=received_at,
        matter_code=values.get("matter"),
        title=values.get("title"),
        tried=tuple(tried) if isinstance(tried, list) else ((tried,) if tried else ()),
        trips=int(values.get("trips") or 0),
        triage_facts=values.get("triage_facts") or {},
        grading_facts=values.get("grading_facts") or {},
        duplicate_of=values.get("duplicate_of") or None,
        external_no=values.get("external_no") or None,
    )


def _known_variables(engine: Engine, session: Session, case: Case) -> dict[str, Any]:
    """What a case begins with that nobody registered at the counter: what its last process knew, and what a diagram gave."""
    known = {**case.facts, **_last_variables(engine, session, case)}
    intake = CaseIntake(
        applicant={},
        channel=case.channel,
        text=case.text,
        received_at=case.received_at,
        triage_facts={**(known.get("triage_facts") or {}), "has_open_case": False},
        grading_facts=known.get("grading_facts") or {},
        returned_from=case.returned_from,
        is_registered=bool(known.get("registered")),
    )
    facts = {**TRIAGE_DEFAULTS, **_given(intake.triage_facts)}
    kind = {"applicant_kind": known["applicant_kind"]} if "applicant_kind" in known else {}
    return {**_variables(session, case, session.get(Matter, case.matter_code) if case.matter_code else None, facts, intake), **kind}


def _last_variables(engine: Engine, session: Session, case: Case) -> Mapping[str, Any]:
    """The variables with which the file's process stands or ended."""
    started = session.scalar(select(ProcessInstance).where(ProcessInstance.id == case.instance_id))
    return runtime.peek(engine, session, SYSTEM, started.id).execution.variables if started else {}


def _party(engine: Engine, session: Session, kind: Kind, person: Mapping[str, Any]) -> Party | None:
    if kind.applicant == "none" or (kind.applicant == "optional" and not any(_given(person).get(key) for key in ("name", "phone"))):
        return None
    if not _given(person):
        raise InvalidInput(f"Expected an applicant for a {kind.kind} but got none.", {"applicant.name": ["请填写申请人姓名。"]})
    return parties.create_party(session, engine.secrets, engine.clock.now(), person)


def _words(kind: Kind, values: Mapping[str, Any], person: Mapping[str, Any]) -> dict[str, Any]:
    """Title, text and facts of a form, without the name, the number and the address of whoever they are about."""
    facts = {key: value for key, value in values.items() if key not in ("applicant", "title", "text", "matter", "channel")}
    title = str(values.get("title") or "").strip() or str(values.get("text") or "").strip()[: cases.MAX_TITLE_LENGTH] or kind.name
    said: dict[str, Any] = _apart({"title": title, "text": str(values.get("text") or ""), "facts": facts}, person)
    return said


def _apart(value: Any, person: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return parties.without_details(value, person)
    if isinstance(value, Mapping):
        return {key: _apart(item, person) for key, item in value.items()}
    return [_apart(item, person) for item in value] if isinstance(value, list | tuple) else value


def _code(matter: Matter | None) -> str | None:
    return matter.code if matter else None


def _open_for_same_applicant(engine: Engine, session: Session, old: Case, intake: CaseIntake) -> Case:
    applicant = parties.revealed(engine.secrets, parties.get_party(session, old.applicant_id)) if old.applicant_id else {}
    return open_case(engine, session, SYSTEM, CaseIntake(**{**vars(intake), "applicant": applicant}))


def _without_applicant(intake: CaseIntake) -> CaseIntake:
    person = intake.applicant
    tried = tuple(_apart(row, person) for row in intake.tried)
    return replace(intake, text=_apart(intake.text, person), title=_apart(intake.title, person), tried=tried)


def _given(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value not in (None, "")}


def _grading_facts(triage_facts: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the grading table asks; what was said for triage holds here too unless said otherwise."""
    known = {key: triage_facts[key] for key in ("department_count", "cause")}
    return {**GRADING_DEFAULTS, **known, **_given(given)}


def _matter(session: Session, code: str | None, accepted_at: datetime, now: datetime) -> Matter | None:
    return None if code in (None, "", "-") else matters.require_open(session, str(code), accepted_at, now)


def _owner(engine: Engine, session: Session, actor: Actor, org_unit: str) -> str | None:
    """The person who took it (首接责任人); for a case nobody took in person, the next clerk in turn."""
    return actor.id if actor.has_group("window") else cases.next_owner(session, org_unit, engine.clock.now())


def _open_main(session: Session, case_no: str | None) -> str | None:
    """The open case that somebody named as the main one. Raises InvalidInput when there is none to join."""
    main = session.get(Case, case_no) if case_no else None
    if case_no and (main is None or main.closed_at is not None):
        text = f"没有编号为“{case_no}”的在办工单,请核对受理号;已办结的,按新工单登记。"
        raise InvalidInput(f"Expected an open case to join but {case_no!r} is none.", {"duplicate_of": [text]})
    return case_no or None


def _variables(session: Session, case: Case, matter: Matter | None, triage_facts: dict[str, Any], intake: CaseIntake) -> dict[str, Any]:
    duplicate_of = _open_main(session, intake.duplicate_of)
    if triage_facts["has_open_case"] and not duplicate_of:
        duplicate_of = cases.find_open_case(session, case.matter_code, case.no)
    return {
        **case_files.own_variables(case),
        "channel": case.channel,
        "effective_at": local(case.effective_at).isoformat(),
        "applicant_kind": str(intake.applicant.get("kind", "自然人")),
        "matter": case.matter_code,
        "matter_name": matter.name if matter else case.title,
        "registered": intake.is_registered,
        "triage_facts": triage_facts,
        "grading_facts": _grading_facts(triage_facts, intake.grading_facts),
        "duplicate_of": duplicate_of,
        "returned_from": intake.returned_from,
        "reopen_count": 0,
    }
