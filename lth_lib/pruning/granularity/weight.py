"""Single weights: unstructured pruning."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.models import Layer
from lth_lib.pruning.granularity.base import Granularity, Groups, Set, Sets
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Weight(Granularity):
    """Every weight is a group of its own: unstructured pruning."""

    def sets(self, layers: tuple[Layer, ...]) -> Sets:
        """Return a set for each layer, whose groups lie as its weights."""
        return {f"{layer.name}.weight": Set(layer.kind, layer.shape) for layer in layers if layer.weighted}

    def groups(self, layers: tuple[Layer, ...]) -> Groups:
        """Return a number for each weight of a layer."""
        sets = self.sets(layers)
        return {name: {name: torch.arange(torch.Size(one.shape).numel()).view(one.shape)} for name, one in sets.items()}

    def score(self, sums: Tree, sizes: Tree) -> Tree:
        """Return the scores as they are."""
        return sums
