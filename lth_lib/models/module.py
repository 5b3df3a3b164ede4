"""A network that is written as a torch module of one's own."""

from __future__ import annotations

import functools
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from lth_lib.models.built import built, check, kept
from lth_lib.models.model import BatchNorm, Layer, Model, Shape, Start
from lth_lib.replicates import Tree, others_stream
from lth_lib.spec import require

NORMS = (nn.LayerNorm, nn.RMSNorm)
"""Modules whose `weight` is a scale, though it may have several axes."""

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
"""Modules whose `weight` has its inputs along the first axis."""


@dataclass(frozen=True)
class Module(Model, ABC):
    """Any torch module, made by `build`: what a class of one's own inherits from.

    Its matrices and kernels, parameters named `weight` of two axes or more but for those of norms, may be pruned; the
    last of them is of kind "out", others are "fc" or "conv", and all transposed convolutions "transposed". A warning
    names other parameters of two axes or more: they stay dense. It begins as torch initialises it, under a seed of
    ours. What draws at random while it computes, such as dropout, is refused: its draws could not be repeated. The
    text of one's own classes among its modules is in the digest, as that of `build` is.
    """

    @abstractmethod
    def build(self) -> nn.Module:
        """Return the module, newly initialised."""

    def made_of(self) -> tuple[type, ...]:
        """Return the classes of its modules."""
        return tuple(dict.fromkeys(type(one) for one in built(self).modules()))

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return a layer for each weight that may be pruned, in the module's order."""
        return _layers(self)

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return the module's own initialisation, drawn under a seed from a stream."""
        known = _skeleton(self)
        with others_stream(seed, "init", salt):
            module = self.build()
        same = [*map(type, module.modules())] == [*map(type, known.modules())]  # a cell that is run again makes others
        require(
            same or replace(self).digest == self.digest,
            f"A class that {type(self).__name__} builds with was edited after it was named; make it and its runs anew.",
        )
        params = {name: value.detach().numpy().copy() for name, value in module.named_parameters()}
        return params, {name: value.detach().numpy().copy() for name, value in module.named_buffers()}

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Call the module with these parameters, and with copies of its buffers, which it may move."""
        buffers = {name: value.clone() for name, value in norm.statistics.items()}
        module = _skeleton(self).train(norm.training)
        for one, own in _momenta(self):  # to measure statistics is to move them all the way
            one.momentum = norm.momentum if norm.momentum != BatchNorm.momentum else own
        out = torch.func.functional_call(module, {**p, **buffers}, (x,))
        norm.moved = buffers
        return out

    def kept(self) -> dict[str, Any]:
        """Return the numbers, texts and tensors that its modules hold beside parameters and buffers, by name."""
        return kept(_skeleton(self))


@functools.cache
def _skeleton(model: Module) -> nn.Module:
    """Return the module whose parameters are replaced at each call; raises `SpecError` for one that cannot be repeated.

    It is the same in every process: what `build` draws beside the parameters comes from a stream, and is refused.
    """
    module = built(model)
    check(model, module)
    return module


@functools.cache
def _momenta(model: Module) -> list[tuple[nn.modules.batchnorm._BatchNorm, float | None]]:
    """Return the batch norms of a module, each with the momentum that it was built with."""
    kind = nn.modules.batchnorm._BatchNorm
    return [(one, one.momentum) for one in _skeleton(model).modules() if isinstance(one, kind)]


@functools.cache
def _layers(model: Module) -> tuple[Layer, ...]:
    """Return the layers whose weights may be pruned; a warning names what else has axes enough and stays dense."""
    module, name = _skeleton(model), type(model).__name__
    owners = dict(module.named_modules())
    named = {each: value for each, value in module.named_parameters() if value.dim() > 1}
    layers = {each.removesuffix(".weight"): value for each, value in named.items() if each.endswith(".weight")}
    layers = {each: value for each, value in layers.items() if not isinstance(owners[each], NORMS)}
    require(
        bool(layers),
        f"{name} builds a module in which none has a `weight` of two axes or more to prune; put a single layer into "
        "nn.Sequential.",
    )
    dense = [each for each in named if each.removesuffix(".weight") not in layers]
    if dense:
        said = f"{name} has parameters that stay dense, since none is the `weight` of a layer: {', '.join(dense)}."
        warnings.warn(said, stacklevel=2)
    kinds = [*("conv" if value.dim() > 2 else "fc" for value in layers.values())][:-1]
    return tuple(
        Layer(each, (*value.shape,), _kind(owners[each], kind), _biased(owners[each]))
        for (each, value), kind in zip(layers.items(), [*kinds, "out"], strict=True)
    )


def _kind(owner: nn.Module, kind: str) -> str:
    return "transposed" if isinstance(owner, TRANSPOSED) else kind


def _biased(owner: nn.Module) -> bool:
    return isinstance(getattr(owner, "bias", None), nn.Parameter)
