"""The networks have the published counts, and compute what plain torch modules compute."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import tiny
import torch
import torch.nn.functional as F
from tiny import SGDM, Colour, Grey, finish, trainer
from torch import nn

from lth_lib import masks as mask_rules
from lth_lib.data import CIFAR10, MNIST, Dataset
from lth_lib.models import VGG, BatchNorm, Conv, Layer, LeNet, Model, ResNet, Start, drawn, initial
from lth_lib.models.model import conv, vectors
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.replicates import Tree, lift, stream
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Rate, Recipe, Setting

CIFAR, SMALL = CIFAR10(), (3, 8, 8)


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
    Conv: (8, 16, 32),
    ResNet: (4, 8, 16),
    VGG: ((2, 8), (2, 16), (4, 32), (4, 64), (4, 64)),
}


@pytest.mark.parametrize(
    "model", [LeNet((16, 8)), Conv(3, (16,)), ResNet(3), VGG()], ids=lambda model: type(model).__name__
)
def test_networks_of_an_eighth_of_the_widths_train_and_are_pruned(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
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


class Residual(nn.Module):
    """A plain torch module of one block for each stage of the residual network."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.blocks = nn.ModuleList()
        for inputs, width in ((16, 16), (16, 32), (32, 64)):
            stride = 1 if inputs == width else 2
            parts = [nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)]
            parts += [nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)]
            if inputs != width:
                parts += [nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width)]
            self.blocks.append(nn.ModuleList(parts))
        self.out = nn.Linear(64, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.norm(self.first(x)))
        for a, norm_a, b, norm_b, *shortcut in self.blocks:
            short = x
            for part in shortcut:
                short = part(short)
            x = F.relu(norm_b(b(F.relu(norm_a(a(x))))) + short)
        return self.out(F.adaptive_avg_pool2d(x, 1).flatten(1))


def plain(widths: list[int], convolutions: list[nn.Module]) -> nn.Module:
    """Return convolutions, then linear layers with ReLU between them."""
    linear: list[nn.Module] = []
    for inputs, width in itertools.pairwise(widths):
        linear += [nn.Linear(inputs, width), nn.ReLU()]
    return nn.Sequential(*convolutions, nn.Flatten(), *linear[:-1])


def pair(inputs: int, width: int) -> list[nn.Module]:
    same = {"padding": "same"}
    return [
        nn.Conv2d(inputs, width, 3, **same),
        nn.ReLU(),
        nn.Conv2d(width, width, 3, **same),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]


def fill(module: nn.Module, model: Model, params: Tree, row: int) -> None:
    """Copy the parameters of one replicate into a module whose layers are in the same order."""
    layers = model.layers(SMALL, 4)
    values = [params[f"{x.name}.{part}"][row] for x in layers for part in ("weight", "bias", "scale", "shift")
              if f"{x.name}.{part}" in params]  # fmt: skip
    for own, value in zip(module.parameters(), values, strict=True):
        own.data.copy_(value)


@pytest.mark.parametrize(
    ("model", "module"),
    [
        (LeNet((7, 5)), plain([192, 7, 5, 4], [])),
        (Conv(1, (9,)), plain([64 * 16, 9, 4], pair(3, 64))),
        (Conv(2, (9,)), plain([128 * 4, 9, 4], [*pair(3, 64), *pair(64, 128)])),
        (ResNet(1), Residual()),
    ],
    ids=["LeNet", "Conv-2", "Conv-4", "ResNet"],
)
def test_networks_compute_what_plain_modules_compute(model: Model, module: nn.Module) -> None:
    params, statistics = initial(model, SMALL, 4, (0, 1, 2))
    params = {
        n: v + 0.1 * torch.from_numpy(stream(0, "noise", n).random(v.shape, np.float32)) for n, v in params.items()
    }
    x = torch.from_numpy(stream(0, "test").standard_normal((3, 6, *SMALL), np.float32))

    def logits(p: Tree, s: Tree, x: torch.Tensor, training: bool) -> tuple[torch.Tensor, Tree]:
        norm = BatchNorm(s, training)
        return model.apply(p, x, norm), norm.moved

    for training in (True, False):
        out, moved = lift(logits, in_dims=(0, 0, 0, None))(params, statistics, x, training)
        fill(module, model, params, 1)
        fresh(module).train(training)
        torch.testing.assert_close(out[1], module(x[1]), rtol=1e-4, atol=1e-5)
        buffers = [value for name, value in module.named_buffers() if not name.endswith("tracked")]
        for buffer, name in zip(buffers, moved, strict=True):
            torch.testing.assert_close(moved[name][1], buffer, rtol=1e-4, atol=1e-5)


