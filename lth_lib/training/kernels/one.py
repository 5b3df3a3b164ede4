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
        """Return the mean loss; beside it loss and accuracy, [2], and the moved statistics."""
        norm = self._norm(statistics, training=True)
        logits = self._logits(params, masks, norm, x)
        task = self.setting.data.task
        loss = task.loss(logits, y).mean()
        return loss, (torch.stack([loss.detach(), task.right(logits, y).mean()]), norm.moved)

    def sums(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the sums of loss and correct answers, [2], under the running statistics."""
        logits = self._logits(params, masks, self._norm(statistics, training=False), x)
        task = self.setting.data.task
        return torch.stack([task.loss(logits, y).sum(), task.right(logits, y).sum()])

    def measured(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor) -> Tree:
        """Return the batch-norm statistics of these images alone."""
        norm = self._norm(statistics, training=True)
        norm.momentum = 1.0
        self._logits(params, masks, norm, x)
        return norm.moved

    def _norm(self, statistics: Tree, training: bool) -> BatchNorm:
        return BatchNorm(statistics, training, mixed=not self.vmapped)

    def _logits(self, params: Tree, masks: Tree, norm: BatchNorm, x: torch.Tensor) -> torch.Tensor:
        recipe = self.setting.recipe
        low = recipe.precision == "bfloat16"
        with torch.autocast(x.device.type, torch.bfloat16, enabled=low):
            return self.setting.model.apply(recipe.forward.seen(params, masks), x, norm).float()
