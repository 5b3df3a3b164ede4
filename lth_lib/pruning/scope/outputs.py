"""The weights of one output compete with each other."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.granularity import Sets
from lth_lib.pruning.scope.base import Scope, check_single, keep_best, left_of
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class PerOutput(Scope):
    """Each output of a layer, a unit or a filter, loses the same rate of the survivors among its weights (Wanda's)."""

    def check(self, sets: Sets, rate: float) -> None:
        """Raise `SpecError` for groups of more than one weight, and for layers that do not hold outputs in rows."""
        check_single(sets, self, in_rows=True)

    def keep(self, scores: Tree, sizes: Tree, kinds: dict[str, str], rate: float) -> Masks:
        """Return the weights that are left when each output has lost a rate of its survivors."""
        return {name: self._keep(score, sizes[name], rate) for name, score in scores.items()}

    def _keep(self, scores: torch.Tensor, sizes: torch.Tensor, rate: float) -> torch.Tensor:
        rows, held = (value.flatten(2).flatten(0, 1) for value in (scores, sizes))
        return keep_best(rows, held, left_of(held.sum(1), rate)).view(scores.shape)

    def parts(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return a part for each output."""
        return torch.arange(shape[0]).view(-1, *[1] * (len(shape) - 1)).expand(shape)
