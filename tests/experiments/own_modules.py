"""Modules and arrays as somebody might bring them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from lth_lib.data import Held
from lth_lib.models import Module
from lth_lib.training.recipe import Adam, Rate, Recipe

RECIPE = Recipe(Adam(), Rate(1e-2), batch=20, steps=60, segment=20, test_every=20)


WEIGHT = torch.arange(20.0).cos().view(2, 10)


@dataclass(frozen=True)
class Mine(Module):
    """Two layers, with batch norm between them."""

    width: int = 8

    def build(self) -> nn.Module:
        return nn.Sequential(nn.Linear(10, self.width), nn.BatchNorm1d(self.width), nn.ReLU(), nn.Linear(self.width, 2))


@dataclass(frozen=True)
class Plain(Module):
    """LeNet-16-8, as torch writes it."""

    def build(self) -> nn.Module:
        layers = [nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 4)]
        return nn.Sequential(nn.Flatten(), *layers)


def own() -> Held:
    x = torch.from_numpy(np.random.Generator(np.random.Philox(3)).normal(size=(400, 10)).astype(np.float32))
    return Held.of(x, (x @ WEIGHT.T).argmax(1))
