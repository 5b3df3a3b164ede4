"""SparseGPT: each weight that goes is made up for by those that come after it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.moments import damped, each, factor
from lth_lib.pruning.criteria.solver import Solver
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class SparseGPT(Solver):
    """(w / U_ww)^2, and an update of the inputs that follow (Frantar & Alistarh 2023, algorithm 1).

    U is the upper factor of Cholesky of H^-1, with H as in `OBS`: [U_cc]^2 is what an inverse has for input c when the
    inputs before it are dealt with. `solve` goes through the inputs in order, once for all outputs, where `OBS` solves
    for each output's own survivors: cheaper, and never better. In the paper masks are chosen block by block of inputs,
    from weights that are updated already; here all are scored first, as they are. In float64.
    """

    batch: int = 1_000
    damping: float = 0.01

    def __post_init__(self) -> None:
        """Refuse a damping that is none."""
        super().__post_init__()
        require(self.damping > 0, f"damping was {self.damping!r}; it is a number above 0, such as 0.01.")

    def score(self, subject: Subject) -> Tree:
        """Return (w / U_ww)^2."""
        moments = damped(subject, self.batch, self.damping)
        return {name: each(_scores, moments[name], weight.double()) for name, weight in subject.weights.items()}

    def solve(self, subject: Subject, masks: Masks) -> Tree:
        """Return the weights after the update, cast to the type of the weights."""
        weights, moments = subject.weights, damped(subject, self.batch, self.damping)
        found = {name: each(_updated, one, masks[name], weights[name].double()) for name, one in moments.items()}
        return {name: value.to(weights[name].dtype) for name, value in found.items()}


def _upper(moment: torch.Tensor) -> torch.Tensor:
    """Return U with H^-1 = U' U."""
    return factor(torch.cholesky_inverse(factor(moment))).mT


def _scores(moment: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return (weight / _upper(moment).diagonal()).square()


def _updated(moment: torch.Tensor, mask: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return weights [outputs, inputs] of which those masked are zero, each made up for by the inputs behind it."""
    upper, out = _upper(moment), weight.clone()
    for column in range(len(upper)):
        gone = out[:, column].masked_fill(mask[:, column], 0) / upper[column, column]
        out[:, column:] -= gone[:, None] * upper[column, column:]
    return out * mask
