"""What a file of a deployment holds, once it could be read. Reads none itself."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bpmn.model import ProcessDefinition


@dataclass(frozen=True)
class ParsedFile:
    """A file that parsed: its definitions as (kind, key, name, version tag), and the processes in it."""

    name: str
    content: bytes
    sha256: str
    definitions: tuple[tuple[str, str, str, str | None], ...]
    processes: tuple[ProcessDefinition, ...] = ()