def fresh(module: nn.Module) -> nn.Module:
    """Reset the running statistics of a module."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
    return module


def test_batch_norm_is_that_of_torch() -> None:
    x = torch.from_numpy(stream(0, "test").normal(3, 2, (4, 5, 3, 3))).float()
    torch_norm = nn.BatchNorm2d(5)
    p = {"a.scale": torch.linspace(0.5, 2, 5), "a.shift": torch.linspace(-1, 1, 5)}
    torch_norm.weight.data, torch_norm.bias.data = p["a.scale"], p["a.shift"]
    statistics: Tree = {"a.mean": torch.zeros(5), "a.var": torch.ones(5)}
    for training in (True, True, False):
        torch_norm.train(training)
        norm = BatchNorm(statistics, training)
        own, expected = x.clone().requires_grad_(), x.clone().requires_grad_()
        y, z = norm(p, "a", own), torch_norm(expected)
        torch.testing.assert_close(y, z, rtol=1e-4, atol=1e-5)
        weights = torch.linspace(0, 1, x.numel()).view_as(x)
        (y * weights).sum().backward()
        (z * weights).sum().backward()
        torch.testing.assert_close(own.grad, expected.grad, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(norm.moved["a.mean"], torch_norm.running_mean)
        torch.testing.assert_close(norm.moved["a.var"], torch_norm.running_var)
        assert training or norm.moved == statistics, "scoring moves nothing"
        statistics = norm.moved
        x = x + 1


@pytest.mark.parametrize("vmapped", [False, True])
def test_batch_norm_of_bfloat16_has_statistics_of_float32(vmapped: bool) -> None:
    x = torch.from_numpy(stream(0, "test").normal(30, 1, (2, 16, 5, 7, 3))).bfloat16()
    p = {"a.scale": torch.linspace(1, 2, 10).view(2, 5), "a.shift": torch.linspace(-1, 1, 10).view(2, 5)}
    statistics = {"a.mean": torch.zeros(2, 5), "a.var": torch.ones(2, 5)}

    def one(p: Tree, s: Tree, x: torch.Tensor) -> tuple[torch.Tensor, Tree]:
        norm = BatchNorm(s, training=True, mixed=not vmapped)
        return norm(p, "a", x), norm.moved

    if vmapped:
        out, moved = lift(one)(p, statistics, x)
        out, moved = out[1], {name: value[1] for name, value in moved.items()}
    else:
        row, held = ({name: value[1] for name, value in tree.items()} for tree in (p, statistics))
        out, moved = one(row, held, x[1])
    var, mean = torch.var_mean(x[1].double(), (0, 2, 3))
    torch.testing.assert_close(moved["a.mean"], (0.1 * mean).float(), rtol=1e-6, atol=0)
    torch.testing.assert_close(moved["a.var"], (0.9 + 0.1 * var).float(), rtol=1e-5, atol=0)
    assert out.dtype == torch.bfloat16
    scale, shift = (p[f"a.{part}"][1].double()[:, None, None] for part in ("scale", "shift"))
    biased = x[1].double().var((0, 2, 3), unbiased=False)[:, None, None]
    wanted = (x[1].double() - mean[:, None, None]) / (biased + 1e-5).sqrt() * scale + shift
    torch.testing.assert_close(out.double(), wanted, rtol=2**-7, atol=2**-7)
    assert bool((statistics["a.mean"] == 0).all()), "what was given is as it was"


def test_batch_norm_does_not_leak_between_replicates() -> None:
    model = ResNet(1)
    params, statistics = initial(model, SMALL, 4, (0, 1))
    x = torch.from_numpy(stream(0, "test").standard_normal((2, 6, *SMALL), np.float32))

    def moved(p: Tree, s: Tree, x: torch.Tensor) -> Tree:
        norm = BatchNorm(s, training=True)
        model.apply(p, x, norm)
        return norm.moved

    lifted = lift(moved)
    one, other = (
        lifted(params, statistics, x),
        lifted(params, statistics, x * torch.tensor([1, 50]).view(2, 1, 1, 1, 1)),
    )
    assert all(torch.equal(one[name][0], other[name][0]) for name in one)
    assert not torch.equal(one["conv1.mean"][1], other["conv1.mean"][1])


def test_a_convolution_keeps_the_size_of_the_image() -> None:
    for size in (1, 3, 5):
        p = {"a.weight": torch.ones(2, 3, size, size)}
        assert conv(p, "a", torch.ones(1, 3, 8, 8)).shape == (1, 2, 8, 8)
        assert conv(p, "a", torch.ones(1, 3, 8, 8), stride=2).shape == (1, 2, 4, 4)


def test_vectors_are_flattened_images_whose_gradient_is_channels_last() -> None:
    x = torch.from_numpy(stream(0, "test").standard_normal((2, 3, 4, 5), np.float32)).requires_grad_()
    assert torch.equal(vectors(x), x.flatten(1))
    weights = torch.linspace(0, 1, 120).view(2, 60)
    sent = []
    own = x.contiguous(memory_format=torch.channels_last)
    own.register_hook(sent.append)
    (vectors(own) * weights).sum().backward()
    assert sent[0].is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(x.grad, weights.view(x.shape))


@dataclass(frozen=True)
class Small(tiny.Colour):
    shape: ClassVar[tuple[int, int, int]] = (3, 8, 8)


@dataclass(frozen=True)
class Smaller(tiny.Colour):
    shape: ClassVar[tuple[int, int, int]] = (3, 8, 4)


@dataclass(frozen=True)
class Named(Model):
    name: str

    def layers(self, shape: tuple[int, int, int], classes: int) -> tuple[Layer, ...]:
        return Layer(self.name, (3, len(self.name)), "fc"), Layer("out", (classes, 3), "out")

    def start(self, shape: tuple[int, ...], classes: int, seed: int, salt: str) -> Start:
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        return x


def of(model: Model, data: Dataset) -> Setting:
    return Setting(data, model, tiny.setting().recipe)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LeNet(()), r"hidden was \(\)"),
        (lambda: LeNet((3, 0)), r"hidden was \(3, 0\)"),
        (lambda: Conv(4), "pairs was 4; it is 1, 2 or 3"),
        (lambda: ResNet(0), "n was 0"),
        (lambda: Conv(1, ()), r"hidden was \(\)"),
        (lambda: Conv(1, (8, -1)), r"hidden was \(8, -1\)"),
        (lambda: of(VGG(), Small()), r"VGG\(\) on images of \(3, 8, 8\) .* have 16 or more on each side"),
        (lambda: of(Conv(3), tiny.Grey()), None),
        (lambda: of(Conv(3), Smaller()), r"Conv\(.* on images of \(3, 8, 4\) .* have 8 or more on each side"),
        (lambda: of(Named("a/b"), Small()), "has a layer 'a/b'; a name may hold any sign but '/'"),
        (lambda: of(Named("out"), Small()), r"has the layers \['out', 'out'\]; each has a name of its own"),
        (lambda: of(Named(""), Small()), r"would have weights of shape \(3, 0\) in "),
    ],
)
def test_a_network_that_is_none_is_refused(make, said: str | None) -> None:
    with pytest.raises(SpecError, match=said) if said else contextlib.nullcontext():
        make()
