"""Who acts. Knows groups and the window a person belongs to; knows nothing of log-in."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """A person or the system. ``groups`` are candidate groups, ``org_unit`` is the window (scope of lists and rights)."""

    id: str
    name: str
    groups: frozenset[str] = field(default_factory=frozenset)
    org_unit: str = ""

    def has_group(self, *groups: str) -> bool:
        return not self.groups.isdisjoint(groups)


#: Acts when a timer fires or a message arrives without a person behind it.
SYSTEM = Actor("system", "系统")
