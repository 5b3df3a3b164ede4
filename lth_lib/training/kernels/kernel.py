"""A kernel takes the steps of all replicates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from lth_lib.data import Arrays, Split, normalise
from lth_lib.replicates import Tree
from lth_lib.training.recipe import Setting

Slots = dict[str, Tree]
"""The optimiser's tensors by slot ("exp_avg", ...) and parameter."""

AT_ONCE = 1000
"""Images that are evaluated at once."""

Evaluated = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From images [N, C, H, W] and labels [N] to the sums [2, R] of loss and correct answers."""


@dataclass(frozen=True)
class Batches:
    """The batches of some steps: which images of the training split, [steps, R, B], and how a step's are made ready.

    `ready(i)` returns the images [R, B, C, H, W] of step i, augmented and normalised, and their labels [R, B].
    """

    index: torch.Tensor
    ready: Callable[[int], tuple[torch.Tensor, torch.Tensor]]


class Kernel(ABC):
    """Takes steps for all replicates together, in place on the tensors it was given or on copies of its own."""

    @abstractmethod
    def train(self, batches: Batches, rates: Sequence[float]) -> torch.Tensor:
        """Take a step for each of the batches; return loss and accuracy on them, [steps, 2, R]."""

    @abstractmethod
    def evaluate(self, params: Tree, statistics: Tree, split: Split, arrays: Arrays) -> torch.Tensor:
        """Return the sums of loss and correct answers, float64 [2, R], of these weights over a whole split."""

    @abstractmethod
    def save(self, params: Tree, statistics: Tree, slots: Slots) -> None:
        """Write weights, statistics and optimiser back into the tensors of a state."""

    def made_with(self) -> dict[str, str]:
        """Return its name, and the version of what compiles it, for the provenance of a result."""
        return {"kernel": type(self).__name__}


class Stepwise(Kernel):
    """Takes one step after the other, on batches that were made ready."""

    @abstractmethod
    def step(self, x: torch.Tensor, y: torch.Tensor, rate: float | torch.Tensor) -> torch.Tensor:
        """Take one step on images [R, B, C, H, W] and labels [R, B]; return loss and accuracy, [2, R]."""

    @abstractmethod
    def evaluator(self, params: Tree, statistics: Tree) -> Evaluated:
        """Return the function that evaluates these weights on images that all replicates share."""

    def train(self, batches: Batches, rates: Sequence[float]) -> torch.Tensor:
        """Take the steps."""
        return torch.stack([self.step(*batches.ready(i), rate) for i, rate in enumerate(rates)])

    def evaluate(self, params: Tree, statistics: Tree, split: Split, arrays: Arrays) -> torch.Tensor:
        """Evaluate a part of the split after the other."""
        sums = self.evaluator(params, statistics)
        parts = zip(split.x.split(AT_ONCE), split.y.split(AT_ONCE), strict=True)
        return torch.stack([sums(normalise(x, arrays), y) for x, y in parts]).double().sum(0)


class Steps:
    """The optimiser over the tensors that a forward trains, begun from slots and able to give them back."""

    def __init__(self, setting: Setting, tensors: Tree, slots: Slots, recorded: bool = True) -> None:
        """Build the optimiser and put the slots that there are into it; on a GPU a step may be recorded in a graph."""
        recipe = setting.recipe
        self.tensors = {name: value for name, value in tensors.items() if recipe.forward.trains(name)}
        self.optimiser = recipe.optimiser.build(list(self.tensors.values()))
        for group in self.optimiser.param_groups:
            if "capturable" in group:
                group["capturable"] = recorded and next(iter(tensors.values())).is_cuda
        for slot, tree in slots.items():
            for name, value in tree.items():
                self.optimiser.state[self.tensors[name]][slot] = value

    def take(self, gradient: Tree, rate: float | torch.Tensor) -> None:
        """Take one step, and free the gradient before the next is made."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        for name, value in self.tensors.items():
            value.grad = gradient[name]
        self.optimiser.step()
        for value in self.tensors.values():
            value.grad = None

    def slots(self) -> Slots:
        """Return the optimiser's tensors."""
        out: Slots = {}
        for name, value in self.tensors.items():
            for slot, tensor in self.optimiser.state.get(value, {}).items():
                if tensor is not None:
                    out.setdefault(slot, {})[name] = tensor
        return out
