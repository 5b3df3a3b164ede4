"""A network whose units are gone is a smaller network: the same function, smaller arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    alive = {name: _alive(name, channels, kept) for name, channels in between(layers).items()}
    trees = [_cut(tree, layers, alive) for tree in (params, statistics, masks)]
    smaller = [
        replace(layer, shape=tuple(trees[0][weights[layer.name]].shape)) if layer.name in weights else layer
        for layer in layers
    ]
    return Smaller(tuple(smaller), *trees)


def _row(tree: Tree, row: int) -> Tree:
    return {name: value[row] for name, value in tree.items()}


def _alive(name: str, channels: Channels, kept: Masks) -> torch.Tensor:
    """Return which channels [width] have something that writes them and something that reads them."""
    named = [f"{layer.name}.{part}" for layer in channels.writers for part in WRITING]
    written = [kept[one].reshape(channels.width, -1) for one in named if one in kept]
    read = [kept[f"{layer.name}.weight"].transpose(0, 1).reshape(channels.width, -1) for layer in channels.readers]
    alive = torch.cat(written, 1).any(1) & torch.cat(read, 1).any(1)
    require(bool(alive.any()), f"No channel of {name!r} is both written and read: nothing would be left; prune less.")
    return alive


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
