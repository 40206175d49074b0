"""Forms as they are shown and checked: the deployed schema with the choices that come from reference data filled in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.choices import offered
from engine.db import statements
from engine.db.case_tables import Case, Department
from engine.db.kind_tables import CaseKind
from engine.db.tables import Definition, Deployment, DeploymentItem
from engine.errors import InvalidInput
from engine.services.identity import mask_text
from engine.services.typed_text import number, typed
from engine.versions import Place, latest
from engine.vocabulary.rules import KINDS as RULE_KINDS

#: Property of a field that takes its choices from reference data: what cannot be chosen, and why.
GONE = "gone"

#: Free half hours at a counter are a source, too; they depend on what else the form says (engine/appointment_slots.py).
SLOTS = "appointment_slots"

#: What a field may refer to by a number (property ``refers_to``), and what is said when there is none.
#: In front of a kind of case file: it has to be open, and not merged into another one.
OPEN = "open_"
#: In place of a kind: a case file of any.
ANY_FILE = "file"
#: A deployment that a change of rules may name: tables and data files only, and not refused.
DEPLOYMENT = "deployment"
#: In front of the field that has the department: an item that this department shares.
SHARED_BY = "shared_by:"


def latest_form(engine: Engine, session: Session, form_key: str, org_unit: str | None = None, case_no: str = "") -> dict[str, Any]:
    """The version of a form that is in force, with its choices: those of today, or for a case those it is judged by."""
    place = Place(org_unit or engine.settings.org_unit, engine.clock.now())
    return form(engine, session, latest(session, "form", form_key, place).id, case_no)


def form(engine: Engine, session: Session, definition_id: int, case_no: str = "") -> dict[str, Any]:
    """One version of a form, with its choices: those of today, or for a case those it is judged by."""
    schema = engine.definitions.form(session, definition_id)
    if not any(_sources(schema)):
        return schema
    filled = deepcopy(schema)
    accepted_at = (statements.ACCEPTANCE.first(session, case_no=case_no) if case_no else None) or (None,)
    for component in _components(filled):
        if (source := _source(component)) and source != SLOTS:
            offer = offered(session, source, engine.clock.now(), *accepted_at)
            component["values"] = [*component.get("values", []), *offer.values]
            component["properties"] = {**component["properties"], **({GONE: dict(offer.gone)} if offer.gone else {})}
    return filled


def asking_for(schema: Mapping[str, Any], source: str) -> list[dict[str, Any]]:
    """The fields whose choices come from ``source``."""
    return [component for component in _components(schema) if _source(component) == source]


def with_choices(schema: Mapping[str, Any], source: str, offered: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The form with these choices in the fields that take them from ``source``."""
    filled = deepcopy(dict(schema))
    for component in asking_for(filled, source):
        component["values"] = [dict(one) for one in offered]
    return filled


