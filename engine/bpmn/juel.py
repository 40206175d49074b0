"""Expressions as Camunda 7 writes them, ``${…}`` and ``#{…}``, translated to FEEL; what has no FEEL is refused with what to write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


class Untranslatable(Exception):
    """The part that has no FEEL, and why (a key of ``HINTS``)."""

    def __init__(self, part: str, hint: str):
        super().__init__(part)
        self.part, self.hint = part, hint


#: What to do instead, by why an expression cannot be translated.
HINTS: dict[str, dict[str, str]] = {
    "syntax": {"zh": "改用 FEEL：以 = 开头，例如 =case_no。", "en": "Use FEEL: start with =, for example =case_no."},
    "call": {
        "zh": "FEEL 里没有程序对象：画一个服务任务（外部加主题）调用操作，再用它给出的变量。",
        "en": "FEEL knows no program objects: call an operation by a service task (external, with a topic) and use the variables it gives.",
    },
    "context": {
        "zh": "流程变量直接写名称，例如 =case_no；执行对象的其他性质不能用。",
        "en": "Write variables by their names, for example =case_no; other properties of the execution cannot be used.",
    },
    "index": {
        "zh": "下标只能是数字或文字；其余写成 FEEL，例如 =list[index + 1]。",
        "en": "Write other indexes in FEEL, such as =list[index + 1].",
    },
}

_MARK = re.compile(r"[$#]\{")
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""|(?P<name>[^\W\d][\w$]*)|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:().,\[\]]))"""
)
_WORDS = {"and": "&&", "or": "||", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "div": "/", "mod": "%", "not": "!"}
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
_SPELLED = {"||": "or", "&&": "and", "==": "="}
_OBJECTS = frozenset({"execution", "task", "externalTask", "caseExecution", "authenticatedUserId"})
#: What makes the parser go a level deeper, and how often an expression may have it.
_NESTING = frozenset({"(", "!", "-", "?", "empty"})
_DEEPEST = 60
_PLAIN = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class _Feel:
    """``is_path``: a variable or a property of one, which may be null where true or false is wanted."""

    text: str
    is_path: bool = False
    is_whole: bool = False

    @property
    def inside(self) -> str:
        return self.text if self.is_path or self.is_whole else f"({self.text})"

    @property
    def truth(self) -> str:
        """As JUEL reads it: null is false."""
        return f"{self.text} = true" if self.is_path else self.inside


def is_juel(text: str) -> bool:
    return _MARK.search(text) is not None


@lru_cache(maxsize=4096)
def translated(text: str) -> str:
    """The FEEL that means the same as a text with ``${…}`` in it. Raises Untranslatable."""
    parts: list[str] = []
    position, whole = 0, text.strip()
    while found := _MARK.search(whole, position):
        if found.start() > position:
            parts.append(_quoted(whole[position : found.start()]))
        end = _end(whole, found.end())
        feel = _Parser(whole[found.end() : end]).read()
        if found.start() == 0 and end == len(whole) - 1:
            return feel.text
        parts.append(f'(if {feel.inside} = null then "" else string({feel.text}))')
        position = end + 1
    if position < len(whole):
        parts.append(_quoted(whole[position:]))
    return " + ".join(parts)


