"""forms/README.md lists every form as it is now: `./dev pictures` writes it anew."""

from __future__ import annotations

from docs import form_table

from .conftest import FORMS


def test_the_table_of_forms_is_as_the_forms_are_now() -> None:
    written = form_table.PAGE.read_text("utf-8").partition(form_table.BEGIN)[2].partition(form_table.END)[0]
    assert written.strip().splitlines()[2:] == list(form_table.rows())


def test_every_form_has_one_line_and_is_used() -> None:
    rows = list(form_table.rows())
    assert len(rows) == len(FORMS)
    by_the_site = {row.split("`")[1] for row in rows if "| site |" in row}
    assert by_the_site == {"citizen_confirm", "citizen_rating", "citizen_report"}
