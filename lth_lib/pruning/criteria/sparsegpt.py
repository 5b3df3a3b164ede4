"""SparseGPT: each weight that goes is made up for by those that come after it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.moments import ByMoments, damped, each, factor
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class SparseGPT(ByMoments):
    """(w / U_ww)^2, and an update of the inputs that follow (Frantar & Alistarh 2023, algorithm 1).

    U is the upper factor of Cholesky of H^-1, with H as in `OBS`: [U_cc]^2 is what an inverse has for input c when the
    inputs before it are dealt with. `solve` goes through the inputs in order, once for all outputs, where `OBS` solves
    for each output's own survivors: cheaper, and never better. In the paper masks are chosen block by block of inputs,
    from weights that are updated already; here all are scored first, as they are. In float64.
    """

    def score(self, subject: Subject) -> Tree:
        """Return (w / U_ww)^2."""
        moments = damped(subject, self.batch, self.damping)
        return {name: each(_scores, moments[name], weight.double()) for name, weight in subject.weights.items()}

    def solved(self, moment: torch.Tensor, mask: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Return the weights after the update."""
        return _updated(moment, mask, weight)


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
