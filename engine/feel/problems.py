"""What is wrong with one expression, as a value that can be said in Chinese and in English. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ExpressionFailed
from engine.feel import explanations
from engine.feel.sentences import Language, say


@dataclass(frozen=True)
class Problem:
    """``position``: characters of ``expression`` before it, from 0; None when the whole is meant. ``places``: where in a decision.

    File and element are the caller's to add.
    """

    code: str
    expression: str
    position: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    known: Collection[str] = field(default=(), repr=False)
    places: tuple[Mapping[str, Any], ...] = ()

    def text(self, language: Language = "zh") -> str:
        """What is wrong, what to write instead, the expression and the position in it."""
        where = explanations.places(self.places, language)
        parts = (
            explanations.sentence(self.code, self.facts, self.known, language),
            explanations.hint(self.expression, language) if self.code not in _OWN_HINT else "",
            explanations.quoted(self.expression, self.position, language),
        )
        said = " ".join(filter(None, parts))
        if not where:
            return said
        return say("places", language, places=where) + (" " if language == "en" else "") + said


#: Codes that have nothing to do with how the expression is written.
_OWN_HINT = frozenset(
    {
        "NEVER_SET",
        "NEVER_ENTRY",
        "NEVER_EQUAL",
        "NOT_CALLED",
        "SET_ELSEWHERE",
        "SET_SOMETIMES",
        "TIMEOUT",
        "MEMORY",
        "TOO_DEEP",
        "TOO_LONG",
        "DATA_TOO_LARGE",
    }
)


@dataclass(frozen=True)
class Examination:
    """What is known of an expression before it runs: the shape of its value (see ``Feel.examine``), and its mistakes."""

    shape: Mapping[str, Any] | None = None
    problems: tuple[Problem, ...] = ()
    is_readable: bool = True


class FeelFailed(ExpressionFailed):
    """An expression or decision gave no usable value; ``text("en")`` says in English what the error says in Chinese."""

    def __init__(self, problem: Problem):
        super().__init__(problem.text(), problem.code, problem.expression or None, problem.position)
        self.problem = problem

    def text(self, language: Language = "zh") -> str:
        return self.problem.text(language)
