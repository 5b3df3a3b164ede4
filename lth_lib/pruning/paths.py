"""What is kept tells something only on a path of kept weights from a network's inputs to its outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Paths:
    """What of each replicate is on some path of kept weights from the network's inputs to its outputs.

    `inputs` [R, in] are the network's, `units` [R, width] those between its layers, by the channels' name; `weights`
    counts each layer's, [R], by its name, and `density` [R] is all of them over all weights, kept or not: the effective
    density of Vysogorets & Kempe 2023. A unit that no kept weight enters is on none, whatever its bias: it tells
    nothing of the input.
    """

    inputs: torch.Tensor
    units: Masks
    weights: dict[str, np.ndarray]
    density: np.ndarray


def paths(layers: tuple[Layer, ...], masks: Masks) -> Paths:
    """Return what is on paths through masks [R, *shape]; raises `SpecError` for layers that do not say what they read.

    Layers are passed in their order, so that channels to which several add are read as those before have left them.
    """
    check_linked(layers)
    links = {layer.name: _links(masks[f"{layer.name}.weight"]) for layer in layers}
    entering, leading = _entering(layers, links), _leading(layers, links)
    counts = {layer.name: entering[layer.name] * leading[layer.name] for layer in layers}
    units: Masks = {}
    for layer in layers[:-1]:
        units[layer.writes] = units.get(layer.writes, torch.tensor(False)) | (counts[layer.name] > 0)
    weights = {name: count.double().sum(1).cpu().numpy() for name, count in counts.items()}
    total = sum(masks[f"{layer.name}.weight"][0].numel() for layer in layers)
    return Paths(leading[""] > 0, units, weights, np.sum([*weights.values()], axis=0) / total)


def _links(mask: torch.Tensor) -> torch.Tensor:
    """Return how many weights are kept from each input to each unit, [R, out, in]; float32 counts so far exactly."""
    return mask.float() if mask.dim() == 3 else mask.float().flatten(3).sum(3)


def check_linked(layers: tuple[Layer, ...]) -> None:
    """Raise `SpecError` unless all but the first read what was written, and what all but the last write is read."""
    for i, layer in enumerate(layers):
        before, after = {one.writes for one in layers[:i]}, {one.reads for one in layers[i + 1 :]}
        reads = layer.reads in before if i else not layer.reads
        written = layer.writes in after or i + 1 == len(layers)
        require(
            layer.weighted and reads and written,
            f"{layer.name} reads {layer.reads!r} and writes {layer.writes!r}; paths are known where each layer has "
            "weights, reads what one before it writes, and writes what one after it reads.",
        )


def _entering(layers: tuple[Layer, ...], links: Tree) -> Tree:
    """Return how many kept weights [R, out] enter each layer's units from what depends on the network's inputs."""
    reached: Tree = {}
    out: Tree = {}
    for layer in layers:
        link = links[layer.name]
        own = reached[layer.reads] if layer.reads else torch.ones_like(link[:, 0])
        own = own.repeat_interleave(link.shape[2] // own.shape[1], 1)  # of flattened maps, all of a channel's
        out[layer.name] = torch.bmm(link, own.unsqueeze(2)).squeeze(2)
        written = (out[layer.name] > 0).float()
        reached[layer.writes] = torch.maximum(reached.get(layer.writes, written), written)
    return out


def _leading(layers: tuple[Layer, ...], links: Tree) -> Tree:
    """Return for each layer's units [R, out], and under "" for the inputs [R, in], 1 if they lead to outputs, else 0.

    Of channels to which several layers add, each has its own: only what comes after it reads what it has written.
    """
    widths = {layer.writes: links[layer.name].shape[1] for layer in layers} | {"": links[layers[0].name].shape[2]}
    found: Tree = {layers[-1].writes: torch.ones_like(links[layers[-1].name][:, :, 0])}
    out: Tree = {}
    for layer in reversed(layers):
        own = out[layer.name] = found[layer.writes]
        through = torch.bmm(own.unsqueeze(1), links[layer.name]).squeeze(1)
        read = (through.unflatten(1, (widths[layer.reads], -1)).sum(2) > 0).float()
        found[layer.reads] = torch.maximum(found.get(layer.reads, read), read)
    return out | {"": found[""]}
