"""Network slimming: a unit matters as much as the scale of the normalisation behind it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.models import between
from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Slimming(Criterion):
    """|scale| of the batch normalisation behind a unit, for each of its weights (Liu et al. 2017).

    Of an output layer, whose classes are no units that could go, it is the weight's own size. A score of units: see
    `GeometricMedian`. In the paper an L1 penalty on the scales, while the network is trained, makes most of them small.
    """

    def score(self, subject: Subject) -> Tree:
        """Return the size of the scale of the unit that a weight is of."""
        bare = [one.name for of in between(subject.layers).values() for one in of.writers if not one.norm]
        require(
            not bare,
            f"Slimming scores units by the scale of the batch norm behind them, which {', '.join(bare)} have not; "
            "choose a network that has, such as LeNet(norm=True), or another criterion, such as Squared.",
        )
        return {name: self._scaled(name, weight, subject.params) for name, weight in subject.weights.items()}

    def _scaled(self, name: str, weight: torch.Tensor, params: Tree) -> torch.Tensor:
        scale = params.get(f"{name.removesuffix('.weight')}.scale")
        if scale is None:
            return weight.abs()
        return scale.abs().view(*scale.shape, *[1] * (weight.dim() - 2)).expand(weight.shape)
