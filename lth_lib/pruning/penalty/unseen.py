"""What the loss does not see is drawn towards zero."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.models import Layer
from lth_lib.pruning.penalty.base import Penalty
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Unseen(Penalty):
    """Half the sum of squares of the weights that the loss does not see: SR-STE's term (Zhou et al. 2021).

    Its gradient is strength * (1 - m) w, which an adaptive optimiser scales as it does the loss's (the paper's is SGD).
    Of a ticket there are none: what is masked is zero.
    """

    strength: float = 2e-4

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Accept any."""

    def of(self, params: Tree, seen: Tree, masks: Tree) -> torch.Tensor:
        """Return strength/2 * sum ((1 - m) w)^2."""
        # What is seen is the weight itself or zero; its own gradient, straight through, would cancel the weight's.
        squares = [(params[name] - seen[name].detach()).square().sum() for name in masks]
        return self.strength / 2 * torch.stack(squares).sum()
