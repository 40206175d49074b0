"""Which element stands for which: found by id, then by what lies around it; a person's decisions on top."""

from __future__ import annotations

import pytest

from engine.bpmn.migration import edited, inverse, propose
from engine.bpmn.model import ProcessDefinition
from engine.bpmn.parse import parse
from engine.errors import InvalidInput
from tests.bpmn.diagrams import boundary, chain, end, file_of, flow, process, start, straight, sub, timer, user, xor


def read(*parts: str, ids: str, key: str = "P") -> ProcessDefinition:
    return parse(file_of(straight(*parts, ids=ids.split(), key=key)), "plan.bpmn")[0]


def named(id: str, name: str) -> str:
    return user(id).replace("<bpmn:userTask", f'<bpmn:userTask name="{name}"')


def test_a_renamed_element_is_found_by_its_id():
    plan = propose(read(named("a", "核对"), ids="a"), read(named("a", "复核"), ids="a"))
    assert (plan.mapping["a"], plan.notes["a"]) == ("a", "id")


def test_an_element_under_another_id_is_found_by_its_name():
    plan = propose(read(named("a", "核对"), user("b"), ids="a b"), read(user("b"), named("x", "核对"), ids="b x"))
    assert (plan.mapping["a"], plan.notes["a"]) == ("x", "structure")


def test_an_element_under_another_id_and_name_is_found_by_its_neighbours():
    plan = propose(read(user("a"), named("b", "旧"), user("c"), ids="a b c"), read(user("a"), named("x", "新"), user("c"), ids="a x c"))
    assert plan.mapping["b"] == "x"


def test_a_chain_of_new_ids_is_found_from_its_ends_inwards():
    old, new = ["a", "b", "c", "d", "e"], ["a", "v", "w", "x", "e"]
    plan = propose(read(*map(user, old), ids=" ".join(old)), read(*map(user, new), ids=" ".join(new)))
    assert [plan.mapping[key] for key in old] == new


def test_what_is_gone_needs_a_decision_and_what_has_several_likes_says_so():
    plan = propose(read(named("a", "核对"), ids="a"), read(named("x", "核对"), named("y", "核对"), ids="x y"))
    assert (plan.mapping["a"], plan.notes["a"]) == (None, "ambiguous")
    plan = propose(read(user("a"), user("b"), ids="a b"), read(user("b"), ids="b"))
    assert (plan.notes["a"], plan.open_questions()) == ("removed", ("a",))


def test_an_id_that_means_another_type_now_is_marked():
    gate = process(start(), end(), xor("a", default="f"), flow("start", "a"), flow("a", "end", id="f"))
    plan = propose(read(user("a"), ids="a"), parse(file_of(gate), "plan.bpmn")[0])
    assert plan.notes["a"] == "retyped"


def test_the_content_of_a_sub_process_follows_it_to_its_new_id():
    def box(id: str, inner: str) -> ProcessDefinition:
        inside = [start(f"{inner}s"), user(inner), end(f"{inner}e"), chain(f"{inner}s", inner, f"{inner}e")]
        late = boundary(f"{id}l", id, timer("timeDuration", "P1D"))
        return read(sub(id, *inside), late, flow(f"{id}l", "end"), ids=id)

    plan = propose(box("old", "i"), box("new", "j"))
    assert dict(plan.mapping) == {"start": "start", "end": "end", "old": "new", "oldl": "newl", "is": "js", "i": "j", "ie": "je"}


def test_a_person_may_choose_targets_and_drop_elements():
    source, target = read(user("a"), user("b"), ids="a b"), read(user("c"), ids="c")
    plan = edited(propose(source, target), source, target, {"a": "c", "b": None})
    assert (plan.mapping["a"], plan.notes["a"], plan.notes["b"], plan.open_questions()) == ("c", "chosen", "dropped", ())


def test_choices_of_unknown_elements_and_of_places_where_nothing_arrives_are_refused_all_at_once():
    source = read(user("a"), user("b"), user("c"), ids="a b c")
    with pytest.raises(InvalidInput) as refused:
        edited(propose(source, source), source, source, {"nobody": "a", "a": "nowhere", "b": "start", "c": "a"})
    assert refused.value.fields.keys() == {"nobody", "a", "b"}


def test_the_way_back_leads_chosen_elements_back_and_new_ones_nowhere():
    source, target = read(user("a"), user("b"), ids="a b"), read(user("b"), user("z"), user("n"), ids="b z n")
    plan = edited(propose(source, target), source, target, {"a": "z"})
    back = inverse(plan, source, target)
    assert (back.mapping["z"], back.mapping["b"], back.mapping["n"]) == ("a", "b", None)


def test_the_plan_of_a_very_large_diagram_with_new_ids_is_found_in_reasonable_time():
    ids = [f"t{number}" for number in range(800)]
    old = read(*(user(id) for id in ids), ids=" ".join(ids))
    new = read(*(user(f"x{id}") for id in ids), ids=" ".join(f"x{id}" for id in ids))
    assert propose(old, new).mapping["t0"] in ("xt0", None)
