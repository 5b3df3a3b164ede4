"""A network that is written as a torch module of one's own."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

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
        module = _skeleton(self).train(norm.training)
        for one, own in _momenta(self):  # to measure statistics is to move them all the way
            one.momentum = norm.momentum if norm.momentum != BatchNorm.momentum else own
        out = torch.func.functional_call(module, {**p, **buffers}, (x,))
        norm.moved = buffers
        return out


@functools.cache
def _skeleton(model: Module) -> nn.Module:
    """Return the module whose parameters are replaced at each call; raises `SpecError` for one that cannot be repeated.

    It is the same in every process: what `build` draws beside the parameters comes from a stream, and is refused.
    """
    module, other = (_built(model, salt) for salt in ("one", "other"))
    name = type(model).__name__
    still = [each for each, value in module.named_parameters() if not value.requires_grad]
    require(not still, f"{name} has parameters that are not to be trained: {still}; register them as buffers.")
    chance = [(each, one) for each, one in module.named_modules() if isinstance(one, CHANCE)]
    said = [f"{each} ({type(one).__name__})" for each, one in chance if getattr(one, "p", None) != 0]
    said += [each for each, value in _plain(module).items() if value != _plain(other).get(each)]
    _refuse(model, said)
    return module


def _built(model: Module, salt: str) -> nn.Module:
    with torch_stream(0, "skeleton", salt):
        module = model.build()
    if not isinstance(module, nn.Module):
        refuse(f"{type(model).__name__}.build returned {type(module).__name__}; it returns a torch.nn.Module.")
    return module


@functools.cache
def _momenta(model: Module) -> list[tuple[nn.modules.batchnorm._BatchNorm, float | None]]:
    """Return the batch norms of a module, each with the momentum that it was built with."""
    kind = nn.modules.batchnorm._BatchNorm
    return [(one, one.momentum) for one in _skeleton(model).modules() if isinstance(one, kind)]


def _plain(module: nn.Module) -> dict[str, Any]:
    """Return what the modules hold beside parameters and buffers and is a number, a text or a tensor, by name."""
    found: dict[str, Any] = {}
    for name, one in module.named_modules():
        for key, value in vars(one).items():
            where = f"{name}.{key}".removeprefix(".")
            if isinstance(value, torch.Tensor):
                found[where] = value.tolist()
            elif isinstance(value, bool | int | float | str) and key != "training":
                found[where] = value
    return found


@functools.cache
def _check(model: Module, shape: Shape) -> None:
    """Raise `SpecError` if the module draws, or keeps something of what it computed, in a way that no module says."""
    module, drawing = _skeleton(model).train(), []
    held = _plain(module)
    for kind in (torch.float32, torch.int64):
        with torch_stream(0, "check"), torch.no_grad(), suppress(Exception):  # what it takes is checked with the data
            before = torch.get_rng_state()
            module(torch.zeros((2, *shape), dtype=kind))
            drawing = [] if torch.equal(torch.get_rng_state(), before) else ["something in its forward"]
            break
    _refuse(model, drawing)
    moved = [name for name, value in _plain(module).items() if value != held.get(name)]
    require(
        not moved,
        f"{type(model).__name__} changes {', '.join(moved)} while it computes, so that its replicates would not be "
        "apart; register it as a buffer.",
    )


def _refuse(model: Module, chance: list[str]) -> None:
    require(
        not chance,
        f"{type(model).__name__} has {', '.join(chance)} that draws at random while it computes or is built, so that "
        "its training could not be repeated; leave that out, or make it a parameter or a buffer.",
    )
