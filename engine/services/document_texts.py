"""The text of one document: a template filled with values, which are text and never Markdown. The applicant's name stays out.

A list stands as a numbered list, a list of contexts as a table, where its placeholder is a paragraph by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from engine.errors import InvalidInput
from engine.services.document_templates import APPLICANT, PLACEHOLDER, Block, Span, Spans, Template, words_of
from engine.services.identity import mask_text
from engine.services.notices import shown
from engine.services.typed_text import readable

#: A value that a sentence goes on after loses its own stop.
_STOPS, _FOLLOWED = "。.;；", ("。", ";", "；", ",", "，")
#: Bounds of what a process may put into a document.
LONGEST_VALUE = 20_000
MOST_ROWS = 500

Values = Mapping[str, Any]


def filled(template: Template, key: str, known: Values, values: Values) -> tuple[Block, ...]:
    """The blocks with every placeholder filled but the applicant's name. Raises InvalidInput naming what is missing or unknown."""
    if unknown := sorted(str(name) for name in values.keys() - set(template.variables)):
        declared = "、".join(template.variables) or "none"
        raise InvalidInput(
            f"Expected values for the variables of {key} ({declared}) but got {'、'.join(unknown)}.", _fields(unknown, "unknown")
        )
    given = {name: _clean(key, name, value) for name, value in values.items() if not _is_nothing(value)}
    everything = {**{word: _shown(value) if isinstance(value, str) else value for word, value in known.items()}, **given}
    asked = template.placeholders - {APPLICANT} - template.optional
    if missing := sorted(word for word in asked if _is_nothing(everything.get(word))):
        raise InvalidInput(f"Expected a value for {'、'.join(missing)} of {key} but there is none.", _fields(missing, "missing"))
    sections = [tuple(_filled_block(source, everything)) for source in template.blocks]
    return tuple(block for at, section in enumerate(sections) if not _is_deserted(template.blocks, sections, at) for block in section)


def dumped(blocks: Sequence[Block]) -> bytes:
    """The blocks as JSON, the same for the same text."""
    return orjson.dumps([asdict(block) for block in blocks], option=orjson.OPT_SORT_KEYS)


def loaded(content: bytes) -> tuple[Block, ...]:
    """What ``dumped`` wrote."""
    return tuple(
        Block(block["kind"], tuple(tuple(tuple(Span(**span) for span in cell) for cell in row) for row in block["rows"]), block["level"])
        for block in orjson.loads(content)
    )


def revealed(blocks: Sequence[Block], applicant: str) -> tuple[Block, ...]:
    """The blocks with the applicant's name in its places: for paper and for the applicant's page, never to be kept."""

    def named(span: Span) -> Span:
        return Span(applicant, span.is_bold) if span.is_applicant else span

    return tuple(Block(b.kind, tuple(tuple(tuple(named(s) for s in cell) for cell in row) for row in b.rows), b.level) for b in blocks)


def _fields(names: Sequence[str], code: str) -> dict[str, list[str]]:
    return {f"values.{name}": [code] for name in names}


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple | Mapping) and not value)


def _is_deserted(sources: Sequence[Block], sections: Sequence[Sequence[Block]], at: int) -> bool:
    """A heading below which everything was left out."""
    heading = sources[at]
    if heading.kind != "heading":
        return False
    below = []
    for source, section in zip(sources[at + 1 :], sections[at + 1 :], strict=True):
        if source.kind == "heading" and source.level <= heading.level:
            break
        below.append(section)
    return bool(below) and not any(below)


def _clean(key: str, name: str, value: Any) -> Any:
    """Readable, of a bounded length, without identity and telephone numbers."""
    if isinstance(value, list | tuple):
        if len(value) > MOST_ROWS:
            raise InvalidInput(f"Expected at most {MOST_ROWS} rows for {name} of {key} but got {len(value)}.", _fields([name], "too-long"))
        return [_clean(key, name, part) for part in value]
    if isinstance(value, Mapping):
        return {readable(str(head))[:80]: _clean(key, name, part) for head, part in value.items()}
    text = "是" if value is True else "否" if value is False else "" if value is None else _shown(value)
    if len(text) > LONGEST_VALUE:
        found = f"got {len(text):,}"
        raise InvalidInput(f"Expected at most {LONGEST_VALUE:,} characters for {name} of {key} but {found}.", _fields([name], "too-long"))
    return mask_text(readable(text))


def _shown(value: Any) -> str:
    """As in a notice, but a text keeps its full stop."""
    text = shown(value)
    return value if isinstance(value, str) and text == value.rstrip("。.") else text


def _filled_block(block: Block, values: Values) -> Iterator[Block]:
    """Nothing where a paragraph speaks only of an optional value that was not given."""
    if block.kind == "paragraph":
        yield from _filled_paragraph(block, values)
        return
    rows = tuple(tuple(_filled_spans(cell, values) for cell in row) for row in block.rows)
    if block.kind in ("bullets", "numbers"):
        rows = tuple(row for row, source in zip(rows, block.rows, strict=True) if not _lacks(source[0], values))
        if not rows:
            return
    yield Block(block.kind, rows, block.level)


def _filled_paragraph(block: Block, values: Values) -> Iterator[Block]:
    if _lacks(block.spans, values):
        return
    alone = _alone(block.spans)
    value = values.get(alone) if alone else None
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        yield _table(value)
    elif isinstance(value, list):
        yield Block("numbers", tuple(((Span(_inline(item)),),) for item in value))
    elif isinstance(value, str):
        yield from (Block("paragraph", (((Span(line.strip(), block.spans[0].is_bold),),),)) for line in value.split("\n") if line.strip())
    else:
        yield Block("paragraph", ((_filled_spans(block.spans, values),),))


def _alone(spans: Spans) -> str | None:
    """The word when a paragraph is one placeholder and nothing else."""
    text = "".join(span.text for span in spans).strip()
    match = PLACEHOLDER.fullmatch(text)
    return match[1].strip() if match and match[1].strip() != APPLICANT else None


def _lacks(spans: Spans, values: Values) -> bool:
    """It asks for something that was not given, which can only be optional here."""
    return any(word != APPLICANT and _is_nothing(values.get(word)) for span in spans for word in words_of(span.text))


def _table(rows: Sequence[Mapping[str, Any]]) -> Block:
    heads = list(dict.fromkeys(str(head) for row in rows for head in row))
    cells = [tuple((Span(_inline(row.get(head, ""))),) for head in heads) for row in rows]
    return Block("table", (tuple((Span(head, True),) for head in heads), *cells))


def _filled_spans(spans: Spans, values: Values) -> Spans:
    return tuple(part for span in spans for part in _parts(span, values))


def _parts(span: Span, values: Values) -> Iterator[Span]:
    """The text between placeholders and the values in their places; the applicant's name as a mark of its own."""
    end = 0
    for match in PLACEHOLDER.finditer(span.text):
        if match.start() > end:
            yield Span(span.text[end : match.start()], span.is_bold)
        word, end = match[1].strip(), match.end()
        value = "" if word == APPLICANT else _inline(values.get(word, ""))
        value = value.rstrip(_STOPS) if span.text[end : end + 1] in _FOLLOWED else value
        yield Span("", span.is_bold, True) if word == APPLICANT else Span(value, span.is_bold)
    if end < len(span.text):
        yield Span(span.text[end:], span.is_bold)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{head}:{_inline(part)}" for head, part in value.items())
    if isinstance(value, list | tuple):
        return "、".join(_inline(part) for part in value)
    return " ".join((value if isinstance(value, str) else shown(value)).split("\n"))
