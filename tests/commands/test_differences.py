"""What changed between two versions of a table, a form or a data file."""

from __future__ import annotations

import json

from engine.deployment_checks.differences import Change, compare_decisions, compare_forms, compare_tables, compare_texts
from tests.conftest import PROJECT

LIMITS = (PROJECT / "processes" / "DT03_time_limits.dmn").read_bytes()
FORM = (PROJECT / "forms" / "rectify.form").read_bytes()


def test_equal_files_have_no_differences() -> None:
    assert compare_decisions(LIMITS, LIMITS) == () and compare_forms(FORM, FORM) == () and compare_texts(FORM, FORM) == ()


def test_a_changed_cell_is_shown_with_its_row_and_column() -> None:
    (table,) = compare_decisions(LIMITS, LIMITS.replace(b'"7\xe4\xb8\xaa\xe5\xb7\xa5\xe4\xbd\x9c\xe6\x97\xa5"', '"5个工作日"'.encode()))
    assert table.id == "DT03"
    assert {change for row in table.rows for change in row.changes} >= {Change("办结", '"7个工作日"', '"5个工作日"')}
    assert {row.kind for row in table.rows} == {"changed"}


def test_rows_that_come_go_and_change_places_are_told_apart() -> None:
    first = LIMITS.index(b'<rule id="L1">')
    second = LIMITS.index(b'<rule id="L2">')
    end = LIMITS.index(b"</rule>", second) + len(b"</rule>")
    one, two = LIMITS[first:second], LIMITS[second:end]
    (swapped,) = compare_decisions(LIMITS, LIMITS[:first] + two + one + LIMITS[end:])
    assert [row.kind for row in swapped.rows] == ["moved"]
    (shorter,) = compare_decisions(LIMITS, LIMITS[:first] + two + LIMITS[end:])
    assert [(row.kind, row.id, row.old_position) for row in shorter.rows] == [("removed", "L1", 2)]
    (longer,) = compare_decisions(LIMITS[:first] + two + LIMITS[end:], LIMITS)
    assert [(row.kind, row.id, row.new_position) for row in longer.rows] == [("added", "L1", 2)]


def test_a_hit_policy_is_a_setting_of_its_table() -> None:
    (table,) = compare_decisions(LIMITS, LIMITS.replace(b'hitPolicy="FIRST"', b'hitPolicy="UNIQUE"'))
    assert [(row.id, change.old, change.new) for row in table.rows for change in row.changes] == [("", "FIRST", "UNIQUE")]


def test_a_whole_decision_that_is_new_is_listed() -> None:
    other = LIMITS.replace(b'id="DT03"', b'id="DT99"')
    assert {table.id for table in compare_decisions(LIMITS, other)} == {"DT03", "DT99"}


def test_the_properties_of_a_field_are_compared_one_by_one() -> None:
    schema = json.loads(FORM)
    schema["components"][2]["validate"]["minLength"] = 20
    schema["components"].append({"type": "textfield", "key": "legal_basis", "label": "依据"})
    (form,) = compare_forms(FORM, json.dumps(schema).encode())
    assert [(row.kind, row.id) for row in form.rows] == [("changed", "rectification.measures"), ("added", "legal_basis")]
    assert form.rows[0].changes == (Change("validate.minLength", "10", "20"),)


def test_rows_of_a_data_file_are_matched_by_the_key_of_the_table() -> None:
    old = "code,name,name_en\nN01,甲,\nN02,乙,\n".encode()
    new = "code,name,name_en\nN02,乙方,\nN03,丙,\n".encode()
    (table,) = compare_tables("processes/reference/negative_list.csv", old, new)
    assert [(row.kind, row.id) for row in table.rows] == [("changed", "N02"), ("added", "N03"), ("removed", "N01")]


def test_texts_are_compared_line_by_line() -> None:
    assert compare_texts(b"a\nb\n", b"a\nc\n")[-2:] == ("-b", "+c")


def test_rows_of_a_key_that_hold_one_after_the_other_are_told_apart() -> None:
    head = "code,name,tags,promise_wd,valid_from,valid_to\n"
    old, new = head + "M01,旧,,1,,\n", head + "M01,旧,,1,,2026-11-30\nM01,新,,2,2026-12-01,\n"
    (table,) = compare_tables("processes/reference/matters.csv", old.encode(), new.encode())
    assert [(row.kind, row.id) for row in table.rows] == [("changed", "M01"), ("added", "M01 2026-12-01")]
