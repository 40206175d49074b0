"""Notice texts as an analyst writes them: placeholders that are declared, channels that exist, nothing that a message must not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.services.csv_tables import CsvRow, Findings
from engine.services.notices import CHANNELS, FORBIDDEN, placeholders

MESSAGES_FILE = "messages.csv"


def check_messages(rows: Sequence[CsvRow], findings: Findings) -> None:
    """Findings about the texts. A file from before there were declarations says by its texts what it wants."""
    are_declared = any(row["variables"] for row in rows)
    for row in rows:
        for column in ("text", "text_en"):
            _check_placeholders(row, column, findings)
        _check_channels(row, findings)
        if are_declared:
            _check_declaration(row, findings)


def declared(row: CsvRow) -> list[str]:
    """The variables of a template."""
    return list(row["variables"]) or sorted(placeholders(row["text"]))


def _check_placeholders(row: CsvRow, column: str, findings: Findings) -> None:
    words = placeholders(row[column])
    if "" in words or row[column].count("{") != row[column].count("}"):
        message = "Expected every placeholder as {word} but one is empty or not closed."
        findings.add(MESSAGES_FILE, row.line, column, "placeholder", message, "Name the placeholder between { and }.")
    for word in sorted(words & set(FORBIDDEN)):
        message = f"Expected no personal detail and no reason of refusal in a notice but it asks for {{{word}}}."
        findings.add(MESSAGES_FILE, row.line, column, "personal-data", message, "Take it out; point to {短链} instead.", word)


def _check_channels(row: CsvRow, findings: Findings) -> None:
    for channel in row["channels"]:
        if channel not in CHANNELS:
            message = f"Expected channels of {', '.join(CHANNELS)} but got {channel!r}."
            findings.add(MESSAGES_FILE, row.line, "channels", "value", message, "Correct channels.", channel, ", ".join(CHANNELS))


def _check_declaration(row: CsvRow, findings: Findings) -> None:
    known = set(row["variables"])
    for column, word in _used(row):
        if word and word not in known:
            message = f"Expected a declared variable ({'; '.join(row['variables']) or 'none'}) but the text asks for {{{word}}}."
            remedy = "Add it to variables, or correct the placeholder."
            findings.add(MESSAGES_FILE, row.line, column, "undeclared", message, remedy, word, "、".join(row["variables"]))
    for word in sorted(known - placeholders(row["text"]) - placeholders(row["text_en"])):
        message = f"Expected a variable that the text uses but nothing asks for {word!r}."
        findings.add(MESSAGES_FILE, row.line, "variables", "unused-variable", message, "Take it out, or use it in the text.", word)
    for word in sorted(known & set(FORBIDDEN)):
        message = f"Expected no personal detail among the variables but got {word!r}."
        findings.add(MESSAGES_FILE, row.line, "variables", "personal-data", message, "Take it out; point to {短链} instead.", word)


def _used(row: CsvRow) -> Iterator[tuple[str, str]]:
    return ((column, word) for column in ("text", "text_en") for word in sorted(placeholders(row[column])))
