"""Convolutions on a CPU: one replicate after the other, channels last where that is safe."""

from __future__ import annotations

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.forward import Masked
from lth_lib.replicates import Tree
from lth_lib.training.kernels.kernel import Evaluated, Slots, Steps, Stepwise
from lth_lib.training.kernels.one import One
from lth_lib.training.recipe import Setting

BLOCK = 16
"""Channels that oneDNN's convolutions take at once, at most."""


class LoopedKernel(Stepwise):
    """Gradients one replicate at a time, one optimiser for all; it works in place. Any network, any forward.

    A convolution that is vmapped has the replicates as groups, and grouped convolutions are the slower on CPUs
    (measured: Conv-2/4/6, ResNet-20 and VGG-19; three replicates).
    """

    def __init__(self, setting: Setting, params: Tree, statistics: Tree, masks: Masks, slots: Slots) -> None:
        """Hold the tensors."""
        self.params, self.statistics = params, statistics
        factors = {name: mask.to(params[name].dtype) for name, mask in masks.items()}
        # What is masked is zero already: w * m is w, and only the gradient has to be multiplied, where it is written.
        # A penalty may ask for the masks.
        zero = type(setting.recipe.forward) is Masked and setting.recipe.penalty is None
        self.seen, self.chain = ({}, factors) if zero else (factors, {})
        self.steps = Steps(setting, params, slots, recorded=False)
        self.one = One(setting)
        # Channels last, oneDNN writes the gradient of a 1x1 convolution that strides out of bounds where it reads fewer
        # channels than are taken at once (its issue 6035).
        ones = (layer for layer in setting.layers if layer.shape[2:] == (1, 1))
        self.last = all(layer.shape[1] >= BLOCK for layer in ones)

    def step(self, x: torch.Tensor, y: torch.Tensor, rate: float | torch.Tensor) -> torch.Tensor:
        """Take one step."""
        gradient = {name: torch.empty_like(value) for name, value in self.steps.tensors.items()}
        watched = [self._gradient(row, x[row], y[row], gradient) for row in range(len(x))]
        with torch.no_grad():
            self.steps.take(gradient, rate)
        return torch.stack(watched, 1)

    def _gradient(self, row: int, x: torch.Tensor, y: torch.Tensor, into: Tree) -> torch.Tensor:
        """Write one replicate's gradient and moved statistics in place; return its loss and accuracy, [2]."""
        params = {name: value[row].detach() for name, value in self.params.items()}
        trained = {name: params[name].requires_grad_() for name in into}
        masks, statistics = (_row(tree, row) for tree in (self.seen, self.statistics))
        loss, (watched, moved) = self.one.loss(params, masks, statistics, self._ordered(x), y)
        found = torch.autograd.grad(loss, list(trained.values()), materialize_grads=True)  # a step may not use a layer
        for name, value in zip(trained, found, strict=True):
            if name in self.chain:
                torch.mul(value, self.chain[name][row], out=into[name][row])
            else:
                into[name][row] = value
        for name, value in moved.items():
            self.statistics[name][row] = value
        return watched

    def _ordered(self, x: torch.Tensor) -> torch.Tensor:
        return x.contiguous(memory_format=torch.channels_last) if self.last and x.dim() == 4 else x

    def evaluator(self, params: Tree, statistics: Tree) -> Evaluated:
        """Return the evaluation of these weights."""
        replicates = len(next(iter(params.values())))

        def sums(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return torch.stack([of_row(row, self._ordered(x), y) for row in range(replicates)], 1)

        def of_row(row: int, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                return self.one.sums(_row(params, row), _row(self.seen, row), _row(statistics, row), x, y)

        return sums

    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Give back the slots; the rest is in place."""
        slots.update(self.steps.slots())


def _row(tree: Tree, row: int) -> Tree:
    return {name: value[row] for name, value in tree.items()}
