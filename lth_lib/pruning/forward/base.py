"""From parameters and masks to the parameters that the network uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.granularity import Granularity
from lth_lib.pruning.scope import Scope
from lth_lib.replicates import Tree
from lth_lib.spec import Spec


@dataclass(frozen=True)
class Forward(Spec, ABC):
    """Maps one replicate's parameters and masks to the parameters that the network uses.

    `remasks` says whether it leaves other masks than it began with.
    """

    remasks: ClassVar[bool]

    @property
    @abstractmethod
    def groups(self) -> tuple[Granularity, Scope] | None:
        """What stays or goes as a whole in the masks that it leaves, and what competes; None where that has no name."""

    @abstractmethod
    def check(self, layers: tuple[Layer, ...]) -> None:
        """Raise `SpecError` unless a network of such layers can be used so."""

    @abstractmethod
    def seen(self, params: Tree, masks: Tree) -> Tree:
        """Return the parameters the loss sees; masks are given as 0 and 1 in the parameters' own type."""

    @abstractmethod
    def beside(self, masked: Tree, seeds: tuple[int, ...]) -> Tree:
        """Return what is trained beside the parameters, [R, ...], given those that have masks, [R, *shape]."""

    @abstractmethod
    def trains(self, name: str) -> bool:
        """Say whether a parameter, or what is beside them, is trained."""

    @abstractmethod
    def leaves(self, params: Tree, masks: Masks) -> tuple[Tree, Masks]:
        """Return the network's parameters, [R, ...], and the masks [R, *shape] of what the loss sees of them."""
