"""The compiled kernel takes torch's steps: proofs of its gradients, its losses, its bits and its shapes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import tiny
import torch
import torch.nn.functional as F

from lth_lib.data import MNISTSample
from lth_lib.experiments.studies import imp
from lth_lib.masks import Masks
from lth_lib.models import LeNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.replicates import Tree, stream
from lth_lib.results.compute import compute
from lth_lib.training import machine
from lth_lib.training.kernels import LoopedKernel, Slots
from lth_lib.training.kernels.compiled import CompiledKernel, cache
from lth_lib.training.recipe import SGD, Adam, Rate, Recipe, Setting
from lth_lib.training.train import Trainer

BOTH = pytest.mark.parametrize("kind", ["dense", "sparse"])
DENSITIES = (1.0, 0.5, 0.2, 0.05, 0.01)
DIGITS = Setting(MNISTSample(), LeNet(), Recipe(Adam(), Rate(1.2e-3), batch=60, steps=200, segment=100))


@dataclass(frozen=True)
class Odd(tiny.Grey):
    """Three colours of 5x3 pixels, no channel like another, in three classes."""

    classes: ClassVar[int] = 3
    shape: ClassVar[tuple[int, int, int]] = (3, 5, 3)
    mean: ClassVar[tuple[float, ...]] = (0.5, 0.0, 0.2)
    std: ClassVar[tuple[float, ...]] = (0.3, 1.0, 0.4)


def masks_of(given: Setting, density: float, seeds: tuple[int, ...] = tiny.SEEDS) -> Masks:
    """Return masks in which chance has kept each weight with such a probability."""
    return {
        name: torch.from_numpy(stream(0, "compiled", name).random(weight.shape) < density)
        for name, weight in tiny.weights_of(given, seeds)[0].items()
        if name in tiny.kinds_of(given)
    }


def looped(given: Setting, masks: Masks, params: Tree | None = None) -> Trainer:
    """Return a training by the general kernel."""
    training = tiny.trainer(given, masks, params=params)
    training.use(LoopedKernel)
    return training


def assert_same_steps(given: Setting, masks: Masks, params: Tree | None = None) -> Trainer:
    """Assert that the compiled kernel trains as the general one does, and return its training."""
    ours, general = tiny.trainer(given, masks, params=params), looped(given, masks, params)
    assert isinstance(ours._kernel, CompiledKernel)
    for training in (ours, general):
        tiny.finish(training)
    near = {"rtol": 1e-4, "atol": 1e-5}
    torch.testing.assert_close(ours.state.params, general.state.params, **near)
    torch.testing.assert_close(ours.state.slots, general.state.slots, **near)
    for name, rows in tiny.columns(ours).items():
        np.testing.assert_allclose(rows, tiny.columns(general)[name], rtol=1e-4, atol=1e-5, err_msg=name)
    ours.check()
    return ours


# what it computes


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


# its bits


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


# its shapes


def of(hidden: tuple[int, ...], batch: int, optimiser: Any = None, **recipe: Any) -> Setting:
    # Adam would make much of the rounding of a gradient that is almost nothing; with an epsilon it does not.
    short = tiny.setting(optimiser or Adam(epsilon=1e-3), batch=batch, steps=4, segment=2, test_every=4, **recipe)
    return replace(short, data=Odd(), model=LeNet(hidden))


@BOTH
@pytest.mark.parametrize("batch", [1, 17, 64, 100, 130])
@pytest.mark.parametrize("hidden", [(7, 5), (66, 3, 13), (1,)], ids=str)
def test_any_widths_depth_and_batch(
    kind: str, hidden: tuple[int, ...], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of(hidden, batch)
    assert_same_steps(given, masks_of(given, 0.6))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is protected by the system's own call")
def test_no_array_is_read_or_written_over_its_ends() -> None:
    ran = tiny.python("import fenced; fenced.main()")
    said, wrong = ran.communicate()
    assert (ran.returncode, said) == (0, "alive\n"), wrong


@BOTH
@pytest.mark.parametrize(
    "optimiser",
    [Adam(0.5, 0.9, 1e-3), SGD(), SGD(momentum=0.9), SGD(weight_decay=0.1), SGD(momentum=0.5, weight_decay=0.1)],
    ids=str,
)
def test_any_numbers_of_the_optimisers(kind: str, optimiser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20, optimiser, rate=Rate(0.05, warmup=2, drops=(3,)))
    assert_same_steps(given, masks_of(given, 0.6))


@BOTH
@pytest.mark.parametrize("empty", ["fc1.weight", "fc2.weight", "out.weight"])
def test_a_layer_without_survivors(kind: str, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20)
    masks = masks_of(given, 0.6)
    masks[empty][:] = False
    assert_same_steps(given, masks)


@BOTH
def test_biases_may_be_masked(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20)
    masks = masks_of(given, 0.6)
    for name, value in tiny.weights_of(given)[0].items():
        if name.endswith("bias"):
            masks[name] = torch.arange(value.shape[1]).expand(value.shape) % 2 == 0
    ours = assert_same_steps(given, masks)
    assert (ours.state.params["fc1.bias"][:, 1::2] == 0).all()


@BOTH
def test_weights_may_come_in_another_layout(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20)
    params, _ = tiny.weights_of(given)
    turned = {name: value.transpose(0, -1).contiguous().transpose(0, -1) for name, value in params.items()}
    assert not turned["fc1.weight"].is_contiguous()
    masks = {name: mask.transpose(1, 2).contiguous().transpose(1, 2) for name, mask in masks_of(given, 0.6).items()}
    ours = assert_same_steps(given, masks, turned)
    assert tiny.same_tree(ours.state.params, tiny.finish(tiny.trainer(given, masks, params=params)).state.params)


@BOTH
def test_of_equal_logits_the_first_is_the_answer(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((7,), 20)
    training = tiny.trainer(given, masks_of(given, 0.6))
    nothing = {name: torch.zeros_like(value) for name, value in training.state.params.items()}
    for name, answer in (("all equal", 0), ("two equal", 1)):
        nothing["out.bias"][:, 1:] = float(answer)
        _, accuracy = training.evaluate(nothing, training.arrays.test)
        wanted = (training.arrays.test.y == answer).double().mean().item()
        np.testing.assert_allclose(accuracy, wanted, err_msg=name)


# its cache, and other processors

TRAINS = """
import json, sys, tiny, torch
from lth_lib.training.kernels.compiled import kernel
out = []
for below in map(float, sys.argv[1:]):
    kernel.SPARSE_BELOW = below
    given = tiny.setting()
    training = tiny.finish(tiny.trainer(given, tiny.random_masks(given, 0.5)))
    out.append([rows.tolist() for rows in training.state.history["valid_loss"]])
