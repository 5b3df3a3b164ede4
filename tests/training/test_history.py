"""What is recorded of a training: a row at the start and at each segment, and the best of them."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
from tiny import KERNELS, SEEDS, columns, finish, setting, trainer

from lth_lib.training.recipe import SGD, Rate
from lth_lib.training.train import PER_SEGMENT

EVERY_KERNEL = pytest.mark.parametrize("kind", KERNELS)


def test_history_has_a_row_at_the_start_and_at_every_segment() -> None:
    history = columns(finish(trainer(setting())))
    assert set(history) == {"step", "density", *PER_SEGMENT}
    assert history["step"].tolist() == [0, 10, 20, 30, 40]
    assert history["valid_loss"].shape == (5, 3)
    for name, rows in {"valid": [0, 1, 2, 3, 4], "test": [0, 2, 4], "train": [1, 2, 3, 4]}.items():
        for metric in ("loss", "accuracy"):
            finite = np.isfinite(history[f"{name}_{metric}"])
            assert [row for row in range(5) if finite[row].all()] == rows
            assert [row for row in range(5) if finite[row].any()] == rows


def test_history_ends_with_a_test_wherever_training_ends() -> None:
    training = trainer(setting(), start=5)
    while training.state.step < 30:
        training.advance(30)
    history = columns(training)
    assert history["step"].tolist() == [5, 10, 20, 30]
    assert np.isfinite(history["test_loss"]).all(1).tolist() == [True, False, True, True]


def test_advancing_past_the_end_changes_nothing() -> None:
    training = finish(trainer(setting()))
    before = {name: value.clone() for name, value in training.state.params.items()}
    training.advance(40)
    assert tiny.same_tree(training.state.params, before)
    assert len(training.state.history["step"]) == 5


def test_best_is_the_first_minimum_of_validation_loss() -> None:
    training = finish(trainer(setting(rate=Rate(0.1), test_every=10, steps=80)))
    history, state = columns(training), training.state
    first = history["valid_loss"].astype(np.float32).argmin(0)
    assert state.best_step.tolist() == history["step"][first].tolist()
    assert (first < len(history["step"]) - 1).any(), "here the minimum is to come before the end"
    loss, accuracy = training.evaluate(state.best, training.arrays.test)
    each = np.arange(len(SEEDS))
    np.testing.assert_array_equal(accuracy, history["test_accuracy"][first, each])
    np.testing.assert_array_equal(loss, history["test_loss"][first, each])
    training._keep_best(state.best_loss.clone(), state.top_accuracy.clone())
    assert state.best_step.tolist() == history["step"][first].tolist(), "an equal loss later is not the first"


def test_top_is_the_first_maximum_of_validation_accuracy() -> None:
    training = finish(trainer(setting(rate=Rate(0.1), test_every=10, steps=80)))
    history, state = columns(training), training.state
    first = history["valid_accuracy"].astype(np.float32).argmax(0)
    assert state.top_step.tolist() == history["step"][first].tolist()
    assert state.top_step.tolist() != state.best_step.tolist(), "here loss and accuracy are to disagree"
    _, accuracy = training.evaluate(state.top, training.arrays.test)
    np.testing.assert_array_equal(accuracy, history["test_accuracy"][first, np.arange(len(SEEDS))])
    training._keep_best(state.best_loss.clone(), state.top_accuracy.clone())
    assert state.top_step.tolist() == history["step"][first].tolist(), "an equal accuracy later is not the first"


@EVERY_KERNEL
def test_late_rewinding_goes_on_with_the_order_and_rate_of_its_step(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting(SGD(), rate=Rate(0.05, warmup=20, drops=(25,)))
    early, whole = trainer(given), finish(trainer(given))
    while early.state.step < 15:
        early.advance(15)
    late = finish(trainer(given, params=early.state.params, start=15))
    assert tiny.same_tree(late.state.params, whole.state.params)
    anew = finish(trainer(given, params=early.state.params))
    assert not tiny.same_tree(anew.state.params, whole.state.params)
