"""Optimal Brain Surgeon: what it costs a layer to lose a weight, when the others make up for it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.moments import ByMoments, damped, each, factor
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class OBS(ByMoments):
    """w^2 / (2 [H^-1]_ww), layer by layer (Hassibi & Stork 1993; Dong, Chen & Pan 2017).

    H is the mean of x x' over what the layer reads, so that (w' - w)' H (w' - w) is the squared error of one of its
    outputs: scores are exact for one weight that goes. Whatever goes, `solve` gives the survivors of each output that
    are best, H_ss w'_s = H_s w, all at once; biases stay. What a layer reads is that of the network before it is
    pruned; where it is pruned in rounds, the next one scores what is solved so far. H is damped by a share of its
    diagonal's mean (Frantar & Alistarh 2023, who take a hundredth). In float64.
    """

    def score(self, subject: Subject) -> Tree:
        """Return w^2 / (2 [H^-1]_ww), with H among the weights of the same output that are still there."""
        moments = damped(subject, self.batch, self.damping)
        inverse = {name: each(_inverse, moment, subject.masks[name]) for name, moment in moments.items()}
        return {name: subject.weights[name].double().square() / (2 * inverse[name]) for name in inverse}

    def solved(self, moment: torch.Tensor, mask: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Return the survivors that leave the least error."""
        return _best(moment, mask, weight)


def _inverse(moment: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the diagonal of [H_ss]^-1 for the survivors of each row of a mask [outputs, inputs]; elsewhere 1."""
    patterns, which = mask.unique(dim=0, return_inverse=True)  # one, where the mask is dense
    out = torch.ones(patterns.shape, dtype=moment.dtype, device=moment.device)
    for row, kept in zip(out, patterns, strict=True):
        row[kept] = torch.cholesky_inverse(factor(moment[kept][:, kept])).diagonal()
    return out[which]


def _best(moment: torch.Tensor, mask: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return H_ss^-1 H_s w for the survivors of each row of a mask [outputs, inputs]; elsewhere zero."""
    out = torch.zeros_like(weight)
    for row, kept, own in zip(out, mask, weight, strict=True):
        wanted = moment[kept] @ own
        row[kept] = torch.cholesky_solve(wanted[:, None], factor(moment[kept][:, kept]))[:, 0]
    return out
