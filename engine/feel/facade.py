"""The facade ``Feel``: everything the engine asks of FEEL, DMN and forms. Owns no language rules; those are in the bundles."""

from __future__ import annotations

import functools
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson

from engine.feel import dmn, explanations, forms, zones
from engine.feel.decisions import DecisionModel, DecisionOutcome
from engine.feel.file_texts import refuse
from engine.feel.forms import FormOutcome
from engine.feel.javascript import EngineName, OutOfMemory, Realm, Realms, ScriptError, TimedOut, TooDeep
from engine.feel.limits import Limits
from engine.feel.problems import Examination, FeelFailed, Problem
from engine.feel.sentences import Language
from engine.feel.suspects import suspected
from engine.feel.values import Carrier, unwritable

_WORD = re.compile(r"[^\W\d]\w*")
_MAX_ZONES = 8
_FRESH_CALLS = 20


class Feel:
    """FEEL expressions, DMN decisions and form validation, strictly: what FEEL would turn into null by mistake is an error.

    Safe for threads: each thread has its own realm, made at its first call (about 30 ms). Safe for fork: a child makes its own.
    Errors: FeelFailed (an ExpressionFailed that can be read in Chinese and English), InvalidDefinition (a file needs mending).

    Strictness: an unknown variable, a missing entry of a context, wrong argument types, a comparison without an answer (text with
    number, anything ordered against null), a division by zero and `and`/`or`/`if` over something neither true nor false are errors.
    Not errors: `x = null` and `x != null` for an existing variable, `get value(context, "key")` of an absent key, a list index out of
    range, and everything that is not evaluated: `and`, `or` and `if` evaluate only what they need.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        zone: str = "Asia/Shanghai",
        mistakes: Literal["fail", "null"] = "fail",
        engine: EngineName = "quickjs",
    ):
        self._mistakes = mistakes
        self._limits = limits or Limits()
        self._zone = ZoneInfo(zone)
        self._dialect = (self._limits, zone, mistakes, engine)
        self._tag = f"$ {secrets.token_hex(8)}"
        self._carrier = Carrier(self._tag, self._zone)
        limit = self._limits
        self._realms = Realms("feel.js", limit.heap, limit.stack, limit.cpu_seconds, self._prepare, engine)
        self._form_realms = Realms("form.js", limit.form_heap, limit.stack, limit.cpu_seconds, self._prepare_form, engine)

    def __eq__(self, other: object) -> bool:
        """What two of the same settings say of a text is the same, and is worked out once (see the caches below)."""
        return isinstance(other, Feel) and self._dialect == other._dialect

    def __hash__(self) -> int:
        return hash(self._dialect)

    def evaluate(self, expression: str, variables: Mapping[str, Any], now: datetime | None = None) -> Any:
        """The value of ``expression`` over ``variables``; ``now`` (aware) is what `now()` and `today()` read.

        Takes JSON values, datetime, date, time, timedelta, Decimal; gives None, bool, int, float, str, list, dict, aware datetime, date,
        time, timedelta, and years-months durations as ISO text. A date and time without a zone is wall clock of the zone of this Feel.
        """
        text = self._checked(expression)
        data = self._written(_mentioned(variables, _words(text)))
        answer = self._ask("FEEL.evaluate", text, data, self._wall_clock(now), known=variables.keys(), expression=expression)
        return answer if isinstance(answer, bool) else self._carrier.read(answer["value"])

    def check(self, expression: str, names: Collection[str] = (), language: Language = "zh") -> list[str]:
        """Problems of ``expression`` as sentences; empty when fine. ``names``: known names that are not plain words (with spaces)."""
        return [problem.text(language) for problem in self.problems(expression, names)]

    def problems(self, expression: str, names: Collection[str] = ()) -> list[Problem]:
        """The same as values, with positions in ``expression`` as written."""
        try:
            found = _problems_of(self, "e", self._checked(expression), frozenset(names))
        except FeelFailed as error:
            return [error.problem]
        return [_as_written(problem, expression) for problem in found]

    def unknown_names(self, expression: str, known: Collection[str]) -> list[Problem]:
        """Variables that ``expression`` reads and that nobody sets (code NEVER_SET), each with its position and the nearest known name.

        Names inside a filter may be of its items and are left out. Empty for an expression that cannot be read: see ``problems``.
        """
        text = expression.strip().removeprefix("=").strip()
        if not text:
            return []
        odd = sorted(name for name in known if not name.isidentifier())
        try:
            reads = _reads(self, text, orjson.dumps(odd).decode())
        except FeelFailed:
            return []
        missing = [(name, position) for name, position in reads if name not in known]
        problems = [Problem("NEVER_SET", text, _characters(text, position), {"name": name}, known) for name, position in missing]
        return [_as_written(problem, expression) for problem in problems]

    def examine(self, expression: str, shapes: Mapping[str, Any]) -> Examination:
        """What the value of ``expression`` will be, and what in it can never be meant, given the shapes of some variables.

        A shape is None (unknown) or ``{"t": type, "e": entries by name, "v": the only texts}``. What cannot be read, ``problems`` tells.
        """
        text = expression.strip().removeprefix("=").strip()
        try:
            answer = _examined(self, text, orjson.dumps(_mentioned(shapes, _words(text))).decode())
        except FeelFailed:
            return Examination(is_readable=False)
        found = [
            Problem(one["code"], text, _characters(text, one["position"]), one["facts"], shapes) for one in answer["value"]["problems"]
        ]
        return Examination(answer["value"]["shape"], tuple(_as_written(problem, expression) for problem in found))

    def names(self, expression: str) -> frozenset[str]:
        """Top-level variables that ``expression`` reads. Names inside a filter may be of its items and are left out."""
        text = expression.strip().removeprefix("=").strip()
        return _names(self, self._checked(expression)) if text else frozenset()

    def parse_decisions(self, source: bytes, file: str, language: Language = "zh") -> DecisionModel:
        """The decisions in a DMN file; InvalidDefinition lists everything to mend."""
        check = functools.partial(self._sentences, language) if self._mistakes == "fail" else _unchecked
        return dmn.parse(source, file, self._limits.decisions_bytes, check, language)

    def decide(self, model: DecisionModel, decision_id: str, variables: Mapping[str, Any], now: datetime | None = None) -> DecisionOutcome:
        """Decide ``decision_id`` (a decision or decision service) of ``model``; ExpressionFailed names the decision and its inputs."""
        data = self._written(_mentioned(variables, model.words))
        known = [*variables, *(decision.id for decision in model.decisions)]
        try:
            answer = self._ask("FEEL.decide", model.key, decision_id, data, self._wall_clock(now), known=known, expression="", model=model)
        except FeelFailed as failed:
            if failed.problem.places:
                raise
            found, expression = suspected(model, decision_id)
            raise FeelFailed(replace(failed.problem, places=found, expression=expression)) from failed
        return self._outcome(answer)

    def parse_form(self, source: bytes, file: str, language: Language = "zh") -> dict[str, Any]:
        """The schema of a form-js file; InvalidDefinition lists everything to mend."""
        schema = forms.parse(source, file, self._limits.form_bytes, functools.partial(self._form_problems, language), language)
        try:
            self.validate_form(schema, {}, now=datetime.fromtimestamp(0, UTC))
        except FeelFailed as error:
            refuse(file, 1, "form.import", language, detail=error.text(language))
        return schema

    def validate_form(
        self,
        schema: Mapping[str, Any],
        data: Mapping[str, Any],
        now: datetime | None = None,
        variables: Mapping[str, Any] | None = None,
        language: str = "zh",
    ) -> FormOutcome:
        """Check a submission as form-js does in the browser; ``variables`` are the task's, for conditions and shown fields.

        ``data`` may come from a page (texts, ``a.b`` as one name, boxes not ticked left out) or a program (typed, nested). A field that
        is not in ``data`` is empty; defaults of the schema are for showing and are not filled in here.
        """
        texts = [_form_text(part) for part in (schema, variables or {}, data)]
        if sum(map(len, texts)) > self._limits.input_characters:
            raise FeelFailed(Problem("DATA_TOO_LARGE", "", None, {"characters": sum(map(len, texts))}))
        realm, moment = self._form_realms.mine(), self._moment(now)

        def check() -> Any:
            realm.call("FORM.start", *texts, moment, language)
            realm.run_pending_jobs()
            return orjson.loads(realm.call("FORM.take"))

        try:
            answer = realm.with_patience(check)
        except ScriptError as error:
            raise self._stopped(error, "") from error
        if "failure" in answer:
            raise FeelFailed(Problem("FORM", "", None, {"id": schema.get("id"), "detail": answer["failure"]}))
        return FormOutcome(answer["data"], answer["errors"], frozenset(answer["hidden"]))

    def _form_problems(self, language: Language, kind: Literal["e", "u"], text: str) -> list[str]:
        try:
            return self._sentences(language, kind, self._checked(text), frozenset())
        except FeelFailed as error:
            return [error.text(language)]

    def _prepare_form(self, realm: Realm) -> None:
        realm.call("FORM.configure", self._zone.key, zones.transitions(self._zone.key))

    def _outcome(self, answer: Mapping[str, Any]) -> DecisionOutcome:
        read = self._carrier.read
        trace = tuple((decision, tuple(hits)) for decision, hits in answer["trace"])
        return DecisionOutcome(read(answer["value"]), tuple(answer["hits"]), read(answer["inputs"]), tuple(read(answer["outputs"])), trace)

    def _load(self, realm: Realm, model: DecisionModel) -> None:
        if not realm.call("FEEL.hasModel", model.key):
            realm.call("FEEL.addModel", model.key, model.source)
            self._add_zones(realm, model.source)

    def _sentences(self, language: Language, kind: Literal["e", "u"], text: str, names: frozenset[str]) -> list[str]:
        return [problem.text(language) for problem in _problems_of(self, kind, text, names)]

    def _found(self, kind: Literal["e", "u"], text: str, names: frozenset[str]) -> list[Problem]:
        answer = self._ask("FEEL.problems", kind, text, orjson.dumps(sorted(filter(None, names))).decode(), known=names, expression=text)
        known = names.union(self._built_ins())
        found = [Problem(one["code"], text, _characters(text, one["position"]), one["facts"], known) for one in answer["value"]]
        habit = explanations.habit_position(text, names)
        if habit is None or (found and (found[0].code != "SYNTAX" or habit > (found[0].position or 0))):
            return found
        return [replace(one, position=habit, facts={"token": text[habit]}) for one in found[:1]] or [Problem("HABIT", text, habit)]

    def _prepare(self, realm: Realm) -> None:
        realm.call("FEEL.configure", self._tag, self._zone.key, self._limits.result_characters, self._mistakes)
        realm.facts["zones"] = {"UTC"}
        self._add_zones(realm, f"@{self._zone.key}")

    def _add_zones(self, realm: Realm, text: str) -> None:
        missing = zones.mentioned(text) - realm.facts["zones"]
        if len(missing) > _MAX_ZONES:
            raise FeelFailed(Problem("TOO_MANY_ZONES", "", None, {"limit": _MAX_ZONES, "found": len(missing)}))
        for name in missing:
            realm.call("FEEL.addZone", name, zones.transitions(name))
            realm.facts["zones"].add(name)

    def _ask(self, function: str, *arguments: Any, known: Collection[str], expression: str, model: DecisionModel | None = None) -> Any:
        try:
            answer = self._called(function, arguments, model)
        except ScriptError as error:
            raise self._stopped(error, expression) from error
        if isinstance(answer, bool):
            return answer
        data = orjson.loads(answer)
        if "failure" in data:
            raise _failed(data["failure"], expression, [*known, *self._built_ins()])
        return data

    def _called(self, function: str, arguments: tuple[Any, ...], model: DecisionModel | None) -> Any:
        realm = self._realms.mine()
        try:
            return self._call_in(realm, function, arguments, model)
        except OutOfMemory:
            # What earlier calls left in the caches may have filled the heap: a fresh realm decides whether this call alone is too much.
            if realm.calls <= _FRESH_CALLS:
                raise
        return self._call_in(self._realms.mine(), function, arguments, model)

    def _call_in(self, realm: Realm, function: str, arguments: tuple[Any, ...], model: DecisionModel | None) -> Any:
        if model is not None:
            self._load(realm, model)
        for argument in arguments:
            if isinstance(argument, str) and "@" in argument:
                self._add_zones(realm, argument)
        return realm.with_patience(lambda: realm.call(function, *arguments))

    def _built_ins(self) -> list[str]:
        names: str = self._realms.mine().call("FEEL.builtIns")
        return names.split("\n")

    def _stopped(self, error: ScriptError, expression: str) -> FeelFailed:
        code = next((code for kind, code in _STOPS if isinstance(error, kind)), "ERROR")
        facts = {"seconds": f"{self._limits.cpu_seconds:g}", "megabytes": self._limits.heap >> 20, "detail": str(error)}
        return FeelFailed(Problem(code, expression, None, facts))

    def _checked(self, expression: str) -> str:
        text = expression.strip().removeprefix("=").strip()
        if len(text) > self._limits.expression_characters:
            facts = {"characters": len(text), "limit": self._limits.expression_characters}
            raise FeelFailed(Problem("TOO_LONG", expression[:200], None, facts))
        if not text:
            raise FeelFailed(Problem("EMPTY", expression))
        return text

    def _written(self, values: Mapping[str, Any]) -> str:
        data = self._carrier.write(values)
        if len(data) > self._limits.input_characters:
            raise FeelFailed(Problem("DATA_TOO_LARGE", "", None, {"characters": len(data)}))
        return data

    def _wall_clock(self, now: datetime | None) -> str | None:
        """``now`` as FEEL's now() shows it: without zone, in the zone of this Feel."""
        return None if now is None else require_aware(now).astimezone(self._zone).replace(tzinfo=None).isoformat()

    def _moment(self, now: datetime | None) -> str | None:
        return None if now is None else require_aware(now).astimezone(UTC).isoformat()


