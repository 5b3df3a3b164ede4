"""Wanda: how much a weight adds to its output."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.batch import OnBatch
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Wanda(OnBatch):
    """|w| times the root mean square of what it is multiplied with (Sun et al. 2024).

    In the paper the weights of one output compete, and nothing is trained afterwards: the scope `PerOutput`.
    """

    batch: int = 1_000

    def score(self, subject: Subject) -> Tree:
        """Return |w| times the norm of its input, over the examples."""
        x, _ = subject.asked.examples(self.batch, "score", subject.round)
        moments = subject.asked.moments(subject.params | subject.weights, subject.factors, x)
        return {name: self._times(weight, moments[name]) for name, weight in subject.weights.items()}

    def _times(self, weight: torch.Tensor, moment: torch.Tensor) -> torch.Tensor:
        """Return the score of weights [R, *shape], given the second moments [R, inputs, inputs] of what they read."""
        norms = moment.diagonal(dim1=1, dim2=2).sqrt()
        return (weight.abs().double().flatten(2) * norms[:, None]).view(weight.shape)
