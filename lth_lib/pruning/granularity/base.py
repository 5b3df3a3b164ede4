"""A granularity says which weights go together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.spec import Spec


@dataclass(frozen=True)
class Granularity(Spec, ABC):
    """Pools the scores of weights into scores of groups, and spreads what is kept back over the weights."""

    @abstractmethod
    def pool(self, scores: Tree) -> Tree:
        """Return the score of each group, [R, *groups], from those of its weights, [R, *shape]."""

    @abstractmethod
    def spread(self, kept: Masks) -> Masks:
        """Return masks [R, *shape] from the groups that are kept, [R, *groups]."""


@dataclass(frozen=True)
class Weight(Granularity):
    """Every weight is a group of its own: unstructured pruning."""

    def pool(self, scores: Tree) -> Tree:
        """Return the scores."""
        return scores

    def spread(self, kept: Masks) -> Masks:
        """Return the masks."""
        return kept
