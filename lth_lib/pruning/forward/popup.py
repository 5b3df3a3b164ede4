"""Edge-popup: masks are learned, weights are not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from lth_lib.masks import Masks
from lth_lib.pruning.forward.base import Forward
from lth_lib.pruning.granularity import Granularity, Weight
from lth_lib.pruning.scope import Layerwise, Scope
from lth_lib.replicates import Tree, stream
from lth_lib.spec import require

SCORE = ".score"


@dataclass(frozen=True)
class Popup(Forward):
    """Edge-popup: weights stay as they began, and each layer keeps those of the largest scores (Ramanujan et al. 2020).

    Only the scores are trained, straight through the choice: the gradient of a score's size is that of the mask.
    `density` is what each layer keeps of its weights; what is masked from the start is never kept.
    """

    remasks: ClassVar[bool] = True
    groups: ClassVar[tuple[Granularity, Scope] | None] = (Weight(), Layerwise())
    density: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a density that is none."""
        super().__post_init__()
        require(0 < self.density <= 1, f"density was {self.density!r}; it is kept weights over all, above 0 to 1.")

    def beside(self, masked: Tree, seeds: tuple[int, ...]) -> Tree:
        """Return a score for each weight, drawn by a stream of each seed and layer as wide as its weights are."""
        weights = {name: value for name, value in masked.items() if value.dim() > 2}  # biases may be masked too
        return {f"{name}{SCORE}": self._draw(name, weight, seeds) for name, weight in weights.items()}

    def _draw(self, name: str, weight: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
        wide = 1 / math.sqrt(weight[0, 0].numel())
        rows = [stream(seed, "popup", name).normal(0, wide, weight.shape[1:]) for seed in seeds]
        return torch.from_numpy(np.stack(rows)).to(weight)

    def trains(self, name: str) -> bool:
        """Say whether it is a score."""
        return name.endswith(SCORE)

    def seen(self, params: Tree, masks: Tree) -> Tree:
        """Return the weights, times 1 where the score is among the largest, with the gradient of the score's size."""
        out = {name: value for name, value in params.items() if not self.trains(name)}
        return out | {name: out[name] * self._chosen(params.get(name + SCORE), mask) for name, mask in masks.items()}

    def _chosen(self, score: torch.Tensor | None, mask: torch.Tensor) -> torch.Tensor:
        if score is None:
            return mask
        size = score.abs()
        # In this order the difference is exactly zero, and 1 stays 1.
        return self._keep(score.detach(), mask) + (size - size.detach()) * mask

    def _keep(self, score: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return 1 for the floor(density * n + 1/2) largest scores of a layer; of equal ones the first stay."""
        ranked = score.abs().masked_fill(mask == 0, -1).flatten()
        rank = ranked.sort(descending=True, stable=True).indices.argsort()
        among = rank < math.floor(self.density * ranked.numel() + 0.5)
        return among.to(score.dtype).reshape(score.shape) * mask

    def leaves(self, params: Tree, masks: Masks) -> tuple[Tree, Masks]:
        """Return the weights without their scores, and the masks that keep the largest scores."""
        network = {name: value for name, value in params.items() if not self.trains(name)}
        return network, {name: self._left(params.get(name + SCORE), mask) for name, mask in masks.items()}

    def _left(self, scores: torch.Tensor | None, mask: torch.Tensor) -> torch.Tensor:
        if scores is None:
            return mask
        rows = [self._keep(score, kept) for score, kept in zip(scores, mask.to(scores.dtype), strict=True)]
        return torch.stack(rows) > 0
