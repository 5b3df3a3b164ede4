"""The rigged lottery: what grows is what the loss asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics.regrowing import Regrowing
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class RigL(Regrowing):
    """The rigged lottery: grows the weights of the largest gradient, ever fewer until `until` (Evci et al. 2020).

    It is the gradient by all weights, those that are gone included, where they stand: at zero. Each replacement takes
    it on `batch` training examples of its own, in evaluation mode.
    """

    batch: int = 100

    def __post_init__(self) -> None:
        """Refuse a batch of nothing."""
        super().__post_init__()
        require(self.batch > 0, f"batch was {self.batch!r}; it is a number of examples, 1 or more.")

    def share(self, step: int) -> float:
        """Return the fraction, which falls along a cosine from its whole at the beginning to 0 at `until`."""
        return self.fraction / 2 * (1 + math.cos(math.pi * step / self.until))

    def promise(self, subject: Subject, step: int) -> Tree:
        """Return the size of the gradient of the loss by the dense weights."""
        x, y = subject.asked.examples(self.batch, "grow", step)
        every = {name: torch.ones_like(factor) for name, factor in subject.factors.items()}

        def loss(weights: Tree) -> torch.Tensor:
            return subject.asked.loss(subject.params | weights, every, x, y).sum()

        return {name: slope.abs() for name, slope in torch.func.grad(loss)(subject.weights).items()}
