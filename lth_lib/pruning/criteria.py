"""A criterion scores weights; higher is kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.replicates import Tree, check_salt, stream
from lth_lib.spec import Spec


@dataclass(frozen=True)
class Subject:
    """What is pruned: the weights [R, *shape] and their masks, the kind of each layer, the seeds, the round."""

    weights: Tree
    masks: Masks
    kinds: dict[str, str]
    seeds: tuple[int, ...]
    round: int = 0


@dataclass(frozen=True)
class Criterion(Spec, ABC):
    """Scores the weights of a subject; among the survivors the highest scores are kept."""

    @abstractmethod
    def score(self, subject: Subject) -> Tree:
        """Return a score [R, *shape] for each weight of the subject."""


@dataclass(frozen=True)
class Magnitude(Criterion):
    """The absolute value of the weight (Frankle & Carbin 2019; Han et al. 2015)."""

    def score(self, subject: Subject) -> Tree:
        """Return |w|."""
        return {name: weight.abs() for name, weight in subject.weights.items()}


@dataclass(frozen=True)
class Random(Criterion):
    """Scores drawn uniformly: which weights go is chance, how many is not. `salt` draws others."""

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
