"""What a network is: a list of layers, and a function of their parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lth_lib.replicates import Tree, stack, stream
from lth_lib.spec import Spec, require

Shape = tuple[int, ...]

Shapes = dict[str, Shape]
"""The shape of each parameter that may have a mask, by name."""

Start = tuple[dict[str, Any], dict[str, Any]]
"""One replicate's parameters and running statistics, as numpy arrays by name."""


@dataclass(frozen=True)
class Layer:
    """A layer: its name, the shape of its weight, and its kind; of one axis it is a layer norm, without weights.

    The kind ("conv", "fc", "out", "shortcut") is what a scope chooses by. `bias` and `norm` say
    whether a bias follows, or a batch normalisation. `reads` and `writes` name the channels of its inputs (none:
    they are the network's) and of its outputs (its own name, unless layers whose outputs are added share them).
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    bias: bool = True
    norm: bool = False
    reads: str = ""
    writes: str = ""

    @property
    def weighted(self) -> bool:
        """Whether it has weights that may be pruned; a layer norm has only a scale and a shift of its one axis."""
        return len(self.shape) > 1

    def __post_init__(self) -> None:
        """Name the channels that no other layer writes."""
        object.__setattr__(self, "writes", self.writes or self.name)


@dataclass(frozen=True)
class Model(Spec, ABC):
    """A network for one replicate: a list of layers, and a function of their parameters."""

    @abstractmethod
    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return the layers for inputs of a shape, such as images [C, H, W], and so many classes, input first."""

    @abstractmethod
    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return one replicate's initial parameters and running statistics, as arrays; mostly `drawn(layers, ...)`."""

    @abstractmethod
    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Return the outputs [B, ...] of inputs x [B, ...], such as the logits [B, classes] of images [B, C, H, W].

        `norm` normalises over the batch.
        """

    def kept(self) -> dict[str, Any]:
        """Return what it holds beside parameters and statistics, by name: to compute is not to change it."""
        return {}

    def kinds(self, shape: Shape, classes: int) -> dict[str, str]:
        """Return the kind of each weight by its parameter's name."""
        return {f"{layer.name}.weight": layer.kind for layer in self.layers(shape, classes) if layer.weighted}


def shapes(layers: tuple[Layer, ...]) -> Shapes:
    """Return the shapes of all that may have masks: weights, biases, scales and shifts."""
    out: Shapes = {}
    for layer in layers:
        normed = layer.norm or not layer.weighted
        parts = ["bias"] * layer.bias + ["scale", "shift"] * normed
        out |= {f"{layer.name}.weight": layer.shape} if layer.weighted else {}
        out |= {f"{layer.name}.{part}": layer.shape[:1] for part in parts}
    return out


def check_layers(layers: tuple[Layer, ...], of: str) -> None:
    """Raise `SpecError` unless these can be the layers of a network, which is described in a few words."""
    names = [layer.name for layer in layers]
    require(len(names) > 0, f"{of} has no layers; a network has one or more.")
    require(len(names) == len(set(names)), f"{of} has the layers {names}; each has a name of its own.")
    for layer in layers:
        require("/" not in layer.name, f"{of} has a layer {layer.name!r}; a name may hold any sign but '/'.")
        some = len(layer.shape) > 0 and all(size > 0 for size in layer.shape)
        require(
            some, f"{of} would have weights of shape {layer.shape} in {layer.name}; give it more, or larger images."
        )


