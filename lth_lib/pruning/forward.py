"""A forward says what weights the loss sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lth_lib.replicates import Tree
from lth_lib.spec import Spec


@dataclass(frozen=True)
class Forward(Spec, ABC):
    """Maps one replicate's parameters and masks to the parameters that the network uses."""

    @abstractmethod
    def seen(self, params: Tree, masks: Tree) -> Tree:
        """Return the parameters the loss sees; masks are given as 0 and 1 in the parameters' own type."""


@dataclass(frozen=True)
class Masked(Forward):
    """w * m: a pruned weight contributes nothing, and by the chain rule receives no gradient."""

    def seen(self, params: Tree, masks: Tree) -> Tree:
        """Return the parameters, the masked ones multiplied by their masks."""
        return {name: value * masks[name] if name in masks else value for name, value in params.items()}
