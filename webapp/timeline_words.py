"""The headings of a case's story: as the engine tells it in Chinese, else of the kind of event and its names. Knows no case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from engine.queries.timelines import TimelineEntry
from webapp import labels
from webapp.formats import is_chinese, named, said, term


def headline(entry: TimelineEntry) -> str:
    """What happened, in one line."""
    if is_chinese() or entry.kind not in _HEADLINES:
        return entry.title
    return _HEADLINES[entry.kind](entry)


def _rating(entry: TimelineEntry) -> str:
    kind, level = entry.about[0], labels.RATINGS.get(int(entry.about[1]), entry.about[1])
    return _("追评：%(level)s", level=level) if kind == "追评" else _("评价：%(level)s", level=level)


_HEADLINES: Mapping[str, Callable[[TimelineEntry], str]] = {
    "registered": lambda entry: term(entry.title),
    "task": lambda entry: _("任务：%(name)s", name=named(entry.title, entry.element_id)),
    "decision": lambda entry: _("判定：%(table)s，命中 %(row)s", table=entry.about[0], row=entry.about[1] or "—"),
    "card": lambda entry: _("灯牌：%(lamp)s，%(name)s", lamp=term(entry.about[0]), name=said(entry.about[1])),
    "notice": lambda entry: _("通知：%(name)s", name=entry.about[1] or entry.about[0]),
    "rating": _rating,
    "confirmation": lambda entry: _("申请人答复：%(answer)s", answer=term(entry.about[0])),
    "closed": lambda entry: _("结束：%(status)s", status=term(entry.about[0])),
}
