"""Networks have the published number of weights, train and begin as they should."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from shapes import CIFAR
from tiny import SGDM, Colour, Grey, finish, trainer

from lth_lib import masks as mask_rules
from lth_lib.data import MNIST, Dataset
from lth_lib.models import VGG, Conv, LeNet, Model, ResNet, initial
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.training.recipe import Rate, Recipe, Setting


def count(model: Model, data: Dataset) -> int:
    return sum(int(np.prod(layer.shape)) for layer in model.layers(data.shape, data.classes))


@pytest.mark.parametrize(
    ("model", "data", "published"),
    [
        (LeNet(), MNIST(), 266_200),
        (Conv(1), CIFAR, 4_300_992),
        (Conv(2), CIFAR, 2_425_024),
        (Conv(3), CIFAR, 2_261_184),
        (ResNet(), CIFAR, 270_896),
        (VGG(), CIFAR, 20_024_000),
    ],
    ids=["LeNet-300-100", "Conv-2", "Conv-4", "Conv-6", "ResNet-20", "VGG-19"],
)
def test_networks_have_the_published_number_of_weights(model: Model, data: Dataset, published: int) -> None:
    assert count(model, data) == published


def test_the_kinds_of_resnet_are_counted_apart() -> None:
    layers = ResNet().layers(CIFAR.shape, 10)
    by_kind = {kind: sum(int(np.prod(x.shape)) for x in layers if x.kind == kind) for kind in {x.kind for x in layers}}
    assert by_kind == {"conv": 267_696, "shortcut": 2_560, "out": 640}
    assert sum(layer.kind != "shortcut" for layer in layers) == 20


NARROW: dict[type[Model], tuple] = {
    ResNet: (8, 16, 32),  # of fewer channels torch's convolutions write out of bounds on some processors
    VGG: ((2, 8), (2, 16), (4, 32), (4, 64), (4, 64)),
}


@pytest.mark.parametrize(
    "model", [LeNet((16, 8)), Conv(3, (16,), 8), ResNet(3), VGG()], ids=lambda model: type(model).__name__
)
def test_narrow_networks_train_and_are_pruned(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    if type(model) in NARROW:
        monkeypatch.setattr(type(model), "plan" if isinstance(model, VGG) else "widths", NARROW[type(model)])
    setting = Setting(Colour(), model, Recipe(SGDM, Rate(0.02), batch=4, steps=3, segment=2, test_every=2))
    params, _ = initial(model, Colour.shape, 4, (0, 1))
    weights = {name: params[name] for name in model.kinds(Colour.shape, 4)}
    layers = model.layers(Colour.shape, 4)
    masks = Pruner(scope=Global()).prune(Subject(weights, mask_rules.ones(weights), layers, (0, 1)), 0.5)
    training = finish(trainer(setting, masks, seeds=(0, 1)))
    state = training.state
    training.check()
    assert mask_rules.violations(state.params, masks) == 0
    assert mask_rules.density(masks) == pytest.approx([0.5, 0.5], abs=1e-3)
    assert all(bool((state.params[name] != params[name]).any()) for name in params)
    assert all(bool(value.isfinite().all()) for value in (state.params | state.statistics).values())
    assert all(bool((value != float(name.endswith("var"))).any()) for name, value in state.statistics.items())


def test_weights_are_glorot_normal_and_biases_zero() -> None:
    for model, data in ((LeNet(), MNIST()), (Conv(1), CIFAR)):
        params, _ = initial(model, data.shape, data.classes, (0, 1))
        for layer in model.layers(data.shape, data.classes):
            weight, field = params[f"{layer.name}.weight"], int(np.prod(layer.shape[2:]))
            expected = 2 / ((layer.shape[0] + layer.shape[1]) * field)
            spread = 5 * (2 / weight.numel()) ** 0.5  # five standard errors of a variance
            assert weight.var() / expected == pytest.approx(1, abs=spread)
            assert abs(float(weight.mean())) < 5 * (expected / weight.numel()) ** 0.5
            assert bool((params[f"{layer.name}.bias"] == 0).all())


def test_an_initialisation_is_a_function_of_seed_layer_and_salt() -> None:
    params, _ = initial(LeNet((8, 8)), Grey.shape, 4, (0, 1))
    other, _ = initial(LeNet((8, 8)), Grey.shape, 4, (1, 5))
    salted, _ = initial(LeNet((8, 8)), Grey.shape, 4, (0, 1), "again")
    assert torch.equal(params["fc1.weight"][1], other["fc1.weight"][0])
    weights = [params["fc1.weight"][0], params["fc1.weight"][1], salted["fc1.weight"][0], params["fc2.weight"][0]]
    assert len({float(weight.flatten()[0]) for weight in weights}) == 4
