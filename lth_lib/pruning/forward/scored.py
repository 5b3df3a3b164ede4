"""Learned masks: each weight has a score, and those of the largest are seen."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.forward.base import Forward
from lth_lib.pruning.granularity import Granularity, Weight
from lth_lib.pruning.scope import Layerwise, Scope
from lth_lib.pruning.scope.base import largest
from lth_lib.replicates import Tree
from lth_lib.spec import added, require

SCORE = ".score"


@dataclass(frozen=True)
class Scored(Forward, ABC):
    """Each layer keeps the weights of the largest scores, which are trained straight through the choice.

    `density` is what each layer keeps of its weights, but for those that `densities` names, which keep another share;
    what is masked from the start is never kept.
    """

    remasks: ClassVar[bool] = True
    density: float = 0.5
    densities: tuple[tuple[str, float], ...] = added(())

    def __post_init__(self) -> None:
        """Refuse a density that is none."""
        super().__post_init__()
        for density in (self.density, *dict(self.densities).values()):
            require(0 < density <= 1, f"density was {density!r}; it is kept weights over all, above 0 to 1.")

    @property
    def groups(self) -> tuple[Granularity, Scope]:
        """Single weights, which compete within their layer."""
        return Weight(), Layerwise()

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Raise `SpecError` for a density of no layer."""
        known = {layer.name for layer in layers if layer.weighted}
        strange = sorted({*dict(self.densities)} - known)
        require(not strange, f"densities names {strange}, no layers of this network: {sorted(known)}.")

    def share(self, name: str) -> float:
        """Return what is kept of a weight, by the parameter's name."""
        return dict(self.densities).get(name.removesuffix(".weight"), self.density)

    @abstractmethod
    def begun(self, name: str, weight: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
        """Return the scores [R, *shape] with which the weights [R, *shape] of a layer begin."""

    @abstractmethod
    def worth(self, score: torch.Tensor) -> torch.Tensor:
        """Return by what scores are ranked; its gradient is that of the mask."""

    def beside(self, masked: Tree, seeds: tuple[int, ...]) -> Tree:
        """Return a score for each weight."""
        weights = {name: value for name, value in masked.items() if value.dim() > 2}  # biases may be masked too
        return {f"{name}{SCORE}": self.begun(name, weight, seeds) for name, weight in weights.items()}

    def seen(self, params: Tree, masks: Tree) -> Tree:
        """Return the weights, times 1 where the score is among the largest, with the gradient of its worth."""
        out = _network(params)
        return out | {
            name: out[name] * self._chosen(name, params.get(name + SCORE), mask) for name, mask in masks.items()
        }

    def _chosen(self, name: str, score: torch.Tensor | None, mask: torch.Tensor) -> torch.Tensor:
        if score is None:
            return mask
        worth = self.worth(score)
        # In this order the difference is exactly zero, and 1 stays 1.
        return self._keep(name, score.detach(), mask) + (worth - worth.detach()) * mask

    def _keep(self, name: str, score: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return 1 for the floor(density * n + 1/2) largest scores of a layer; of equal ones the first stay."""
        ranked = self.worth(score).masked_fill(mask == 0, -torch.inf).flatten()
        among = largest(ranked, math.floor(self.share(name) * ranked.numel() + 0.5))
        return among.to(score.dtype).reshape(score.shape) * mask

    def leaves(self, params: Tree, masks: Masks) -> tuple[Tree, Masks]:
        """Return the weights without their scores, and the masks that keep the largest scores."""
        return _network(params), {
            name: self._left(name, params.get(name + SCORE), mask) for name, mask in masks.items()
        }

    def _left(self, name: str, scores: torch.Tensor | None, mask: torch.Tensor) -> torch.Tensor:
        if scores is None:
            return mask
        rows = [self._keep(name, score, kept) for score, kept in zip(scores, mask.to(scores.dtype), strict=True)]
        return torch.stack(rows) > 0


def _network(params: Tree) -> Tree:
    return {name: value for name, value in params.items() if not name.endswith(SCORE)}
