"""The compiled kernel takes torch's steps: proofs of its gradients, its losses and its bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
import torch.nn.functional as F
from compiled_trials import BOTH, assert_same_steps, masks_of

from lth_lib.data import MNISTSample
from lth_lib.experiments.studies import imp
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.replicates import Tree, stream
from lth_lib.results.compute import compute
from lth_lib.training import machine
from lth_lib.training.kernels import Slots
from lth_lib.training.kernels.compiled import CompiledKernel
from lth_lib.training.recipe import SGD, Adam, Rate, Recipe, Setting
from lth_lib.training.train import Trainer

DENSITIES = (1.0, 0.5, 0.2, 0.05, 0.01)


DIGITS = Setting(MNISTSample(), LeNet(), Recipe(Adam(), Rate(1.2e-3), batch=60, steps=200, segment=100))


def exact(given: Setting, params: Tree, masks: Masks, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of one replicate in the precision of its parameters."""
    seen = {name: value * masks[name] if name in masks else value for name, value in params.items()}
    return F.cross_entropy(given.model.apply(seen, x, None), y)  # type: ignore[arg-type]


def assert_exact_gradients(given: Setting, density: float) -> None:
    """Assert that the gradients of the first step are those of double precision."""
    # The first step's momentum is the gradient.
    given = replace(given, recipe=replace(given.recipe, optimiser=SGD(momentum=0.5), rate=Rate(1e-6)))
    masks = masks_of(given, density)
    training, slots = tiny.trainer(given, masks), Slots()
    start = tiny.trainer(given, masks).state.params
    training.take(0, 1)
    training._kernel.save(*tiny.weights_of(given), slots)
    x, y = training._batches(0, 1).ready(0)
    for row in range(len(tiny.SEEDS)):
        own = {name: mask[row] for name, mask in masks.items()}
        params = {name: value[row].double().requires_grad_() for name, value in start.items()}
        exact(given, params, own, x[row].double(), y[row]).backward()
        for name, value in params.items():
            assert value.grad is not None
            scale, off = value.grad.abs().max(), (slots["momentum_buffer"][name][row] - value.grad).abs().max()
            assert off <= 1e-6 * scale, name


@BOTH
@pytest.mark.parametrize("density", DENSITIES)
def test_gradients_are_those_of_double_precision(kind: str, density: float, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    assert_exact_gradients(DIGITS, density)


@BOTH
def test_so_they_are_where_a_dark_pixel_is_zero(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    unit = replace(DIGITS, data=MNISTSample(pixels="unit"))
    assert not unit.data.load().shift.any()
    for density in (1.0, 0.2):
        assert_exact_gradients(unit, density)


def plain_losses(given: Setting, training: Trainer, masks: Masks, kind: torch.dtype) -> np.ndarray:
    """Return the losses of the first replicate's steps by torch alone, in a precision."""
    own = {name: mask[0].to(kind) for name, mask in masks.items()}
    params = {name: value[0].to(kind).requires_grad_() for name, value in training.state.params.items()}
    optimiser, losses = torch.optim.Adam(list(params.values()), lr=given.recipe.rate.base), []
    batches = training._batches(0, given.recipe.steps)
    for step in range(given.recipe.steps):
        x, y = batches.ready(step)
        optimiser.zero_grad()
        loss = exact(given, params, own, x[0].to(kind), y[0])
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return np.array(losses)


@BOTH
@pytest.mark.parametrize("density", [0.2, 0.05])
def test_losses_are_as_near_to_double_precision_as_those_of_torch(
    kind: str, density: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    masks = masks_of(DIGITS, density)
    training = tiny.trainer(DIGITS, masks)
    single, double = (plain_losses(DIGITS, training, masks, kind) for kind in (torch.float32, torch.float64))
    ours = training.take(0, DIGITS.recipe.steps)[:, 0, 0].double().numpy()
    assert abs(ours - double).max() <= 2 * abs(single - double).max() + 1e-6
    assert ours[-1] < ours[0] / 2


def magnitude(weights: Tree, masks: Masks, rate: float) -> Masks:
    """Return the masks that keep the largest survivors of each layer, ties to none."""
    out = {}
    for name, mask in masks.items():
        score = weights[name].abs().masked_fill(~mask, -1)
        kept = int(mask.sum()) - int(np.floor(rate * int(mask.sum()) + 0.5))
        out[name] = torch.zeros_like(mask).view(-1).scatter(0, score.flatten().topk(kept).indices, True).view_as(mask)
    return out


@BOTH
def test_masks_of_two_levels_are_those_of_an_independent_training(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = tiny.setting()
    runs = imp(given, Pruner(), Geometric(0.3, 2), seeds=tiny.SEEDS)
    found = compute(runs, tiny.store(tmp_path), train=True, progress=False)
    batches = tiny.trainer(given)._batches(0, given.recipe.steps)
    for row in range(len(tiny.SEEDS)):
        initial = {name: value[row] for name, value in tiny.weights_of(given)[0].items()}
        masks = {name: torch.ones_like(initial[name], dtype=torch.bool) for name in tiny.kinds_of(given)}
        for run in runs[1:]:
            params = {name: value.clone() for name, value in initial.items()}
            for name, mask in masks.items():
                params[name] *= mask
            leaves = [value.requires_grad_() for value in params.values()]
            optimiser = torch.optim.Adam(leaves, lr=given.recipe.rate.base)
            for step in range(given.recipe.steps):
                x, y = batches.ready(step)
                optimiser.zero_grad()
                exact(given, params, masks, x[row], y[row]).backward()
                optimiser.step()
            masks = magnitude({name: value.detach() for name, value in params.items()}, masks, 0.3)
            stored = found[run].masks
            assert stored is not None
            assert all(torch.equal(stored[name][row], mask) for name, mask in masks.items())


@BOTH
@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_the_bits_do_not_depend_on_the_number_of_threads(
    kind: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = tiny.setting()
    masks = masks_of(given, 0.5)
    one = tiny.finish(tiny.trainer(given, masks))
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    other = tiny.finish(tiny.trainer(given, masks))
    assert tiny.same_tree(one.state.params, other.state.params)
    assert all(tiny.same_tree(tree, other.state.slots[slot]) for slot, tree in one.state.slots.items())
    for name, rows in tiny.columns(one).items():
        np.testing.assert_array_equal(rows, tiny.columns(other)[name], err_msg=name)


def test_replicates_may_be_sparse_and_dense_at_once() -> None:
    given = tiny.setting()
    masks = masks_of(given, 1.0)
    for mask in masks.values():
        mask[1] &= torch.from_numpy(stream(0, "sparse").random(mask[1].shape) < 0.2)
    ours = assert_same_steps(given, masks)
    assert [type(one).__name__ for one in ours._kernel.replicates] == [  # type: ignore[attr-defined]
        "DenseReplicate",
        "SparseReplicate",
        "DenseReplicate",
    ]


def test_denormal_numbers_are_flushed_in_the_threads_that_train() -> None:
    kernel = tiny.trainer(tiny.setting())._kernel
    assert isinstance(kernel, CompiledKernel)
    torch.set_flush_denormal(False)  # of this thread, which others are not to inherit
    try:
        assert kernel.pool.submit(machine.flushed).result()
    finally:
        machine.flush_denormals()
