"""What people submitted, in the words of the form they filled in. Shows only what the form asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import forms
from engine.assembly import Engine
from engine.clock import local
from engine.db.tables import Definition, Resource
from engine.errors import NotFound
from engine.queries.decisions import in_words

#: Digest of a form file → its words in English. A file never changes, so nothing here ever grows stale.
_ENGLISH: dict[str, dict[str, str]] = {}


@dataclass(frozen=True)
class Question:
    """One field of a form: its label, its kind, and the words of its choices."""

    label: str
    kind: str
    choices: Mapping[str, str]


def questions_of(engine: Engine, session: Session, form_key: str, case_no: str = "") -> dict[str, Question]:
    """Field key → question, of the latest version of a form, with the choices a case was judged by; nothing when there is none."""
    try:
        schema = forms.latest_form(engine, session, form_key, None, case_no)
    except NotFound:
        return {}
    return dict(_questions(schema.get("components", [])))


def answers(submitted: Mapping[str, Any], questions: Mapping[str, Question], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Label and answer of every question that was answered."""
    for key, value in submitted.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from answers(value, questions, f"{path}.")
        elif path in questions and value not in (None, "", []):
            yield questions[path].label, _words(value, questions[path])


def in_answer(value: Any, question: Question | None) -> str:
    """A value as the form shows it, or as it is when no form asks for it."""
    return _words(value, question) if question else in_words(value)


def english_of_forms(session: Session) -> dict[str, str]:
    """Every question and choice of the forms, the newest last → its English."""
    versions = select(Definition.sha256).where(Definition.kind == "form").order_by(Definition.id)
    addresses = list(dict.fromkeys(session.scalars(versions)))
    unread = [address for address in addresses if address not in _ENGLISH]
    for address, content in session.execute(select(Resource.sha256, Resource.content).where(Resource.sha256.in_(unread))) if unread else ():
        _ENGLISH[address] = dict(_english(orjson.loads(content).get("components", [])))
    return {words: english for address in addresses for words, english in _ENGLISH.get(address, {}).items()}


def _english(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for component in components:
        label, english = component.get("label") or component.get("dateLabel"), (component.get("properties") or {}).get("en")
        if label and english:
            yield str(label), str(english)
        yield from ((str(choice["label"]), str(choice["en"])) for choice in component.get("values") or () if choice.get("en"))
        yield from _english(component.get("components") or ())


def _questions(components: list[dict[str, Any]]) -> Iterator[tuple[str, Question]]:
    for component in components:
        if key := component.get("key"):
            choices = {str(choice["value"]): str(choice["label"]) for choice in component.get("values", [])}
            label = component.get("label") or component.get("dateLabel") or key
            yield key, Question(str(label), f"{component['type']} {component.get('subtype', '')}".strip(), choices)
        yield from _questions(component.get("components", []))


def _words(value: Any, question: Question) -> str:
    if question.choices:
        return "、".join(_choice(str(one), question) for one in (value if isinstance(value, list) else [value]))
    if question.kind == "datetime datetime":
        return _moment(str(value))
    return in_words(value)


def _choice(chosen: str, question: Question) -> str:
    """A choice by its words; where they begin with its code, as lists of departments do, without the code."""
    return question.choices.get(chosen, chosen).removeprefix(f"{chosen} ")


def _moment(text: str) -> str:
    try:
        return local(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text
