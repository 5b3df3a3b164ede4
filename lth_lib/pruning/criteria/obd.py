"""Optimal Brain Damage: what the loss would change by without a weight, to second order."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.batch import OnBatch
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class OBD(OnBatch):
    """h w^2 / 2, with h the second derivative of the loss by w (LeCun, Denker & Solla 1990).

    h is the Gauss-Newton one, the mean over examples of J' (diag(p) - p p') J, with J the derivatives of the logits by
    w and p their softmax. Where a network is piecewise linear in each single weight, as with ReLU, that is the
    diagonal of the Hessian itself; the targets are not read: it is of classifiers that are trained by
    cross-entropy. In float64, where small scores would tie. It is exact on its examples, but a trained network is sure
    of most, and few give nearly all of h: it takes many.
    """

    batch: int = 1_000

    def score(self, subject: Subject) -> Tree:
        """Return h w^2 / 2."""
        x, _ = subject.asked.examples(self.batch, "score", subject.round)
        sums = subject.asked.squares(subject.params | subject.weights, subject.factors, x, _columns)
        return {n: sums[n] / self.batch * weight.double().square() / 2 for n, weight in subject.weights.items()}


def _columns(out: torch.Tensor) -> torch.Tensor:
    """Return the columns of A, [classes, B, classes], for logits [B, classes]: diag(p) - p p' = A A'."""
    require(out.dim() == 2, f"OBD scores networks whose outputs are classes; these are {list(out.shape[1:])} for each.")
    p = out.softmax(-1)
    return (torch.diag_embed(p.sqrt()) - p[..., None] * p.sqrt()[..., None, :]).movedim(-1, 0)
