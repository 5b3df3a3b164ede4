"""Training is what torch does to each replicate alone, and what is pruned stays zero."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import tiny
import torch
import torch.nn.functional as F
from tiny import KERNELS, SEEDS, columns, finish, setting, trainer
from torch.nn.utils import prune

from lth_lib.data import Crops
from lth_lib.models import Conv, ResNet
from lth_lib.training.recipe import SGD, Adam, Optimiser, Rate, Setting
from lth_lib.training.train import InvariantError, Trainer

NEAR = {"rtol": 2e-3, "atol": 1e-4}


OPTIMISERS = pytest.mark.parametrize("optimiser", [tiny.ADAM, tiny.SGDM], ids=["Adam", "SGD"])


EVERY_KERNEL = pytest.mark.parametrize("kind", KERNELS)


def plain(training: Trainer, row: int) -> torch.nn.Sequential:
    """Return one replicate as torch's own modules, pruned by torch's own pruning."""
    state = training.state
    widths = [
        *(state.params[f"{name}.weight"].shape[2] for name in ("fc1", "fc2", "out")),
        training.setting.data.classes,
    ]
    layers = [torch.nn.Linear(a, b) for a, b in pairwise(widths)]
    for name, layer in zip(("fc1", "fc2", "out"), layers, strict=True):
        with torch.no_grad():
            layer.weight.copy_(state.params[f"{name}.weight"][row])
            layer.bias.copy_(state.params[f"{name}.bias"][row])
        prune.custom_from_mask(layer, "weight", state.masks[f"{name}.weight"][row])
    return torch.nn.Sequential(torch.nn.Flatten(), layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])


def batch(training: Trainer, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    return training._batches(step, step + 1).ready(0)


def optimiser_of(given: Setting, network: torch.nn.Module) -> torch.optim.Optimizer:
    wanted = given.recipe.optimiser
    if isinstance(wanted, Adam):
        return torch.optim.Adam(network.parameters(), betas=(wanted.beta1, wanted.beta2), eps=wanted.epsilon)
    assert isinstance(wanted, SGD)
    return torch.optim.SGD(network.parameters(), momentum=wanted.momentum, weight_decay=wanted.weight_decay)


@OPTIMISERS
@EVERY_KERNEL
def test_training_is_torch_optim_on_plain_modules_one_by_one(
    kind: str, optimiser: Optimiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    base = setting(optimiser).recipe.rate.base
    given = setting(optimiser, rate=Rate(base, warmup=4, drops=(12,)), steps=20)
    ours = trainer(given, tiny.random_masks(given, 0.5))
    networks = [plain(ours, row) for row in range(len(SEEDS))]
    optimisers = [optimiser_of(given, network) for network in networks]
    rates = [base * min(1, (step + 1) / 4) * (0.1 if step >= 12 else 1) for step in range(20)]
    for step, rate in enumerate(rates):
        x, y = batch(ours, step)
        for row, (network, one) in enumerate(zip(networks, optimisers, strict=True)):
            one.param_groups[0]["lr"] = rate
            one.zero_grad()
            F.cross_entropy(network(x[row]), y[row]).backward()
            one.step()
    finish(ours)
    for row, network in enumerate(networks):
        layers = [layer for layer in network if isinstance(layer, torch.nn.Linear)]
        for name, layer in zip(("fc1", "fc2", "out"), layers, strict=True):
            effective = layer.weight_orig * layer.weight_mask
            torch.testing.assert_close(ours.state.params[f"{name}.weight"][row], effective.detach(), **NEAR)
            torch.testing.assert_close(ours.state.params[f"{name}.bias"][row], layer.bias.detach(), **NEAR)


def test_the_metrics_are_those_of_the_whole_split() -> None:
    training = finish(trainer(setting()))
    arrays, data = training.arrays, training.setting.data
    x = (arrays.test.x.float() / 255 - data.mean[0]) / data.std[0]
    logits = plain(training, 1)(x)
    history = columns(training)
    assert history["test_accuracy"][-1, 1] == pytest.approx((logits.argmax(1) == arrays.test.y).float().mean().item())
    assert history["test_loss"][-1, 1] == pytest.approx(F.cross_entropy(logits, arrays.test.y).item(), rel=1e-4)


def small(name: str) -> Setting:
    """Return a short setting of each kind of network: linear, convolutional, with batch normalisation."""
    if name == "LeNet":
        return setting(steps=20)
    model = Conv(1, (8, 8), 8) if name == "Conv" else ResNet(1)
    return replace(setting(tiny.SGDM, steps=2, segment=1, test_every=2), data=tiny.Colour(), model=model)


NETWORKS = pytest.mark.parametrize("name", ["LeNet", "Conv", "ResNet"])


@NETWORKS
def test_replicates_trained_together_are_those_trained_alone(name: str) -> None:
    given = small(name)
    together = finish(trainer(given))
    alone = finish(trainer(given, seeds=(SEEDS[1],)))
    for tree in ("params", "statistics"):
        for key, value in getattr(alone.state, tree).items():
            torch.testing.assert_close(getattr(together.state, tree)[key][1], value[0], **NEAR)
    for key in ("valid_loss", "train_loss"):
        np.testing.assert_allclose(columns(together)[key][:, 1], columns(alone)[key][:, 0], rtol=1e-3)


@NETWORKS
def test_permuting_the_seeds_permutes_everything(name: str) -> None:
    given, order = small(name), [2, 0, 1]
    masks = tiny.random_masks(given, 0.5)
    one = finish(trainer(given, masks))
    moved = {key: mask[order] for key, mask in masks.items()}
    other = finish(trainer(given, moved, tuple(SEEDS[i] for i in order)))
    for tree in ("params", "statistics", "best", "top"):
        for key, value in getattr(one.state, tree).items():
            torch.testing.assert_close(getattr(other.state, tree)[key], value[order], **NEAR)
    for key, value in columns(one).items():
        wanted = value if key == "step" else value[:, order]
        np.testing.assert_allclose(columns(other)[key], wanted, rtol=1e-3, atol=1e-4, err_msg=key)
    assert torch.equal(other.state.best_step, one.state.best_step[order])
    assert torch.equal(other.state.top_step, one.state.top_step[order])


@OPTIMISERS
@EVERY_KERNEL
def test_what_is_masked_stays_zero(kind: str, optimiser: Optimiser, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting(optimiser)
    training = finish(trainer(given, tiny.random_masks(given, 0.7)))
    training.check()
    state = training.state
    slots = [tree for slot, tree in state.slots.items() if slot != "step"]
    assert slots
    for tree in (state.params, state.best, state.top, *slots):
        for name, mask in state.masks.items():
            assert (tree[name][~mask] == 0).all()
            assert (tree[name][mask] != 0).any()


def test_a_masked_entry_that_is_not_zero_is_an_error() -> None:
    given = setting()
    training = finish(trainer(given, tiny.random_masks(given, 0.7)))
    where = ~training.state.masks["fc2.weight"]
    slot = next(name for name in training.state.slots if name != "step")
    for tensor in (training.state.params["fc2.weight"], training.state.slots[slot]["fc2.weight"]):
        tensor[where] = 1e-30
        with pytest.raises(InvariantError, match=f"{int(where.sum())} masked entries are not zero at step 40"):
            training.check()
        tensor[where] = 0
    training.check()


def test_augmentation_is_drawn_from_streams() -> None:
    given = setting(augment=Crops(1))
    one, again, plainly = trainer(given), trainer(given), trainer(setting())
    assert torch.equal(batch(one, 3)[0], batch(again, 3)[0])
    assert not torch.equal(batch(one, 3)[0], batch(plainly, 3)[0])
    assert torch.equal(batch(one, 3)[1], batch(plainly, 3)[1])
    other = Trainer(given, SEEDS, "other", again.state)
    assert not torch.equal(other._order(0), one._order(0)), "another order of the batches"
    other._epoch = one._epoch
    assert not torch.equal(batch(other, 3)[0], batch(one, 3)[0]), "and other crops of the same images"


def test_replicates_see_their_own_images_and_each_image_once_an_epoch() -> None:
    training = trainer(setting())
    order = training._order(0)
    assert not torch.equal(order[:, 0], order[:, 1])
    assert all(order[:, row].flatten().unique().numel() == 200 for row in range(len(SEEDS)))
    assert not torch.equal(order, training._order(1))


def test_a_masked_and_a_dense_network_see_the_same_batches() -> None:
    given = setting()
    dense, sparse = trainer(given), trainer(given, tiny.random_masks(given, 0.9))
    assert all(torch.equal(a, b) for a, b in zip(batch(dense, 25), batch(sparse, 25), strict=True))


GOLDEN = {"Adam": [0.776784, 0.881394, 0.906278], "SGD": [0.603043, 0.766450, 0.789265]}


@OPTIMISERS
@EVERY_KERNEL
def test_tiny_trainings_end_with_these_losses_for_ever(
    kind: str, optimiser: Optimiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting(optimiser)
    losses = columns(finish(trainer(given, tiny.random_masks(given, 0.5))))["valid_loss"][-1]
    # The rounding of other processors is far below this, a change of meaning far above; bump its `version`.
    np.testing.assert_allclose(losses, GOLDEN[type(optimiser).__name__], rtol=1e-3)


@EVERY_KERNEL
@pytest.mark.parametrize("model", ["LeNet", "Conv"])
def test_weights_and_masks_in_another_memory_layout_train_the_same(
    kind: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = setting()
    if model == "Conv":
        given = replace(given, data=tiny.Colour(), model=Conv(1, (8,), 8))
    params, _ = tiny.weights_of(given)
    masks = tiny.random_masks(given, 0.5)
    mirrored = {name: value.mT.contiguous().mT if value.dim() > 2 else value for name, value in params.items()}
    turned = {name: mask.mT.contiguous().mT for name, mask in masks.items()}
    assert not any(mask.is_contiguous() for mask in turned.values())
    one, other = tiny.trainer(given, masks, params=params), tiny.trainer(given, turned, params=mirrored)
    for training in (one, other):
        training.advance(20)
    assert tiny.same_tree(one.state.params, other.state.params)
    assert all(value.is_contiguous() for value in (other.state.params | other.state.best).values())
