"""What is pruned, and what scores it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lth_lib.masks import Masks
from lth_lib.replicates import Tree
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
