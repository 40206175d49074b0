"""The queueing model, against cases computed by hand and against the theory of queues."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.trials.load_simulation import Forecast, Leg, Route, arrivals, picks, simulate

DAY = 480.0


def run(moments: list[float], route: Route, staff: int = 1, horizon: float = DAY) -> Forecast:
    return simulate(moments, [route] * len(moments), {"a": staff}, horizon, DAY)


def one(minutes: float, limit: float | None = None) -> Route:
    return Route(((Leg("t", "a", minutes, limit),),))


def test_three_at_once_wait_for_one_person_in_turn() -> None:
    found = run([0, 0, 0], one(10))
    (load,) = found.groups
    assert (load.tasks, load.mean_wait, load.longest_queue) == (3, 10.0, 2)  # they wait 0, 10 and 20 minutes
    assert found.mean_time == 20.0 and load.utilisation == pytest.approx(30 / 480)


def test_two_people_halve_the_queue() -> None:
    (load,) = run([0, 0, 0], one(10), staff=2).groups
    assert load.mean_wait == pytest.approx(10 / 3) and load.longest_queue == 1


def test_arrivals_slower_than_the_work_never_wait() -> None:
    (load,) = run([0, 10, 20, 30], one(10)).groups
    assert (load.mean_wait, load.longest_queue, load.breaches) == (0.0, 0, 0)


def test_tasks_over_their_limit_are_breaches() -> None:
    (load,) = run([0, 0, 0], one(10, limit=20)).groups
    assert load.breaches == 1  # the third is done after 30 minutes


def test_a_task_that_still_waits_beyond_its_limit_at_the_end_is_a_breach() -> None:
    found = run([0, 0], one(400, limit=450))
    assert found.groups[0].breaches == 2 - 1 and found.open_at_end == 1


def test_cases_over_their_limit_are_late_finished_or_not() -> None:
    found = simulate([0, 0], [Route(one(300).stages, 100), Route(one(300).stages, 400)], {"a": 1}, DAY, DAY)
    assert (found.finished, found.open_at_end, found.late) == (1, 1, 2)


def test_stages_follow_each_other_and_tasks_of_a_stage_run_side_by_side() -> None:
    route = Route(((Leg("x", "a", 10), Leg("y", "b", 30)), (Leg("z", "a", 5),)))
    found = simulate([0], [route], {"a": 1, "b": 1}, DAY, DAY)
    assert found.mean_time == 35.0


def test_the_queue_is_counted_at_the_end_of_each_day() -> None:
    (load,) = run([0, 0, 0, 0], one(DAY), horizon=3 * DAY).groups
    assert load.queue == (3, 2, 1)


def test_a_group_nobody_is_in_is_taken_as_one_person() -> None:
    found = simulate([0], [Route(((Leg("t", "empty", 5),),))], {}, DAY, DAY)
    assert found.groups[0].staff == 1


def test_constant_work_at_random_arrivals_waits_as_the_formula_says() -> None:
    """M/D/1: mean wait = rho × service ÷ (2 × (1 − rho)); with rho = 0.5 and 10 minutes that is 5 minutes."""
    moments = arrivals(24, 700, DAY, seed=7)
    found = simulate(moments, [one(10)] * len(moments), {"a": 1}, 700 * DAY, DAY)
    assert found.groups[0].mean_wait == pytest.approx(5.0, rel=0.1)
    assert found.groups[0].utilisation == pytest.approx(0.5, rel=0.05)


def test_the_same_seed_gives_the_same_forecast_and_another_seed_another() -> None:
    first, again, other = (arrivals(20, 30, DAY, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert picks(50, 7, 1) == picks(50, 7, 1) != picks(50, 7, 2)


def test_nothing_arriving_and_no_history_are_no_error() -> None:
    assert arrivals(0, 30, DAY, 1) == () and picks(0, 0, 1) == ()
    assert simulate((), (), {"a": 1}, DAY, DAY).groups == ()


def test_too_many_cases_are_refused() -> None:
    with pytest.raises(InvalidInput):
        arrivals(10_000, 365, DAY, 1)
