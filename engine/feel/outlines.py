"""What a decision takes and gives, read from its file without checking a cell: for looking at diagrams. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import InvalidDefinition
from engine.feel.dmn_parser import read_model
from engine.feel.dmn_reading import Node, Reading
from engine.feel.dmn_source import read_definitions

_LARGEST = 3 << 20
_LISTS = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})


@dataclass(frozen=True)
class DecisionOutline:
    """One decision. ``outputs``: type by name of a table's outputs, None for other logic. ``values``: what the cells of an output
    can give where each is one literal text. ``reads``: (expression, declared type) it takes from outside, apart from what it requires.
    """

    id: str
    outputs: Mapping[str, str | None] | None
    values: Mapping[str, tuple[str, ...]]
    is_list: bool
    is_aggregated: bool
    reads: tuple[tuple[str, str | None], ...]
    requires: tuple[str, ...]
    own_names: frozenset[str]


def decision_outlines(source: bytes, file: str) -> tuple[DecisionOutline, ...]:
    """The decisions of a file; none when it cannot be read, which the checks of the file tell."""
    try:
        reading = read_model(read_definitions(source, file, _LARGEST), file)
    except InvalidDefinition:
        return ()
    own = frozenset(node["variable"] for node in reading.nodes.values() if node["kind"] != "input")
    return tuple(_outline(reading, node, own) for node in reading.nodes.values() if node["kind"] == "decision")


def _outline(reading: Reading, node: Node, own: frozenset[str]) -> DecisionOutline:
    logic = node["expression"] or {}
    is_table = logic.get("kind") == "table"
    columns = logic["outputs"] if is_table else []
    names = [column["name"] or column["label"] or (node["name"] if len(columns) == 1 else "") for column in columns]
    return DecisionOutline(
        id=node["id"],
        outputs={name: column["type"] for name, column in zip(names, columns, strict=True)} if is_table else None,
        values={name: texts for at, name in enumerate(names) for texts in [_texts(logic, at)] if texts},
        is_list=is_table and logic["hitPolicy"] in _LISTS,
        is_aggregated=bool(is_table and logic["aggregation"]),
        reads=tuple(dict.fromkeys(_reads(reading, node))),
        requires=tuple(node["decisions"]),
        own_names=own,
    )


def _reads(reading: Reading, node: Node) -> Iterator[tuple[str, str | None]]:
    for identity in node["inputs"]:
        if identity in reading.nodes:
            yield reading.nodes[identity]["variable"], reading.nodes[identity]["type"]
    logic = node["expression"] or {}
    for column in logic["inputs"] if logic.get("kind") == "table" else []:
        if (column["text"] or "").strip():
            yield column["text"].strip(), column["type"]


def _texts(table: Node, column: int) -> tuple[str, ...]:
    """The texts that an output column can give, when nothing but literal texts stand in it."""
    cells = [(rule["outputs"][column] or "").strip() if column < len(rule["outputs"]) else "" for rule in table["rules"]]
    cells += [default.strip()] if (default := table["outputs"][column]["default"] or "") else []
    is_plain = cells and all(len(cell) > 1 and cell[0] == cell[-1] == '"' and not set('"\\') & set(cell[1:-1]) for cell in cells)
    return tuple(dict.fromkeys(cell[1:-1] for cell in cells)) if is_plain else ()
