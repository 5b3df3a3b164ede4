"""The forward of a ticket: weights times their masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.forward.base import Forward
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Masked(Forward):
    """w * m: a pruned weight contributes nothing, and by the chain rule receives no gradient."""

    remasks: ClassVar[bool] = False

    @property
    def groups(self) -> None:
        """None: it leaves the masks that it began with."""
        return None

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Accept any."""

    def seen(self, params: Tree, masks: Tree) -> Tree:
        """Return the parameters, the masked ones multiplied by their masks."""
        return {name: value * masks[name] if name in masks else value for name, value in params.items()}

    def beside(self, masked: Tree, seeds: tuple[int, ...]) -> Tree:
        """Return nothing."""
        return {}

    def trains(self, name: str) -> bool:
        """Say yes."""
        return True

    def leaves(self, params: Tree, masks: Masks) -> tuple[Tree, Masks]:
        """Return both."""
        return params, masks
