"""A network whose units are gone is a smaller network: the same function, smaller arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch

from lth_lib.masks import Masks
from lth_lib.models import Channels, Layer, between
from lth_lib.replicates import Tree
from lth_lib.spec import require

WRITING = ("weight", "bias", "scale", "shift")
"""What makes a channel's output; if all of it is zero, so is the output."""


@dataclass(frozen=True)
class Smaller:
    """One replicate of a network without the channels that are gone, none of its tensors with the axis R.

    `Model.apply(params, x, BatchNorm(statistics, training))` runs it: a network reads its widths off its parameters.
    `layers` have the shapes that are left, and `masks` say what is masked within them.
    """

    layers: tuple[Layer, ...]
    params: Tree
    statistics: Tree
    masks: Masks


def shrink(layers: tuple[Layer, ...], params: Tree, statistics: Tree, masks: Masks, row: int) -> Smaller:
    """Return a row of parameters, statistics and masks [R, ...] without the channels that are gone.

    A channel is gone if all that writes it is masked, biases, scales and shifts included: then it is zero whatever the
    image and the batch. It also is if all that reads it is masked. Raises `SpecError` where a layer has none left.
    """
    params, statistics, masks = (_row(tree, row) for tree in (params, statistics, masks))
    params = {name: value * masks[name] if name in masks else value for name, value in params.items()}
    kept = {name: masks.get(name, torch.ones_like(value, dtype=torch.bool)) for name, value in params.items()}
    weights = {layer.name: f"{layer.name}.weight" for layer in layers if layer.weighted}
    empty = [layer for layer, name in weights.items() if not kept[name].any()]
    require(
        not empty, f"No weight is left of {', '.join(empty)}: a layer of nothing cannot be made smaller; prune less."
    )
    alive = {name: own[0] for name, own in _alive(layers, {name: one[None] for name, one in kept.items()}).items()}
    for name, own in alive.items():
        require(bool(own.any()), f"No channel of {name!r} is both written and read: nothing would be left; prune less.")
    trees = [_cut(tree, layers, alive) for tree in (params, statistics, masks)]
    smaller = [
        replace(layer, shape=tuple(trees[0][weights[layer.name]].shape)) if layer.name in weights else layer
        for layer in layers
    ]
    return Smaller(tuple(smaller), *trees)


def _row(tree: Tree, row: int) -> Tree:
    return {name: value[row] for name, value in tree.items()}


def weights_left(layers: tuple[Layer, ...], masks: Masks) -> dict[str, np.ndarray]:
    """Return how many weights, kept or not, each layer of the smaller network has, [R] by name, by masks [R, *shape].

    Where a layer has lost all, `shrink` would refuse, and what is returned means nothing.
    """
    alive = {name: own.sum(1).cpu().numpy() for name, own in _alive(layers, _whole(layers, masks)).items()}
    widths = {name: one.width for name, one in between(layers).items()}
    left = {}
    for layer in (one for one in layers if one.weighted):
        out, inputs, *field = layer.shape
        columns = alive[layer.reads] * (inputs // widths[layer.reads]) if layer.reads else inputs
        count = alive.get(layer.writes, out) * columns * math.prod(field)
        left[f"{layer.name}.weight"] = np.broadcast_to(count, len(next(iter(masks.values()))))
    return left


def _whole(layers: tuple[Layer, ...], masks: Masks) -> Masks:
    """Return masks [R, ...] of all that makes a layer's output; what has none is kept."""
    out, some = {}, next(iter(masks.values()))
    for layer in layers:
        parts = {"weight": layer.weighted, "bias": layer.bias, "scale": layer.norm, "shift": layer.norm}
        for part in (part for part, there in parts.items() if there):
            name, shape = f"{layer.name}.{part}", layer.shape if part == "weight" else layer.shape[:1]
            out[name] = masks[name] if name in masks else some.new_ones(len(some), *shape)
    return out


def _alive(layers: tuple[Layer, ...], kept: Masks) -> Masks:
    """Return which channels [R, width], by name, have something that writes them and something that reads them."""
    return {name: _written(one, kept) & _read(one, kept) for name, one in between(layers).items()}


def _written(channels: Channels, kept: Masks) -> torch.Tensor:
    named = [f"{layer.name}.{part}" for layer in channels.writers for part in WRITING]
    return torch.stack([kept[one].reshape(*kept[one].shape[:2], -1).any(2) for one in named if one in kept]).any(0)


def _read(channels: Channels, kept: Masks) -> torch.Tensor:
    read = [kept[f"{layer.name}.weight"].any(1) for layer in channels.readers]
    return torch.stack([one.reshape(len(one), channels.width, -1).any(2) for one in read]).any(0)


def _cut(tree: Tree, layers: tuple[Layer, ...], alive: Masks) -> Tree:
    """Return parameters, statistics or masks without the rows and columns of channels that are gone."""
    out = dict(tree)
    for layer in layers:
        if layer.writes in alive:
            out |= {name: out[name][alive[layer.writes]] for name in out if name.rpartition(".")[0] == layer.name}
        weight = f"{layer.name}.weight"
        if layer.reads and weight in out:
            columns = alive[layer.reads]
            out[weight] = out[weight][:, columns.repeat_interleave(layer.shape[1] // len(columns))]
    return out
