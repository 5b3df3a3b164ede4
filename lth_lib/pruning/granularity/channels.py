"""Whole channels, from the side that writes them or from the side that reads them: structured pruning."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass

import torch

from lth_lib.models import Channels, Layer, between
from lth_lib.pruning.granularity.base import Granularity, Groups, Set, Sets
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Structured(Granularity, ABC):
    """Groups of many weights, scored by the mean of their survivors' scores, or by the sum.

    A scope counts weights, so what a group is worth is worth per weight: the mean, which ranks groups of all sizes
    alike. By the sum (Li et al. 2017 rank the filters of one layer so, where it is the same) a global scope empties
    the layers whose groups are small. The l2 norm ranks as the mean of squares does: it is a criterion's.
    """

    mean: bool = True

    def score(self, sums: Tree, sizes: Tree) -> Tree:
        """Return the mean or the sum of the survivors' scores."""
        return {name: value / sizes[name] for name, value in sums.items()} if self.mean else sums


@dataclass(frozen=True)
class Unit(Structured):
    """A neuron or a filter: its row of weights, its bias, its batch-norm scale and shift.

    The units of all layers that write the same channel are one group. Classes are no groups.
    """

    def sets(self, layers: tuple[Layer, ...]) -> Sets:
        """Return a set for the channels of each layer, of the kind of the first that writes them."""
        return {name: Set(one.writers[0].kind, (one.width,)) for name, one in _channels(self, layers).items()}

    def groups(self, layers: tuple[Layer, ...]) -> Groups:
        """Return the row of each entry."""
        return {name: _rows(one) for name, one in _channels(self, layers).items()}


@dataclass(frozen=True)
class Channel(Structured):
    """What reads a channel: its columns in every layer that reads it. The network's inputs are no groups."""

    def sets(self, layers: tuple[Layer, ...]) -> Sets:
        """Return a set for the channels that layers read, of the kind of the first that does."""
        return {name: Set(one.readers[0].kind, (one.width,)) for name, one in _channels(self, layers).items()}

    def groups(self, layers: tuple[Layer, ...]) -> Groups:
        """Return the channel that each weight reads."""
        return {name: _columns(one) for name, one in _channels(self, layers).items()}


def _channels(granularity: Structured, layers: tuple[Layer, ...]) -> dict[str, Channels]:
    found = between(layers)
    require(
        bool(found),
        f"{granularity} found nothing to group: no layer of {[layer.name for layer in layers]} says that it reads what "
        "another writes; a model's layers say so in `reads` and `writes`.",
    )
    return found


def _rows(channels: Channels) -> dict[str, torch.Tensor]:
    rows, out = torch.arange(channels.width), {}
    for layer in channels.writers:
        out[f"{layer.name}.weight"] = rows.view(-1, *[1] * (len(layer.shape) - 1)).expand(layer.shape)
        parts = ["bias"] * layer.bias + ["scale", "shift"] * layer.norm
        out |= {f"{layer.name}.{part}": rows for part in parts}
    return out


def _columns(channels: Channels) -> dict[str, torch.Tensor]:
    out = {}
    for layer in channels.readers:
        columns = torch.arange(channels.width).repeat_interleave(layer.shape[1] // channels.width)
        out[f"{layer.name}.weight"] = columns.view(1, -1, *[1] * (len(layer.shape) - 2)).expand(layer.shape)
    return out
