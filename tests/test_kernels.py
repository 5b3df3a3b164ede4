"""However the steps are computed, they are the same steps; products are those of plain dense matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import tiny
import torch
import torch.nn.functional as F

from lth_lib import blocks, kernels
from lth_lib.blocks import DenseBlocks, SparseBlocks
from lth_lib.data import normalise
from lth_lib.forward import Forward, Masked
from lth_lib.kernels import BlockKernel, CapturedKernel, Kernel, LiftedKernel, LoopedKernel
from lth_lib.models import BatchNorm, Conv, LeNet, Model, ResNet
from lth_lib.models.model import Layer, Shape, dense
from lth_lib.recipe import Optimiser, Rate, Setting
from lth_lib.replicates import Tree, stream
from lth_lib.train import Trainer

R, OUT, IN, BATCH = 3, 5, 7, 4
PRODUCTS = ["batched", "oneDNN", "sparse"]


def numbers(*shape: int, salt: str = "") -> torch.Tensor:
    return torch.from_numpy(stream(0, "kernels", salt).standard_normal(shape, dtype="float32"))


def masked(kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[torch.Tensor, torch.Tensor, blocks.Blocks]:
    """Return a mask, the weights it masks, and the blocks of one kind of product."""
    monkeypatch.setattr(blocks, "ONEDNN_FROM", 0 if kind == "oneDNN" else 10**9)
    monkeypatch.setattr(blocks, "DENSE_ABOVE", 1.1 if kind == "sparse" else 0.0)
    mask = numbers(R, OUT, IN, salt="mask") > 0.2
    mask[0, 1], mask[1, :, 2] = False, False
    held = blocks.blocks(mask)
    assert isinstance(held, SparseBlocks if kind == "sparse" else DenseBlocks)
    return mask, numbers(R, OUT, IN) * mask, held


@pytest.mark.parametrize("kind", PRODUCTS)
def test_scattered_weights_are_those_gathered(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mask, weight, held = masked(kind, monkeypatch)
    pieces = held.gather(weight)
    before = weight.clone()
    again = torch.zeros_like(weight)
    held.scatter(pieces, again)
    assert torch.equal(again, before)
    for piece in pieces:
        piece += 1
    assert torch.equal(weight, before), "the pieces have memory of their own"
    if kind == "sparse":
        assert sum(piece.numel() for piece in pieces) == mask.sum()


def test_sparse_blocks_write_survivors_only() -> None:
    mask = numbers(R, OUT, IN, salt="mask") > 0.2
    held, weight = SparseBlocks(mask), torch.full((R, OUT, IN), 9.0)
    held.scatter([torch.ones(int(mask.sum()))], weight)
    assert torch.equal(weight, torch.where(mask, 1.0, 9.0))


@pytest.mark.parametrize("kind", PRODUCTS)
@pytest.mark.parametrize("replicates_share", [False, True])
def test_a_product_is_that_of_plain_matrices(
    kind: str, replicates_share: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, weight, held = masked(kind, monkeypatch)
    bias = numbers(R, OUT, salt="bias")
    x = numbers(IN if replicates_share else R * IN, BATCH, salt="x")
    got = held.forward(held.gather(weight), bias.flatten(), x, shared=replicates_share)
    each = x.expand(R, IN, BATCH) if replicates_share else x.view(R, IN, BATCH)
    wanted = torch.cat([weight[row] @ each[row] + bias[row, :, None] for row in range(R)])
    torch.testing.assert_close(got, wanted)


@pytest.mark.parametrize("kind", PRODUCTS)
def test_a_gradient_is_that_of_plain_matrices(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mask, weight, held = masked(kind, monkeypatch)
    x, g = numbers(R * IN, BATCH, salt="x").requires_grad_(), numbers(R * OUT, BATCH, salt="toward")
    plain, pieces = weight.clone().requires_grad_(), held.gather(weight)
    out = ((plain * mask) @ x.view(R, IN, BATCH)).flatten(0, 1)
    wanted = torch.autograd.grad((out * g).sum(), [plain, x])
    full = torch.zeros_like(weight)
    held.scatter(held.toward_weights(pieces, g, x.detach()), full)
    torch.testing.assert_close((full, held.toward_inputs(pieces, g)), wanted)


def test_blocks_are_sparse_below_a_density() -> None:
    mask = torch.zeros(1, 10, 10, dtype=torch.bool)
    mask[0, :2] = True
    assert isinstance(blocks.blocks(mask), SparseBlocks)
    mask[0, 2, 0] = True
    assert isinstance(blocks.blocks(mask), DenseBlocks)


def chosen(setting: Setting) -> Kernel:
    seeds = (0, 1)
    return kernels.choose(setting, *tiny.weights_of(setting, seeds), tiny.ones(setting, seeds), {})


def test_a_lenet_on_a_cpu_is_trained_in_blocks_and_others_in_a_loop() -> None:
    short = tiny.setting()
    assert isinstance(chosen(short), BlockKernel)
    colour = replace(short, data=tiny.Colour())
    assert isinstance(chosen(replace(colour, model=Conv(2))), LoopedKernel), "convolutions"
    assert isinstance(chosen(replace(colour, model=ResNet(1))), LoopedKernel), "batch normalisation"
    assert isinstance(chosen(tiny.setting(precision="bfloat16")), LoopedKernel), "autocast"
    assert isinstance(chosen(replace(short, model=Tanh((8,)))), LoopedKernel), "a model of one's own"


@dataclass(frozen=True)
class Tanh(Model):
    """A LeNet's layers with another function between them."""

    hidden: tuple[int, ...] = (300, 100)

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        return LeNet(self.hidden).layers(shape, classes)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        return dense(p, "out", torch.tanh(dense(p, "fc1", x.flatten(1))))


