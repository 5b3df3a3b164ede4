"""Units that others could stand in for go first."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class GeometricMedian(Criterion):
    """How far a unit's weights are from those of all other units of its layer, summed (He et al. 2019).

    Small near the layer's geometric median, where others say the same. A score of units: each of a unit's weights has
    it, so that their mean, by which `Unit()` scores, is it too.
    """

    def score(self, subject: Subject) -> Tree:
        """Return the summed distance of the unit that a weight is of."""
        kept = {name: weight.masked_fill(~subject.masks[name], 0) for name, weight in subject.weights.items()}
        return {name: _distances(weight) for name, weight in kept.items()}


def _distances(weight: torch.Tensor) -> torch.Tensor:
    """Return for each weight [R, *shape] the sum of the distances of its row to all rows."""
    rows = weight.double().flatten(2)
    # Exact, and row by row: by products of all rows at once small distances would be lost in rounding.
    found = torch.stack([torch.stack([(own - row).norm(dim=1).sum() for row in own]) for own in rows])
    return found.view(*found.shape, *[1] * (weight.dim() - 2)).expand(weight.shape)
