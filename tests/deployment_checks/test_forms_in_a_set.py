"""Fields of forms against the set around them: each fault is planted once, the right way is quiet."""

from __future__ import annotations

from engine.deployment_checks import parse_files
from engine.feel import Feel
from tests.commands.conftest import START_END, user_task
from tests.deployment_checks.advised import advised, places
from tests.deployment_checks.test_variables_at_places import diagram, field, form, script

CODES = ("form-unused", "fields-unread", "field-hidden", "form-expression", "field-unset")
ASKING = user_task("u", 'camunda:candidateGroups="window" camunda:formKey="ask"')


def told(feel: Feel, ask: bytes, before: str = "", flows: str = "s>u u>e", **around: object) -> list[tuple[str, str | None]]:
    files = {"p.bpmn": diagram("p", START_END + ASKING + before, flows), "ask.form": ask}
    return places(advised(feel, files, **around), *CODES)


READING = script("x", "{y: [amount, ok]}")
AMOUNT, OK = field("number", "amount"), field("checkbox", "ok")


def test_a_form_whose_fields_are_read_is_quiet(feel: Feel) -> None:
    assert told(feel, form("ask", AMOUNT, OK), READING, "s>u u>x x>e") == []


def test_fields_that_nothing_reads_are_information_in_one_line(feel: Feel) -> None:
    files = {"p.bpmn": diagram("p", START_END + ASKING, "s>u u>e"), "ask.form": form("ask", AMOUNT, OK)}
    [found] = [one for one in advised(feel, files) if one.code == "fields-unread"]
    assert (found.severity, found.file, found.element_id) == ("info", "ask.form", "f_amount")
    assert "amount (amount), ok (ok)" in found.message


def test_a_field_is_read_by_whoever_takes_the_whole_and_by_another_form(feel: Feel) -> None:
    nested = form("ask", field("number", "facts.amount"))
    assert told(feel, nested, script("x", "{y: facts}"), "s>u u>x x>e") == []
    assert told(feel, nested, script("x", "{y: facts.other}"), "s>u u>x x>e")[-1] == ("fields-unread", "f_facts_amount")
    second = user_task("v", 'camunda:candidateGroups="window" camunda:formKey="show"')
    files = {
        "p.bpmn": diagram("p", START_END + ASKING + second, "s>u u>v v>e"),
        "ask.form": form("ask", AMOUNT),
        "show.form": form("show", {**AMOUNT, "readonly": True}),
    }
    assert places(advised(feel, files), *CODES) == []


def test_a_form_that_no_process_uses_is_information_unless_a_page_shows_it(feel: Feel) -> None:
    assert places(advised(feel, {"ask.form": form("ask", AMOUNT)}), *CODES) == [("form-unused", "ask")]
    assert places(advised(feel, {"ask.form": form("ask", AMOUNT)}, pages=frozenset({"ask"})), *CODES) == []
    deployed = {"p.bpmn": diagram("p", START_END + ASKING + READING, "s>u u>x x>e")}
    assert places(advised(feel, {"ask.form": form("ask", AMOUNT)}, deployed=deployed), *CODES) == []


def test_two_fields_with_one_key_are_refused(feel: Feel) -> None:
    _, problems = parse_files(feel, {"ask.form": form("ask", AMOUNT, {**AMOUNT, "id": "again"})})
    assert [(one.code, one.severity) for one in problems] == [("form.duplicate_key", "error")]


def test_a_required_field_that_is_always_hidden_is_a_warning(feel: Feel) -> None:
    required = {**AMOUNT, "validate": {"required": True}}
    hidden = {**required, "conditional": {"hide": "=true"}}
    assert told(feel, form("ask", OK, hidden), READING, "s>u u>x x>e") == [("field-hidden", "f_amount")]
    group = {"type": "group", "id": "g", "components": [required], "conditional": {"hide": "=1 = 1"}}
    assert told(feel, form("ask", OK, group), READING, "s>u u>x x>e") == [("field-hidden", "f_amount")]
    sometimes = {**required, "conditional": {"hide": "=ok = true"}}
    assert told(feel, form("ask", OK, sometimes), READING, "s>u u>x x>e") == []


def test_a_condition_that_asks_for_something_unknown_is_a_warning_with_the_nearest_name(feel: Feel) -> None:
    files = {
        "p.bpmn": diagram("p", START_END + ASKING + READING, "s>u u>x x>e"),
        "ask.form": form("ask", OK, {**AMOUNT, "conditional": {"hide": "=amonut > 3"}}),
    }
    [found] = [one for one in advised(feel, files, "en") if one.code in CODES]
    assert (found.code, found.severity, found.element_id) == ("form-expression", "warning", "f_amount")
    assert "amonut" in found.message and "amount" in found.message


def test_a_condition_may_ask_for_variables_before_the_task_and_values_of_choices_are_compared(feel: Feel) -> None:
    shown = {**AMOUNT, "conditional": {"hide": '=level = "b"'}}
    set_before = script("a", '{level: "b"}')
    assert told(feel, form("ask", OK, shown), set_before + READING, "s>a a>u u>x x>e") == []
    level = field("select", "level", values=[{"label": "a", "value": "a"}])
    found = told(feel, form("ask", OK, level, shown), READING.replace("[amount", "[level, amount"), "s>u u>x x>e")
    assert found == [("form-expression", "f_amount")]


def test_a_field_that_is_only_shown_and_that_nothing_sets_before_is_a_warning_at_the_task(feel: Feel) -> None:
    shown = {**field("textfield", "name"), "readonly": True}
    assert told(feel, form("ask", AMOUNT, OK, shown), READING, "s>u u>x x>e") == [("field-unset", "u")]
    set_before = script("a", '{name: "x"}')
    assert told(feel, form("ask", AMOUNT, OK, shown), set_before + READING, "s>a a>u u>x x>e") == []
    inside = {**field("textfield", "facts.name"), "readonly": True}
    wrong = script("a", '{facts: {nmae: "x"}}')
    assert told(feel, form("ask", AMOUNT, OK, inside), wrong + READING, "s>a a>u u>x x>e") == [("field-unset", "u")]