class BatchNorm:
    """Batch normalisation of one replicate, whose running statistics are an argument and a result.

    In training it normalises by the batch and leaves the moved statistics in `moved`; otherwise it
    normalises by the statistics it was given, so nothing leaks between replicates or from scoring.
    Statistics are float32. `mixed`: torch's operator may take x of lower precision beside them; vmapped it does not.
    """

    momentum, epsilon = 0.1, 1e-5

    def __init__(self, statistics: Tree, training: bool, mixed: bool = True) -> None:
        """Begin with running statistics, `NAME.mean` and `NAME.var`."""
        self.statistics, self.training, self.mixed = statistics, training, mixed
        self.moved = dict(statistics)

    def __call__(self, p: Tree, name: str, x: torch.Tensor) -> torch.Tensor:
        """Normalise x [B, C] or [B, C, H, W] over all but C, then scale and shift."""
        keys = mean, var = f"{name}.mean", f"{name}.var"
        if self.training:  # torch moves what it is given, so it is given copies
            self.moved |= {key: self.statistics[key].clone() for key in keys}
        given = (
            x if self.mixed else x.float(),
            self.moved[mean],
            self.moved[var],
            p[f"{name}.scale"],
            p[f"{name}.shift"],
        )
        return F.batch_norm(*given, self.training, self.momentum, self.epsilon).to(x.dtype)


def dense(p: Tree, name: str, x: torch.Tensor) -> torch.Tensor:
    """Return x [B, in] times the layer's weight [out, in], plus its bias."""
    return F.linear(x, p[f"{name}.weight"], p.get(f"{name}.bias"))


def conv(p: Tree, name: str, x: torch.Tensor, stride: int = 1) -> torch.Tensor:
    """Return x [B, C, H, W] convolved with the layer's weight, padded to keep its size."""
    weight = p[f"{name}.weight"]
    return F.conv2d(x, weight, p.get(f"{name}.bias"), stride=stride, padding=weight.shape[-1] // 2)


def vectors(x: torch.Tensor) -> torch.Tensor:
    """Return images x [B, C, H, W] as vectors [B, C * H * W]: `flatten`, whose gradient comes back channels last."""
    # As `flatten` sends it back, pooling takes five times as long to pass it on.
    batch, channels = x.shape[:2]
    pixels = x.movedim(1, -1).reshape(-1, channels)
    return pixels.reshape(batch, -1, channels).transpose(1, 2).flatten(1)


def initial(
    model: Model, shape: Shape, classes: int, seeds: tuple[int, ...], salt: str = "", device: str = "cpu"
) -> tuple[Tree, Tree]:
    """Return the initial parameters and running statistics of each seed, [R, ...].

    Another `salt` gives another initialisation of the same seeds.
    """
    params, statistics = zip(*(model.start(shape, classes, seed, salt) for seed in seeds), strict=True)
    return stack(params, device), stack(statistics, device)


def drawn(layers: tuple[Layer, ...], seed: int, salt: str) -> Start:
    """Return Gaussian Glorot weights (Glorot & Bengio 2010: variance 2 / (fan in + fan out)), biases zero."""
    return _parameters(layers, seed, salt), _statistics(layers)


def glorot(layer: Layer) -> float:
    """Return the standard deviation of a layer's initial weights."""
    field = int(np.prod(layer.shape[2:]))
    return np.sqrt(2.0 / ((layer.shape[1] + layer.shape[0]) * field))


def _parameters(layers: tuple[Layer, ...], seed: int, salt: str) -> dict[str, Any]:
    """Draw one replicate's parameters, each layer from a stream of its own."""
    out: dict[str, Any] = {}
    for layer in layers:
        width = layer.shape[0]
        if layer.weighted:
            draw = stream(seed, "init", salt, layer.name).standard_normal(layer.shape, dtype=np.float32)
            out[f"{layer.name}.weight"] = draw * np.float32(glorot(layer))
        if layer.bias:
            out[f"{layer.name}.bias"] = np.zeros(width, np.float32)
        if layer.norm or not layer.weighted:
            out[f"{layer.name}.scale"] = np.ones(width, np.float32)
            out[f"{layer.name}.shift"] = np.zeros(width, np.float32)
    return out


def _statistics(layers: tuple[Layer, ...]) -> dict[str, Any]:
    """Return the running mean 0 and variance 1 of each batch normalisation."""
    out: dict[str, Any] = {}
    for layer in layers:
        if layer.norm:
            out[f"{layer.name}.mean"] = np.zeros(layer.shape[0], np.float32)
            out[f"{layer.name}.var"] = np.ones(layer.shape[0], np.float32)
    return out
