"""What somebody wants migrated, as it stands in an address or a form: versions, decisions about elements, which instances, timers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from engine.clock import as_local
from engine.errors import InvalidInput
from engine.queries.migrations import Selection

#: An address has to carry them.
MOST_IDS = 1_000
#: In a select: this element goes nowhere.
NOWHERE = "-"
_DECISION = "to."
_SEPARATORS = re.compile(r"[\s,，、;；]+")


@dataclass(frozen=True)
class Wish:
    """``edits`` are a person's decisions on top of the proposal; None drops an element."""

    source: int
    target: int
    edits: Mapping[str, str | None]
    org_unit: str
    element: str
    before: str
    ids: str
    timers: Literal["keep", "recompute"]

    def selection(self) -> Selection:
        """Raises InvalidInput with the field that cannot be read."""
        return Selection(self.org_unit, self.element, _moment(self.before), _numbers(self.ids))

    def address(self, **more: Any) -> dict[str, Any]:
        """Everything that is not as usual, for ``url_for``."""
        decisions = [f"{source}>{target or ''}" for source, target in self.edits.items()]
        given = {"org_unit": self.org_unit, "element": self.element, "before": self.before, "ids": self.ids, "edit": decisions}
        timers = {} if self.timers == "keep" else {"timers": self.timers}
        return {"source": self.source, "target": self.target, **timers, **{name: value for name, value in given.items() if value}, **more}

    def hidden_fields(self) -> list[tuple[str, str]]:
        """The same for a form."""
        fields = [(name, value) for name, value in self.address().items() if name != "edit"]
        return [(name, str(value)) for name, value in fields] + [("edit", one) for one in self.address().get("edit", ())]


def read_wish(values: MultiDict[str, str]) -> Wish:
    """From an address, or from the form of a plan with one select for each element."""
    timers: Literal["keep", "recompute"] = "recompute" if values.get("timers") == "recompute" else "keep"
    return Wish(
        source=values.get("source", 0, type=int),
        target=values.get("target", 0, type=int),
        edits=_edits(values),
        org_unit=values.get("org_unit", "").strip(),
        element=values.get("element", "").strip(),
        before=values.get("before", "").strip(),
        ids=",".join(part for part in _SEPARATORS.split(values.get("ids", "")) if part),
        timers=timers,
    )


def _edits(values: MultiDict[str, str]) -> dict[str, str | None]:
    carried = (one.partition(">") for one in values.getlist("edit"))
    edits: dict[str, str | None] = {source: target or None for source, _arrow, target in carried if source}
    for name, value in values.items():
        if name.startswith(_DECISION) and value:
            edits[name.removeprefix(_DECISION)] = None if value == NOWHERE else value
    return edits


def _numbers(text: str) -> tuple[int, ...]:
    parts = [part for part in text.split(",") if part]
    if len(parts) > MOST_IDS:
        raise InvalidInput("Expected fewer instances by number.", {"ids": [_("一次最多列 1000 个实例；更多的请用其他条件选择。")]})
    if not all(part.isascii() and part.isdecimal() and 0 < len(part) < 19 and int(part) for part in parts):
        raise InvalidInput(
            "Expected numbers of instances but found other text.", {"ids": [_("请填写实例编号（数字），用逗号或换行分开。")]}
        )
    return tuple(int(part) for part in parts)


def _moment(text: str) -> datetime | None:
    try:
        return as_local(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError) as error:
        raise InvalidInput("Expected a moment but found other text.", {"before": [_("请填写日期和时间。")]}) from error
