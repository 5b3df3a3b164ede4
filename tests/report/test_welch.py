"""Two groups that share nothing, and many comparisons: worked by hand, or against scipy."""

import math

import pytest
from scipy import stats as scipy_stats

from lth_lib.report import stats
from lth_lib.spec import SpecError

T4 = 2.7764451051977987  # Student's t, 97.5 %, 4 degrees of freedom: from a printed table, 2.776
A, B = [20.4, 24.2, 15.4, 21.4, 20.2, 18.5, 21.5], [20.2, 16.9, 18.5, 17.3, 20.5]


def test_welch_is_the_one_that_scipy_has() -> None:
    found = stats.welch(A, B)
    theirs = scipy_stats.ttest_ind(A, B, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert (found.n, found.against) == (7, 5)


def test_welch_by_hand() -> None:
    # Means 3 and 1; variances of the means 1 / 3 and 1 / 3, so 4 degrees of freedom, as when they are pooled.
    found = stats.welch([2, 3, 4], [0, 1, 2])
    half = T4 * math.sqrt(2 / 3)
    assert (found.mean, found.freedom) == pytest.approx((2, 4))
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half))


def test_welch_counts_what_is_missing_on_either_side_and_one_replicate_has_no_interval() -> None:
    found = stats.welch([1, 2, math.nan], [math.nan, 3], drop_nan=True)
    assert (found.n, found.against, found.missing, found.mean) == (2, 1, 2, -1.5)
    assert math.isnan(found.low)
    with pytest.raises(SpecError, match="drop_nan=True"):
        stats.welch([1, math.nan], [1, 2])
    assert math.isnan(stats.welch([], [1, 2]).mean)


def test_welch_without_any_spread_has_no_width() -> None:
    found = stats.welch([2, 2], [1, 1])
    assert (found.low, found.high) == (1, 1)


def test_a_welch_ratio_is_geometric_and_symmetric() -> None:
    found, back = stats.welch_ratio([2, 8, 4], [1, 2]), stats.welch_ratio([1, 2], [2, 8, 4])
    assert found.mean == pytest.approx(4 / math.sqrt(2))
    assert (1 / back.low, 1 / back.high) == pytest.approx((found.high, found.low))
    with pytest.raises(SpecError, match="above zero"):
        stats.welch_ratio([1, 0], [1, 1])


def test_a_p_value_is_the_one_that_scipy_has() -> None:
    assert stats.p_value(stats.welch(A, B), 0) == pytest.approx(scipy_stats.ttest_ind(A, B, equal_var=False).pvalue)
    assert stats.p_value(stats.interval(A), 19) == pytest.approx(scipy_stats.ttest_1samp(A, 19).pvalue)
    found = stats.interval(A)
    assert stats.p_value(found, found.low) == pytest.approx(0.05)
    assert (stats.p_value(stats.interval([1, 1]), 1), stats.p_value(stats.interval([1, 1]), 0)) == (1, 0)
    assert math.isnan(stats.p_value(stats.interval([1]), 0))


def test_holm_by_hand() -> None:
    assert stats.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert stats.holm([0.5, 0.9]) == [1, 1]
    assert stats.holm([math.nan, 0.02]) == pytest.approx([1, 0.04])
    assert stats.holm([]) == []


def test_a_number_of_two_groups_names_both_counts() -> None:
    assert stats.describe(stats.welch([1, 2, 3], [1, 2, 3, 4]), stats.TIMES).endswith("n = 3 and 4)")


def test_what_stands_after_correction() -> None:
    spread = [-1.0, 0.0, 1.0]  # three replicates, 2 degrees of freedom: p is 0.05 at 4.303 standard errors
    found = {name: stats.interval([mean + one for one in spread]) for name, mean in (("a", 3), ("b", -40), ("c", 0))}
    assert stats.p_value(found["a"], 0) < 0.05
    assert stats.standing(found) == ([], ["b"])
    assert stats.standing({"a": found["a"]}) == (["a"], [])
    assert stats.standing(found, at=-40)[0] == ["a", "c"]
