"""How often a network multiplies by its weights, against what is reckoned by hand."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from lth_lib.models import Conv, LeNet, Model, Module, ResNet, Transformer, products
from lth_lib.spec import SpecError


@dataclass(frozen=True)
class Mine(Module):
    """A strided convolution without padding, used twice over its output, and a layer that is used twice."""

    def build(self) -> nn.Module:
        return Twice()


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.again, self.out = nn.Conv2d(1, 4, 2, stride=2), nn.Linear(16, 16), nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(x).flatten(1)
        return self.out(self.again(torch.relu(self.again(x))))


@dataclass(frozen=True)
class Scaled(Module):
    """A matrix that is multiplied entry by entry."""

    def build(self) -> nn.Module:
        return Entries()


class Entries(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner, self.out = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(x @ (self.inner.weight * 2))


@pytest.mark.parametrize(
    ("model", "shape", "expected"),
    [
        (LeNet((5, 4)), (1, 8, 8), {"fc1": 1, "fc2": 1, "out": 1}),
        (
            Conv(2, (8,)),
            (3, 16, 16),
            {"conv1": 256, "conv2": 256, "conv3": 64, "conv4": 64, "fc1": 1, "out": 1},
        ),
        (
            ResNet(1),
            (3, 8, 8),
            {
                "conv1": 64,
                "stage1.1.a": 64,
                "stage1.1.b": 64,
                "stage2.1.a": 16,
                "stage2.1.b": 16,
                "stage2.1.shortcut": 16,
                "stage3.1.a": 4,
                "stage3.1.b": 4,
                "stage3.1.shortcut": 4,
                "out": 1,
            },
        ),
        (
            Transformer(tokens=7, width=8, depth=1),
            (5,),
            {"token": 0, "place": 0, **{f"block1.{name}": 5 for name in ("q", "k", "v", "o", "up", "down")}, "out": 1},
        ),
        (Mine(), (1, 4, 4), {"conv": 4, "again": 2, "out": 1}),
    ],
    ids=["dense", "pooled", "strided and shortened", "over positions", "of one's own"],
)
def test_a_weight_is_a_factor_once_for_each_place_of_its_output(
    model: Model, shape: tuple[int, ...], expected: dict[str, int]
) -> None:
    assert products(model, shape, 3) == {f"{name}.weight": count for name, count in expected.items()}


def test_what_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(SpecError, match=r"computes with inner\.weight by "):
        products(Scaled(), (4,), 2)
    with pytest.raises(SpecError, match="takes no example of shape"):
        products(Scaled(), (5,), 2)