def _form_text(part: Mapping[str, Any]) -> str:
    try:
        return " " + orjson.dumps(part, default=str).decode()
    except TypeError as error:
        raise FeelFailed(Problem("BAD_DATA", "", None, unwritable(error))) from error


def _unchecked(kind: Literal["e", "u"], text: str, names: frozenset[str]) -> list[str]:
    return []


def require_aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"Expected an aware moment but got {moment.isoformat()}.")
    return moment


_STOPS = ((TimedOut, "TIMEOUT"), (OutOfMemory, "MEMORY"), (TooDeep, "TOO_DEEP"))


def _failed(failure: Mapping[str, Any], expression: str, known: Collection[str]) -> FeelFailed:
    places = tuple(failure.get("places") or ())
    text = next((place["text"] for place in reversed(places) if place.get("text")), expression)
    position = _characters(text, failure.get("position"))
    problem = Problem(failure["code"], text, position, failure.get("facts") or {}, known, places)
    return FeelFailed(_as_written(replace(problem, expression=text.strip().removeprefix("=").strip()), text))


def _as_written(problem: Problem, expression: str) -> Problem:
    """With its position counted in ``expression`` instead of the text that FEEL sees."""
    position = None if problem.position is None else problem.position + _offset(expression)
    return replace(problem, expression=expression, position=position)


