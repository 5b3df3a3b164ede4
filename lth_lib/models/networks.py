"""The networks of the literature: LeNet-300-100, Conv-2/4/6, ResNet-20 and VGG-19."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F

from lth_lib.models.channels import chained
from lth_lib.models.model import BatchNorm, Layer, Model, Shape, Start, conv, dense, drawn, vectors
from lth_lib.replicates import Tree
from lth_lib.spec import added, require


def _check_widths(hidden: tuple[int, ...]) -> None:
    some = len(hidden) > 0 and all(n > 0 for n in hidden)
    require(some, f"hidden was {hidden!r}; it is a tuple of positive widths, such as (300, 100).")


def _check_side(model: Model, shape: Shape, side: int = 1) -> None:
    images = len(shape) == 3
    require(images, f"{model} was given inputs of shape {shape}; it takes images of shape (C, H, W).")
    fits = min(shape[1:]) >= side
    require(fits, f"{model} on images of {shape} leaves none of their pixels; they have {side} or more on each side.")


@dataclass(frozen=True)
class LeNet(Model):
    """Fully connected layers with ReLU between them; (300, 100) on MNIST is LeNet-300-100.

    With `norm` each hidden layer is normalised over the batch, in place of a bias.
    """

    hidden: tuple[int, ...] = (300, 100)
    norm: bool = added(False)

    def __post_init__(self) -> None:
        """Refuse widths that are no network."""
        super().__post_init__()
        _check_widths(self.hidden)

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return fc1, fc2, ..., out."""
        widths = (int(np.prod(shape)), *self.hidden)
        bias = not self.norm
        hidden = (Layer(f"fc{i}", (b, a), "fc", bias, self.norm) for i, (a, b) in enumerate(pairwise(widths), 1))
        return chained(*hidden, Layer("out", (classes, widths[-1]), "out"))

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return Glorot's weights."""
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Return the logits of images flattened to vectors."""
        x = x.flatten(1)
        for i in range(1, len(self.hidden) + 1):
            x = dense(p, f"fc{i}", x)
            x = torch.relu(norm(p, f"fc{i}", x) if self.norm else x)
        return dense(p, "out", x)


@dataclass(frozen=True)
class Conv(Model):
    """Pairs of 3x3 convolutions, each pair max-pooled, then fully connected layers of 256 and 256.

    `Conv(1)`, `Conv(2)` and `Conv(3)` are the Conv-2, Conv-4 and Conv-6 of Frankle & Carbin 2019. The convolutions of
    the first pair have so many `filters`, those of each further one twice as many.
    """

    pairs: int = 1
    hidden: tuple[int, ...] = (256, 256)
    filters: int = added(64)

    def __post_init__(self) -> None:
        """Refuse a number of pairs or filters that is no network of the paper's kind."""
        super().__post_init__()
        require(self.pairs in (1, 2, 3), f"pairs was {self.pairs!r}; it is 1, 2 or 3: Conv-2, Conv-4 or Conv-6.")
        require(self.filters > 0, f"filters was {self.filters!r}; it is 1 or more, in the paper 64.")
        _check_widths(self.hidden)

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return conv1, conv2, ..., fc1, fc2, out."""
        _check_side(self, shape, 2**self.pairs)
        widths = [shape[0], *(self.filters * 2**pair for pair in range(self.pairs) for _ in (0, 1))]
        convs = [Layer(f"conv{i}", (widths[i], widths[i - 1], 3, 3), "conv") for i in range(1, len(widths))]
        side = 2**self.pairs
        flat = (widths[-1], shape[1] // side, shape[2] // side)
        return chained(*convs, *LeNet(self.hidden).layers(flat, classes))

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return Glorot's weights."""
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Return the logits: convolve twice and pool, as often as there are pairs; then the dense layers."""
        for i in range(self.pairs):
            x = torch.relu(conv(p, f"conv{2 * i + 1}", x))
            # ReLU never changes which is the largest, and there is a quarter to do after pooling.
            x = torch.relu(F.max_pool2d(conv(p, f"conv{2 * i + 2}", x), 2))
        return LeNet(self.hidden).apply(p, vectors(x), norm)


def _normed(name: str, width: int, inputs: int, reads: str = "", writes: str = "") -> Layer:
    return Layer(name, (width, inputs, 3, 3), "conv", False, True, reads, writes)


@dataclass(frozen=True)
class ResNet(Model):
    """The residual network for CIFAR of He et al. 2016: 6 n + 2 layers; n = 3 is ResNet-20.

    Where the width changes, the shortcut is a 1x1 convolution of kind "shortcut". Frankle & Carbin
    call it ResNet-18.
    """

    n: int = 3

    widths: ClassVar[tuple[int, ...]] = (16, 32, 64)

    def __post_init__(self) -> None:
        """Refuse a depth that is none."""
        super().__post_init__()
        require(self.n > 0, f"n was {self.n!r}; it is the blocks per stage, 1 or more.")

    def blocks(self) -> list[tuple[str, int, int, int]]:
        """Return (name, width in, width out, stride) of each residual block."""
        out, inputs = [], self.widths[0]
        for stage, width in enumerate(self.widths, 1):
            for i in range(self.n):
                out.append((f"stage{stage}.{i + 1}", inputs, width, 2 if stage > 1 and i == 0 else 1))
                inputs = width
        return out

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return conv1, the blocks' a, b and shortcut, and out; what is added in a stage are the stage's channels."""
        _check_side(self, shape)
        layers, read = [_normed("conv1", self.widths[0], shape[0], writes="stage1")], "stage1"
        for name, inputs, width, _ in self.blocks():
            stage = name.partition(".")[0]
            layers.append(_normed(f"{name}.a", width, inputs, read))
            layers.append(_normed(f"{name}.b", width, width, f"{name}.a", stage))
            if inputs != width:
                one = (width, inputs, 1, 1)
                layers.append(Layer(f"{name}.shortcut", one, "shortcut", False, True, read, stage))
            read = stage
        return (*layers, Layer("out", (classes, self.widths[-1]), "out", reads=read))

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return Glorot's weights."""
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Return the logits of the mean over the last feature maps."""
        x = torch.relu(norm(p, "conv1", conv(p, "conv1", x)))
        for name, inputs, width, stride in self.blocks():
            y = torch.relu(norm(p, f"{name}.a", conv(p, f"{name}.a", x, stride)))
            y = norm(p, f"{name}.b", conv(p, f"{name}.b", y))
            shortcut = f"{name}.shortcut"
            x = torch.relu(y + (norm(p, shortcut, conv(p, shortcut, x, stride)) if inputs != width else x))
        return dense(p, "out", x.mean((2, 3)))


@dataclass(frozen=True)
class VGG(Model):
    """VGG-19 for CIFAR (Simonyan & Zisserman 2015): 16 convolutions with batch norm, one linear layer."""

    plan: ClassVar[tuple[tuple[int, int], ...]] = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return conv1 to conv16 and out."""
        _check_side(self, shape, 2 ** (len(self.plan) - 1))
        widths = [shape[0], *(width for count, width in self.plan for _ in range(count))]
        convs = [_normed(f"conv{i}", widths[i], widths[i - 1]) for i in range(1, len(widths))]
        return chained(*convs, Layer("out", (classes, widths[-1]), "out"))

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return Glorot's weights."""
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Return the logits: max-pooled after each group but the last, which is averaged."""
        i = 0
        for group, (count, _) in enumerate(self.plan):
            for _ in range(count):
                i += 1
                x = torch.relu(norm(p, f"conv{i}", conv(p, f"conv{i}", x)))
            if group < len(self.plan) - 1:
                x = F.max_pool2d(x, 2)
        return dense(p, "out", x.mean((2, 3)))
