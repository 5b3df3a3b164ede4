"""Network slimming: channels that are not needed get a scale near zero."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.models import Layer
from lth_lib.pruning.penalty.base import Penalty
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Scales(Penalty):
    """The sum of the sizes of all batch-norm scales (Liu et al. 2017)."""

    strength: float = 1e-4

    def check(self, layers: tuple[Layer, ...]) -> None:
        """Raise `SpecError` for a network without batch norm."""
        norms = [layer.name for layer in layers if layer.norm]
        require(
            bool(norms),
            f"Scales penalises those of batch norm, which none of {[one.name for one in layers]} has; choose a network "
            "that has, such as LeNet(norm=True).",
        )

    def of(self, params: Tree, seen: Tree, masks: Tree) -> torch.Tensor:
        """Return strength * sum |scale|."""
        sizes = [value.abs().sum() for name, value in seen.items() if name.endswith(".scale")]
        return self.strength * torch.stack(sizes).sum()
