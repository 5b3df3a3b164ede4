"""A network that draws for itself, keeps something or does not fit the data is refused before anything trains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import tiny
import torch
import torch.nn.functional as F
from own_modules import RECIPE, Mine, own
from tiny import SEEDS
from torch import nn

from lth_lib.data import Crops, Marked, Repeated
from lth_lib.experiments.run import Run
from lth_lib.models import LeNet, Model, Module, Transformer
from lth_lib.pruning.criteria import SynFlow
from lth_lib.pruning.granularity import Unit
from lth_lib.results.compute import compute
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Setting


@dataclass(frozen=True)
class Dropping(Module):
    """It draws at random, as a module says."""

    def build(self) -> nn.Module:
        return nn.Sequential(nn.Linear(10, 8), nn.Dropout(0.5), nn.Linear(8, 2))


class Noisy(nn.Module):
    """It draws at random, and no module says so."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(10, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.dropout(self.inner(x), 0.5, self.training)


@dataclass(frozen=True)
class Hidden(Module):
    def build(self) -> nn.Module:
        return Noisy()


class Fixed(nn.Module):
    """It holds what it drew where nobody looks for it, or counts how often it was called."""

    def __init__(self, counts: bool) -> None:
        super().__init__()
        self.inner, self.counts, self.calls = nn.Linear(10, 2), counts, 0
        self.features = torch.ones(10) if counts else torch.randn(10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += self.counts
        return self.inner(x * self.features) * (1 + self.calls)


@dataclass(frozen=True)
class Fixing(Module):
    counts: bool = False

    def build(self) -> nn.Module:
        return Fixed(self.counts)


@dataclass(frozen=True)
class Frozen(Module):
    def build(self) -> nn.Module:
        network = nn.Sequential(nn.Linear(10, 8), nn.Linear(8, 2))
        network[0].requires_grad_(False)
        return network


@dataclass(frozen=True)
class Sized(Module):
    """One layer of some width."""

    inputs: int = 10
    outputs: int = 2

    def build(self) -> nn.Module:
        return nn.Sequential(nn.Linear(self.inputs, self.outputs))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Dropping(), r"Dropping has 1 \(Dropout\) that draws at random while it computes or is built"),
        (Hidden(), "Hidden has something in its forward that draws at random while it computes or is built"),
        (Fixing(), "Fixing has features that draws at random while it computes or is built"),
        (Fixing(counts=True), "Fixing changes calls while it computes"),
        (Frozen(), r"Frozen has parameters that are not to be trained: \['0.weight', '0.bias'\]"),
    ],
    ids=["named", "hidden", "drawn", "counted", "frozen"],
)
def test_what_draws_for_itself_is_refused(model: Model, said: str) -> None:
    data = own()
    with pytest.raises(SpecError, match=said):
        Setting(data, model, RECIPE).check(data.load())


def test_whole_units_of_a_module_are_refused_and_of_a_transformer_are_its_hidden_ones() -> None:
    with pytest.raises(SpecError, match="found nothing to group"):
        Unit().sets(Setting(own(), Mine(), RECIPE).layers)
    setting = Setting(Marked(), Transformer(9, width=8, depth=2), RECIPE)
    assert [*Unit().sets(setting.layers)] == ["block1.up", "block2.up"]


def test_a_network_that_does_not_take_the_data_is_refused_when_it_is_set() -> None:
    with pytest.raises(SpecError, match=r"takes tokens of shape \(T,\)"):
        Setting(tiny.Grey(), Transformer(9), RECIPE).layers  # noqa: B018
    assert Setting(Marked(), LeNet((4,)), RECIPE).layers[0].shape == (4, 12)


@pytest.mark.parametrize(
    ("data", "model", "said"),
    [
        (
            own,
            Sized(outputs=3),
            r"puts out torch.float32 \[2, 3\] for 2 examples of Held; it must be .* \[2, 2\]",
        ),
        (own, Sized(inputs=7), r"cannot be applied to inputs of Held, torch.float32 \[2, 10\]: .*shapes"),
        (Marked, Transformer(5), r"Transformer\(.* cannot be applied to inputs of Marked"),
        (Marked, Transformer(9, causal=True), r"puts out torch.float32 \[8, 12, 8\] .* must be float32 \[8, 8\]"),
        (Repeated, Transformer(8), r"puts out torch.float32 \[8, 8\] .* must be float32 \[8, 12, 8\]"),
    ],
)
def test_a_network_that_does_not_fit_the_data_is_refused_before_anything_trains(
    data: object, model: Model, said: str, tmp_path: Path
) -> None:
    run = Run(Setting(data(), model, RECIPE), seeds=SEEDS)
    with pytest.raises(SpecError, match=said):
        compute([run], tiny.store(tmp_path), train=True, progress=False)
    assert not [*(tmp_path / "results").glob("runs/*")]


def test_images_alone_are_moved() -> None:
    with pytest.raises(SpecError, match=r"augment was .*; it moves images, and Held has none"):
        Setting(own(), Mine(), replace(RECIPE, augment=Crops()))


def test_a_network_of_tokens_has_no_ones_to_send() -> None:
    setting = Setting(Marked(), Transformer(9, width=8, depth=1), RECIPE)
    with pytest.raises(SpecError, match=r"SynFlow sends ones through a network; torch.int64 tokens cannot be ones"):
        SynFlow().score(tiny.subject(setting))
