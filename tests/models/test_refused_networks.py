"""A network that is none is refused in one sentence."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import ClassVar

import pytest
import tiny
import torch

from lth_lib.data import Dataset
from lth_lib.models import VGG, BatchNorm, Conv, Layer, LeNet, Model, ResNet, Start, drawn
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Setting


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
        (lambda: Conv(filters=0), "filters was 0; it is 1 or more"),
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
