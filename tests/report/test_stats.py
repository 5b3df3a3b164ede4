"""What replicates let us say: worked examples by hand."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from fakes import FakeResult, FakeRun, result

from lth_lib.report import stats
from lth_lib.spec import SpecError

T4 = 2.7764451051977987  # Student's t, 97.5 %, 4 degrees of freedom: from a printed table, 2.776


def test_interval_of_one_to_five_is_the_one_in_the_book() -> None:
    found = stats.interval([1, 2, 3, 4, 5])
    half = T4 * math.sqrt(2.5 / 5)
    assert (found.mean, found.n, found.missing) == (3, 5, 0)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half))


def test_a_lower_confidence_is_a_narrower_interval() -> None:
    assert stats.interval([1, 2, 3, 4, 5], 0.5).high < stats.interval([1, 2, 3, 4, 5]).high


def test_one_replicate_has_no_interval_and_excludes_nothing() -> None:
    found = stats.interval([0.7])
    assert found.mean == 0.7
    assert math.isnan(found.low)
    assert not found.low > 0
    assert not found.contains(0.7)


def test_nan_is_refused_or_counted() -> None:
    with pytest.raises(SpecError, match="1 of 3 values are NaN; give drop_nan=True"):
        stats.interval([1, 2, math.nan])
    found = stats.interval([1, 2, math.nan], drop_nan=True)
    assert (found.mean, found.n, found.missing) == (1.5, 2, 1)
    assert stats.interval([math.nan], drop_nan=True).n == 0


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(SpecError, match="confidence"):
        stats.interval([1, 2], confidence)


def test_values_have_one_axis() -> None:
    with pytest.raises(SpecError, match="shape"):
        stats.interval(np.ones((2, 2)))


def test_pairing_finds_what_the_spread_between_replicates_hides() -> None:
    a, b = np.array([10.0, 20, 30, 40, 50]), np.array([9.0, 18.9, 29.1, 39.05, 48.95])
    assert stats.paired(a, b).low > 0
    assert stats.interval(a).low < stats.interval(b).mean
    assert stats.paired(a, b).mean == pytest.approx(1)


def test_pairs_must_be_the_same_replicates() -> None:
    with pytest.raises(SpecError, match="the same ones in both"):
        stats.paired([1, 2, 3], [1, 2])


def test_ratio_is_geometric_and_symmetric() -> None:
    found, back = stats.ratio([2, 8], [1, 1]), stats.ratio([1, 1], [2, 8])
    half = 12.706204736432095 * math.log(2)  # t of 1 degree of freedom times the standard error of (ln 2, ln 8)
    assert found.mean == pytest.approx(4)
    assert found.high == pytest.approx(4 * math.exp(half))
    assert (1 / back.low, 1 / back.high) == pytest.approx((found.high, found.low))


def test_ratio_of_zero_is_refused_and_of_nan_counted() -> None:
    with pytest.raises(SpecError, match="above zero"):
        stats.ratio([1, 0], [1, 1])
    found = stats.ratio([2, math.nan, 2], [1, 1, 1], drop_nan=True)
    assert (found.mean, found.n, found.missing) == pytest.approx((2, 2, 1))


def test_an_interval_knows_what_it_contains_and_lies_in() -> None:
    found = stats.Interval(0.1, 0, 0.2, 5)
    assert found.contains(0)
    assert not found.contains(0.21)
    assert found.inside(0, 0.2)
    assert not found.inside(0.05, 1)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (stats.Interval(0.9812, 0.9795, 0.9829, 5), stats.PERCENT, "98.12 % (97.95 to 98.29, n = 5)"),
        (stats.Interval(0.003, -0.001, 0.007, 5), stats.POINTS, "+0.30 points (-0.10 to +0.70, n = 5)"),
        (stats.Interval(-1e-9, -0.001, 0.001, 3), stats.POINTS, "+0.00 points (-0.10 to +0.10, n = 3)"),
        (stats.Interval(512, 40, 6240, 14, 1), stats.ITERATIONS, "512 iterations (40 to 6,240, n = 14, 1 missing)"),
        (stats.Interval(2.506, 1.9, 3.2, 15), stats.TIMES, "2.51 times (1.90 to 3.20, n = 15)"),
        (stats.Interval(0.5, math.nan, math.nan, 1), stats.PERCENT, "50.00 % (n = 1, no interval)"),
        (stats.Interval(math.nan, math.nan, math.nan, 0, 5), stats.PERCENT, "no value (n = 0, 5 missing)"),
    ],
)  # fmt: skip
def test_a_number_in_words(value: stats.Interval, unit: stats.Unit, text: str) -> None:
    assert stats.describe(value, unit) == text


def test_what_is_not_reached_by_all_has_no_mean() -> None:
    assert stats.told_reached([100, 300, math.nan]) == ("reached by 2 of 3 replicates", "")
    assert stats.told_reached([100, 100, 100]) == ("100 iterations", "100 to 100, n = 3")


def test_tidy_has_a_row_for_each_replicate() -> None:
    table = stats.tidy({"dense": {0: [result()]}, "winning ticket": {7: [result(digest="b"), result((5, 6), "c")]}})
    assert len(table) == 6
    assert table[["series", "level", "seed"]].iloc[-1].tolist() == ["winning ticket", 7, 6]
    first = table.iloc[0]
    assert (first["early_stop"], table["early_stop"][1]) == (100, 200)
    assert table["censored"].tolist() == [False, True] * 3
    assert first["density"] == 0.5
    assert (first["gap_at_last"], first["gap_at_early_stop"]) == pytest.approx((0.11, 0.02))
    assert not first["diverged"]
    assert "iterations_to_dense" not in table


def test_tidy_names_what_diverged_and_what_is_empty() -> None:
    broken = result(diverged_at=np.array([-1, 150]), density=np.array([[0.5, 0.4], [0.5, np.nan], [0.5, np.nan]]))
    table = stats.tidy({"t": {1: [FakeResult(broken.metrics, broken.run, {}, ((1, "fc1"), (1, "out")))]}})
    assert table["diverged"].tolist() == [False, True]
    assert table["density"].tolist() == [0.5, 0.4]
    assert table["empty_layers"].tolist() == ["", "fc1, out"]


def test_tidy_says_when_dense_accuracy_is_reached() -> None:
    dense = result(loss=((3, 3), (1, 2), (2, 1)))
    other = result(digest="b", loss=((3, 3), (2, 2), (1, 2)), start=400)
    table = stats.tidy({"t": {1: [other]}}, dense=[dense])
    assert table["iterations_to_dense"][0] == 200  # counted from the run's own start
    assert np.isnan(table["iterations_to_dense"][1])
    with pytest.raises(SpecError, match="no replicate \\[9\\]"):
        stats.tidy({"t": {1: [result((0, 9))]}}, dense=[dense])


def test_tidy_refuses_nothing_and_the_same_twice() -> None:
    with pytest.raises(SpecError, match="no results"):
        stats.tidy({})
    with pytest.raises(SpecError, match="given twice"):
        stats.tidy({"t": {1: [result(), result()]}})


def test_repeats_are_averaged_within_their_replicate() -> None:
    repeats = [result(digest=name, accuracy=a) for name, a in (("a", 0.8), ("b", 0.9), ("c", 1.0))]
    table = stats.average_within(stats.tidy({"re-initialised": {7: repeats}}))
    assert len(table) == 2
    assert table["accuracy_at_early_stop"].tolist() == pytest.approx([0.9, 0.9])
    assert table["repeats"].tolist() == [3, 3]
    assert table["censored"].tolist() == [False, True]


def test_a_repeat_without_a_value_leaves_its_replicate_without_one() -> None:
    half = result(digest="b", best_test_accuracy=np.array([np.nan, 0.9]))
    averaged = stats.average_within(stats.tidy({"t": {1: [result(), half]}}))["accuracy_at_early_stop"]
    assert averaged.isna().tolist() == [True, False]


def test_pairs_are_aligned_on_the_replicates_both_have() -> None:
    left = result((0, 1), best_test_accuracy=np.array([0.1, 0.2]))
    right = result((1, 2), "b", best_test_accuracy=np.array([0.5, 0.6]))
    table = stats.tidy({"a": {1: [left]}, "b": {2: [right]}})
    a, b = stats.pairs(table, "accuracy_at_early_stop", ("a", 1), ("b", 2))
    assert (a.tolist(), b.tolist()) == ([0.2], [0.5])
    assert stats.pairs(table, "accuracy_at_early_stop", ("a", 1), ("b", 9))[0].size == 0


def test_curves_skip_what_was_not_evaluated_and_keep_what_diverged() -> None:
    broken = result((2, 3), "b", start=400, valid_loss=np.array([[1, 1], [1, np.nan], [1, np.nan]]))
    found = stats.curves({"dense": [result()], "ticket": [broken]}, "valid_loss")
    assert list(found.columns) == ["series", "seed", "iteration", "value"]
    ticket = found[found["series"] == "ticket"]
    assert sorted(set(ticket["iteration"])) == [0, 100, 200]
    assert ticket["value"].isna().sum() == 2
    assert set(stats.curves({"dense": [result()]}, "test_accuracy")["iteration"]) == {0, 200}


def test_curves_average_repeats_within_their_replicate() -> None:
    found = stats.curves({"r": [result(), result(digest="b", loss=((5, 3), (1, 2), (2, 1)))]}, "valid_loss")
    assert len(found) == 6
    assert found["value"].iloc[0] == 4


def test_layers_have_a_row_for_each_layer_and_replicate() -> None:
    found = stats.layers({7: [result(layers={"fc1": np.array([0.2, 0.2]), "out": np.array([0.5, 0.4])})]})
    assert list(found.columns) == ["level", "seed", "density", "layer", "layer_density"]
    assert found["layer_density"].tolist() == [0.2, 0.2, 0.5, 0.4]
    assert isinstance(found, pd.DataFrame)


def test_layers_of_several_series_are_one_table_under_the_names_asked_for() -> None:
    groups = {name: {7: [result(layers={"fc1.weight": np.array([0.2, 0.4])})]} for name in ("Wanda, kept", "OBD, kept")}
    found = stats.layers_of(groups, {"OBD, kept": "OBD", "Wanda, kept": "Wanda, per output"})
    assert found["series"].tolist() == ["OBD"] * 2 + ["Wanda, per output"] * 2
    assert found["layer"].unique().tolist() == ["fc1"]
    assert found["layer_density"].tolist() == [0.2, 0.4] * 2


@dataclass(frozen=True)
class FakeStudy:
    runs: tuple[FakeRun, ...]

    @property
    def planned(self) -> dict[tuple[str, int], int]:
        return {("dense", 0): sum(len(run.seeds) for run in self.runs)}

    def found(self, results: dict[FakeRun, FakeResult]) -> dict[str, dict[int, list[FakeResult]]]:
        return {"dense": {0: [results[run] for run in self.runs if run in results]}}


def test_a_study_of_which_nothing_is_stored_has_no_table() -> None:
    stored = {one.run: one for one in (result(digest="a"), result(digest="b"))}
    studies = {name: FakeStudy((FakeRun(digest=name), FakeRun(digest="x"))) for name in "abc"}
    tables = stats.by_study(studies, lambda runs: {run: stored[run] for run in runs if run in stored})
    assert list(tables) == ["a", "b"]
    assert set(tables["b"]["digest"]) == {"b"}


def test_half_a_study_is_left_out_where_it_must_be_whole() -> None:
    stored = {one.run: one for one in (result(digest="a"), result(digest="b"))}
    studies = {
        "half": FakeStudy((FakeRun(digest="a"), FakeRun(digest="x"))),
        "whole": FakeStudy((FakeRun(digest="a"), FakeRun(digest="b"))),
    }
    tables = stats.whole(studies, lambda runs: {run: stored[run] for run in runs if run in stored})
    assert list(tables) == ["whole"]
    assert len(tables["whole"]) == 4
