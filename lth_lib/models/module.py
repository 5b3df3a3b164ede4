"""A network that is written as a torch module of one's own."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass

import torch
from torch import nn

from lth_lib.models.model import BatchNorm, Layer, Model, Shape, Start
from lth_lib.replicates import Tree, torch_stream
from lth_lib.spec import refuse, require

CHANCE = (nn.modules.dropout._DropoutNd, nn.RReLU, nn.FractionalMaxPool2d, nn.FractionalMaxPool3d)
"""Modules that draw at random for themselves."""


@dataclass(frozen=True)
class Module(Model, ABC):
    """Any torch module, made by `build`: what a class of one's own inherits from.

    Its matrices and kernels, parameters named `weight` of two axes or more, may be pruned; the last of them is of kind
    "out", others are "fc" or "conv". It begins as torch initialises it, under a seed of ours. What draws at random
    while it computes, such as dropout, is refused by name: its draws could not be repeated.
    """

    @abstractmethod
    def build(self) -> nn.Module:
        """Return the module, newly initialised."""

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return a layer for each weight that may be pruned, in the module's order."""
        module = _skeleton(self)
        found = [(n, w) for n, w in module.named_parameters() if n.endswith(".weight") and w.dim() > 1]
        require(
            bool(found),
            f"{type(self).__name__} builds a module in which none has a `weight` of two axes or more to prune; put a "
            "single layer into nn.Sequential.",
        )
        kinds = ["conv" if weight.dim() > 2 else "fc" for _, weight in found[:-1]] + ["out"]
        names = [name.removesuffix(".weight") for name, _ in found]
        biased = {name.removesuffix(".bias") for name, _ in module.named_parameters() if name.endswith(".bias")}
        return tuple(
            Layer(name, tuple(weight.shape), kind, bias=name in biased)
            for name, (_, weight), kind in zip(names, found, kinds, strict=True)
        )

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return the module's own initialisation, drawn under a seed from a stream."""
        _check(self, shape)
        with torch_stream(seed, "init", salt):
            module = self.build()
        params = {name: value.detach().numpy().copy() for name, value in module.named_parameters()}
        return params, {name: value.detach().numpy().copy() for name, value in module.named_buffers()}

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Call the module with these parameters, and with copies of its buffers, which it may move."""
        buffers = {name: value.clone() for name, value in norm.statistics.items()}
        out = torch.func.functional_call(_skeleton(self).train(norm.training), {**p, **buffers}, (x,))
        norm.moved = buffers
        return out


@functools.cache
def _skeleton(model: Module) -> nn.Module:
    """Return the module whose parameters are replaced at each call; raises `SpecError` if one in it draws at random."""
    module = model.build()
    if not isinstance(module, nn.Module):
        refuse(f"{type(model).__name__}.build returned {type(module).__name__}; it returns a torch.nn.Module.")
    drawing = [(name, one) for name, one in module.named_modules() if isinstance(one, CHANCE)]
    _refuse(model, [f"{name} ({type(one).__name__})" for name, one in drawing if getattr(one, "p", None) != 0])
    return module


@functools.cache
def _check(model: Module, shape: Shape) -> None:
    """Raise `SpecError` if the module draws at random in a way that no module of it says."""
    module, drawing = _skeleton(model).train(), []
    for kind in (torch.float32, torch.int64):
        with torch_stream(0, "check"), torch.no_grad(), suppress(Exception):  # what it takes shows in training
            before = torch.get_rng_state()
            module(torch.zeros((2, *shape), dtype=kind))
            drawing = [] if torch.equal(torch.get_rng_state(), before) else ["something in its forward"]
            break
    _refuse(model, drawing)


def _refuse(model: Module, chance: list[str]) -> None:
    require(
        not chance,
        f"{type(model).__name__} has {', '.join(chance)} that draws at random while it computes, so that its training "
        "could not be repeated; leave that out.",
    )
