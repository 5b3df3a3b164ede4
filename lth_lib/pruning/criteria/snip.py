"""SNIP: how much the loss feels that a weight is there."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.batch import OnBatch, loss_on
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class SNIP(OnBatch):
    """The connection sensitivity |dL/dm| = |w dL/d(wm)|, on one batch (Lee, Ajanthan & Torr 2019).

    The paper divides it by its sum, which changes no order.
    """

    def score(self, subject: Subject) -> Tree:
        """Return |dL/dm| at the masks as they are."""
        loss = loss_on(self.batch, subject)
        slope = torch.func.grad(loss, argnums=1)(subject.weights, subject.factors)
        return {name: slope[name].abs() for name in subject.weights}
