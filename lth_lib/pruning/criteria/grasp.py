"""GraSP: what a weight does for the flow of the gradient."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.batch import OnBatch, loss_on
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class GraSP(OnBatch):
    """w (H g), with g and H the gradient and Hessian of the loss by the weights (Wang, Zhang & Grosse 2020).

    Without w the gradient's squared norm changes by -2 w (H g), to first order: what would lower it is kept, what
    would raise it goes. The logits are divided by `temperature`, as in the paper; it takes ten examples of each class
    where here `batch` are drawn from all.
    """

    temperature: float = 200.0

    def __post_init__(self) -> None:
        """Refuse a temperature that is none."""
        super().__post_init__()
        require(self.temperature > 0, f"temperature was {self.temperature!r}; it is a number above 0.")

    def score(self, subject: Subject) -> Tree:
        """Return w (H g)."""
        loss, masks = loss_on(self.batch, subject, self.temperature), subject.factors
        gradient = torch.func.grad(loss)
        held = gradient(subject.weights, masks)

        def along(weights: Tree) -> torch.Tensor:
            moved = gradient(weights, masks)
            return torch.stack([(moved[name] * value).sum() for name, value in held.items()]).sum()

        flow = torch.func.grad(along)(subject.weights)
        return {name: weight * flow[name] for name, weight in subject.weights.items()}
