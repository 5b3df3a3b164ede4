"""A scope says which groups compete."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, require


@dataclass(frozen=True)
class Scope(Spec, ABC):
    """Chooses, from scores, which survivors stay when a rate of them goes."""

    @abstractmethod
    def check(self, kinds: dict[str, str], rate: float) -> None:
        """Raise `SpecError` if a network with layers of these kinds cannot lose this rate."""

    @abstractmethod
    def keep(self, scores: Tree, masks: Masks, kinds: dict[str, str], rate: float) -> Masks:
        """Return the new masks [R, *shape], a subset of `masks`."""


@dataclass(frozen=True)
class Layerwise(Scope):
    """Weights compete within their layer.

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

    def keep(self, scores: Tree, masks: Masks, kinds: dict[str, str], rate: float) -> Masks:
        """Return the masks in which each layer has lost its own rate of its survivors."""
        self.check(kinds, rate)
        return {name: _keep_best(scores[name], masks[name], rate * self._factor(name, kinds)) for name in masks}

    def _factor(self, name: str, kinds: dict[str, str]) -> float:
        factors, layer = dict(self.factors), name.removesuffix(".weight")
        return factors.get(layer, factors.get(kinds[name], 1.0))

    def check(self, kinds: dict[str, str], rate: float) -> None:
        """Raise `SpecError` for a factor of no layer, or one that makes the rate more than 1."""
        known = {name.removesuffix(".weight") for name in kinds} | set(kinds.values())
        for name, factor in self.factors:
            require(name in known, f"A factor names {name!r}, no layer or kind of this network: {sorted(known)}.")
            share = rate * factor
            require(share <= 1, f"{share:g} of the survivors of {name!r} were to go; it is at most 1, factor included.")


@dataclass(frozen=True)
class Global(Scope):
    """Weights of all layers compete together; `only` confines it to one kind of layer, the rest stay whole."""

    only: str = ""

    def check(self, kinds: dict[str, str], rate: float) -> None:
        """Raise `SpecError` for a kind that no layer is of."""
        known = sorted(set(kinds.values()))
        require(self.only in ("", *known), f"only was {self.only!r}; the kinds of this network are {known}.")

    def keep(self, scores: Tree, masks: Masks, kinds: dict[str, str], rate: float) -> Masks:
        """Return the masks that have lost a rate of the survivors of all the layers together."""
        self.check(kinds, rate)
        names = [name for name in masks if self.only in ("", kinds[name])]
        joined = torch.cat([scores[name].flatten(1) for name in names], 1)
        alive = torch.cat([masks[name].flatten(1) for name in names], 1)
        parts = _keep_best(joined, alive, rate).split([masks[name][0].numel() for name in names], 1)
        return masks | {name: part.reshape(masks[name].shape) for name, part in zip(names, parts, strict=True)}


def _keep_best(scores: torch.Tensor, mask: torch.Tensor, rate: float) -> torch.Tensor:
    """Return `mask` [R, *shape] less the floor(rate x survivors + 1/2) lowest scores of each replicate.

    Counts are exact and of ranks, never of a threshold; of equal scores the lower index stays.
    """
    alive = mask.flatten(1)
    # A survivor whose score is not a number ranks last among the survivors, and before what is already gone.
    ranked = scores.flatten(1).nan_to_num(torch.finfo(scores.dtype).min).masked_fill(~alive, -torch.inf)
    index = ranked.sort(dim=1, descending=True, stable=True).indices
    survivors = alive.sum(1).tolist()
    left = [n - math.floor(rate * n + 0.5) for n in survivors]
    kept = torch.arange(alive.shape[1], device=mask.device) < torch.tensor(left, device=mask.device)[:, None]
    return torch.zeros_like(alive).scatter_(1, index, kept).reshape(mask.shape)
