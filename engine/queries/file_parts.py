"""Parts of a file's page that every kind has: its facts and ledger in the words of the forms, its kind, its parent and children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Card, Case, CaseEntry
from engine.db.tables import Definition
from engine.queries.answers import Question, in_answer, questions_of
from engine.queries.case_summaries import CaseSummary, case_summaries
from engine.queries.names import LAMPS, groups_named, names_of
from engine.queries.visibility import is_visible

#: Longer texts are no code of a department or an account.
LONGEST_CODE = 40


@dataclass(frozen=True)
class KindName:
    """What kind of file this is."""

    kind: str
    name: str
    name_en: str


@dataclass(frozen=True)
class EntryView:
    """A line of the ledger."""

    kind: str
    facts: tuple[tuple[str, str], ...]
    recorded_at: datetime
    actor_name: str
    element_id: str | None


def kind_name(engine: Engine, session: Session, kind: str) -> KindName:
    """The kind by its names; one that left the table is named by its key."""
    known = engine.reference.read(session).kinds.files.get(kind)
    return KindName(kind, known.name, known.name_en) if known else KindName(kind, kind, kind)


def fact_labels(engine: Engine) -> dict[str, str]:
    """Key of a fact (whole, and its last part) → the label a form gives it, for lists of many files."""
    with engine.database.reading() as session:
        return {key: question.label for key, question in _questions(engine, session, None).items()}


def facts_of(engine: Engine, session: Session, case: Case) -> tuple[tuple[str, str], ...]:
    """What the start form asked and processes added, each once and under its label; what only processes name stays with them."""
    if not case.facts:
        return ()
    questions = _questions(engine, session, case.kind)
    asked = {*questions, *(key for key, _value in _flat(case.facts) if not key.isascii())}
    shown = [line for line in _labelled(session, case.facts, questions) if {line[0], _end(line[0])} & asked]
    return tuple({(_end(key), answer): (label, answer) for key, label, answer in shown}.values())


def entries_of(engine: Engine, session: Session, case: Case) -> tuple[EntryView, ...]:
    """The ledger, oldest first."""
    rows = session.scalars(select(CaseEntry).where(CaseEntry.case_no == case.no).order_by(CaseEntry.id)).all()
    if not rows:
        return ()
    questions, names = _questions(engine, session, case.kind), names_of(session, (row.actor for row in rows))
    return tuple(
        EntryView(
            row.kind.partition(":")[0],  # what follows tells processes apart, not people
            tuple(pair[1:] for pair in _labelled(session, row.facts, questions)),
            row.recorded_at,
            names[row.actor],
            row.element_id,
        )
        for row in rows
    )


def parent_of(session: Session, case: Case, actor: Actor, now: datetime) -> CaseSummary | None:
    """The file this one came from, when the person may see it."""
    wanted = select(Case).where(Case.no == case.parent_no, is_visible(actor))
    return next(iter(case_summaries(session, session.scalars(wanted), now)), None) if case.parent_no else None


def children_of(session: Session, case: Case, actor: Actor, now: datetime) -> tuple[CaseSummary, ...]:
    """The files that came of this one, as far as the person may see them."""
    wanted = select(Case).where(Case.parent_no == case.no, is_visible(actor)).order_by(Case.received_at, Case.no)
    return case_summaries(session, session.scalars(wanted), now)


def _questions(engine: Engine, session: Session, kind: str | None) -> dict[str, Question]:
    """Field key → question of every form, those of the kind's start form first; the last part of a key where all forms agree."""
    found: dict[str, Question] = {}
    agreed: dict[str, set[str]] = {}
    start = engine.reference.read(session).kinds.files.get(kind or "")
    forms = session.scalars(select(Definition.key).where(Definition.kind == "form").distinct().order_by(Definition.key)).all()
    for form_key in sorted(forms, key=lambda key: start is None or key != start.start_form):
        for key, question in questions_of(engine, session, form_key).items():
            found.setdefault(key, question)
            agreed.setdefault(_end(key), set()).add(question.label)
    ends = {_end(key): question for key, question in found.items() if len(agreed[_end(key)]) == 1}
    return {**ends, **found}


def _labelled(session: Session, facts: Mapping[str, Any], questions: Mapping[str, Question]) -> Iterator[tuple[str, str, str]]:
    """Key, label and answer; without a question the key is the label."""
    flat = dict(_flat(facts))
    names = _names(session, flat)
    for path, value in flat.items():
        question = questions.get(path) or questions.get(_end(path))
        if _end(path) == "code" and value in LAMPS:
            yield path, "lamp", LAMPS[value]
        elif _end(path) == "card" and isinstance(value, int):
            yield path, path, _card(session, value)
        else:
            yield path, question.label if question else path, _answer(_named(value, names[path]), question)


def _answer(value: Any, question: Question | None) -> str:
    return in_answer(_wall_clock(value), question)


def _named(value: Any, names: Mapping[str, str]) -> Any:
    """A code, or a list of them, by its name; everything else as it is."""
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _names(session: Session, flat: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Key → names of the codes below it. A post and an account may share an id: what is called a group is the post."""
    everywhere = [one for value in flat.values() for one in (value if isinstance(value, list) else [value])]
    codes = [one for one in everywhere if isinstance(one, str) and len(one) <= LONGEST_CODE]
    people, posts = names_of(session, codes), groups_named(session, codes)
    return {path: {**people, **posts} if _end(path) == "group" else people for path in flat}


def _card(session: Session, number: int) -> str:
    """A card by what it says and whom it is against; the number alone tells nobody anything."""
    card = session.get(Card, number)
    if card is None:
        return str(number)
    return f"{card.lamp} {names_of(session, [card.against])[card.against]} {local(card.issued_at):%Y-%m-%d}"


def _end(key: str) -> str:
    return key.rpartition(".")[2]


def _flat(facts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif value not in (None, "", []):
            yield f"{prefix}{key}", value


def _wall_clock(value: Any) -> Any:
    """A moment as the wall clock shows it; everything else as it is."""
    if not isinstance(value, str) or "T" not in value:
        return value
    try:
        return local(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return value
