"""Where a page of a list begins, as a browser sends it back: moments, row numbers, files. Refuses what no database can compare."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Select, or_

from engine.db.case_tables import Case
from engine.errors import InvalidInput

#: Row numbers are 64 bit with sign.
LARGEST_NUMBER = 2**63 - 1


def read_moment(text: str) -> datetime:
    """An aware moment in UTC; ValueError for everything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("Expected a moment with its offset but got one without.")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Expected a moment of the calendar but got one outside of it.") from error


def is_row_number(number: int) -> bool:
    """Whether a row can have this number."""
    return 0 < number <= LARGEST_NUMBER


def latest_first(wanted: Select[tuple[Case]], after: str | None) -> Select[tuple[Case]]:
    """Files in the order of their lists, from behind the one that ``after`` is the cursor of. Raises InvalidInput."""
    page = wanted.order_by(Case.received_at.desc(), Case.no.desc())
    if not after:
        return page
    try:
        text, no = after.split("|", 1)
        received_at = read_moment(text)
    except ValueError as error:
        raise InvalidInput("Expected a page link of this list but got something else. Go back to the first page.") from error
    return page.where(or_(Case.received_at < received_at, (Case.received_at == received_at) & (Case.no < no)))


def cursor_of(case: Case) -> str:
    """What the link to the next page carries when this file is the last one shown."""
    return f"{case.received_at.isoformat()}|{case.no}"
