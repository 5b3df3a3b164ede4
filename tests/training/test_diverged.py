"""A replicate that diverges is recorded at its step, and stays apart from the others."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
import torch
from tiny import KERNELS, columns, finish, setting, trainer

from lth_lib.training import kernels
from lth_lib.training.train import PER_SEGMENT, Trainer

EVERY_KERNEL = pytest.mark.parametrize("kind", KERNELS)


POISONS = {"NaN": (float("nan"), 0), "infinite": (float("inf"), 0), "huge": (1e30, 2)}
"""What replicate 1 begins with, and the step at which its loss is not finite."""


def assert_apart(sick: Trainer, sound: Trainer) -> None:
    """Assert that replicate 1 is NaN and the others are as if it were not."""
    others = [0, 2]
    for tree in ("params", "best"):
        one, other = ({k: v[others] for k, v in getattr(t.state, tree).items()} for t in (sick, sound))
        assert tiny.same_tree(one, other)
    for name in PER_SEGMENT:
        one, other = columns(sick)[name], columns(sound)[name]
        np.testing.assert_array_equal(one[:, others], other[:, others], err_msg=name)
    for name, value in sick.state.params.items():
        row = value[1]
        assert row[sick.state.masks[name][1]].isnan().all() if name in sick.state.masks else row.isnan().all()


@EVERY_KERNEL
@pytest.mark.parametrize("poison", POISONS)
def test_a_diverged_replicate_is_recorded_and_stays_apart(
    kind: str, poison: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting(tiny.SGDM)
    masks = tiny.random_masks(given, 0.5)
    params, _ = tiny.weights_of(given)
    params["fc1.weight"][1], when = POISONS[poison]
    sick, sound = finish(trainer(given, masks, params=params)), finish(trainer(given, masks))
    assert sick.state.diverged_at.tolist() == [-1, when, -1]
    assert_apart(sick, sound)
    sick.check()
    assert all(np.isnan(columns(sick)[name][1:, 1]).all() for name in PER_SEGMENT)
    assert np.isfinite(columns(sick)["density"]).all()


@EVERY_KERNEL
def test_divergence_is_recorded_at_its_step(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting()
    masks = tiny.random_masks(given, 0.5)
    sick, sound = trainer(given, masks), finish(trainer(given, masks))
    poisoned, kernel, taken = 14, sick._kernel, sick.take

    def take(first: int, stop: int) -> torch.Tensor:
        if not first < poisoned <= stop:
            return taken(first, stop)
        before, state = taken(first, poisoned - 1), sick.state
        kernel.save(state.params, state.statistics, state.slots)
        state.params["fc1.weight"][1][masks["fc1.weight"][1]] = torch.nan
        sick._kernel = kernels.choose(given, state.params, state.statistics, masks, state.slots)
        return torch.cat([before, taken(poisoned - 1, stop)])

    monkeypatch.setattr(sick, "take", take)
    finish(sick)
    assert sick.state.diverged_at.tolist() == [-1, poisoned, -1]
    assert_apart(sick, sound)
    assert np.isfinite(columns(sick)["valid_loss"][:2]).all(), "before that it was well"
    assert sick.state.best_step[1] <= 10
    assert all(value[1].isfinite().all() for value in sick.state.best.values())


@EVERY_KERNEL
def test_a_replicate_frozen_from_the_start_stays_frozen(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting()
    sick, sound = finish(trainer(given, start=10, diverged=(1,))), finish(trainer(given, start=10))
    assert sick.state.diverged_at.tolist() == [-1, 10, -1]
    assert np.isnan(columns(sick)["valid_accuracy"][:, 1]).all()
    for name in PER_SEGMENT:
        np.testing.assert_array_equal(columns(sick)[name][:, [0, 2]], columns(sound)[name][:, [0, 2]])


@EVERY_KERNEL
def test_a_validation_loss_that_is_not_finite_is_divergence_too(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting()
    sick, sound = trainer(given), finish(trainer(given))
    evaluate = sick.evaluate

    def overflow(*arguments: object) -> tuple[np.ndarray, np.ndarray]:
        loss, accuracy = evaluate(*arguments)  # type: ignore[arg-type]
        return np.where([False, sick.state.step == 20, False], np.inf, loss), accuracy

    monkeypatch.setattr(sick, "evaluate", overflow)
    finish(sick)
    assert sick.state.diverged_at.tolist() == [-1, 20, -1]
    assert_apart(sick, sound)
