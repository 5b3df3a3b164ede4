"""Some criteria score on a batch of examples."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree
from lth_lib.spec import require

Loss = Callable[[Tree, Tree], torch.Tensor]
"""From weights and masks, as 0 and 1, to the sum of the losses of all replicates."""


@dataclass(frozen=True)
class OnBatch(Criterion, ABC):
    """Scores by what the network makes of `batch` training examples of each replicate, drawn anew in each round.

    Those of a seed and round are the same for every criterion, so that criteria differ in nothing else.
    """

    batch: int = 100

    def __post_init__(self) -> None:
        """Refuse a batch of nothing."""
        super().__post_init__()
        require(self.batch > 0, f"batch was {self.batch!r}; it is a number of examples, 1 or more.")


def loss_on(batch: int, subject: Subject, temperature: float = 1.0) -> Loss:
    """Return the loss on a batch; no replicate's depends on another's weights, so a derivative is each one's own."""
    x, y = subject.asked.examples(batch, "score", subject.round)
    return lambda weights, masks: subject.asked.loss(subject.params | weights, masks, x, y, temperature).sum()