def for_citizens(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The form without what only the staff is asked (property ``staff``): citizens neither see it nor send it."""
    return {**schema, "components": [component for component in schema.get("components", ()) if not _is_for_staff(component)]}


def validated(
    engine: Engine, schema: Mapping[str, Any], submission: Mapping[str, Any], title: str, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the form submits; its conditions see ``variables`` too. Raises InvalidInput with the errors by field key.

    Identity and mobile numbers in long texts are masked: they belong to the party, not into the variables of a process.
    """
    given = _changed(typed(submission), _keys(schema, "number"), number)
    schema = _with_asked_slots(schema, given)
    outcome = engine.feel.validate_form(schema, given, engine.clock.now(), variables=variables)
    if outcome.errors:
        raise InvalidInput(
            f"Expected {title!r} to be filled in correctly but {len(outcome.errors)} fields need correction.",
            {**outcome.errors, **_gone(schema, given, outcome.errors)},
        )
    return _changed(outcome.data, _keys(schema, "textarea"), _masked)


def chosen(schema: Mapping[str, Any], values: Mapping[str, Any], source: str) -> list[str]:
    """What was chosen in the fields that take their choices from ``source``."""
    return [str(value) for component in asking_for(schema, source) if (value := member(values, str(component.get("key", ""))))]


def require_known(session: Session, schema: Mapping[str, Any], values: Mapping[str, Any], but_not: str = "") -> None:
    """Refuse numbers of what does not exist: a field says by its property ``refers_to`` what its value has to be the number of.

    A case does not refer to itself: its own number is ``but_not``.
    """
    problems: dict[str, list[str]] = {}
    for component in _components(schema):
        refers_to = (component.get("properties") or {}).get("refers_to")
        value = member(values, str(component.get("key", "")))
        if not refers_to or value in (None, ""):
            continue
        if refers_to.startswith(SHARED_BY):
            department = member(values, refers_to.removeprefix(SHARED_BY))
            if (department, value) not in shared_items(session):
                problems[component["key"]] = [_not_shared(session, department, value)]
        elif not _is_there(session, refers_to, value, but_not):
            problems[component["key"]] = [_unknown(session, refers_to, value)]
    if problems:
        raise InvalidInput(f"Expected numbers of what exists but {', '.join(problems)} name nothing of the kind.", problems)


def member(values: Mapping[str, Any], path: str) -> Any:
    """The value under ``a.b`` in nested values; None where there is none."""
    found: Any = values
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def numbers_of(refers_to: str) -> Select[tuple[Any]]:
    """The numbers of a kind of case file, or of any (“file”); with “open_” before it, of files that are open and not merged.

    “deployment”: of those that a change of rules may name.
    """
    if refers_to == DEPLOYMENT:
        return _rule_deployments()
    kind = refers_to.removeprefix(OPEN)
    found = select(Case.no).where(true() if kind == ANY_FILE else Case.kind == kind)
    return found.where(Case.closed_at.is_(None), Case.merged_into.is_(None)) if refers_to.startswith(OPEN) else found


def shared_items(session: Session) -> list[tuple[str, str]]:
    """(department, item) of everything that departments share."""
    rows = session.execute(select(Department.code, Department.share_items).order_by(Department.code))
    return [(code, item) for code, items in rows for item in items]


def _gone(schema: Mapping[str, Any], values: Mapping[str, Any], wrong: Collection[str]) -> dict[str, list[str]]:
    """Of the wrong fields those whose value could be chosen once, or will be, with what to choose instead."""
    asked = {str(component.get("key")): (component.get("properties") or {}).get(GONE) or {} for component in _components(schema)}
    told = {key: asked.get(key, {}).get(str(member(values, key))) for key in wrong}
    return {key: [why] for key, why in told.items() if why}


def _rule_deployments() -> Select[tuple[Any]]:
    held = select(DeploymentItem).join(Definition, Definition.id == DeploymentItem.definition_id)
    held = held.where(DeploymentItem.deployment_id == Deployment.id)
    only_rules = ~held.where(Definition.kind.not_in(RULE_KINDS)).exists()
    return select(Deployment.id).where(Deployment.status != "refused", held.exists(), only_rules)


def _with_asked_slots(schema: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whether a half hour is free is judged later, with an answer that names others."""
    keys = [str(component["key"]) for component in asking_for(schema, SLOTS)]
    asked = {slot for key in keys if isinstance(slot := values.get(key, member(values, key)), str)}
    return with_choices(schema, SLOTS, [{"value": slot, "label": slot} for slot in sorted(asked)]) if asked else schema


def _is_there(session: Session, refers_to: str, value: Any, but_not: str) -> bool:
    found = numbers_of(refers_to)
    if refers_to == DEPLOYMENT:
        return str(value).isdecimal() and len(str(value)) < 19 and session.scalar(found.where(Deployment.id == int(value))) is not None
    return value != but_not and session.scalar(found.where(Case.no == str(value))) is not None


def _not_shared(session: Session, department: Any, item: Any) -> str:
    items = "、".join(name for code, name in shared_items(session) if code == department)
    return f"该部门没有“{item}”这项共享数据,可申请的有:{items or '无'}。"


def _unknown(session: Session, refers_to: str, value: Any) -> str:
    if refers_to == DEPLOYMENT:
        return f"没有编号为“{value}”、只含规则表或数据文件且未被退回的发布,请核对。"
    name = session.scalar(select(CaseKind.name).where(CaseKind.kind == refers_to.removeprefix(OPEN))) or "案卷"
    if refers_to.startswith(OPEN):
        return f"没有编号为“{value}”的在办{name},请核对;已办结或已并案的,按新{name}登记。"
    return f"没有编号为“{value}”的{name},请核对。"


def _keys(schema: Mapping[str, Any], kind: str) -> frozenset[str]:
    return frozenset(component["key"] for component in _components(schema) if component.get("type") == kind)


def _changed(values: Mapping[str, Any], keys: frozenset[str], change: Callable[[Any], Any], prefix: str = "") -> dict[str, Any]:
    """The same nested values with those under ``keys`` changed."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            result[key] = _changed(value, keys, change, f"{path}.")
        else:
            result[key] = change(value) if path in keys else value
    return result


def _masked(value: Any) -> Any:
    return mask_text(value) if isinstance(value, str) else value


def _is_for_staff(component: Mapping[str, Any]) -> bool:
    return (component.get("properties") or {}).get("staff") is True


def _sources(schema: Mapping[str, Any]) -> Iterator[str | None]:
    return (_source(component) for component in _components(schema))


def _source(component: Mapping[str, Any]) -> str | None:
    properties = component.get("properties")
    return properties.get("source") if isinstance(properties, Mapping) else None


def _components(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for component in schema.get("components", []):
        yield component
        yield from _components(component)
