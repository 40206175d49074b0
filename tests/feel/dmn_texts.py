"""Small DMN files for the tests of this room. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(*elements: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{DMN}" id="m" name="M" namespace="urn:m">\n'
        + "\n".join(elements)
        + "\n</definitions>"
    )


def decision(identity: str, logic: str, *requires: str, variable: str = "") -> str:
    links = "".join(
        f'<informationRequirement><required{kind} href="#{target}"/></informationRequirement>' for kind, target in map(str.split, requires)
    )
    return f'<decision id="{identity}" name="{identity}">{variable}{links}{logic}</decision>'


def table(
    policy: str, rules: Iterable[tuple[list[str], list[str]]], *, inputs: Iterable[str] = ("level",), outputs: str = '<output name="days"/>'
) -> str:
    columns = "".join(f'<input label="{name}"><inputExpression><text>{escape(name)}</text></inputExpression></input>' for name in inputs)
    rows = "".join(
        f'<rule id="r{number}">{cells("inputEntry", ins)}{cells("outputEntry", outs)}</rule>\n'
        for number, (ins, outs) in enumerate(rules, 1)
    )
    return f'<decisionTable id="t" {policy}>\n{columns}{outputs}\n{rows}</decisionTable>'


def cells(tag: str, texts: list[str]) -> str:
    return "".join(f"<{tag}><text>{escape(text)}</text></{tag}>" for text in texts)


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"
