"""What a layer reads, by its second moments, and what some of its weights do in place of others."""

from __future__ import annotations

from collections.abc import Callable

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.replicates import Tree
from lth_lib.spec import require


def damped(subject: Subject, batch: int, damping: float) -> Tree:
    """Return H of each layer, the mean of x x' over what it reads, [R, inputs, inputs] in float64.

    `damping` adds so much of the mean of its diagonal to each entry of that, since inputs that are never lit, or fewer
    examples than inputs, leave H singular; of what reads nothing but zeros, H is the identity.
    """
    x, _ = subject.asked.examples(batch, "score", subject.round)
    found = subject.asked.moments(subject.params | subject.weights, subject.factors, x)
    return {name: torch.stack([_damped(one, damping) for one in found[name]]) for name in subject.weights}


def _damped(moment: torch.Tensor, damping: float) -> torch.Tensor:
    added = damping * moment.diagonal().mean()
    return moment + torch.where(added == 0, 1.0, added) * torch.eye(len(moment)).to(moment)


def each(function: Callable[..., torch.Tensor], moment: torch.Tensor, *tensors: torch.Tensor) -> torch.Tensor:
    """Return what a function of matrices says of each replicate's, as [R, *shape]: a row of weights is an output's."""
    flat = [tensor.flatten(2) for tensor in tensors]
    rows = [function(*own) for own in zip(moment, *flat, strict=True)]
    return torch.stack(rows).view(tensors[0].shape)


def factor(moment: torch.Tensor) -> torch.Tensor:
    """Return Cholesky's factor of H; of what is not finite, as of a replicate that diverged, NaN."""
    lower, failed = torch.linalg.cholesky_ex(moment)
    finite = bool(moment.isfinite().all())
    require(not failed or not finite, "The inputs of a layer are too alike for this damping; give it more.")
    return lower if finite else torch.full_like(lower, torch.nan)
