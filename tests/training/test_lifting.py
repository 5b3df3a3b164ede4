"""A network that vmap does not take is trained one replicate after the other, where all others are lifted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import pytest
import tiny
import torch
from torch import nn

from lth_lib.data import Held
from lth_lib.models import Module
from lth_lib.replicates import stream
from lth_lib.training import kernels
from lth_lib.training.kernels import CapturedKernel, LiftedKernel, LoopedKernel, lifted_if_possible
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting

RECIPE = Recipe(Adam(), Rate(1e-2), batch=20, steps=10, segment=10, test_every=10)


class Between(nn.Module):
    """What one replicate can compute, and several at once perhaps not."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        inner = {"LSTM": lambda: nn.LSTM(8, 8, batch_first=True), "two alone": lambda: nn.Linear(8, 8)}
        self.inner = inner.get(kind, nn.Identity)()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.kind == "LSTM":
            return self.inner(x[:, None])[0][:, 0]
        if self.kind == "two alone" and len(x) != 2:
            return x
        return self.inner(x * 2 if self.kind == "if" and x.sum() > 0 else x)


@dataclass(frozen=True)
class Mine(Module):
    kind: str

    def build(self) -> nn.Module:
        momentum = None if self.kind == "no momentum" else 0.1
        norm = nn.BatchNorm1d(8, momentum=momentum) if self.kind.endswith("momentum") else nn.ReLU()
        return nn.Sequential(nn.Linear(6, 8), norm, Between(self.kind), nn.Linear(8, 4))


def setting(kind: str, precision: str = "float32") -> Setting:
    x = torch.from_numpy(stream(0, "lifting").normal(size=(60, 6))).float()
    return Setting(Held.of(x, torch.arange(60) % 4), Mine(kind), replace(RECIPE, precision=precision))


LOOPED = [("LSTM", "float32"), ("if", "float32"), ("no momentum", "float32"), ("momentum", "bfloat16")]


@pytest.mark.parametrize(("kind", "precision"), LOOPED)
def test_what_cannot_be_lifted_is_looped(kind: str, precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_FAULTS", {})
    training = tiny.trainer(setting(kind, precision), seeds=(0, 1))
    with pytest.warns(UserWarning, match="Mine trains one replicate after the other: vmap says .+"):
        training.use(lifted_if_possible)
    assert type(training._kernel) is LoopedKernel
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it was said
        training.use(lifted_if_possible)
    tiny.finish(training)
    assert torch.tensor(tiny.columns(training)["valid_loss"]).isfinite().all()


def test_a_layer_that_no_step_uses_stays_as_it_began() -> None:
    training = tiny.trainer(setting("two alone"), seeds=(0, 1))  # its trial is of two examples, its batches are not
    before = {name: value.clone() for name, value in training.state.params.items()}
    after = tiny.finish(training).state.params
    same = [name for name, value in after.items() if torch.equal(value, before[name])]
    assert same == ["2.inner.weight", "2.inner.bias"]


@pytest.mark.parametrize("kind", ["momentum", "plain"])
def test_what_can_be_lifted_is(kind: str) -> None:
    training = tiny.trainer(setting(kind), seeds=(0, 1))
    before = {name: value.clone() for name, value in (training.state.params | training.state.statistics).items()}
    training.use(lifted_if_possible)
    assert type(training._kernel) is LiftedKernel
    assert tiny.same_tree(before, training.state.params | training.state.statistics), "a trial changes nothing"


def test_the_librarys_own_networks_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiftedKernel, "fault", lambda self: pytest.fail("it was tried"))
    training = tiny.trainer(tiny.setting())
    training.use(lifted_if_possible)
    assert type(training._kernel) is LiftedKernel


@pytest.mark.parametrize(("kind", "chosen"), [("LSTM", LoopedKernel), ("plain", CapturedKernel)])
def test_a_gpu_gets_the_kernel_that_can(kind: str, chosen: type, monkeypatch: pytest.MonkeyPatch) -> None:
    given, seeds = setting(kind), (0, 1)
    params, statistics = given.initial(seeds)

    class There(dict):
        """Says of itself that it is on a GPU when it is asked first."""

        def values(self) -> list:
            return [type("On", (), {"device": torch.device("cuda")})()]

    monkeypatch.setattr(kernels, "lifted_if_possible", lambda s, p, *rest: lifted_if_possible(s, {**p}, *rest))
    monkeypatch.setattr(kernels.machine, "prepare", lambda device: None)
    assert type(kernels.choose(given, There(params), statistics, tiny.ones(given, seeds), {})) is chosen
