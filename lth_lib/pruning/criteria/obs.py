"""Optimal Brain Surgeon: what it costs a layer to lose a weight, when the others make up for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.solver import Solver
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class OBS(Solver):
    """w^2 / (2 [H^-1]_ww), layer by layer (Hassibi & Stork 1993; Dong, Chen & Pan 2017).

    H is the mean of x x' over what the layer reads, so that (w' - w)' H (w' - w) is the squared error of one of its
    outputs: scores are exact for one weight that goes. Whatever goes, `solve` gives the survivors of each output that
    are best, H_ss w'_s = H_s w, all at once; biases stay. What a layer reads is that of the network before it is
    pruned. `damping` adds so much of the mean of H's diagonal to each entry of it, since inputs that are never lit, or
    fewer examples than inputs, leave H singular (Frantar & Alistarh 2023, who take a hundredth). In float64.
    """

    batch: int = 1_000
    damping: float = 0.01

    def __post_init__(self) -> None:
        """Refuse a damping that is none."""
        super().__post_init__()
        require(self.damping > 0, f"damping was {self.damping!r}; it is a number above 0, such as 0.01.")

    def score(self, subject: Subject) -> Tree:
        """Return w^2 / (2 [H^-1]_ww), with H among the weights of the same output that are still there."""
        moments = self._moments(subject)
        inverse = {name: _each(_inverse, moment, subject.masks[name]) for name, moment in moments.items()}
        return {name: subject.weights[name].double().square() / (2 * inverse[name]) for name in inverse}

    def solve(self, subject: Subject, masks: Masks) -> Tree:
        """Return the survivors that leave the least error, cast to the type of the weights."""
        weights, moments = subject.weights, self._moments(subject)
        found = {name: _each(_best, one, masks[name], weights[name].double()) for name, one in moments.items()}
        return {name: value.to(weights[name].dtype) for name, value in found.items()}

    def _moments(self, subject: Subject) -> Tree:
        """Return the damped H of each layer, [R, inputs, inputs]; of what reads nothing but zeros, the identity."""
        x, _ = subject.asked.examples(self.batch, "score", subject.round)
        found = subject.asked.moments(subject.params | subject.weights, subject.factors, x)
        return {name: torch.stack([self._damped(one) for one in found[name]]) for name in subject.weights}

    def _damped(self, moment: torch.Tensor) -> torch.Tensor:
        added = self.damping * moment.diagonal().mean()
        return moment + torch.where(added == 0, 1.0, added) * torch.eye(len(moment)).to(moment)


def _each(function: Callable[..., torch.Tensor], moment: torch.Tensor, *tensors: torch.Tensor) -> torch.Tensor:
    """Return what a function of matrices says of each replicate's, as [R, *shape]: a row of weights is an output's."""
    flat = [tensor.flatten(2) for tensor in tensors]
    rows = [function(*own) for own in zip(moment, *flat, strict=True)]
    return torch.stack(rows).view(tensors[0].shape)


def _inverse(moment: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the diagonal of [H_ss]^-1 for the survivors of each row of a mask [outputs, inputs]; elsewhere 1."""
    patterns, which = mask.unique(dim=0, return_inverse=True)  # one, where the mask is dense
    out = torch.ones(patterns.shape, dtype=moment.dtype, device=moment.device)
    for row, kept in zip(out, patterns, strict=True):
        row[kept] = torch.cholesky_inverse(_factor(moment[kept][:, kept])).diagonal()
    return out[which]


def _best(moment: torch.Tensor, mask: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return H_ss^-1 H_s w for the survivors of each row of a mask [outputs, inputs]; elsewhere zero."""
    out = torch.zeros_like(weight)
    for row, kept, own in zip(out, mask, weight, strict=True):
        wanted = moment[kept] @ own
        row[kept] = torch.cholesky_solve(wanted[:, None], _factor(moment[kept][:, kept]))[:, 0]
    return out


def _factor(moment: torch.Tensor) -> torch.Tensor:
    """Return Cholesky's factor of H; of what is not finite, as of a replicate that diverged, NaN."""
    lower, failed = torch.linalg.cholesky_ex(moment)
    finite = bool(moment.isfinite().all())
    require(not failed or not finite, "The inputs of a layer are too alike for the damping of OBS; give it more.")
    return lower if finite else torch.full_like(lower, torch.nan)
