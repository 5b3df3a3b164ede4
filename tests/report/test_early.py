from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lth_lib.report.stats import at_iteration, iterations_to, thinned
from lth_lib.spec import SpecError


def curve() -> pd.DataFrame:
    """Return two series, two seeds out of order, and evaluations out of order; seed 3 never gets past 0.5."""
    rows = [
        ("dense", 7, 20, 0.9),
        ("dense", 3, 20, 0.5),
        ("dense", 7, 0, 0.1),
        ("dense", 3, 0, 0.2),
        ("dense", 3, 10, 0.4),
        ("dense", 7, 10, 0.8),
        ("other", 7, 0, 1.0),
    ]
    return pd.DataFrame(rows, columns=["series", "seed", "iteration", "value"])


def test_a_curve_is_read_at_an_iteration_by_seed() -> None:
    np.testing.assert_array_equal(at_iteration(curve(), "dense", 10), [0.4, 0.8])


def test_a_curve_is_read_at_a_height_and_nan_is_never() -> None:
    np.testing.assert_array_equal(iterations_to(curve(), "dense", 0.8), [np.nan, 10])
    np.testing.assert_array_equal(iterations_to(curve(), "dense", 0.5), [20, 10])


def test_a_fall_after_the_first_arrival_does_not_count() -> None:
    falling = curve()
    falling.loc[0, "value"] = 0.0
    np.testing.assert_array_equal(iterations_to(falling, "dense", 0.8), [np.nan, 10])


def test_what_was_not_evaluated_is_refused_in_a_sentence() -> None:
    with pytest.raises(SpecError, match="not evaluated at iteration 5; it has 3 evaluations, from 0 to 20"):
        at_iteration(curve(), "dense", 5)
    with pytest.raises(SpecError, match="no series 'ticket'; there are dense, other"):
        iterations_to(curve(), "ticket", 0.5)


def test_a_long_curve_is_fine_at_first_then_every_fifth_and_the_last() -> None:
    rows = [(name, seed, at, 0.5) for name in ("a", "b") for seed in (0, 1) for at in range(0, 130, 10)]
    long = pd.DataFrame(rows, columns=["series", "seed", "iteration", "value"])
    found = thinned(long, 20)
    assert sorted(set(found["iteration"])) == [0, 10, 20, 70, 120]
    assert len(found) == 4 * 5
    assert thinned(long[long["iteration"] < 120], 20)["iteration"].max() == 110
    pd.testing.assert_frame_equal(thinned(curve(), 20), curve())
