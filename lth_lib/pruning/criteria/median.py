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
        return {name: _distances(weight, subject.masks[name]) for name, weight in subject.weights.items()}


def _distances(weight: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return for each weight [R, *shape] the sum of the distances of its row to all rows that are still there."""
    rows, there = (weight * mask).double().flatten(2), mask.flatten(2).any(2)
    # Exact, and row by row: by products of all rows at once small distances would be lost in rounding.
    found = torch.stack(
        [
            torch.stack([(own[kept] - row).norm(dim=1).sum() for row in own])
            for own, kept in zip(rows, there, strict=True)
        ]
    )
    return found.view(*found.shape, *[1] * (weight.dim() - 2)).expand(weight.shape)
