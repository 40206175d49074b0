"""A post of the window rests on training that was admitted, or on a written exception; whoever has one is let be."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.services import admission

from .conftest import World

POST = ("window",)


def trained(world: World, **facts: str) -> None:
    """A training file as P29 leaves it after the admission."""
    file = world.new_case()
    file.kind, file.facts = "training", {"account": "new-clerk", "rostered_on": "2026-11-23", **facts}
    world.session.flush()


def test_without_training_the_post_is_refused_beside_the_posts(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        admission.exception_needed(world.session, "new-clerk", (), POST, " ")
    assert set(refused.value.fields) == {"groups"}


def test_an_exception_says_why_and_no_telephone(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        admission.exception_needed(world.session, "new-clerk", (), POST, "急")
    assert set(refused.value.fields) == {"exception"}
    said = admission.exception_needed(world.session, "new-clerk", (), POST, "短期顶岗,电话13800000000")
    assert said is not None and said.startswith("短期顶岗") and "13800000000" not in said


def test_training_that_was_admitted_needs_no_exception(world: World) -> None:
    trained(world)
    assert admission.exception_needed(world.session, "new-clerk", (), POST, "") is None
    with pytest.raises(InvalidInput):
        admission.exception_needed(world.session, "somebody-else", (), POST, "")


@pytest.mark.parametrize("facts", [{"rostered_on": ""}, {"left_on": "2026-11-23"}])
def test_training_that_goes_on_or_a_person_who_left_does_not_count(world: World, facts: dict[str, str]) -> None:
    trained(world, **facts)
    with pytest.raises(InvalidInput):
        admission.exception_needed(world.session, "new-clerk", (), POST, "")


def test_whoever_has_a_post_of_the_window_is_let_be(world: World) -> None:
    assert admission.exception_needed(world.session, "clerk-a", ("window",), ("window_head",), "") is None


def test_other_posts_need_no_training(world: World) -> None:
    assert admission.exception_needed(world.session, "new-clerk", (), ("coordinator", "D01"), "") is None
