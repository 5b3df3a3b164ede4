"""Two cells of a table, paired or not."""

import math

import numpy as np
import pandas as pd
import pytest

from lth_lib.report import stats

TABLE = pd.DataFrame(
    {
        "series": ["dense"] * 3 + ["ticket"] * 3,
        "level": [0] * 3 + [1] * 3,
        "seed": [0, 1, 2] * 2,
        "early_stop": [400.0, 200.0, 300.0, 200.0, 100.0, math.nan],
        "censored": [False, True, False] + [False] * 3,
        "accuracy": [0.9, 0.8, 0.7, 0.95, 0.85, math.nan],
        "diverged_at": [-1] * 6,
        "diverged": [False] * 5 + [True],
    }
)


def test_a_difference_counts_the_replicate_that_has_none() -> None:
    found = stats.difference(TABLE, "accuracy", ("ticket", 1), ("dense", 0), shared=True)
    assert (found.n, found.missing) == (2, 1)
    assert found.mean == pytest.approx(0.05)


def test_a_speedup_is_a_ratio_and_says_which_stops_are_bounds() -> None:
    found = stats.speedup(TABLE, ("ticket", 1), ("dense", 0), shared=True)
    assert found.mean == pytest.approx(2)
    assert found.note == "some early stops of dense are lower bounds"
    assert "; some early stops of dense are lower bounds)" in stats.describe(found, stats.TIMES)
    other = stats.speedup(TABLE.assign(censored=False), ("ticket", 1), ("dense", 0), shared=True)
    assert other.note == ""
    assert stats.speedup(TABLE, ("dense", 0), ("ticket", 1), shared=True).mean == pytest.approx(0.5)


def test_a_replicate_that_never_improved_has_no_speedup() -> None:
    table = TABLE.assign(early_stop=[0.0, 200.0, 300.0, 200.0, 100.0, 100.0])
    found = stats.speedup(table, ("ticket", 1), ("dense", 0), shared=True)
    assert (found.n, found.missing) == (2, 1)


def test_survival_is_kept_over_all_where_there_are_enough() -> None:
    every = {"fc1": np.array([[40, 100, 39], [40, 100, 99]])}
    kept = {"fc1": np.array([[20, 10, 9], [30, 20, 9]])}
    table = stats.survival(kept, every, 3.0)
    assert list(table.columns) == ["replicate", "value", "kept", "layer"]
    assert table["value"].unique().tolist() == [-2.0, 0.0]
    assert table.query("value == -2")["kept"].tolist() == [0.5, 0.75]
    assert table.query("value == 0")["kept"].tolist() == [0.1, 0.2]


def test_a_replicate_that_diverged_is_left_out_of_what_is_shared() -> None:
    every = np.array([[40.0, 60.0], [np.nan, np.nan], [50.0, 50.0]])
    kept = np.array([[10.0, 30.0], [np.nan, np.nan], [np.nan, np.nan]])
    assert stats.pooled(kept, every, 1.0, -1.0, 0.0) == pytest.approx(10 / 40)
    table = stats.survival({"fc1": kept}, {"fc1": every}, 1.0)
    assert set(table["replicate"]) == {0}
    assert table["kept"].tolist() == pytest.approx([10 / 40, 30 / 60])


def test_what_shares_nothing_is_compared_by_all_replicates_of_both() -> None:
    found = stats.difference(TABLE, "accuracy", ("ticket", 1), ("dense", 0), shared=False)
    assert (found.n, found.against, found.missing) == (2, 3, 1)
    assert found.mean == pytest.approx(0.9 - 0.8)
    faster = stats.speedup(TABLE, ("ticket", 1), ("dense", 0), shared=False)
    assert faster.mean == pytest.approx((400 * 200 * 300) ** (1 / 3) / (200 * 100) ** (1 / 2))
    assert faster.note == "some early stops of dense are lower bounds"


def test_values_are_a_number_for_each_replicate() -> None:
    twice = pd.concat([TABLE, TABLE.assign(accuracy=TABLE["accuracy"] + 0.1)])
    assert stats.values(twice, "accuracy", ("dense", 0)) == pytest.approx([0.95, 0.85, 0.75])
