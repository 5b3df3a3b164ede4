"""The numbers behind a figure are those that it draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
from drawings import cell
from matplotlib.axes import Axes

from lth_lib.report import figures
from lth_lib.report.stats import ITERATIONS, PERCENT, POINTS, describe, interval


def rows(ax: Axes) -> list[list[str]]:
    """Return the cells of the numbers behind axes."""
    found = figures.numbers(ax)
    assert found is not None
    return [[*row] for row in found.itertuples(index=False)]


def test_densities_have_a_row_for_each_mean() -> None:
    table = pd.concat([cell("dense", 0, [0.9, 0.92]), cell("ticket", 3, [0.91, 0.95]).assign(censored=[True, False])])
    expected = describe(interval([9_100.0, 9_500.0]), ITERATIONS)
    found = rows(figures.by_density(table, "early_stop"))
    assert found[0][:2] == ["dense", "100 %"]
    assert found[1] == ["ticket", "51.2 %", f"at least {expected}"]


def test_curves_have_some_evaluations_and_the_early_stops() -> None:
    each = [(seed, at, at / 1e4 + seed / 100) for seed in (0, 1) for at in (0, 100, 300, 500, 1000)]
    curve = pd.DataFrame(each, columns=["seed", "iteration", "value"]).assign(series="dense")
    stops = pd.DataFrame({"series": "dense", "level": 0, "seed": [0, 1], "early_stop": [200.0, 400.0]})
    found = rows(figures.learning_curves(curve, "test_accuracy", stops=stops))
    assert [row[1] for row in found[:4]] == ["0", "100", "500", "1,000"]
    assert found[2][2] == describe(interval([0.05, 0.06]), PERCENT)
    assert found[4][1:] == [f"early stop: {describe(interval([200.0, 400.0]), ITERATIONS)}", "3.50 %"]


def test_differences_have_a_row_for_each_interval() -> None:
    one, two = interval([0.01, 0.02]), interval([-0.01, 0.0])
    found = rows(figures.differences({"more": {"a": one, "b": two}, "less": {"b": one}}, "Gain"))
    assert [row[:2] for row in found] == [["a", "more"], ["b", "more"], ["b", "less"]]
    assert found[1][2] == describe(two, POINTS)


def test_timings_have_median_and_range() -> None:
    table = pd.DataFrame({"series": "a", "at": [1, 2], "median": [2.0, 3.0], "low": [1.0, 2.5], "high": [4.0, 3.5]})
    assert rows(figures.timings(table, x="Count", y="Time"))[0] == ["a", "1", "2 (1 to 4)"]


def test_prices_have_every_method_that_has_one() -> None:
    columns = {"series": ["a", "b", "c"], "when": "after", "granularity": "Weight()", "density": 0.1}
    found = [interval([mean - 0.01, mean + 0.01]) for mean in (0.9, 0.8, 0.7)]
    table = pd.DataFrame(columns).assign(cost=[2e3, 1e3, np.nan], accuracy=found)
    told = rows(figures.fronts(table, "cost"))
    assert [row[0] for row in told] == ["b", "a"]
    assert told[1][-1] == "2,000 iterations of a dense network"


def test_masks_and_units_are_pictures() -> None:
    assert figures.numbers(figures.mask_image(np.ones((28, 28)), np.eye(28))) is None
    assert figures.numbers(figures.gallery({"after": np.ones((1, 4, 4))}, ["a"])) is None
    assert figures.numbers(figures.grids({"a": np.ones((2, 4))}, {"a": np.eye(2, 4, dtype=bool)})) is None