def both(model: Model, **recipe: Any) -> tuple[Trainer, Trainer]:
    """Return two trainings of one start, one vmapped and one in a loop."""
    given = replace(tiny.setting(tiny.SGDM, **recipe), data=tiny.Colour(), model=model)
    masks = tiny.random_masks(given, 0.5)
    one, other = tiny.trainer(given, masks), tiny.trainer(given, masks)
    state = one.state
    one._kernel = LiftedKernel(given, state.params, state.statistics, state.masks, state.slots)
    assert isinstance(other._kernel, LoopedKernel)
    return one, other


@pytest.mark.parametrize("model", [Conv(1, (8,)), ResNet(1)], ids=["Conv", "ResNet"])
def test_a_loop_over_replicates_takes_the_vmapped_steps(model: Model) -> None:
    one, other = both(model, segment=2)
    for training in (one, other):
        training.advance(2)
    near = {"rtol": 1e-3, "atol": 1e-4}
    torch.testing.assert_close(one.state.params, other.state.params, **near)
    torch.testing.assert_close(one.state.statistics, other.state.statistics, **near)
    torch.testing.assert_close(one.state.slots, other.state.slots, **near)
    for name, rows in one.state.history.items():
        np.testing.assert_allclose(rows, other.state.history[name], rtol=1e-2, atol=1e-3, err_msg=name)
    other.check()


@dataclass(frozen=True)
class Own(Forward):
    """What `Masked` does, and not by that name."""

    def seen(self, params: Tree, masks: Tree) -> Tree:
        return {name: value * masks[name] if name in masks else value for name, value in params.items()}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_loop_that_masks_gradients_alone_takes_the_steps_of_one_that_masks_weights(precision: str) -> None:
    model = Conv(1, (8,))
    one, other = (both(model, precision=precision, forward=forward)[1] for forward in (Masked(), Own()))
    assert isinstance(one._kernel, LoopedKernel)
    assert one._kernel.seen == {}
    for training in (one, other):
        training.advance(10)
        training.check()
    assert tiny.same_tree(one.state.params, other.state.params)
    assert tiny.same_tree(one.state.slots["momentum_buffer"], other.state.slots["momentum_buffer"])


def test_bfloat16_rounds_the_products_and_only_them() -> None:
    full, low = (both(Conv(1, (8,)), precision=p)[1] for p in ("float32", "bfloat16"))
    for training in (full, low):
        training.advance(10)
    assert {value.dtype for value in low.state.params.values()} == {torch.float32}
    moved = (full.state.params["conv1.weight"] - low.state.params["conv1.weight"]).abs().max()
    assert 0 < moved < 0.05
    assert abs(full.state.history["valid_loss"][-1] - low.state.history["valid_loss"][-1]).max() < 0.2


@pytest.mark.parametrize("model", [Conv(1, (8,)), ResNet(1)], ids=["Conv", "ResNet"])
def test_bfloat16_vmapped_is_bfloat16_in_a_loop(model: Model) -> None:
    one, other = both(model, precision="bfloat16", segment=1)
    for training in (one, other):
        training.advance(1)
    torch.testing.assert_close(one.state.params, other.state.params, rtol=0.1, atol=0.01)
    assert {value.dtype for value in other.state.statistics.values()} <= {torch.float32}


