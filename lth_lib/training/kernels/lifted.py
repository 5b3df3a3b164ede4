"""The gradient of one replicate, vmapped over all."""

from __future__ import annotations

import torch

from lth_lib.data import normalise
from lth_lib.masks import Masks
from lth_lib.replicates import Tree, lift
from lth_lib.training.kernels.kernel import Evaluated, Slots, Steps, Stepwise
from lth_lib.training.kernels.one import One
from lth_lib.training.recipe import Setting


class LiftedKernel(Stepwise):
    """The gradient of one replicate, lifted to all; it works in place. Any network, any forward."""

    def __init__(self, setting: Setting, params: Tree, statistics: Tree, masks: Masks, slots: Slots) -> None:
        """Lift the gradient and the evaluation."""
        self.setting, self.params, self.statistics = setting, params, statistics
        self.factors = {name: mask.to(params[name].dtype) for name, mask in masks.items()}
        self.steps = Steps(setting, params, slots)
        one = One(setting, vmapped=True)
        self._gradient = lift(torch.func.grad(one.loss, has_aux=True))
        self._sums = lift(one.sums, in_dims=(0, 0, 0, None, None))

    def fault(self) -> str:
        """Return in a line why neither a step nor an evaluation can be lifted; empty where both can be."""
        replicates, data = len(next(iter(self.params.values()))), self.setting.data
        arrays = data.load(str(next(iter(self.params.values())).device))
        batch = slice(self.setting.recipe.batch)
        x, y = normalise(arrays.train.x[batch], arrays), arrays.train.y[batch]
        try:
            each = (tensor.expand(replicates, *tensor.shape) for tensor in (x, y))
            self._gradient(self.params, self.factors, self.statistics, *each)
            self.evaluator(self.params, self.statistics)(x, y)
        except torch.OutOfMemoryError:
            raise
        except Exception as fault:  # whatever an operation raises that has no rule for a further axis
            return " ".join(str(fault).split()).rstrip(".") or type(fault).__name__
        return ""

    def step(self, x: torch.Tensor, y: torch.Tensor, rate: float | torch.Tensor) -> torch.Tensor:
        """Take one step."""
        gradient, (watched, moved) = self._gradient(self.params, self.factors, self.statistics, x, y)
        self.steps.take(gradient, rate)
        for name, value in moved.items():
            self.statistics[name].copy_(value)
        return watched.T

    def evaluator(self, params: Tree, statistics: Tree) -> Evaluated:
        """Return the lifted evaluation of these weights."""
        return lambda x, y: self._sums(params, self.factors, statistics, x, y).T

    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Give back the slots; the rest is in place."""
        slots.update(self.steps.slots())