def _end(text: str, start: int) -> int:
    """Where the expression that begins at ``start`` is closed; braces in its texts do not count."""
    for found in re.finditer(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\}""", text[start:]):
        if found[0] == "}":
            return start + found.start()
    raise Untranslatable(text[start:], "syntax")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class _Parser:
    """Recursive descent over one expression."""

    def __init__(self, source: str):
        self.source = source
        self.tokens = self._tokens()
        self.at = 0

    def read(self) -> _Feel:
        found = self._choice()
        if self.at < len(self.tokens):
            raise Untranslatable(self.source.strip(), "syntax")
        return found

    def _tokens(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        position, end = 0, len(self.source.rstrip())
        while position < end:
            match = _TOKEN.match(self.source, position)
            if match is None:
                raise Untranslatable(self.source.strip(), "syntax")
            kind, text = str(match.lastgroup), match[match.lastgroup or 0]
            is_property = bool(found) and found[-1] == ("sign", ".")
            found.append(("sign", _WORDS[text]) if kind == "name" and text in _WORDS and not is_property else (kind, text))
            position = match.end()
        if sum(text in _NESTING for _, text in found) > _DEEPEST:
            raise Untranslatable(self.source.strip(), "syntax")
        return found

    def _next(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) and self.tokens[self.at][0] == "sign" else ""

    def _takes(self, sign: str) -> bool:
        if self._next() != sign:
            return False
        self.at += 1
        return True

    def _require(self, sign: str) -> None:
        if not self._takes(sign):
            raise Untranslatable(self.source.strip(), "syntax")

    def _choice(self) -> _Feel:
        condition = self._binary(0)
        if not self._takes("?"):
            return condition
        then = self._choice()
        self._require(":")
        return _Feel(f"if {condition.truth} then {then.inside} else {self._choice().inside}")

    def _binary(self, level: int) -> _Feel:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while (sign := self._next()) in _LEVELS[level]:
            self.at += 1
            right = self._binary(level + 1)
            left = _joined(left, sign, right)
        return left

    def _unary(self) -> _Feel:
        if self._takes("!"):
            return _Feel(f"not({self._unary().truth})", is_whole=True)
        if self._takes("-"):
            return _Feel(f"-{self._unary().inside}")
        if self.at < len(self.tokens) and self.tokens[self.at] == ("name", "empty"):
            self.at += 1
            return _empty(self._unary())
        return self._path()

    def _path(self) -> _Feel:
        found = self._value()
        while True:
            if self._takes("."):
                found = self._property(found)
            elif self._takes("["):
                found = self._item(found)
            elif self._next() == "(":
                raise Untranslatable(f"{found.text}()", "call")
            else:
                return found

    def _property(self, owner: _Feel) -> _Feel:
        name = self._name()
        if not self._takes("("):
            if owner.text in _OBJECTS:
                raise Untranslatable(f"{owner.text}.{name}", "context")
            return _Feel(f"{owner.inside}.{name}", is_path=True)
        arguments = self._arguments()
        return _method(owner, name, arguments)

    def _arguments(self) -> list[_Feel]:
        found: list[_Feel] = []
        while not self._takes(")"):
            if found:
                self._require(",")
            found.append(self._choice())
        return found

    def _item(self, owner: _Feel) -> _Feel:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if self._next() != "]" or kind not in ("number", "text"):
            raise Untranslatable(self.source.strip(), "index")
        self.at += 1
        if kind == "number":
            return _Feel(f"{owner.inside}[{int(float(text)) + 1}]", is_path=True)
        return _Feel(f"get value({owner.text}, {_quoted(_unquoted(text))})", is_path=True)

    def _name(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        if kind != "name":
            raise Untranslatable(self.source.strip(), "syntax")
        self.at += 1
        return text

    def _value(self) -> _Feel:
        if self._takes("("):
            found = self._choice()
            self._require(")")
            return found if found.is_path or found.is_whole else _Feel(f"({found.text})", is_whole=True)
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        match kind:
            case "number":
                return _Feel(text, is_whole=True)
            case "text":
                return _Feel(_quoted(_unquoted(text)), is_whole=True)
            case "name":
                return self._named(text)
        raise Untranslatable(self.source.strip(), "syntax")

    def _named(self, name: str) -> _Feel:
        if name in ("true", "false", "null"):
            return _Feel(name, is_whole=True)
        if name == "now" and self._takes("("):
            self._require(")")
            return _Feel("now()", is_whole=True)
        if name in _OBJECTS and self._next() != ".":
            raise Untranslatable(name, "context")
        return _Feel(name, is_path=True)


def _joined(left: _Feel, sign: str, right: _Feel) -> _Feel:
    if sign == "%":
        return _Feel(f"modulo({left.text}, {right.text})", is_whole=True)
    if sign in ("&&", "||"):
        return _Feel(f"{left.truth} {_SPELLED[sign]} {right.truth}")
    return _Feel(f"{left.inside} {_SPELLED.get(sign, sign)} {right.inside}")


def _empty(value: _Feel) -> _Feel:
    return _Feel(
        f'if {value.inside} = null then true else if {value.inside} instance of string then {value.inside} = "" '
        f"else if {value.inside} instance of list<Any> then count({value.text}) = 0 else false"
    )


def _method(owner: _Feel, name: str, arguments: list[_Feel]) -> _Feel:
    """The few methods that mean something without Java."""
    literal = arguments[0].text.strip('"') if len(arguments) == 1 and arguments[0].text.startswith('"') else ""
    if owner.text == "execution" and _PLAIN.fullmatch(literal):
        if name == "getVariable":
            return _Feel(literal, is_path=True)
        if name == "hasVariable":
            return _Feel(f"{literal} != null")
    if name == "equals" and len(arguments) == 1 and owner.text not in _OBJECTS:
        return _Feel(f"{owner.inside} = {arguments[0].inside}")
    if name == "size" and not arguments and owner.text not in _OBJECTS:
        return _Feel(f"count({owner.text})", is_whole=True)
    if name == "isEmpty" and not arguments and owner.text not in _OBJECTS:
        return _empty(owner)
    raise Untranslatable(f"{owner.text}.{name}()", "context" if owner.text in _OBJECTS else "call")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
