"""A network that cannot be trained on its data, or not be repeated, is refused in a sentence before anything trains."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import dropout

from lth_lib.data import Dataset, Held
from lth_lib.models import VGG, BatchNorm, Conv, Model, Module, ResNet, Transformer
from lth_lib.replicates import Tree, generators, stream
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting

RECIPE = Recipe(Adam(), Rate(1e-2), batch=20, steps=40, segment=10, test_every=10)
X = torch.from_numpy(stream(0, "trial").normal(size=(60, 6))).float()
Y = torch.arange(60) % 4


class Changing(nn.Module):
    """Two layers, and between them what its name says."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.first, self.last, self.kind = nn.Linear(6, 8), nn.Linear(8, 4), kind
        self.generator, self.calls = torch.Generator().manual_seed(0), []
        if kind == "numpy's fresh generator begins it":
            self.first.weight.data = torch.from_numpy(np.random.default_rng().normal(size=(8, 6))).float()
        if kind == "an unused layer":
            self.third = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.relu(self.first(x))
        match self.kind:
            case "numpy":
                h = h + torch.from_numpy(np.random.randn(*h.shape)).float() if self.training else h
            case "python":
                h = h * random.random()
            case "a generator of its own":
                h = h + torch.randn(h.shape, generator=self.generator)
            case "where x is not zero":
                h = dropout(h, 0.5, self.training) if x.abs().sum() > 0 else h
            case "zeros raise":
                assert x.abs().sum() > 0
                h = dropout(h, 0.5, self.training)
            case "in evaluation alone":
                h = h if self.training else h + torch.randn_like(h)
            case "a list":
                self.calls.append(1)
                h = h * len(self.calls)
        return self.last(h)


@dataclass(frozen=True)
class Mine(Module):
    kind: str

    def build(self) -> nn.Module:
        if self.kind == "bfloat16":
            return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4)).bfloat16()
        if self.kind == "lazy":
            return nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.Linear(8, 4))
        return Changing(self.kind)


IN_FORWARD = "Mine has something in its forward that draws at random"
CANNOT = {
    "numpy": IN_FORWARD,
    "python": IN_FORWARD,
    "a generator of its own": "Mine gives other outputs when it is given the same again",
    "where x is not zero": IN_FORWARD,
    "zeros raise": IN_FORWARD,
    "in evaluation alone": IN_FORWARD,
    "a list": "Mine changes calls while it computes",
    "numpy's fresh generator begins it": "Mine has first.weight that draws at random while it computes or is built",
    "an unused layer": r"Mine makes no use of third\.weight, third\.bias when it is trained; leave those out",
    "bfloat16": r"Mine has parameters that are not float32: 0\.weight, .* precision=\"bfloat16\"",
    "lazy": r"Mine has 0\.weight, 0\.bias, of no size yet; say the inputs of lazy layers",
}


@pytest.mark.parametrize("kind", CANNOT)
def test_what_cannot_be_trained_or_repeated_is_refused(kind: str) -> None:
    before = generators()
    with pytest.raises(SpecError, match=CANNOT[kind]):
        check(Held.of(X, Y), Mine(kind))
    assert generators() == before


def check(data: Dataset, model: Model) -> None:
    setting = Setting(data, model, RECIPE)
    setting.check(setting.data.load())


def test_a_network_that_only_computes_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bool] = []
    apply = Module.apply

    def counted(self: Module, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        calls.append(norm.training)
        return apply(self, p, x, norm)

    monkeypatch.setattr(Module, "apply", counted)
    for _ in "ab":
        check(Held.of(X, Y), Mine("nothing"))
    assert calls == [False, False, True, True, True]


@dataclass(frozen=True)
class Drawn(Module):
    """It begins as numpy and Python draw."""

    def build(self) -> nn.Module:
        network = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 4))
        for layer in (network[0], network[1]):
            layer.weight.data = torch.from_numpy(np.random.randn(*layer.weight.shape)).float() * random.random()
        return network


def test_what_numpy_and_python_draw_for_a_beginning_is_of_the_seed() -> None:
    setting = Setting(Held.of(X, Y), Drawn(), RECIPE)
    setting.check(setting.data.load())
    one, again = (setting.initial((0, 1))[0]["0.weight"] for _ in "ab")
    assert torch.equal(one, again)
    assert not torch.equal(one[0], one[1])


@pytest.mark.parametrize("row", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize("token", [9, -1])
def test_a_token_beyond_the_embedding_is_found_wherever_it_stands(row: int, token: int) -> None:
    for at in range(60):  # wherever a split of these arrays puts it
        x = torch.arange(60 * 5).view(60, 5) % 8
        x[at, 3] = token
        data = Held.of(x, Y)
        split = (data.load().train, data.load().test)[row]
        if (split.x[2:] == token).any():
            break
    with pytest.raises(
        SpecError, match=r"Transformer\(.* cannot be applied to inputs of Held, torch.int64 \[8, 5\]: ind"
    ):
        check(data, Transformer(8, width=8, depth=1))


@pytest.mark.parametrize("model", [Conv(), VGG(), ResNet(1)], ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("shape", [(6,), (3, 3)])
def test_networks_of_images_refuse_what_is_none(model: Model, shape: tuple[int, ...]) -> None:
    with pytest.raises(SpecError, match=r"was given inputs of shape \(.*\); it takes images of shape \(C, H, W\)"):
        model.layers(shape, 4)
