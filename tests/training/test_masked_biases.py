"""Biases, scales and shifts that are masked stay zero by every kernel, and what is gone might as well be removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch

from lth_lib.masks import Masks, violations
from lth_lib.models import Conv, LeNet, Model, ResNet
from lth_lib.pruning.criteria import Random, Subject
from lth_lib.pruning.granularity import Unit
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.removal import shrink
from lth_lib.replicates import Tree, stream
from lth_lib.training.kernels import CapturedKernel, LiftedKernel, LoopedKernel, Stepwise
from lth_lib.training.kernels.compiled import CompiledKernel
from lth_lib.training.recipe import Optimiser, Rate, Setting
from lth_lib.training.train import InvariantError, Trainer

OPTIMISERS = pytest.mark.parametrize("optimiser", [tiny.ADAM, tiny.SGDM], ids=["Adam", "SGD"])


def moved(given: Setting, seeds: tuple[int, ...] = tiny.SEEDS) -> Tree:
    """Return initial parameters of which no bias, scale or shift is zero."""
    params, _ = tiny.weights_of(given, seeds)
    rows = {name: stream(0, "moved", name).random(value.shape[1:], "float32") for name, value in params.items()}
    return {name: value + 0.2 * torch.from_numpy(rows[name]) for name, value in params.items()}


def by_chance(given: Setting) -> Masks:
    """Return masks of all parameters, biases of units that live included, each entry kept or not by chance."""
    params, _ = tiny.weights_of(given)
    draws = {name: stream(0, "by chance", name).random(value.shape) for name, value in params.items()}
    return {name: torch.from_numpy(draw < 0.6) for name, draw in draws.items()}


def units(given: Setting, seeds: tuple[int, ...] = tiny.SEEDS) -> Masks:
    """Return masks from which chance has taken half of the units of each layer."""
    weights = {name: tiny.weights_of(given, seeds)[0][name] for name in tiny.kinds_of(given)}
    subject = Subject(weights, tiny.ones(given, seeds), tiny.layers_of(given), seeds)
    return Pruner(Random(), Unit()).prune(subject, 0.5)


def by(kernel: type[LiftedKernel | LoopedKernel], given: Setting, masks: Masks) -> Trainer:
    """Return a training of a start by a kernel that trains anything."""
    training = tiny.trainer(given, masks, params=moved(given))
    state = training.state
    training._kernel = kernel(given, state.params, state.statistics, state.masks, state.slots)
    return training


def assert_same_steps(ours: Trainer, general: Trainer, steps: int, **near: float) -> None:
    """Assert that two trainings go the same way and that what is masked is zero in both."""
    start = {name: value.clone() for name, value in ours.state.params.items()}
    for training in (ours, general):
        while training.state.step < steps:
            training.advance(steps)
        training.check()
    for name, value in ours.state.params.items():
        torch.testing.assert_close(value, general.state.params[name], **near)
        kept = ours.state.masks.get(name, torch.ones_like(value, dtype=torch.bool))
        assert (value[~kept] == 0).all()
        assert (value[kept] != start[name][kept]).any()


@OPTIMISERS
@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize("masks", [by_chance, units])
def test_the_compiled_kernel_masks_biases_as_the_general_one_does(
    kind: str, masks: Callable[[Setting], Masks], optimiser: Optimiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = tiny.setting(optimiser)
    held = masks(given)
    ours = tiny.trainer(given, held, params=moved(given))
    assert isinstance(ours._kernel, CompiledKernel)
    assert_same_steps(ours, by(LoopedKernel, given, held), 40, rtol=1e-4, atol=1e-5)
    assert {name for name in held if name.endswith("bias")} >= {"fc1.bias", "fc2.bias"}


@pytest.mark.parametrize("model", [Conv(1, (8,), 8), ResNet(1)], ids=["Conv", "ResNet"])
@pytest.mark.parametrize("masks", [by_chance, units])
def test_a_loop_and_a_lifted_kernel_mask_scales_and_shifts_alike(
    model: Model, masks: Callable[[Setting], Masks]
) -> None:
    given = replace(tiny.setting(tiny.SGDM, segment=2), data=tiny.Colour(), model=model)
    held = masks(given)
    assert_same_steps(by(LoopedKernel, given, held), by(LiftedKernel, given, held), 2, rtol=1e-3, atol=1e-4)


def test_a_replayed_step_masks_biases_too() -> None:
    given = tiny.setting(rate=Rate(2**-7))
    ours, plain = (by(LiftedKernel, given, by_chance(given)) for _ in range(2))
    assert isinstance(ours._kernel, Stepwise)
    ours._kernel = CapturedKernel(ours._kernel, lambda body: body)
    assert_same_steps(ours, plain, 20, rtol=0, atol=0)


@pytest.mark.parametrize("part", ["fc1.bias", "out.bias"])
def test_a_masked_bias_that_is_not_zero_is_found(part: str) -> None:
    training = tiny.trainer(tiny.setting(), by_chance(tiny.setting()))
    training.check()
    place = tuple((~training.state.masks[part]).nonzero()[0].tolist())
    training.state.params[part][place] = 1e-30
    with pytest.raises(InvariantError, match="1 masked entries are not zero"):
        training.check()


@OPTIMISERS
def test_a_network_without_its_pruned_units_trains_as_the_masked_one(optimiser: Optimiser) -> None:
    given, seeds = tiny.setting(optimiser), (5,)
    masks, params = units(given, seeds), moved(given, seeds)
    whole = tiny.trainer(given, masks, seeds, params)
    small = shrink(tiny.layers_of(given), whole.state.params, whole.state.statistics, masks, 0)
    widths = tuple(layer.shape[0] for layer in small.layers[:-1])
    assert widths == (8, 4)
    other = replace(given, model=LeNet(widths))
    start = {name: value[None] for name, value in small.params.items()}
    training = tiny.trainer(other, tiny.ones(other, seeds), seeds, start)
    for one in (whole, training):
        tiny.finish(one)
    for name, rows in tiny.columns(whole).items():
        if name != "density":
            np.testing.assert_allclose(rows, tiny.columns(training)[name], rtol=1e-3, atol=1e-4, err_msg=name)
    end = shrink(tiny.layers_of(given), whole.state.params, whole.state.statistics, masks, 0)
    for name, value in end.params.items():
        torch.testing.assert_close(value, training.state.params[name][0], rtol=1e-3, atol=1e-4)
    assert violations(whole.state.params, masks) == 0
