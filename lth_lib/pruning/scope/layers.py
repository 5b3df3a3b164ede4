"""Groups compete within their layer, or those of all layers together."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.granularity import Sets
from lth_lib.pruning.scope.base import Scope, keep_best, left_of
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Layerwise(Scope):
    """Groups compete within their layer.

    `factors` multiply the rate of the layers that they name, by layer or by kind:
    `Layerwise((("out", 0.5),))` prunes the output layer at half the rate (Frankle & Carbin 2019).
    """

    factors: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Refuse negative factors and names given twice."""
        super().__post_init__()
        for name, factor in self.factors:
            require(factor >= 0, f"The factor of {name!r} was {factor!r}; it is 0 (never pruned) or more.")
        names = [name for name, _ in self.factors]
        require(len(names) == len(set(names)), f"factors names {names}; give each layer or kind once.")

    def keep(self, scores: Tree, sizes: Tree, kinds: dict[str, str], rate: float) -> Masks:
        """Return the groups that are left when each layer has lost its own rate of its survivors."""
        survivors = {name: size.flatten(1).sum(1) for name, size in sizes.items()}
        left = {name: left_of(held, rate * self._factor(name, kinds)) for name, held in survivors.items()}
        return {name: keep_best(score, sizes[name], left[name]) for name, score in scores.items()}

    def parts(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return one part: the whole layer."""
        return torch.zeros(shape, dtype=torch.int64)

    def _factor(self, name: str, kinds: dict[str, str]) -> float:
        factors, layer = dict(self.factors), name.removesuffix(".weight")
        return factors.get(layer, factors.get(kinds[name], 1.0))

    def check(self, sets: Sets, rate: float) -> None:
        """Raise `SpecError` for a factor of no layer, or one that makes the rate more than 1."""
        known = {name.removesuffix(".weight") for name in sets} | {one.kind for one in sets.values()}
        for name, factor in self.factors:
            require(name in known, f"A factor names {name!r}, no layer or kind of what can go: {sorted(known)}.")
            share = rate * factor
            require(share <= 1, f"{share:g} of the survivors of {name!r} were to go; it is at most 1, factor included.")


@dataclass(frozen=True)
class Global(Scope):
    """Groups of all layers compete together; `only` confines it to one kind of layer, the rest stay whole."""

    only: str = ""

    def check(self, sets: Sets, rate: float) -> None:
        """Raise `SpecError` for a kind that no layer is of."""
        known = sorted({one.kind for one in sets.values()})
        require(self.only in ("", *known), f"only was {self.only!r}; the kinds of this network are {known}.")

    def keep(self, scores: Tree, sizes: Tree, kinds: dict[str, str], rate: float) -> Masks:
        """Return the groups that are left when the layers together have lost a rate of their survivors."""
        names = [name for name in scores if self.only in ("", kinds[name])]
        joined, held = (torch.cat([tree[name].flatten(1) for name in names], 1) for tree in (scores, sizes))
        kept = keep_best(joined, held, left_of(held.sum(1), rate))
        parts = zip(names, kept.split([scores[name][0].numel() for name in names], 1), strict=True)
        whole = {name: size > 0 for name, size in sizes.items()}
        return whole | {name: part.reshape(scores[name].shape) for name, part in parts}

    def parts(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return one part: a shuffle keeps the densities of layers, though weights of all compete."""
        return torch.zeros(shape, dtype=torch.int64)
