"""What a layer reads, by its second moments, and what some of its weights do in place of others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.solver import Solver
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


@dataclass(frozen=True)
class ByMoments(Solver, ABC):
    """Solves for the weights of each layer by the damped second moments of what it reads, in float64."""

    batch: int = 1_000
    damping: float = 0.01

    def __post_init__(self) -> None:
        """Refuse a damping that is none."""
        super().__post_init__()
        require(self.damping > 0, f"damping was {self.damping!r}; it is a number above 0, such as 0.01.")

    def solve(self, subject: Subject, masks: Masks) -> Tree:
        """Return the weights that stay, cast to the type of the weights."""
        weights, moments = subject.weights, damped(subject, self.batch, self.damping)
        found = {name: each(self.solved, one, masks[name], weights[name].double()) for name, one in moments.items()}
        return {name: value.to(weights[name].dtype) for name, value in found.items()}

    @abstractmethod
    def solved(self, moment: torch.Tensor, mask: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Return one replicate's weights [outputs, inputs], zero where masked, from H [inputs, inputs]."""