print(json.dumps(out))
"""


def trained_with(*below: float, **environment: str) -> np.ndarray:
    """Return the validation losses of another process, which takes the sparse kernel below these densities."""
    here = Path(__file__).parents[1]
    path = os.pathsep.join((str(here), str(here.parent)))
    ran = subprocess.run(
        [sys.executable, "-c", "import torch; torch.set_num_threads(1)\n" + TRAINS, *map(str, below)],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return np.array(json.loads(ran.stdout))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="these are features of x86")
def test_a_processor_without_long_vectors_trains_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    short = trained_with(0, 2, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="+avx,+avx2,+fma,+bmi,+bmi2,+popcnt")
    for kind, losses in zip(("dense", "sparse"), short, strict=True):
        tiny.use_kernel(kind, monkeypatch)
        given = tiny.setting()
        ours = tiny.finish(tiny.trainer(given, tiny.random_masks(given, 0.5)))
        np.testing.assert_allclose(losses, tiny.columns(ours)["valid_loss"], rtol=1e-4)


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    losses = trained_with(2, LTH_CACHE=str(tmp_path / "file"))
    assert np.isfinite(losses).all()


def test_a_cache_that_is_damaged_counts_as_none(tmp_path: Path) -> None:
    whole = trained_with(2, LTH_CACHE=str(tmp_path))
    for ending in ("nbi", "nbc"):
        damaged = [path for path in tmp_path.rglob(f"*.{ending}") if path.stat().st_size]
        assert damaged
        for path in damaged:
            path.write_bytes(path.read_bytes()[:-40])
        assert (trained_with(2, LTH_CACHE=str(tmp_path)) == whole).all()


def test_the_cache_is_apart_for_each_version_of_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {cache.version.__wrapped__()}
    read = Path.read_bytes
    for name in ("vectors.py", "updates.py", "sparse.py"):
        with monkeypatch.context() as changed:
            changed.setattr(Path, "read_bytes", lambda path, name=name: read(path) + b"#" * (path.name == name))
            versions.add(cache.version.__wrapped__())
    assert len(versions) == 4
