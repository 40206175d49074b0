"""Whom the facts of a case file name, asked in the words of each database. Knows no fact by its meaning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.db.case_tables import Case


class NamedInFacts(FunctionElement[bool]):
    """True where the fact under a key is one of the names, or a list that holds one."""

    name = "named_in_facts"
    type = Boolean()
    inherit_cache = True


def named_in_facts(key: str, names: Iterable[str]) -> ColumnElement[bool]:
    """Whether ``Case.facts[key]`` is, or holds, one of ``names``; there has to be one."""
    return NamedInFacts(Case.facts, literal(key), *map(literal, sorted(names)))


@compiles(NamedInFacts, "sqlite")
def _in_sqlite(element: NamedInFacts, compiler: SQLCompiler, **options: Any) -> str:
    facts, key, *names = (compiler.process(part, **options) for part in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({facts}, '$.' || {key}) WHERE value IN ({', '.join(names)}))"


@compiles(NamedInFacts, "postgresql")
def _in_postgresql(element: NamedInFacts, compiler: SQLCompiler, **options: Any) -> str:
    facts, key, *names = (compiler.process(part, **options) for part in element.clauses)
    return f"COALESCE((CAST({facts} AS jsonb) -> CAST({key} AS text)) ?| CAST(ARRAY[{', '.join(names)}] AS text[]), false)"
