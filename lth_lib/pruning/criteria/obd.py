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
    cross-entropy. In float64, where small scores would tie.
    """

    def score(self, subject: Subject) -> Tree:
        """Return h w^2 / 2."""
        x, _ = subject.asked.examples(self.batch, "score", subject.round)
        sums = {name: torch.zeros_like(weight, dtype=torch.float64) for name, weight in subject.weights.items()}
        for one in range(self.batch):  # each example alone: what is squared is its own derivative
            for name, square in _squares(subject, x[:, one : one + 1]).items():
                sums[name] += square
        return {n: total / self.batch * subject.weights[n].double().square() / 2 for n, total in sums.items()}


def _squares(subject: Subject, x: torch.Tensor) -> Tree:
    """Return h [R, *shape] of one example of each replicate, x [R, 1, ...]."""

    def logits(weights: Tree) -> torch.Tensor:
        return subject.asked.output(subject.params | weights, subject.factors, x)

    out, pull = torch.func.vjp(logits, subject.weights)[:2]
    require(out.dim() == 3, f"OBD scores networks whose outputs are classes; these are {list(out.shape[2:])} for each.")
    p = out.softmax(-1)
    # diag(p) - p p' = A A' with A = diag(sqrt p) - p sqrt(p)': one derivative for each column of A.
    columns = torch.diag_embed(p.sqrt()) - p[..., :, None] * p.sqrt()[..., None, :]
    found = torch.func.vmap(lambda column: pull(column)[0])(columns.movedim(-1, 0))
    return {name: slope.double().square().sum(0) for name, slope in found.items()}