def _characters(text: str, units: int | None) -> int | None:
    """A position in characters; JavaScript counts those beyond U+FFFF twice."""
    return None if units is None else len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))


def _offset(expression: str) -> int:
    """How many characters at the start of ``expression`` FEEL does not see."""
    return len(expression) - len(expression.lstrip().removeprefix("=").lstrip())


@functools.lru_cache(maxsize=4096)
def _names(feel: Feel, text: str) -> frozenset[str]:
    answer = feel._ask("FEEL.variables", text, "[]", known=(), expression=text)
    return frozenset(answer["value"])


@functools.lru_cache(maxsize=4096)
def _reads(feel: Feel, text: str, odd: str) -> tuple[tuple[str, int], ...]:
    answer = feel._ask("FEEL.reads", text, odd, known=(), expression=text)
    return tuple((name, position) for name, position in answer["value"])


@functools.lru_cache(maxsize=4096)
def _problems_of(feel: Feel, kind: Literal["e", "u"], text: str, names: frozenset[str]) -> tuple[Problem, ...]:
    return tuple(feel._found(kind, text, names))


@functools.lru_cache(maxsize=4096)
def _examined(feel: Feel, text: str, shapes: str) -> Any:
    return feel._ask("FEEL.examine", feel._checked(text), shapes, known=(), expression=text)


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


def _mentioned(variables: Mapping[str, Any], words: frozenset[str]) -> dict[str, Any]:
    """The variables that a text of these words may mention: more than it reads, since FEEL names may hold spaces."""
    found = {word: variables[word] for word in words if word in variables}
    found.update((name, variables[name]) for name in variables if not name.isidentifier() and not words.isdisjoint(_words(name)))
    return found
