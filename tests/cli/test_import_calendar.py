"""A holiday notice taken in from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Doudi

HEADER = "date,type,source,confirmed\n"


def test_a_notice_is_previewed_and_taken_in(doudi: Doudi, prepared: object, tmp_path: Path) -> None:
    notice = tmp_path / "notice.csv"
    notice.write_text(HEADER + "2031-01-01,法定,通知,true\n2031-01-02,休息,通知,true\n", "utf-8")
    result = doudi("import-calendar", str(notice), "--yes")
    assert result.exit_code == 0 and "1 of 2 days change; 0 due times of 0 cases move." in result.output


def test_what_is_wrong_with_a_notice_is_said_and_nothing_is_imported(doudi: Doudi, prepared: object, tmp_path: Path) -> None:
    notice = tmp_path / "notice.csv"
    notice.write_text(HEADER + "2031-01-01,法定,通知,true\n2031-01-01,法定,通知,true\n", "utf-8")
    result = doudi("import-calendar", str(notice), "--yes")
    assert result.exit_code == 1 and "calendar-twice" in result.output and "Nothing was imported." in result.output