def test_a_replayed_step_is_the_step() -> None:
    given = tiny.setting(rate=Rate(2**-7))  # the same number as a float and in a tensor
    plain, replayed = tiny.trainer(given), tiny.trainer(given)
    recorded = []

    def record(body: Callable[[], None]) -> Callable[[], None]:
        recorded.append(body)
        return body

    state = replayed.state
    inner = LiftedKernel(given, state.params, state.statistics, state.masks, state.slots)
    replayed._kernel = CapturedKernel(inner, record)
    state = plain.state
    plain._kernel = LiftedKernel(given, state.params, state.statistics, state.masks, state.slots)
    for training in (plain, replayed):
        training.advance(given.recipe.steps)
        training.advance(given.recipe.steps)
    assert len(recorded) == 1
    assert tiny.same_tree(plain.state.params, replayed.state.params)
    assert all(tiny.same_tree(tree, replayed.state.slots[slot]) for slot, tree in plain.state.slots.items())
    for name, rows in plain.state.history.items():
        np.testing.assert_array_equal(rows, replayed.state.history[name], err_msg=name)


def steps(kind: str, optimiser: Optimiser, monkeypatch: pytest.MonkeyPatch) -> tuple[list[torch.Tensor], Tree, dict]:
    """Return what six steps of one kernel give: what is watched, the weights, and the optimiser's slots."""
    monkeypatch.setattr(blocks, "DENSE_ABOVE", 1.1 if kind == "sparse" else 0.0)
    monkeypatch.setattr(blocks, "ONEDNN_FROM", 0 if kind == "oneDNN" else 10**9)
    given = tiny.setting(optimiser)
    training = tiny.trainer(given, tiny.random_masks(given, 0.6))
    state, slots = training.state, {}
    if kind == "lifted":
        kernel: Kernel = LiftedKernel(given, state.params, state.statistics, state.masks, {})
    else:
        kernel = BlockKernel(given, state.params, state.masks, {})
    rate = given.recipe.rate.base
    watched = [kernel.step(*training._batch(step), rate) for step in range(6)]
    kernel.save(state.params, state.statistics, slots)
    sums = kernel.evaluator(state.params, state.statistics)
    split = training.arrays.test
    return [*watched, sums(normalise(split.x, training.arrays), split.y)], state.params, slots


@pytest.mark.parametrize("optimiser", [tiny.ADAM, tiny.SGDM], ids=["Adam", "SGD"])
@pytest.mark.parametrize("kind", PRODUCTS)
def test_every_kernel_takes_the_same_steps(kind: str, optimiser: Optimiser, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, params, slots = steps(kind, optimiser, monkeypatch)
    wanted, lifted_params, lifted_slots = steps("lifted", optimiser, monkeypatch)
    near = {"rtol": 1e-3, "atol": 2e-5}
    torch.testing.assert_close(watched, wanted, **near)
    torch.testing.assert_close(params, lifted_params, **near)
    assert slots.keys() == lifted_slots.keys() != set()
    for slot, tree in slots.items():
        torch.testing.assert_close(tree, lifted_slots[slot], **near)


@pytest.mark.parametrize("kind", PRODUCTS)
def test_a_kernel_goes_on_from_saved_slots(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "DENSE_ABOVE", 1.1 if kind == "sparse" else 0.0)
    monkeypatch.setattr(blocks, "ONEDNN_FROM", 0 if kind == "oneDNN" else 10**9)
    given = tiny.setting()
    masks = tiny.random_masks(given, 0.6)
    whole, parts = tiny.trainer(given, masks), tiny.trainer(given, masks)
    assert isinstance(whole._kernel, BlockKernel)
    for training, pauses in ((whole, {6}), (parts, {3, 6})):
        for step in range(6):
            training._kernel.step(*training._batch(step), 1e-2)
            if step + 1 in pauses:
                state = training.state
                training._kernel.save(state.params, state.statistics, state.slots)
                training._kernel = BlockKernel(given, state.params, state.masks, state.slots)
    assert tiny.same_tree(whole.state.params, parts.state.params)
    assert whole.state.slots.keys() == parts.state.slots.keys() != set()
    assert all(tiny.same_tree(tree, parts.state.slots[slot]) for slot, tree in whole.state.slots.items())


def test_the_loss_is_cross_entropy_and_the_answer_the_largest_logit() -> None:
    logits, labels = numbers(BATCH, OUT), torch.tensor([0, 1, 2, 3])
    torch.testing.assert_close(kernels.cross_entropy(logits, labels), F.cross_entropy(logits, labels, reduction="none"))
    assert kernels.correct(torch.tensor([[0.0, 2.0], [3.0, 1.0]]), torch.tensor([1, 1])).tolist() == [1, 0]
