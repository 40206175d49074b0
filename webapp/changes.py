"""What an administrator wants changed in running instances, as a form says it. Reads only; the engine judges and does."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from engine.commands.modification import (
    Change,
    EditVariables,
    EndInstance,
    MoveToken,
    Place,
    Resume,
    RetryElement,
    SkipElement,
    Suspend,
    typed_value,
)
from engine.errors import InvalidInput
from engine.queries.operate import InstanceView

#: Fields of a form that say how it is sent, not what is wanted.
NOT_CARRIED = frozenset({"csrf_token", "once", "reason", "confirm", "seen", "ids", "all"})
LARGEST_TOKEN = 2**31 - 1
LONGEST_NAME, LONGEST_NUMBER = 200, 40


def read_change(form: MultiDict[str, str]) -> Change:
    """Raises InvalidInput with the field that cannot be read."""
    match form.get("action", ""):
        case "move":
            return MoveToken(_required_place(form), _required(form, "target", _("请选择移到哪个元素。")))
        case "skip":
            return SkipElement(_required_place(form), _values(form))
        case "retry":
            return RetryElement(_place(form) or Place())
        case "edit":
            return EditVariables(_edited(form), _place(form))
        case "end":
            return _end(form)
        case "suspend":
            return Suspend()
        case "resume":
            return Resume()
    raise InvalidInput("Expected a change that is known.", {"action": [_("请选择要做什么。")]})


def carried(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The same wish as hidden fields of the page that asks for a confirmation."""
    return [(name, value) for name, value in form.items(multi=True) if name not in NOT_CARRIED]


def state_mark(view: InstanceView) -> str:
    """What the instance was like when a page showed it: its status, its tokens, its variables."""
    stands = [
        (scope.token, sorted((name, repr(value)) for name, value in scope.variables.items()), _tokens(scope.tokens))
        for scope in view.scopes
    ]
    return sha256(repr((view.status, view.definition_id, stands)).encode("utf-8", "replace")).hexdigest()[:24]


def _tokens(tokens: Iterable[Any]) -> list[Any]:
    return sorted((one.token, one.element_id, one.waits_for, str(one.since), one.message) for one in tokens)


def _place(form: MultiDict[str, str]) -> Place | None:
    """“t:12” is one token, “e:ask” every token at an element."""
    kind, _colon, text = form.get("place", "").partition(":")
    if kind == "t" and text.isascii() and text.isdecimal() and int(text) <= LARGEST_TOKEN:
        return Place(token=int(text))
    if kind == "e" and text:
        return Place(element=text)
    if not form.get("place"):
        return None
    raise InvalidInput("Expected a place that is known.", {"place": [_("请选择在哪里。")]})


def _required_place(form: MultiDict[str, str]) -> Place:
    found = _place(form)
    if found is None:
        raise InvalidInput("Expected a place but got none.", {"place": [_("请选择在哪里。")]})
    return found


def _required(form: MultiDict[str, str], field: str, words: str) -> str:
    text = form.get(field, "").strip()
    if not text:
        raise InvalidInput(f"Expected {field} but got none.", {field: [words]})
    return text


def _values(form: MultiDict[str, str]) -> dict[str, Any]:
    """Rows of name, kind and value; rows without a name are empty ones."""
    rows = zip(form.getlist("name"), form.getlist("kind"), form.getlist("value"), strict=False)
    return {name.strip()[:LONGEST_NAME]: _read(kind, value) for name, kind, value in rows if name.strip()}


def _edited(form: MultiDict[str, str]) -> dict[str, Any]:
    found = _values(form)
    if not found:
        raise InvalidInput("Expected a variable to set but got none.", {"name": [_("请填写变量名。")]})
    return found


def _read(kind: str, text: str) -> Any:
    if kind == "number" and not _is_written_out(text):
        raise InvalidInput("Expected a number written out but found a longer one.", {"value": [_("这个值太大，存不下。")]})
    try:
        return typed_value(kind, text)
    except (OverflowError, RecursionError) as error:
        raise InvalidInput("Expected a value that can be kept.", {"value": [_("这个值太大，存不下。")]}) from error


def _is_written_out(text: str) -> bool:
    """A power of ten in a few letters would be a number of a billion digits."""
    return len(text) <= LONGEST_NUMBER and "e" not in text.lower()


def _end(form: MultiDict[str, str]) -> EndInstance:
    return EndInstance(
        notice=form.get("notice", ""),
        to=form.get("to", "applicant") or "applicant",
        notice_values=_values(form),
        case_status=form.get("case_status", ""),
        case_result=form.get("case_result", "").strip()[:LONGEST_NAME],
    )
