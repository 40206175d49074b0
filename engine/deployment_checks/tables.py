"""Checks of data files in a deployment: reference tables, notice texts, scenarios. Each alone, then the tables as a whole."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from engine.bpmn.findings import Language
from engine.deployment_checks.parsed import ParsedFile
from engine.deployment_checks.texts import said
from engine.errors import Finding, InvalidDefinition
from engine.services import reference
from engine.services.csv_tables import Findings, read_file
from engine.services.posts import leader_group

#: A key is a file's name without its suffix.
Definition = tuple[str, str, str, str | None]


def data_file(name: str, content: bytes, language: Language) -> Definition:
    """The one definition of a .csv or .toml file. Raises InvalidDefinition with what is wrong inside."""
    path = PurePath(name)
    if path.suffix == ".toml":
        return _scenario(name, content, language)
    shape = reference.SHAPES.get(path.name)
    if shape is None:
        known = ", ".join(reference.SHAPES)
        finding = Finding(name, None, None, None, "unknown-table", *said("unknown-table", language, {"name": path.name, "known": known}))
        raise InvalidDefinition(f"Expected a reference table but got {name!r}.", [finding])
    findings = Findings(language=language)
    read_file(content, shape, findings)
    if findings.items:
        raise InvalidDefinition(f"Expected a table without faults in {name} but it has some.", findings.items)
    return ("notice" if shape is reference.MESSAGES else "reference", path.stem, shape.title, None)


def table_findings(files: Iterable[ParsedFile], deployed: Mapping[str, bytes], language: Language) -> list[Finding]:
    """What is wrong between tables, when a set brings any: each is judged beside the others as they would then be."""
    brought = tables_in(files)
    if not brought:
        return []
    try:
        reference.read({**deployed, **brought}, language)
    except InvalidDefinition as error:
        return list(error.findings)
    return []


def tables_in(files: Iterable[ParsedFile]) -> dict[str, bytes]:
    """Contents of the reference tables and notice texts of a set, by bare file name."""
    return {PurePath(file.name).name: file.content for file in files if file.definitions[0][0] in ("reference", "notice")}


def departments_in(files: Iterable[ParsedFile]) -> frozenset[str]:
    """The departments that a set brings: each is a candidate group too, and so are its leaders."""
    content = tables_in(files).get(reference.DEPARTMENTS.name)
    rows = read_file(content, reference.DEPARTMENTS, Findings()) if content is not None else []
    codes = [str(row["code"]) for row in rows]
    return frozenset([*codes, *map(leader_group, codes)])


def clock_kinds_in(files: Iterable[ParsedFile]) -> frozenset[str]:
    """The kinds of clock that a set brings."""
    shape = reference.SHAPES.get("clock_kinds.csv")
    content = tables_in(files).get("clock_kinds.csv")
    rows = read_file(content, shape, Findings()) if shape is not None and content is not None else []
    return frozenset(str(row["kind"]) for row in rows)


def _scenario(name: str, content: bytes, language: Language) -> Definition:
    try:
        read = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits, and a tower of brackets
        finding = Finding(name, None, None, None, "toml", *said("toml", language, {"problem": str(error)[:300]}))
        raise InvalidDefinition(f"Expected TOML in {name} but it is none.", [finding]) from error
    return "scenario", PurePath(name).stem, str(read.get("title", "")), None
