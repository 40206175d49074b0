"""Who acts. Knows groups and the windows a person sees; knows nothing of log-in."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """A person or the system.

    ``groups`` are candidate groups, ``org_unit`` is the person's own unit, ``scope`` is that unit and those below it:
    only tasks and cases of these units exist for the actor.
    """

    id: str
    name: str
    groups: frozenset[str] = field(default_factory=frozenset)
    org_unit: str = ""
    scope: frozenset[str] = field(default_factory=frozenset)

    def has_group(self, *groups: str) -> bool:
        return not self.groups.isdisjoint(groups)

    def audiences(self) -> list[str]:
        """The inbox audiences this person belongs to (see ``InboxEntry``)."""
        shared = [f"group:{unit}:{group}" for unit in sorted(self.scope) for group in sorted(self.groups)]
        return [f"user:{self.id}", *shared]


#: Acts when a timer fires or a message arrives without a person behind it.
SYSTEM = Actor("system", "系统")
