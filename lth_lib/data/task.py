"""A task says what an output has lost, and how right it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from lth_lib.spec import Spec

UNASKED = -1
"""The target of a position that is not asked."""


@dataclass(frozen=True)
class Task(Spec, ABC):
    """From outputs [B, ..., classes] and targets [B, ...] to a number for each example.

    Targets are whole numbers, 0 to the data set's `classes` less one; so many outputs stand for each.
    """

    @abstractmethod
    def loss(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the loss [B]."""

    @abstractmethod
    def right(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return how right each output is, from 0 to 1, [B]: what is called accuracy."""


@dataclass(frozen=True)
class Classification(Task):
    """Logits [B, classes] and labels [B]: cross-entropy, and whether the largest logit is the label's."""

    def loss(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the cross-entropy [B]."""
        return cross_entropy(output, y)

    def right(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return 1 where the largest logit is the label's, else 0, [B]."""
        return (output.argmax(1) == y).to(output.dtype)


@dataclass(frozen=True)
class NextToken(Task):
    """Logits [B, T, classes] and the token that follows each position, [B, T], -1 where it is not asked."""

    def loss(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy of the positions that are asked, [B]."""
        return _mean(cross_entropy(output, y.clamp_min(0)), y)

    def right(self, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the share of the positions that are asked whose largest logit is the next token's, [B]."""
        return _mean((output.argmax(-1) == y).to(output.dtype), y)


def cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the loss [...] of logits [..., classes] and labels [...]."""
    # The same bits as picking with `gather`, whose gradient scatters, which a GPU cannot do in one order in a graph.
    others = y[..., None] != torch.arange(logits.shape[-1], device=y.device)
    return -F.log_softmax(logits, -1).masked_fill(others, 0).sum(-1)


def _mean(values: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    asked = (y != UNASKED).to(values.dtype)
    return (values * asked).sum(1) / asked.sum(1).clamp_min(1)
