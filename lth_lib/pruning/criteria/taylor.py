"""Taylor: what the loss would change by without a weight, to first order."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.batch import OnBatch, loss_on
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Taylor(OnBatch):
    """(w dL/dw)^2: the square of the first-order change of the loss when w goes (Molchanov et al. 2019).

    Of a group it gives the sum of its weights' squares, one of the paper's two ways; in the other, the square of their
    sum, what one weight does may undo what another does. Squared in float64: of a trained network many squares are
    below the smallest number of float32, and would tie.
    """

    def score(self, subject: Subject) -> Tree:
        """Return (w dL/dw)^2."""
        slope = torch.func.grad(loss_on(self.batch, subject))(subject.weights, subject.factors)
        return {name: (weight * slope[name]).double().square() for name, weight in subject.weights.items()}
