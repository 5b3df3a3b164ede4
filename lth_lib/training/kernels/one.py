"""One replicate's loss, for the kernels that know no more of a network than that."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.models import BatchNorm
from lth_lib.replicates import Tree
from lth_lib.training.recipe import Setting


@dataclass(frozen=True)
class One:
    """The loss of one replicate under a setting's model, forward and precision; a mask is 0 and 1.

    `vmapped` says that it will be lifted by vmap.
    """

    setting: Setting
    vmapped: bool = False

    def loss(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor, y: torch.Tensor) -> tuple:
        """Return the mean loss and its penalty; beside them the loss alone and accuracy, [2], and moved statistics."""
        norm, seen = self._norm(statistics, training=True), self._seen(params, masks)
        logits = self._logits(seen, norm, x)
        task, penalty = self.setting.data.task, self.setting.recipe.penalty
        loss = task.loss(logits, y).mean()
        found = torch.stack([loss.detach(), task.right(logits, y).mean()]), norm.moved
        return loss if penalty is None else loss + penalty.of(params, seen, masks), found

    def sums(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the sums of loss and correct answers, [2], under the running statistics."""
        logits = self._logits(self._seen(params, masks), self._norm(statistics, training=False), x)
        task = self.setting.data.task
        return torch.stack([task.loss(logits, y).sum(), task.right(logits, y).sum()])

    def measured(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor) -> Tree:
        """Return the batch-norm statistics of these images alone."""
        norm = self._norm(statistics, training=True)
        norm.momentum = 1.0
        self._logits(self._seen(params, masks), norm, x)
        return norm.moved

    def _norm(self, statistics: Tree, training: bool) -> BatchNorm:
        return BatchNorm(statistics, training, mixed=not self.vmapped)

    def _seen(self, params: Tree, masks: Tree) -> Tree:
        return self.setting.recipe.forward.seen(params, masks)

    def _logits(self, seen: Tree, norm: BatchNorm, x: torch.Tensor) -> torch.Tensor:
        low = self.setting.recipe.precision == "bfloat16"
        with torch.autocast(x.device.type, torch.bfloat16, enabled=low):
            return self.setting.model.apply(seen, x, norm).float()
