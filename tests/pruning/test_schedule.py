"""A schedule is a list of rates and rounds; what cannot be met is refused when it is written down."""

from __future__ import annotations

from typing import Any

import pytest

from lth_lib.pruning.schedule import Geometric, OneShot, Selected, check_rate
from lth_lib.spec import SpecError


def test_iterative_pruning_is_one_round_at_each_level() -> None:
    assert Geometric(0.3, 3).levels() == ((0.3, 1), (0.3, 1), (0.3, 1))
    assert Geometric(0.3, 0).levels() == ()
    assert len(Geometric().levels()) == 20


def test_one_shot_pruning_is_one_level_of_many_rounds() -> None:
    assert OneShot(0.2, 7).levels() == ((0.2, 7),)


@pytest.mark.parametrize(
    ("density", "rate", "count"),
    [(1, 0.2, 0), (0.8, 0.2, 1), (0.64, 0.2, 2), (0.5, 0.5, 1), (0.125, 0.5, 3), (0.0625, 0.5, 4), (0.0115, 0.2, 21)],
)
def test_levels_down_to_a_density_are_the_fewest_that_reach_it(density: float, rate: float, count: int) -> None:
    assert Geometric.down_to(density, rate) == Geometric(rate, count)


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("count", range(1, 30, 4))
def test_down_to_inverts_the_densities_of_levels(rate: float, count: int) -> None:
    reached = (1 - rate) ** count
    assert Geometric.down_to(reached, rate).count == count
    assert Geometric.down_to(reached * 0.999, rate).count == count + 1
    assert Geometric.down_to(min(1, reached * 1.001), rate).count == count


@pytest.mark.parametrize("rate", [0, 1, -0.2, 1.2, 20, float("nan")])
def test_impossible_rates_are_refused(rate: float) -> None:
    for make in (Geometric, OneShot, check_rate, lambda r: Geometric.down_to(0.5, r)):
        with pytest.raises(SpecError, match=r"rate was .* (between 0 and 1|a finite number)"):
            make(rate)


def test_selected_levels_keep_the_numbers_of_a_geometric_schedule() -> None:
    given = Selected(0.2, (2, 4, 7))
    assert given.levels() == ((0.2, 2), (0.2, 2), (0.2, 3))
    assert sum(rounds for _, rounds in given.levels()) == len(Geometric(0.2, 7).levels())


@pytest.mark.parametrize("numbers", [(), (0,), (2, 2), (3, 1), (-1, 2)])
def test_numbers_that_do_not_rise_from_one_are_refused(numbers: tuple[int, ...]) -> None:
    with pytest.raises(SpecError, match="they rise, from 1 or more"):
        Selected(0.2, numbers)


@pytest.mark.parametrize("count", [-1, 1.0, 2.5, "3", None])
def test_impossible_counts_are_refused(count: Any) -> None:
    with pytest.raises(SpecError, match=r"count was .* (0 levels or more|a whole number)"):
        Geometric(0.2, count)


@pytest.mark.parametrize("rounds", [0, -1, 1.0, "3", None])
def test_impossible_rounds_are_refused(rounds: Any) -> None:
    with pytest.raises(SpecError, match=r"rounds was .* (1 or more|a whole number)"):
        OneShot(0.2, rounds)


@pytest.mark.parametrize("density", [0, -0.1, 1.01, 80, float("nan")])
def test_impossible_densities_are_refused(density: float) -> None:
    with pytest.raises(SpecError, match=r"density was .* above 0 and at most 1"):
        Geometric.down_to(density)
