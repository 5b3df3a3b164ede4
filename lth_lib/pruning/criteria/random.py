"""Weights are kept by chance."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree, check_salt, stream


@dataclass(frozen=True)
class Random(Criterion):
    """Scores drawn uniformly: which weights go is chance, how many is not (of units: Mittal et al. 2018).

    `salt` draws others.
    """

    salt: str = ""

    def __post_init__(self) -> None:
        """Refuse a salt that names no stream."""
        super().__post_init__()
        check_salt("salt", self.salt)

    def score(self, subject: Subject) -> Tree:
        """Return uniform numbers, from a stream of each seed, layer and round."""
        return {name: self._draw(name, weight, subject) for name, weight in subject.weights.items()}

    def _draw(self, name: str, weight: torch.Tensor, subject: Subject) -> torch.Tensor:
        rows = [stream(s, "prune", self.salt, subject.round, name).random(weight.shape[1:]) for s in subject.seeds]
        return torch.stack([torch.from_numpy(row) for row in rows]).to(weight.device)
