"""A series, level by level."""

import math

import numpy as np
import pandas as pd
import pytest

from lth_lib.report import stats

SEEDS = np.arange(4)


def cell(series: str, level: int, accuracy: float, stop: float = 400) -> pd.DataFrame:
    """Return a cell of four replicates that differ by a hundredth of a point, a control by two."""
    wobble = (2 if series == "re-initialised" else 1) * 0.0001 * (SEEDS - 1.5)
    columns = {"series": series, "level": level, "seed": SEEDS, "density": 0.8**level + wobble, "censored": False}
    return pd.DataFrame(columns | {"accuracy": accuracy + wobble, "early_stop": stop * np.exp(wobble)})


TABLE = pd.concat(
    [
        cell("dense", 0, 0.90),
        cell("winning ticket", 1, 0.92, stop=200),
        cell("winning ticket", 3, 0.88, stop=500),
        cell("re-initialised", 3, 0.85),
    ]
)


def test_a_level_has_the_density_that_was_measured() -> None:
    assert stats.densities(TABLE) == pytest.approx({1: 0.8, 3: 0.512})
    assert stats.densities(TABLE, "shuffled mask") == {}


def test_each_level_is_compared_with_all_dense_replicates() -> None:
    found = stats.over_dense(TABLE, "accuracy")
    assert {level: one.mean for level, one in found.items()} == pytest.approx({1: 0.02, 3: -0.02})
    assert (found[1].n, found[1].against) == (4, 4)
    assert stats.over_dense(TABLE, "accuracy", "re-initialised")[3].mean == pytest.approx(-0.05)


def test_two_series_are_compared_where_both_have_a_level() -> None:
    found = stats.each_level(TABLE, "accuracy", "winning ticket", "re-initialised", shared=True)
    assert list(found) == [3]
    assert found[3].mean == pytest.approx(0.03)
    assert found[3].high - found[3].mean == pytest.approx(3.1824 * 0.0001 * np.std(SEEDS, ddof=1) / 2, rel=1e-3)
    apart = stats.each_level(TABLE, "accuracy", "winning ticket", "re-initialised", shared=False)
    assert (found[3].against, apart[3].against) == (0, 4)  # paired by replicate, and all of both
    assert stats.each_level(TABLE, "accuracy", "winning ticket", "shuffled mask", shared=True) == {}


def test_how_much_earlier_is_a_ratio_and_counted_by_its_logarithm() -> None:
    found = stats.before_dense(TABLE)
    assert {level: one.mean for level, one in found.items()} == pytest.approx({1: 2.0, 3: 0.8})
    assert stats.ratios_standing(found) == ([1], [3])
    wide = stats.Interval(1.5, 0.9, 2.5, n=4, freedom=3)
    assert stats.ratios_standing({1: wide}) == ([], [])
    assert stats.p_value(wide.through(math.log), 0) > 0.05


def test_a_ticket_stands_beside_its_controls_level_by_level() -> None:
    slower = stats.before_each(TABLE, "winning ticket", "re-initialised")
    assert {level: one.mean for level, one in slower.items()} == pytest.approx({3: 0.8}, rel=1e-3)
    shown = stats.beside_controls(TABLE, "accuracy", ["re-initialised"])
    assert shown.to_dict("list") == {
        "Weights": ["51.2 %"],
        "n": ["4"],
        "Winning ticket minus re-initialised (points)": ["+3.00 (+2.98 to +3.02)"],
        "Re-initialised stops later by (times)": ["0.80 (0.80 to 0.80)"],
    }


def test_a_difference_taken_the_other_way_round_is_its_negative() -> None:
    found = stats.paired([0.3, 0.5], [0.1, 0.2])
    assert -found == stats.paired([0.1, 0.2], [0.3, 0.5])


def test_a_loss_is_small_down_to_the_level_before_the_first_that_is_not_shown_to_be() -> None:
    sure, unsure = (stats.Interval(0.005, 0.001, high, 5) for high in (0.009, 0.02))
    assert stats.down_to({50: sure, 20: sure, 10: unsure, 5: sure}, 0.01) == 20
    assert stats.down_to({10: unsure, 50: unsure}, 0.01) is None
