"""Sparse evolutionary training: what grows is chance."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics.regrowing import Regrowing
from lth_lib.replicates import Tree, stream


@dataclass(frozen=True)
class SET(Regrowing):
    """Sparse evolutionary training: the same fraction at each replacement, grown at random (Mocanu et al. 2018)."""

    def share(self, step: int) -> float:
        """Return the fraction."""
        return self.fraction

    def promise(self, subject: Subject, step: int) -> Tree:
        """Return uniform numbers, from a stream of each seed, layer and step."""
        return {name: self._draw(name, weight, subject.seeds, step) for name, weight in subject.weights.items()}

    def _draw(self, name: str, weight: torch.Tensor, seeds: tuple[int, ...], step: int) -> torch.Tensor:
        rows = [stream(seed, "grow", name, step).random(weight.shape[1:]) for seed in seeds]
        return torch.stack([torch.from_numpy(row) for row in rows]).to(weight.device)
