"""A finished training is a row for each replicate: worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeResult, FakeRun, result

from lth_lib.report import stats

DENSE = replace(result(), metrics=result().metrics | {"density": np.ones((3, 2))})
TICKET = replace(result(digest="b"), run=FakeRun(digest="b", made_from=(DENSE.run,)))
CONTROL = replace(result(digest="c"), run=FakeRun(digest="c", made_from=(DENSE.run, TICKET.run)))


def costs(*given: FakeResult, others: tuple[FakeResult, ...] = ()) -> dict[str, list[float]]:
    table = stats.tidy({"t": {1: list(given)}}, others=others)
    return {digest: own["cost"].tolist() for digest, own in table.groupby("digest")}


def test_the_cost_counts_the_search_and_each_of_it_once() -> None:
    # 200 iterations each: of a dense network, then of tickets with half of the weights.
    assert costs(DENSE, TICKET, CONTROL) == {"a": [200, 200], "b": [300, 300], "c": [400, 400]}
    assert costs(CONTROL, others=(DENSE, TICKET)) == {"c": [400, 400]}


def test_the_cost_follows_a_density_that_falls_while_training() -> None:
    falling = np.array([[1.0, 1.0], [0.5, 1.0], [0.25, 1.0]])
    assert costs(result(density=falling)) == {"a": [75, 200]}


def test_what_comes_before_the_last_replacement_of_masks_is_another_network_s() -> None:
    """Its loss was lowest at 100, and it was as accurate as dense then; masks were replaced until then."""
    plain = result(loss=((3, 3), (1, 1), (2, 2.5)))
    late = result(loss=((3, 3), (1, 1), (2, 2.5)), last_replaced=np.array([100, 100]))
    dense = [result(loss=((3, 3), (2, 1), (2, 2)))]
    for one, stop, reached in ((plain, [100, 100], [100, 100]), (late, [200, 200], [200, np.nan])):
        table = stats.tidy({"t": {1: [one]}}, dense=dense)
        assert table["early_stop"].tolist() == stop
        np.testing.assert_array_equal(table["iterations_to_dense"], reached)


def test_a_search_that_is_not_known_whole_has_no_cost_and_a_reason() -> None:
    table = stats.tidy({"t": {1: [CONTROL]}}, others=[TICKET])
    assert table["cost"].isna().all()
    assert table["reason"].iloc[0].endswith("; no cost: not all that it was made from was given")
    full = stats.tidy({"t": {1: [CONTROL]}}, others=[TICKET, DENSE])
    assert "cost" not in full["reason"].iloc[0]


def test_who_never_is_as_accurate_as_dense_is_said_so() -> None:
    worse = result(digest="w", loss=((3, 3), (2, 1), (2, 1)))
    table = stats.tidy({"t": {1: [worse]}}, dense=[result()])
    assert table["iterations_to_dense"].isna().tolist() == ["never as accurate as dense" in r for r in table["reason"]]
    assert table["iterations_to_dense"].isna().tolist() == [True, False]


def test_what_a_run_says_of_itself_is_a_column_too() -> None:
    told = replace(result(), facts={"data": "MNIST", "bytes_csr": np.array([10, 20])})
    table = stats.tidy({"t": {1: [told]}})
    assert table["data"].tolist() == ["MNIST", "MNIST"]
    assert table["bytes_csr"].tolist() == [10, 20]


def test_training_accuracy_at_the_end_is_of_the_last_fifth() -> None:
    rising = np.arange(12).reshape(6, 2) / 100  # of 500 iterations, the segment that ends with the last alone
    run = result(loss=np.ones((6, 2)), train_accuracy=rising)
    assert stats.tidy({"t": {1: [run]}})["train_accuracy_at_end"].tolist() == pytest.approx([0.10, 0.11])


def test_every_column_is_in_the_dictionary_in_its_order() -> None:
    table = stats.tidy({"dense": {0: [DENSE]}}, dense=[DENSE])
    assert list(table.columns) == [name for name in stats.COLUMNS if name in table]
    assert all(meaning.endswith(".") for meaning in stats.COLUMNS.values())


def test_an_iteration_that_learns_masks_counts_as_a_dense_one() -> None:
    assert costs(replace(result(digest="l"), learned=True)) == {"l": [200, 200]}
    assert costs(result(digest="l")) == {"l": [100, 100]}


def test_what_is_not_known_of_paths_and_operations_is_said_so() -> None:
    told = {"flops": np.array([np.nan, 10]), "effective_density": np.array([np.nan, 0.5])}
    reasons = stats.tidy({"t": {1: [replace(result(), facts=told)]}})["reason"].tolist()
    assert reasons[0].endswith(
        "no flops: how often its network multiplies is not known; no paths: its masks are not stored, or its layers do "
        "not say what they read"
    )
    assert "flops" not in reasons[1]
    assert "paths" not in reasons[1]


def test_what_was_pruned_before_training_cost_nothing_and_need_not_be_given() -> None:
    begun = FakeRun(digest="begun", stop=0)
    table = stats.tidy({"t": {1: [replace(TICKET, run=replace(TICKET.run, made_from=(begun,)))]}})
    assert table["cost"].tolist() == [100, 100]
