"""A training is read off after it has ended: early stops, and three readings of accuracy."""

import math

import numpy as np
import pytest
from fakes import FakeResult, FakeRun, result

from lth_lib.report import stats


def test_early_stop_is_the_first_minimum_from_the_start_and_censored_at_the_end() -> None:
    loss = np.array([[3.0, 3, 1, 3], [1, 2, 1, 1], [1, 1, 2, np.nan]])
    found = stats.early_stopping(np.array([500, 600, 700]), loss, start=500)
    assert found.iterations.tolist() == [100, 200, 0, 100]
    assert found.censored.tolist() == [False, True, False, True]  # the last one diverged while it was improving


def test_a_replicate_without_any_evaluation_has_no_early_stop() -> None:
    found = stats.early_stopping(np.array([0, 100]), np.full((2, 1), np.nan))
    assert np.isnan(found.iterations).all()
    assert not found.censored.any()


def test_reaching_is_the_first_time_at_or_above() -> None:
    accuracy = np.array([[0.1, 0.1], [0.9, 0.5], [0.8, np.nan]])
    found = stats.reaching(np.array([0, 100, 200]), accuracy, np.array([0.9, 0.6]))
    assert found[0] == 100
    assert np.isnan(found[1])


def long_run(count: int = 11, **more: np.ndarray) -> FakeResult:
    """Return a run of two replicates and `count` evaluations, all of which read the test set."""
    at = np.arange(count)
    loss = np.stack([at[::-1], at], 1).astype(float)  # the first learns to the end, the second only forgets
    test = np.stack([at / 100, 0.5 - at / 100], 1)
    return result(loss=loss, test_accuracy=test, valid_accuracy=1 - loss / 100, **more)


def test_the_end_is_the_mean_over_the_last_fifth() -> None:
    table = stats.tidy({"dense": {0: [long_run(51)]}})
    # Of 5,000 iterations, the evaluations from 4,000 to 5,000: numbers 40 to 50, 45 on average.
    assert table["accuracy_at_end"].tolist() == pytest.approx([0.45, 0.5 - 0.45])
    assert table["reason"].tolist() == ["", ""]


def test_the_end_counts_the_runs_own_steps() -> None:
    own = long_run(51)
    late = FakeResult(own.metrics | {"step": own.metrics["step"] + 10_000}, FakeRun(start=10_000))
    ends = [stats.tidy({"dense": {0: [one]}})["accuracy_at_end"].tolist() for one in (own, late)]
    assert ends[0] == ends[1]


def test_the_end_needs_five_test_evaluations() -> None:
    few = stats.tidy({"dense": {0: [long_run(20)]}})
    assert few["accuracy_at_end"].isna().all()
    assert few["reason"].iloc[0] == "4 test evaluations in the last fifth of training; a mean needs 5"
    assert stats.tidy({"dense": {0: [long_run(21)]}})["accuracy_at_end"].notna().all()


def test_a_replicate_that_diverged_has_no_end() -> None:
    run = long_run(51)
    run.metrics["test_accuracy"][45:, 1] = math.nan
    table = stats.tidy({"dense": {0: [run]}})
    assert table["accuracy_at_end"].tolist() == pytest.approx([0.45, math.nan], nan_ok=True)
    assert table["reason"].tolist() == ["", "diverged"]


def test_the_best_is_of_the_weights_that_were_kept() -> None:
    fine = stats.tidy({"dense": {0: [long_run(51, top_test_accuracy=np.array([0.7, 0.8]))]}})
    assert fine["accuracy_at_best"].tolist() == [0.7, 0.8]
    assert not fine["coarse_best"].any()


def test_the_best_of_older_runs_is_where_the_test_set_was_read() -> None:
    run = long_run(51)
    run.metrics["test_accuracy"][1::2] = math.nan  # read at every other evaluation
    run.metrics["valid_accuracy"][:] = 0.5
    run.metrics["valid_accuracy"][[20, 30], 0] = 0.9  # the first of two equals counts
    run.metrics["valid_accuracy"][[20, 33], 1] = 0.8, 0.9  # the higher was not read
    table = stats.tidy({"dense": {0: [run]}})
    assert table["accuracy_at_best"].tolist() == pytest.approx([0.2, 0.3])
    assert table["coarse_best"].all()


def test_an_early_stop_in_the_last_tenth_is_a_bound() -> None:
    steps = np.arange(0, 1100, 100)
    loss = np.ones((11, 3))
    loss[9, 0] = loss[10, 1] = loss[8, 2] = 0
    found = stats.early_stopping(steps, loss)
    assert found.iterations.tolist() == [900, 1000, 800]
    assert found.censored.tolist() == [False, True, False]  # 900 of 1,000 begins the last tenth, and is not in it
    finer = stats.early_stopping(np.arange(0, 1010, 10), np.eye(101)[:, [89, 90, 91]] * -1.0)
    assert finer.censored.tolist() == [False, False, True]
    assert not finer.at_last.any()


def test_a_reading_that_nothing_has_is_not_offered() -> None:
    table = stats.tidy({"dense": {0: [long_run(20)]}})
    assert stats.known_readings(table) == ["accuracy_at_early_stop", "accuracy_at_best"]
    assert stats.known_readings(stats.tidy({"dense": {0: [long_run(51)]}})) == list(stats.READINGS)


def test_the_error_of_a_share_of_images_by_hand() -> None:
    assert stats.sampling_error(0.98, 10_000) == pytest.approx(0.0014)
    assert stats.sampling_error(0.5, 100) == pytest.approx(0.05)
