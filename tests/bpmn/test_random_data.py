"""Random nested variables through every door of an instance: what goes in comes out, of the same type, and nothing is spliced."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.bpmn.data import changes, is_same, merge
from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from engine.errors import InvalidInput
from tests.bpmn.conftest import HostDouble
from tests.bpmn.diagrams import (
    call,
    chain,
    collected,
    end,
    extensions,
    file_of,
    many,
    mapping,
    parallel,
    process,
    script,
    start,
    straight,
    sub,
    user,
)

Variables = dict[str, Any]

quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(
        ["", "2026-11-23", "2026-11-23T10:00:00+08:00", "P3D", "办不成事", "\U0001f9fe", "e\u0301", "\u0000", "$t", "=1+1", "null"]
    ),
)
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0, 0.0, -0.0, 1, 1.0])
)
#: FEEL has one kind of number: what a double cannot hold exactly stays outside.
FEEL_NUMBERS = st.one_of(st.integers(1 - 2**53, 2**53 - 1), st.floats(-1e15, 1e15).map(lambda number: round(number, 3)))


def values(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = TEXTS.filter(lambda name: name != "$t")
    return st.recursive(
        st.one_of(st.none(), st.booleans(), numbers, TEXTS),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)),
        max_leaves=12,
    )


VALUES = values(NUMBERS)
FEEL_VALUES = values(FEEL_NUMBERS)


def variables(value: st.SearchStrategy[Any] = VALUES) -> st.SearchStrategy[Variables]:
    return st.dictionaries(st.sampled_from("abcd"), value, max_size=4)


def begun(*parts: str, data: Variables) -> Execution:
    host = HostDouble()
    host.definitions = dict(enumerate(parse(file_of(*parts), "data.bpmn"), start=1))
    return reloaded(Execution.start(1, host.definitions[1], host, data), host)


def reloaded(execution: Execution, host: HostDouble) -> Execution:
    return Execution.load(execution.dump(), host)


def done(execution: Execution, name: str, data: Variables) -> None:
    waits = execution.waits().user_tasks
    execution.complete(next(token for token, wait in waits.items() if wait.element_id == name), data)


def nested(depth: int) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = [value]
    return value


# --- through the doors ------------------------------------------------------------------------------------------------


@quick
@given(given_=variables(), added=variables())
@example(given_={"a": nested(100)}, added={"b": {"k": nested(98)}})
def test_what_is_stored_comes_back_as_it_was(given_: Variables, added: Variables):
    execution = begun(straight(user("t"), user("u"), ids=["t", "u"]), data=given_)
    assert is_same(execution.variables, given_)
    done(execution, "t", added)
    again = Execution.load(execution.dump(), execution._process.host)
    assert is_same(again.variables, {**given_, **added})
    assert again.dump() == execution.dump()


@quick
@given(value=VALUES)
def test_mappings_carry_a_value_into_a_called_process_and_out_as_it_is(value: Any):
    mappings = extensions(mapping("in", source="x", target="y"), mapping("out", source="z", target="w"))
    inner = process(start("cs"), user("t"), end("ce"), chain("cs", "t", "ce"), key="Inner")
    execution = begun(straight(call("c", "Inner", mappings), ids=["c"]), inner, data={"x": value})
    (token,) = execution.waits().user_tasks
    assert is_same(execution.variables_of(token), {"y": value})
    done(execution, "t", {"z": [value]})
    assert is_same(execution.variables, {"x": value, "w": [value]})


@quick
@given(items=st.lists(VALUES, max_size=4), sequential=st.booleans())
def test_a_multi_instance_gives_each_its_item_and_collects_the_answers_in_order(items: list[Any], sequential: bool):
    marker = many(collected("out", "n"), sequential=sequential, collection="items", elementVariable="n")
    inner = sub("s", marker, start("ss"), user("t"), end("se"), chain("ss", "t", "se"))
    execution = begun(straight(inner, user("last"), ids=["s", "last"]), data={"items": items})
    for _ in items:
        done(execution, "t", {})
        execution = Execution.load(execution.dump(), execution._process.host)
    assert is_same(execution.variables, {"items": items, "out": items})


@quick
@given(value=FEEL_VALUES)
def test_a_script_passes_on_what_it_is_given(value: Any):
    execution = begun(straight(script("s", "{y: x, z: [x]}"), user("t"), ids=["s", "t"]), data={"x": value})
    found = execution.variables
    assert execution.waits().failures == {}
    assert (found["y"], found["z"]) == (value, [value])
    assert is_same(found["x"], value)


@pytest.mark.parametrize("value", [2**53, -(2**53), 2**63])
def test_a_whole_number_that_feel_would_distort_stops_the_script(value: int):
    execution = begun(straight(script("s", "{y: x}"), ids=["s"]), data={"x": value})
    (failure,) = execution.waits().failures.values()
    assert (failure.element_id, "9007199254740991" in failure.message) == ("s", True)
    assert execution.variables == {"x": value}


@quick
@given(base=variables(), first=variables(), second=variables())
def test_a_join_keeps_what_one_branch_changed_and_records_what_both_did(base: Variables, first: Variables, second: Variables):
    parts = [parallel("f"), user("a1"), user("a2"), parallel("j"), user("last"), chain("start", "f", "a1", "j", "last", "end")]
    execution = begun(process(start(), *parts, end(), chain("f", "a2", "j")), data=base)
    done(execution, "a1", first)
    execution = Execution.load(execution.dump(), execution._process.host)
    done(execution, "a2", second)
    ours, theirs = changes(base, first), changes(base, second)
    assert is_same(execution.variables, {**base, **ours, **theirs})
    disputed = {name for name in ours.keys() & theirs.keys() if not is_same(ours[name], theirs[name])}
    assert {conflict.variable for conflict in execution.conflicts()} == disputed


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 2**64, -(2**63) - 1, "\ud800", {"$t": "date", "v": "2026-01-01"}, {1: 2}, nested(200), object(), {"k": [b"x"]}],
    ids=["nan", "infinity", "large", "small", "half a character", "tag", "number as name", "deep", "object", "bytes"],
)
def test_what_cannot_be_stored_is_refused_and_changes_nothing(value: Any):
    execution = begun(straight(user("t"), ids=["t"]), data={"x": 1})
    before = execution.dump()
    with pytest.raises(InvalidInput):
        done(execution, "t", {"x": value})
    assert execution.dump() == before
    done(execution, "t", {"x": 2})
    assert execution.completed


@quick
@given(value=VALUES)
def test_nobody_can_change_a_value_behind_the_instance(value: Any):
    execution = begun(straight(user("t"), ids=["t"]), data={"x": [value]})
    execution.variables["x"].append("from outside")
    (token,) = execution.waits().user_tasks
    execution.variables_of(token)["x"].clear()
    assert is_same(execution.variables, {"x": [value]})


# --- the merge itself -------------------------------------------------------------------------------------------------


def merged(base: Variables, ours: Variables, theirs: Variables) -> tuple[Variables, set[str]]:
    disputed: set[str] = set()
    return merge(base, ours, theirs, lambda name, kept, dropped: disputed.add(name)), disputed


@settings(max_examples=300, deadline=None, derandomize=True)
@given(base=variables(), ours=variables(), theirs=variables())
def test_who_comes_first_matters_only_where_both_changed_a_variable(base: Variables, ours: Variables, theirs: Variables):
    ours, theirs = {**base, **ours}, {**base, **theirs}
    forth, disputed = merged(base, ours, theirs)
    back, disputed_back = merged(base, theirs, ours)
    assert disputed == disputed_back
    assert all(is_same(forth[name], back[name]) for name in forth if name not in disputed)
    assert all(is_same(forth[name], theirs[name]) and is_same(back[name], ours[name]) for name in disputed)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(base=variables(), ours=variables(), theirs=variables())
def test_a_merge_adds_nothing_of_its_own_and_can_be_repeated(base: Variables, ours: Variables, theirs: Variables):
    ours, theirs = {**base, **ours}, {**base, **theirs}
    result, _ = merged(base, ours, theirs)
    assert all(any(is_same(value, part[name]) for part in (ours, theirs) if name in part) for name, value in result.items())
    assert is_same(merged(base, ours, ours)[0], ours)
    assert is_same(merged(base, base, theirs)[0], theirs)
    assert is_same(merged(base, ours, base)[0], ours)
    assert is_same(merged(base, result, theirs)[0], result)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(base=variables(), parts=st.lists(variables(), min_size=3, max_size=3))
def test_three_branches_that_changed_different_things_join_in_any_order(base: Variables, parts: list[Variables]):
    names = iter("xyz")
    branches = [{**base, next(names): part} for part in parts]
    forward = merged(base, merged(base, branches[0], branches[1])[0], branches[2])[0]
    backward = merged(base, merged(base, branches[2], branches[1])[0], branches[0])[0]
    assert is_same(forward, backward)
    assert is_same(forward, {**base, **dict(zip("xyz", parts, strict=True))})
