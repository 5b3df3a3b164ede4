"""Twenty weights are trained, pruned and reset, and what the first page says of them is so."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lth_lib.workshop import twenty


def test_rounds_of_training_pruning_and_reset_leave_a_small_network_that_learns() -> None:
    told = twenty.moments()
    assert [moment.phase for moment in told] == ["start", *["train", "prune", "reset"] * twenty.ROUNDS, "ticket"]
    assert [moment.left for moment in told if moment.phase == "reset"] == [16, 13, 10]
    assert told[0].right < 0.7 < 0.99 < told[-1].right
    start = told[0].weights
    for moment in told:
        values, kept = moment.weights, moment.kept
        if moment.phase in ("start", "reset"):
            assert all(np.array_equal(values[name][kept[name]], start[name][kept[name]]) for name in start)
        else:
            assert not any(np.array_equal(values[name][kept[name]], start[name][kept[name]]) for name in start)


def test_what_is_pruned_is_the_smallest_of_its_layer_and_never_comes_back() -> None:
    told = twenty.moments()
    for before, after in pairwise(told):
        for name, mask in after.kept.items():
            assert not (mask & ~before.kept[name]).any()
            gone, size = before.kept[name] & ~mask, np.abs(after.weights[name])
            assert after.phase == "prune" or not gone.any()
            assert not gone.any() or size[gone].max() <= size[mask].min()
