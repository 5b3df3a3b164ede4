"""Movement: what grows away from zero is kept."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.forward.scored import Scored


@dataclass(frozen=True)
class Movement(Scored):
    """Movement pruning: a score gathers how its weight moves away from zero (Sanh, Wolf & Rush 2020).

    Weights are trained where they are seen, and all scores, whose gradient is w dL/d(w m). A forward knows no step, so
    each layer has its density from the first on, where the paper lowers it from 1. Scores therefore begin at the sizes
    of the weights, with magnitude's mask, and not at 0, where equal ones would leave the choice to their order. They
    take the recipe's learning rate, for which the paper has one of its own.
    """

    def begun(self, name: str, weight: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
        """Return the sizes of the weights."""
        return weight.abs()

    def worth(self, score: torch.Tensor) -> torch.Tensor:
        """Return the score itself: one that falls below zero is worth less than none."""
        return score

    def trains(self, name: str) -> bool:
        """Say yes."""
        return True
