"""What is added to the loss that is trained, and to no loss that is measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch

from lth_lib.models import Layer
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, require


@dataclass(frozen=True)
class Penalty(Spec, ABC):
    """Adds `strength` times something of one replicate's parameters to the loss of each batch."""

    strength: float

    def __post_init__(self) -> None:
        """Refuse what is no penalty."""
        super().__post_init__()
        require(self.strength > 0, f"strength was {self.strength!r}; it is what a penalty is multiplied by, above 0.")

    @abstractmethod
    def check(self, layers: tuple[Layer, ...]) -> None:
        """Raise `SpecError` for a network of which there is nothing to penalise."""

    @abstractmethod
    def of(self, params: Tree, seen: Tree, masks: Tree) -> torch.Tensor:
        """Return the penalty, of no axis; masks are given as 0 and 1, and `seen` is what the loss sees."""
