"""Sparse training: what goes grows elsewhere, so that layers keep their counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics.base import Dynamics
from lth_lib.pruning.scope.base import keep_best, left_of
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Regrowing(Dynamics, ABC):
    """Drops a share of each layer's survivors, the smallest, and grows as many among all that are then gone.

    Among those are the ones just dropped, as in both papers: one that grows again was never gone, and keeps its value
    and its past. All others that grow begin at zero (Evci et al. 2020).
    """

    fraction: float = 0.3

    def __post_init__(self) -> None:
        """Refuse a fraction that replaces nothing."""
        super().__post_init__()
        require(
            0 < self.fraction < 1,
            f"fraction was {self.fraction!r}; it is dropped weights over a layer's survivors, between 0 and 1.",
        )

    @abstractmethod
    def share(self, step: int) -> float:
        """Return the fraction of a layer's survivors that is replaced after `step` steps."""

    @abstractmethod
    def promise(self, subject: Subject, step: int) -> Tree:
        """Return a score [R, *shape] for each weight: of those that are gone the highest grow."""

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Accept any: which layers have something gone is known when masks are."""

    def replace(self, begun: Masks, subject: Subject, step: int) -> Masks:
        """Return masks with the counts of the present ones; raises `SpecError` where nothing is gone."""
        sparse = any(not bool(subject.masks[name].all()) for name in subject.weights)
        require(
            sparse,
            f"{type(self).__name__} grows weights that are gone, and this network is dense; begin with masks, such as "
            "Ticket(Pruned(...)).",
        )
        promise, share = self.promise(subject, step), self.share(step)
        sizes = {name: weight.abs() for name, weight in subject.weights.items()}
        return subject.masks | {
            name: regrown(size, subject.masks[name], promise[name], share) for name, size in sizes.items()
        }


def regrown(size: torch.Tensor, mask: torch.Tensor, promise: torch.Tensor, share: float) -> torch.Tensor:
    """Return a mask [R, *shape] with the counts of another, a share of whose survivors is replaced.

    floor(share x survivors + 1/2) of the smallest go, of equal ones the last; of equal promises the first grow.
    """
    held = mask.flatten(1).sum(1)
    left = left_of(held, share)
    kept = keep_best(size, mask, left)
    return kept | keep_best(promise, ~kept, held - left)
