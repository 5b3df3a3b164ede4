"""What is trained where engines are timed or compared, and not for its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
import torch

from lth_lib.data import (
    CIFAR10,
    MNIST,
    CIFAR10Sample,
    Crops,
    FashionMNIST,
    FashionMNISTSample,
    Images,
    MNISTSample,
)
from lth_lib.data.examples import Both, Examples
from lth_lib.experiments.studies import lenet
from lth_lib.masks import Masks, ones
from lth_lib.models import VGG, Conv, Model, ResNet
from lth_lib.training.kernels import LiftedKernel, LoopedKernel
from lth_lib.training.recipe import Adam, Rate, Recipe, Setting
from lth_lib.training.state import beginning
from lth_lib.training.train import Trainer

FIVE = (0, 1, 2, 3, 4)
STEPS = 100
"""How many steps are taken in one turn, where there are no evaluations."""
NETWORKS: dict[str, tuple[Model, int]] = {
    "Conv-2": (Conv(1), 60),
    "Conv-4": (Conv(2), 60),
    "Conv-6": (Conv(3), 60),
    "ResNet-20": (ResNet(), 128),
    "VGG-19": (VGG(), 64),
}
"""The convolutional networks, and the batch that each is timed with."""


@dataclass(frozen=True)
class Digits(Images):
    """MNIST's size without a download: the sample in the package, again and again.

    Size matters: batches from 12,000 images come out of the processor's cache, those from 70,000 do not.
    """

    shape: ClassVar[tuple[int, int, int]] = MNIST.shape
    mean: ClassVar[tuple[float, ...]] = MNIST.mean
    std: ClassVar[tuple[float, ...]] = MNIST.std

    def examples(self) -> Both:
        """Return 60,000 training examples and 10,000 test examples."""
        train, test = MNISTSample().examples()
        return _repeated(train, 60_000), _repeated(test, 10_000)


@dataclass(frozen=True)
class Clothes(Images):
    """Fashion-MNIST's size without a download, likewise."""

    shape: ClassVar[tuple[int, int, int]] = FashionMNIST.shape
    mean: ClassVar[tuple[float, ...]] = FashionMNIST.mean
    std: ClassVar[tuple[float, ...]] = FashionMNIST.std

    def examples(self) -> Both:
        """Return 60,000 training examples and 10,000 test examples."""
        train, test = FashionMNISTSample().examples()
        return _repeated(train, 60_000), _repeated(test, 10_000)


@dataclass(frozen=True)
class Photographs(Images):
    """CIFAR-10's size without a download, likewise."""

    shape: ClassVar[tuple[int, int, int]] = CIFAR10.shape
    mean: ClassVar[tuple[float, ...]] = CIFAR10.mean
    std: ClassVar[tuple[float, ...]] = CIFAR10.std

    def examples(self) -> Both:
        """Return 50,000 training examples and 10,000 test examples."""
        train, test = CIFAR10Sample().examples()
        return _repeated(train, 50_000), _repeated(test, 10_000)


def _repeated(examples: Examples, count: int) -> Examples:
    """Return the first examples again until there are so many."""
    rows = np.arange(count) % len(examples.labels)
    return replace(examples, images=examples.images[rows], labels=examples.labels[rows])


def digits() -> Setting:
    """Return LeNet-300-100 with the paper's recipe, on as many digits as MNIST has."""
    return replace(lenet("paper"), data=Digits())


def clothes() -> Setting:
    """Return the same network and recipe on as many pictures of clothes, more of whose pixels are lit."""
    return replace(digits(), data=Clothes())


def photographs(model: Model, batch: int, precision: str = "float32") -> Setting:
    """Return a convolutional network on as many photographs as CIFAR-10 has, moved and mirrored."""
    recipe = Recipe(Adam(), Rate(1e-3), batch, steps=30_000, augment=Crops(), precision=precision)
    return Setting(Photographs(), model, recipe)


def trainer(setting: Setting, seeds: tuple[int, ...], device: str, masks: Masks | None = None) -> Trainer:
    """Return a training before its first step."""
    params, statistics = setting.initial(seeds, device=device)
    kinds = setting.kinds
    kept = masks or ones({name: params[name] for name in kinds})
    kept = {name: mask.to(device) for name, mask in kept.items()}
    none = torch.zeros(len(seeds), dtype=torch.bool, device=device)
    return Trainer(setting, seeds, "", beginning(params, statistics, kept, 0, none))


def trained_by(
    kernel: type[LiftedKernel | LoopedKernel], setting: Setting, seeds: tuple[int, ...], masks: Masks | None = None
) -> Trainer:
    """Return a training on a CPU by a kernel that trains anything, whatever the table of kernels says."""
    training = trainer(setting, seeds, "cpu", masks)
    training.use(kernel)
    return training


def steps(training: Trainer, count: int = STEPS) -> Callable[[], None]:
    """Return what takes so many steps, without evaluations."""
    at = [0]

    def run() -> None:
        training.take(at[0], at[0] + count)
        at[0] += count

    return run


def advancing(training: Trainer) -> Callable[[], None]:
    """Return what takes as many steps as lie between two tests, evaluations included."""
    recipe = training.setting.recipe
    return partial(each, [partial(training.advance, recipe.steps)] * (recipe.test_every // recipe.segment))


def each(parts: Sequence[Callable[[], object]]) -> None:
    """Do one after the other."""
    for part in parts:
        part()
