"""Edge-popup: masks are learned, weights are not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from lth_lib.pruning.forward.scored import SCORE, Scored
from lth_lib.replicates import stream


@dataclass(frozen=True)
class Popup(Scored):
    """Edge-popup: weights stay as they began, and each layer keeps those of the largest scores (Ramanujan et al. 2020).

    Only the scores are trained: the gradient of a score's size is that of the mask.
    """

    def begun(self, name: str, weight: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
        """Return scores drawn by a stream of each seed and layer, as wide as its weights are."""
        wide = 1 / math.sqrt(weight[0, 0].numel())
        rows = [stream(seed, "popup", name).normal(0, wide, weight.shape[1:]) for seed in seeds]
        return torch.from_numpy(np.stack(rows)).to(weight)

    def worth(self, score: torch.Tensor) -> torch.Tensor:
        """Return its size."""
        return score.abs()

    def trains(self, name: str) -> bool:
        """Say whether it is a score."""
        return name.endswith(SCORE)
